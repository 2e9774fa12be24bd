import { z } from 'zod';
import type { CertificateInventory } from '../model/certificates/certificates';
import { call, of } from './procedures';

/** The certificates that a cluster shows on its ports. */
export const certificates = {
  /** Reads them all by handshakes and from the files that configurations name; reads only. */
  read: call(z.object({ clusterId: z.string().max(200) }), of<CertificateInventory>()),
};
