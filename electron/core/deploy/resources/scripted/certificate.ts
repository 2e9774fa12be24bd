import type { CertificateResource } from '../../../../../shared/model/deploy/plan';
import type { ScriptContext } from '../script-context';
import { scriptPut } from './put-file';

/** The key goes first: a certificate without its key would keep a service from starting. */
export function scriptCertificate(resource: CertificateResource, stepId: string, context: ScriptContext): string {
  const issued = context.issued.get(stepId);
  if (issued === undefined) return 'echo "No certificate was made for this step." >&2; exit 1';
  const { owner, group, ca, cert, key } = resource;
  return [
    scriptPut(key, owner, group, 0o600, context.backupOf(key), issued.key),
    scriptPut(cert, owner, group, 0o644, context.backupOf(cert), issued.cert),
    scriptPut(ca, owner, group, 0o644, context.backupOf(ca), issued.ca),
  ].join('\n');
}
