import { appError } from '../../../../../shared/model/app-error';
import type {
  Endpoint,
  LeaderResource,
  QuorumResource,
  ReplicaResource,
} from '../../../../../shared/model/deploy/plan';
import type { PatroniFacts } from '../../../../../shared/model/deploy/facts';
import { claims, leads, replicates } from '../../../../../shared/rules/deploy/check/check-cluster';
import { quorumSize } from '../../../../../shared/rules/etcd/quorum';
import { checkEtcdHealth } from '../../facts/etcd-probes';
import { readPatroniAtOnce } from '../../facts/patroni-probes';
import { until, type ApplyContext } from '../context';
import { clearInterrupted, watchForStandstill } from './interrupted-bootstrap';
import { watchForIncompleteCopy } from './incomplete-copy';
import { unitCause } from './unit-cause';
import { wakesLeader } from './wake-leader';

/** Longest waits, ms. Members of etcd may still be installed on slow servers while the first waits. */
const quorumLimitMs = 600_000;
const leaderLimitMs = 300_000;
const replicaLimitMs = 3_600_000;
/** A unit that is not running this long after it was started has a reason worth showing, ms. */
const patienceMs = 20_000;

/** Waits until a majority of etcd answers that it has a leader. */
export async function awaitQuorum(resource: QuorumResource, context: ApplyContext): Promise<void> {
  const need = quorumSize(resource.members.length);
  let healthy: string[] = [];
  let failure: unknown;
  const isHealthy = (member: Endpoint): Promise<boolean> =>
    checkEtcdHealth(context.probes, member).then(
      () => true,
      (thrown: unknown) => {
        failure = thrown;
        return false;
      },
    );
  const found = await until(context, quorumLimitMs, 150, async () => {
    const answers = await Promise.all(
      resource.members.map(async (member) => ((await isHealthy(member)) ? [member.server] : [])),
    );
    healthy = answers.flat();
    context.detail(`${healthy.length} of ${resource.members.length} members agree.`);
    return healthy.length >= need ? true : undefined;
  });
  if (found === true) return;
  const absent = resource.members.find((member) => !healthy.includes(member.server));
  const cause =
    absent === undefined
      ? undefined
      : await unitCause(context.connectNamed(absent.server), 'etcd.service', absent.server);
  throw appError(
    'deploy.no_quorum',
    `etcd has no majority: ${healthy.length} of ${resource.members.length} members answer, ${need} are needed.`,
    {
      hint: 'Look at the members that do not answer, then resume.',
      retryable: true,
      cause: cause ?? failure,
    },
  );
}

/**
 * Waits until the first member has made the cluster and runs as its primary (or, for a claim, has begun to), or
 * another one leads already.
 */
export async function awaitLeader(resource: LeaderResource, context: ApplyContext): Promise<void> {
  const started = context.now();
  const clearOnce = interruptedOnce(resource, context);
  const throwIfCopyFails = failedCopies(resource, context);
  const failures = new Map<string, unknown>();
  const found = await until(context, resource.copies ? replicaLimitMs : leaderLimitMs, 150, async () => {
    const states = await askAll(context, resource.members, failures);
    const own = states.get(resource.rest.server) ?? null;
    context.detail(own === null ? 'Patroni is starting.' : `${resource.rest.server}: ${own.state}.`);
    if ([...states.values()].some((state) => leads(state, resource.scope))) return true;
    if (own !== null && (await clearOnce(own.state))) return undefined;
    await throwIfCopyFails(own);
    if (resource.awaits === 'claim' && claims(own, resource.scope)) return true;
    if (own?.state === 'initdb failed' || own?.state === 'start failed')
      throw await failed(context, resource.rest, `The first member says "${own.state}".`);
    if (own === null && context.now() - started > patienceMs) await throwIfDead(context, resource.rest);
    return undefined;
  });
  if (found !== true)
    throw await failed(
      context,
      resource.rest,
      'The first member did not become the leader in time.',
      failures.get(resource.rest.server),
    );
}

/** Clears an interrupted beginning, once in a wait; answers whether it just did. */
function interruptedOnce(
  { bootstrap, rest }: LeaderResource,
  context: ApplyContext,
): (state: string) => Promise<boolean> {
  const standsStill = watchForStandstill();
  let tried = bootstrap === null;
  return async (state) => {
    if (tried || bootstrap === null || !standsStill(state, context.now())) return false;
    tried = true;
    return clearInterrupted(bootstrap, rest, context);
  };
}

/** A copy that failed this often has a reason that does not pass by itself, when the log tells one. */
const patientCopies = 5;

/** Counts copies that were begun and given up: Patroni tries again and again, and says so in its log alone. */
function copiesGivenUp(): (state: string) => boolean {
  let last = '';
  let count = 0;
  return (state) => {
    if (last === 'creating replica' && state === 'stopped') count += 1;
    last = state;
    if (count < patientCopies) return false;
    count = 0;
    return true;
  };
}

/** A first member that copies another cluster: Patroni ends after a copy that failed, and its unit starts it again. */
function failedCopies(
  { copies, rest }: LeaderResource,
  context: ApplyContext,
): (own: PatroniFacts | null) => Promise<void> {
  const givenUp = copiesGivenUp();
  return async (own) => {
    if (!copies || !givenUp(own?.state ?? 'stopped')) return;
    await throwIfCaused(context, rest, `${rest.server} cannot copy from the cluster that it follows.`);
  };
}

/** How long a replica may run without streaming before its log is asked why, ms. */
const aloneMs = 60_000;

/**
 * Whether a member runs as a replica, and the leader has not streamed to it for long. One that lost its power just
 * after it was copied may have written on its own when it recovered: it says that it runs, and never streams.
 */
function runsAlone(): (state: string, at: number) => boolean {
  let since: number | null = null;
  return (state, at) => {
    if (state !== 'running' && state !== 'streaming') {
      since = null;
      return false;
    }
    since ??= at;
    if (at - since < aloneMs) return false;
    since = at;
    return true;
  };
}

/**
 * Waits until the leader streams to this member. A copy of a large database takes long: only a dead unit, or copies
 * that fail again and again for a known cause, end the wait early.
 */
export async function awaitReplica(resource: ReplicaResource, context: ApplyContext): Promise<void> {
  const throwIfTroubled = troublesOf(resource, context);
  const clearIncompleteCopy = watchForIncompleteCopy(resource, context);
  const wakeLeader = wakesLeader(resource, context);
  const failures = new Map<string, unknown>();
  const found = await until(context, replicaLimitMs, 200, async () => {
    const states = await askAll(context, resource.members, failures);
    const self = states.get(resource.member) ?? null;
    const leading = resource.members.find((member) => leads(states.get(member.server), resource.scope));
    const leader = leading === undefined ? null : (states.get(leading.server) ?? null);
    context.detail(self === null ? 'Patroni is starting.' : `${resource.member}: ${self.state}.`);
    if (leads(self, resource.scope)) return true;
    if (self !== null && leader !== null && (await clearIncompleteCopy(self.state))) return undefined;
    if (self !== null && leader !== null && replicates(self, leader, resource.member)) return true;
    if (self !== null && leading !== undefined) await wakeLeader(self.state, leading);
    await throwIfTroubled(self, leader);
    return undefined;
  });
  if (found !== true)
    throw await failed(
      context,
      resource.rest,
      `${resource.member} did not start to stream in time.`,
      failures.get(resource.member),
    );
}

/** What keeps a member from streaming and does not pass by itself. */
function troublesOf(
  { member, rest }: ReplicaResource,
  context: ApplyContext,
): (self: PatroniFacts | null, leader: PatroniFacts | null) => Promise<void> {
  const started = context.now();
  const givenUp = copiesGivenUp();
  const aloneTooLong = runsAlone();
  return async (self, leader) => {
    if (self === null) {
      if (context.now() - started > patienceMs) await throwIfDead(context, rest);
      return;
    }
    if (self.state === 'start failed') throw await failed(context, rest, `${member} says "${self.state}".`);
    if (leader !== null && aloneTooLong(self.state, context.now()))
      await throwIfCaused(context, rest, `${member} does not stream from the leader.`, 'deploy.replica_diverged');
    if (givenUp(self.state)) await throwIfCaused(context, rest, `${member} cannot copy from the leader.`);
  };
}

/** What every member reports; null where one cannot be asked, and why that is goes to `failures` by its server. */
async function askAll(
  { probes }: ApplyContext,
  members: readonly Endpoint[],
  failures: Map<string, unknown>,
): Promise<Map<string, PatroniFacts | null>> {
  const ask = (member: Endpoint): Promise<PatroniFacts | null> =>
    readPatroniAtOnce(probes, member).catch((thrown: unknown) => {
      failures.set(member.server, thrown);
      return null;
    });
  return new Map(await Promise.all(members.map(async (member) => [member.server, await ask(member)] as const)));
}

async function throwIfDead(context: ApplyContext, member: Endpoint): Promise<void> {
  const state = await context
    .connectNamed(member.server)
    .run(['systemctl', 'is-active', 'patroni.service'], { timeoutMs: 15_000 });
  if (!['active', 'activating'].includes(state.stdout.trim()))
    throw await failed(context, member, `Patroni does not run on ${member.server}.`);
}

async function throwIfCaused(context: ApplyContext, member: Endpoint, message: string, only?: string): Promise<void> {
  const cause = await unitCause(context.connectNamed(member.server), 'patroni.service', member.server);
  if (cause !== undefined && (only === undefined || cause.code === only)) throw await failed(context, member, message);
}

/** The error with what the unit's log says as its cause, or else with `failure`: why the member could not be asked last. */
async function failed(context: ApplyContext, member: Endpoint, message: string, failure?: unknown): Promise<Error> {
  const cause = await unitCause(context.connectNamed(member.server), 'patroni.service', member.server);
  return appError(
    cause?.data.code ?? 'deploy.patroni_failed',
    cause === undefined ? message : `${message} ${cause.data.message}`,
    {
      target: member.server,
      retryable: true,
      hint: cause?.data.hint ?? 'Look at the log of Patroni on this server, then resume.',
      cause: cause ?? failure,
    },
  );
}
