import { appError } from '../../../../../shared/model/app-error';
import type { Bootstrap, Endpoint } from '../../../../../shared/model/deploy/plan';
import { withAnyEtcdMember } from '../../facts/etcd-probes';
import type { ApplyContext } from '../context';

/** How long a member may say the same before it counts as stuck, ms. */
const patienceMs: Readonly<Partial<Record<string, number>>> = { stopped: 20_000, starting: 90_000, 'start failed': 0 };
const clearLimitMs = 120_000;

/** States in which Patroni itself is making the cluster now. */
const making: ReadonlySet<string> = new Set([
  'initializing new cluster',
  'running custom bootstrap script',
  'starting after custom bootstrap',
]);

/** Watches the states of the first member: true when it stands still and was never seen to make the cluster. */
export function watchForStandstill(): (state: string, at: number) => boolean {
  let seenMaking = false;
  let last = '';
  let since = 0;
  return (state, at) => {
    seenMaking ||= making.has(state);
    if (state !== last) {
      last = state;
      since = at;
    }
    return !seenMaking && at - since >= (patienceMs[state] ?? Infinity);
  };
}

/**
 * Clears what a power cut left of a cluster that was being made. Patroni holds the scope's `initialize` key, empty,
 * from before initdb until its own roles are made (patroni/ha.py, bootstrap and post_bootstrap), and never begins
 * again: it waits for a leader that cannot come, or finds data without an identity. As long as that key is there and
 * empty there never was a cluster, so that nothing can be lost. Answers whether it cleared; the member's Patroni
 * begins anew then.
 */
export async function clearInterrupted(
  bootstrap: Bootstrap,
  member: Endpoint,
  context: ApplyContext,
): Promise<boolean> {
  if ((await initializeOf(bootstrap, context)) !== '') return false;
  const cleared = await context
    .connectNamed(member.server)
    .script(clearScript, [bootstrap.dataDirectory], { timeoutMs: clearLimitMs, sudo: true });
  if (cleared.exitCode !== 0)
    throw appError(
      'deploy.bootstrap_not_cleared',
      `${member.server}: what was left of the cluster that was being made could not be cleared: ${cleared.stderr.trim().slice(0, 300)}`,
      { target: member.server, retryable: true, hint: 'Look at the data directory on this server, then resume.' },
    );
  await forgetInitialize(bootstrap, context);
  await context
    .connectNamed(member.server)
    .run(['systemctl', 'start', 'patroni.service'], { timeoutMs: clearLimitMs, sudo: true });
  context.log(member.server, 'info', 'The making of the cluster had been interrupted. It begins anew.');
  return true;
}

/** Only a directory that no PostgreSQL works in any more, and only what is in it. */
const clearScript = `set -e
systemctl stop patroni.service
case $1 in /*/*/*) ;; *) echo "$1 is no data directory." >&2; exit 1 ;; esac
[ ! -d "$1" ] || find "$1" -xdev -mindepth 1 -delete`;

/** The key's value; null when it does not exist, or when no member of etcd can be asked. */
function initializeOf({ via, initializeKey }: Bootstrap, { probes }: ApplyContext): Promise<string | null> {
  return withAnyEtcdMember(probes, via, (link) => link.read(initializeKey)).catch(() => null);
}

/** Deletes the key in one transaction with the question whether it is still empty. */
async function forgetInitialize({ initializeKey, via }: Bootstrap, { probes }: ApplyContext): Promise<void> {
  try {
    await withAnyEtcdMember(probes, via, (link) =>
      link.deleteIf({ key: initializeKey, value: '' }, { key: initializeKey }),
    );
  } catch (thrown) {
    throw appError('deploy.no_quorum', 'No member of etcd lets the making of the cluster begin anew.', {
      target: initializeKey,
      retryable: true,
      hint: 'Bring its members back, then resume.',
      cause: thrown,
    });
  }
}
