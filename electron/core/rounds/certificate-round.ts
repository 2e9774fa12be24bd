import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import { CERTIFICATES_SOURCE } from '../../../shared/rules/certificates/find-certificate-trouble';
import type { CertificatesService } from '../certificates/create-certificates';
import type { ClusterHub } from '../clusters/hub';
import type { Round } from './round';

/** What certificates are looked at with. */
export interface CertificateRoundDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'entry'>;
  readonly certificates: Pick<CertificatesService, 'read'>;
  /** Whether a server can be asked now without a connection being opened or the user being asked. */
  readonly mayAsk: (serverId: string) => boolean;
  readonly now: () => number;
}

/** Each handshake without a client's certificate is a line in etcd's log, and a certificate changes a few times a year. */
const EVERY_MS = 6 * 3_600_000;
/** How soon it is seen that a server can be asked which could not before, ms. */
const LOOK_AGAIN_MS = 2 * 60_000;
/** A simulated server costs nothing to ask, and who tries the demo waits for it. */
const EVERY_IN_DEMO_MS = 30_000;

interface LastLook {
  readonly at: number;
  readonly asked: string;
}

/**
 * The certificates of a cluster four times a day, and once more when a server can be asked that could not before. The service reports
 * what it finds itself, so that what the page reads counts, too.
 */
export function certificateRound({ hub, certificates, mayAsk, now }: CertificateRoundDeps): Round {
  const looked = new Map<string, LastLook>();
  const isDue = ({ id, origin }: ClusterEntry, asked: string): boolean => {
    const last = looked.get(id);
    return last === undefined || last.asked !== asked || now() - last.at >= (origin === 'demo' ? 0 : EVERY_MS);
  };
  return {
    source: CERTIFICATES_SOURCE,
    rule: { tellAfter: 1, takeBackAfter: 1 },
    everyMs: ({ origin }) => (origin === 'demo' ? EVERY_IN_DEMO_MS : LOOK_AGAIN_MS),
    look: async (entry) => {
      const { id } = entry;
      const servers = (hub.state(id)?.members ?? []).flatMap(({ serverId }) => serverId ?? []);
      const asked = servers.filter(mayAsk).join(' ');
      if (asked === '' || !isDue(entry, asked)) return null;
      looked.set(id, { at: now(), asked });
      await certificates.read(id, mayAsk);
      return null;
    },
  };
}
