import type { AppError } from '../../../../../shared/model/app-error';
import { appError } from '../../../../../shared/model/app-error';
import type { ForgetScopeResource } from '../../../../../shared/model/deploy/plan';
import type { EtcdLink } from '../../../etcd/etcd-link';
import { withAnyEtcdMember } from '../../facts/etcd-probes';
import type { ApplyContext } from '../context';

/**
 * Takes a scope out of an etcd that stays, in one transaction that asks for the scope's own identifier once more. Rejects with
 * `deploy.scope_in_use` when members of others are in it or it is another cluster's by now, `deploy.no_quorum` when etcd does not answer.
 */
export async function forgetScope(resource: ForgetScopeResource, { probes }: ApplyContext): Promise<void> {
  // A refusal is the end of it, whichever member gave it: only a member that does not answer lets the next one be asked.
  const refusal = await withAnyEtcdMember(probes, resource.via, (link) => deleteScope(resource, link)).catch(
    (thrown: unknown) => {
      throw appError('deploy.no_quorum', 'No member of etcd takes the scope out.', {
        target: resource.prefix,
        retryable: true,
        hint: 'Bring its members back, then undo again.',
        cause: thrown,
      });
    },
  );
  if (refusal !== null) throw inUse(resource.prefix, refusal);
}

/** Why the scope was left in etcd; null when it was deleted. */
async function deleteScope(
  { prefix, members, initialize }: ForgetScopeResource,
  link: EtcdLink,
): Promise<string | null> {
  const { entries } = await link.range(`${prefix}members/`, { keysOnly: true });
  const others = entries
    .map((entry) => entry.key.slice(`${prefix}members/`.length))
    .filter((name) => !members.includes(name));
  if (others.length > 0) return `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} in it`;
  const deleted = await link.deleteIf({ key: `${prefix}initialize`, value: initialize }, { prefix });
  return deleted ? null : 'its identifier is another one now';
}

function inUse(prefix: string, why: string): AppError {
  return appError('deploy.scope_in_use', `The keys below ${prefix} are left in etcd: ${why}.`, {
    target: prefix,
    hint: 'See who uses this scope. What runs on the servers of the spec was stopped.',
  });
}
