import type { CertificateFacts, DeployFacts, ServerFacts } from '../../../model/deploy/facts';
import type { CertificateResource } from '../../../model/deploy/plan';
import { sameAddress } from '../network';
import { toChange, create, settled, type Verdict } from './verdict';

/** A certificate is made anew when less than this is left of it, ms. */
export const renewBeforeMs = 30 * 24 * 3_600_000;

/** A certificate against the cluster's authority, the names it must have, and the time that is left. */
export function checkCertificate(resource: CertificateResource, facts: ServerFacts, all: DeployFacts): Verdict {
  const found = facts.paths[resource.cert];
  const key = facts.paths[resource.key];
  if (found === undefined || key === undefined || found.kind !== 'file' || key.kind !== 'file') return create();
  const { certificates } = all;
  // Nobody can judge it who does not have the cluster's authority; a set-up always has one.
  if (certificates === null && facts.manifest !== null) return settled;
  const differs = differenceOf(resource, certificates?.[facts.server]?.[resource.cert], all.at);
  if (differs !== null) return toChange(differs);
  return key.mode === 0o600 && key.owner === resource.owner
    ? settled
    : toChange(`The key is ${key.owner}'s with mode ${key.mode.toString(8)}.`);
}

/** What is wrong with a certificate that was read; null where it is as it should be. */
function differenceOf(resource: CertificateResource, read: CertificateFacts | undefined, now: number): string | null {
  if (read === undefined || !read.ours) return "It is not from the cluster's present authority.";
  if (!read.authorityCurrent) return 'The authority beside it is an old one.';
  const missing = [...resource.names, ...resource.addresses].filter(
    (name) => !read.names.some((own) => own === name || sameAddress(own, name)),
  );
  if (missing.length > 0) return `It does not name ${missing.join(', ')}.`;
  return read.notAfter - now < renewBeforeMs
    ? `It ends on ${new Date(read.notAfter).toISOString().slice(0, 10)}.`
    : null;
}
