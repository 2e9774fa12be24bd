import { appError } from '../../../../../shared/model/app-error';
import type { PatroniFacts } from '../../../../../shared/model/deploy/facts';
import type { DcsContactResource, Endpoint } from '../../../../../shared/model/deploy/plan';
import { leads } from '../../../../../shared/rules/deploy/check/check-cluster';
import { checkEtcdHealth } from '../../facts/etcd-probes';
import { readPatroni } from '../../facts/patroni-probes';
import { until, type ApplyContext } from '../context';
import { wakeLeader } from './wake-leader';

/** Longest wait, ms: several loops of Patroni with the longest `loop_wait` in use. */
const limitMs = 180_000;
/** For so long a member that leads is looked for; where there is none, no primary can be lost, ms. */
const searchMs = 15_000;
const everyMs = 500;

/** The leader of the scope, and its own word. */
interface Leading {
  readonly endpoint: Endpoint;
  readonly facts: PatroniFacts;
}

/**
 * Waits until all members of etcd answer again and the leader has read etcd once more, by its own `dcs_last_seen`.
 * Ends at once where nobody leads. Rejects with `deploy.dcs_contact_lost`: the other members are left as they are.
 */
export async function awaitDcsContact(resource: DcsContactResource, context: ApplyContext): Promise<void> {
  const before = await until(context, searchMs, everyMs, () => findLeader(resource, context));
  if (before === undefined) return;
  const found = await until(context, limitMs, everyMs, async () => {
    const absent = await findAbsent(resource.etcd, context);
    if (absent.length > 0) {
      context.detail(`Waiting for etcd on ${absent.join(', ')}.`);
      return undefined;
    }
    context.detail(`etcd answers on all servers. Waiting until ${before.endpoint.server} has reached it.`);
    const now = await findLeader(resource, context);
    if (now === undefined) return undefined;
    if (hasReadSince(before, now)) return true;
    await wakeLeader(now.endpoint, resource.restUser, context);
    return undefined;
  });
  if (found === true || context.signal.aborted) return;
  throw appError('deploy.dcs_contact_lost', 'The leader did not reach etcd again after a member was restarted.', {
    target: before.endpoint.server,
    hint: 'The other members of etcd were not restarted. See what Patroni says about etcd on this server, then resume.',
    retryable: true,
  });
}

async function findLeader(resource: DcsContactResource, context: ApplyContext): Promise<Leading | undefined> {
  const found = await Promise.all(
    resource.members.map(async (endpoint): Promise<Leading[]> => {
      const facts = await readPatroni(context.probes, endpoint).catch(() => null);
      return facts !== null && leads(facts, resource.scope) ? [{ endpoint, facts }] : [];
    }),
  );
  return found.flat()[0];
}

async function findAbsent(etcd: readonly Endpoint[], context: ApplyContext): Promise<readonly string[]> {
  const answers = await Promise.all(
    etcd.map((member) =>
      checkEtcdHealth(context.probes, member).then(
        () => [],
        () => [member.server],
      ),
    ),
  );
  return answers.flat();
}

/**
 * Whether the leader has read etcd since it was asked first. Another leader has: it took the lock meanwhile. An older
 * Patroni does not say when it read the DCS: that it still leads is all that can be known.
 */
function hasReadSince(before: Leading, now: Leading): boolean {
  if (before.endpoint.server !== now.endpoint.server) return true;
  const [then, since] = [before.facts.dcsLastSeen, now.facts.dcsLastSeen];
  return then === null || since === null || since > then;
}
