import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { filesNamedBy } from '../deploy/sources/local-files';
import type { Consent } from '../platform/consent';

/** The spec, once the user has agreed to each file of this computer that it names. Rejects with `app.not_agreed`. */
export async function agreeToFiles(consent: Consent, spec: ClusterSpec): Promise<ClusterSpec> {
  for (const file of filesNamedBy(spec)) await consent.file(file);
  return spec;
}
