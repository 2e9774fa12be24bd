import { appError } from '../../../model/app-error';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { validateSpec } from './validate-spec';

/** Problems of a spec whose values must come near no server: they could mean something else in a command, a path or a file there. */
const unsafe: ReadonlySet<string> = new Set([
  'scope_invalid',
  'namespace_invalid',
  'name_invalid',
  'name_unwritable',
  'network_invalid',
  'source_credentials',
  'repository_key_private',
  'standby_host',
  'standby_slot',
  'standby_authority',
]);

/**
 * Rejects with `deploy.spec_invalid` before anything is done with a spec, also where it is only compared, looked for or taken away: what
 * a set-up would refuse must not reach a server by another way. A spec that makes no sense as a cluster may still be looked at.
 */
export function refuseUnsafe(spec: ClusterSpec): void {
  const first = validateSpec(spec).find(({ severity, code }) => severity === 'error' && unsafe.has(code));
  if (first !== undefined)
    throw appError('deploy.spec_invalid', first.sentence, { target: first.path, hint: first.fix });
  const index = spec.servers.findIndex(({ address }) => !/^[A-Za-z0-9._:%-]+$/.test(address));
  if (index >= 0)
    throw appError('deploy.spec_invalid', `"${spec.servers[index]?.address ?? ''}" is no address.`, {
      target: `servers.${index}.address`,
      hint: 'Give the IP address that other servers reach it by.',
    });
}
