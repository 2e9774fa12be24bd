import type { ClusterState } from '../../model/cluster/cluster-state';
import type { OperationCheck } from '../../model/operate/operation';
import type { MemberWork, ServerPackages, UpgradePart, UpgradesView } from '../../model/upgrade/upgrade';
import type { UpgradeBounds } from '../../model/upgrade/upgrade-run';
import { candidatesFor } from '../cluster/candidates';
import { hasLeaderRole, isStreamingReplica, tagIsOn } from '../cluster/member-facts';
import { quorumInWords, quorumOf } from '../etcd/etcd-quorum';
import { bytesInWords, namesInWords, spanInWords } from '../words/wording';
import { isOffered, strideOf } from './package-versions';
import { planUpgrade, stopsPostgres, type UpgradeStep } from './plan-upgrade';

/** What must be so before a server of the cluster is stopped for an upgrade. `unknown` is no yes: nothing is done on it. */
export interface UpgradeGate {
  readonly id: GateName;
  readonly verdict: 'open' | 'shut' | 'unknown';
  readonly sentence: string;
}

/** The gates, by what each looks at. */
export type GateName =
  | 'servers'
  | 'leader'
  | 'paused'
  | 'etcd'
  | 'replicas'
  | 'candidate'
  | 'synchronous'
  | 'transactions'
  | 'backups'
  | 'versions'
  | 'held';

/** Bounds that suit most clusters: a replica catches up within seconds, and nobody loses more than five minutes of work. */
export const usualBounds: UpgradeBounds = {
  lagBytes: 16 * 1024 * 1024,
  transactionMs: 300_000,
  backMs: 300_000,
  drainMs: 30_000,
};

interface Look {
  readonly state: ClusterState;
  readonly view: UpgradesView;
  readonly parts: ReadonlySet<UpgradePart>;
  readonly steps: readonly UpgradeStep[];
  readonly bounds: UpgradeBounds;
}

type Gate = (look: Look) => readonly UpgradeGate[];

/** All gates of an upgrade of some parts, as they stand by what was read. One that has nothing to look at is left out. */
export function upgradeGates(
  state: ClusterState,
  view: UpgradesView,
  parts: readonly UpgradePart[],
  bounds: UpgradeBounds = usualBounds,
): readonly UpgradeGate[] {
  const steps = planUpgrade(state, view.servers, parts);
  return allGates({ state, view, parts: new Set(parts), steps, bounds });
}

/**
 * The gates of one step, as they stand just before it. etcd is not among them, it has to be asked itself: the state knows
 * its members only while somebody looks at the cluster.
 */
export function stepGates(
  state: ClusterState,
  view: UpgradesView,
  step: UpgradeStep,
  bounds: UpgradeBounds,
): readonly UpgradeGate[] {
  const parts = new Set('packages' in step ? step.packages.map(({ part }) => part) : []);
  return allGates({ state, view, parts, steps: [step], bounds }).filter(({ id }) => id !== 'held' && id !== 'etcd');
}

/** What a gate comes to in a list of checks: what is not known is no yes. */
export function gateChecks(gates: readonly UpgradeGate[]): readonly OperationCheck[] {
  return gates.map(({ id, verdict, sentence }) => ({
    code: `upgrade.${id}`,
    verdict: verdict === 'open' ? 'ok' : 'refuses',
    sentence,
  }));
}

function allGates(look: Look): readonly UpgradeGate[] {
  return [
    serversGate,
    leaderGate,
    pausedGate,
    etcdGate,
    replicasGate,
    candidateGate,
    synchronousGate,
    transactionsGate,
    backupsGate,
    versionsGate,
    heldGate,
  ].flatMap((gate) => gate(look));
}

const one = (id: GateName, verdict: UpgradeGate['verdict'], sentence: string): readonly UpgradeGate[] => [
  { id, verdict, sentence },
];

const serversGate: Gate = ({ view, state }) => {
  const unread = view.servers.filter(({ error }) => error !== null).map(({ server }) => server);
  const unreached = state.members.filter(({ serverId }) => serverId === null).map(({ name }) => name);
  if (unread.length > 0)
    return one('servers', 'unknown', `What is installed on ${namesInWords(unread)} could not be read.`);
  if (unreached.length > 0)
    return one('servers', 'unknown', `The server of ${namesInWords(unreached)} is not reached over SSH.`);
  return one('servers', 'open', 'All servers of the members were read.');
};

const leaderGate: Gate = ({ state: { leader } }) => {
  if (!leader.known) return one('leader', 'unknown', 'Who leads is not known now.');
  return leader.holder === null
    ? one('leader', 'shut', 'Nobody holds the leader key: mend that first.')
    : one('leader', 'open', `${leader.holder} leads.`);
};

const pausedGate: Gate = ({ state: { paused } }) => {
  if (paused === null) return one('paused', 'unknown', 'Whether automatic failover is paused is not known.');
  return paused
    ? one('paused', 'shut', 'Automatic failover is paused: nobody would take over. Resume it first.')
    : one('paused', 'open', 'Automatic failover is on.');
};

/** With a vote to spare one member of etcd can be stopped; a server may have one beside the part that is upgraded. */
const etcdGate: Gate = ({ state: { dcs } }) => {
  if (dcs.kind === 'no_quorum') return one('etcd', 'shut', 'etcd has no quorum.');
  if (dcs.kind !== 'live' || dcs.members.length === 0)
    return one('etcd', 'unknown', 'How many members of etcd work is not known.');
  const working = dcs.members.filter(({ reachable, seesLeader }) => reachable === true && seesLeader !== false).length;
  const quorum = quorumOf(dcs.members.length, working);
  const unasked = dcs.members.filter(({ reachable }) => reachable === null).map(({ name }) => name);
  if (quorum.mayFail <= 0 && unasked.length > 0)
    return one('etcd', 'unknown', `Whether ${namesInWords(unasked)} of etcd works was not asked.`);
  return one('etcd', quorum.mayFail > 0 ? 'open' : 'shut', quorumInWords(quorum));
};

const replicasGate: Gate = ({ state, bounds }) => {
  const replicas = state.members.filter((member) => !hasLeaderRole(member));
  if (replicas.length === 0)
    return one('replicas', 'shut', 'There is no replica: PostgreSQL would be down while its server is upgraded.');
  const old = replicas.filter(({ stale }) => stale).map(({ name }) => name);
  if (old.length > 0) return one('replicas', 'unknown', `What is known of ${namesInWords(old)} is old.`);
  const idle = replicas.filter(({ name }) => !isStreamingReplica(state, name)).map(({ name }) => name);
  if (idle.length > 0) return one('replicas', 'shut', `${namesInWords(idle)} ${isOrAre(idle)} not streaming.`);
  const unknown = replicas.filter(({ lag }) => lag?.replay == null).map(({ name }) => name);
  if (unknown.length > 0) return one('replicas', 'unknown', `The lag of ${namesInWords(unknown)} is not known.`);
  const late = replicas.filter(({ lag }) => (lag?.replay ?? 0) > bounds.lagBytes);
  if (late.length > 0)
    return one(
      'replicas',
      'shut',
      `${namesInWords(late.map(({ name }) => name))} ${isOrAre(late)} more than ${bytesInWords(bounds.lagBytes)} behind.`,
    );
  return one('replicas', 'open', `All replicas stream, none more than ${bytesInWords(bounds.lagBytes)} behind.`);
};

const isOrAre = (many: readonly unknown[]): string => (many.length === 1 ? 'is' : 'are');

/** Asked only where the leader is handed over. */
const candidateGate: Gate = ({ state, steps }) => {
  if (!steps.some(({ kind }) => kind === 'switchover')) return [];
  const all = candidatesFor(state, 'switchover');
  const able = all.filter(({ verdict }) => verdict !== 'refuses');
  const why = all.map(({ member, reasons }) => ` ${member}: ${reasons[0] ?? 'not known.'}`).join('');
  return able.length === 0
    ? one('candidate', 'shut', `No replica could take over from the leader now.${why}`)
    : one('candidate', 'open', `${namesInWords(able.map(({ member }) => member))} could take over from the leader.`);
};

/** In strict synchronous mode nothing is written while no replica may be synchronous (patroni/quorum.py, docs/replication_modes.rst). */
const synchronousGate: Gate = ({ state, steps }) => {
  if (state.config?.raw['synchronous_mode_strict'] !== true || !steps.some(stopsPostgres)) return [];
  const stopped = steps.flatMap((step) => (step.kind === 'member' && stopsPostgres(step) ? [step.members] : []));
  const replicas = state.members.filter((member) => !hasLeaderRole(member) && !tagIsOn(member, 'nosync'));
  const isAlone = stopped.some((members) => replicas.every(({ name }) => members.includes(name)));
  return isAlone
    ? one(
        'synchronous',
        'shut',
        'Strict synchronous mode: nothing would be written while the only other replica is stopped.',
      )
    : one('synchronous', 'open', 'Another replica stays that may be synchronous.');
};

const transactionsGate: Gate = ({ view: { work }, bounds, steps }) => {
  const { asked, unread } = readOf(work, steps);
  if (asked.length + unread.length === 0) return [];
  const ages = asked.flatMap(({ member, oldestTransaction: oldest }) =>
    oldest.kind === 'open' && oldest.ms > bounds.transactionMs ? [`${spanInWords(oldest.ms)} on ${member}`] : [],
  );
  if (ages.length > 0)
    return one('transactions', 'shut', `A transaction has been open for ${namesInWords(ages)}: it would be lost.`);
  const unknown = asked.flatMap(({ member, oldestTransaction }) =>
    oldestTransaction.kind === 'unknown' ? [member] : [],
  );
  const unseen = [...unread, ...unknown];
  if (unseen.length > 0)
    return one('transactions', 'unknown', `Whether transactions are open on ${namesInWords(unseen)} is not known.`);
  return one('transactions', 'open', `No transaction is older than ${spanInWords(bounds.transactionMs)}.`);
};

const backupsGate: Gate = ({ view: { work }, steps }) => {
  const { asked, unread } = readOf(work, steps);
  if (asked.length + unread.length === 0) return [];
  const busy = asked.filter(({ backups }) => (backups ?? 0) > 0).map(({ member }) => member);
  if (busy.length > 0) return one('backups', 'shut', `A base backup is being taken from ${namesInWords(busy)}.`);
  const unknown = [...unread, ...asked.filter(({ backups }) => backups === null).map(({ member }) => member)];
  if (unknown.length > 0)
    return one('backups', 'unknown', `Whether a base backup is taken from ${namesInWords(unknown)} is not known.`);
  return one('backups', 'open', 'No base backup is being taken.');
};

/** A leader that hands over ends the sessions on it as well. */
function stoppedBy(step: UpgradeStep): readonly string[] {
  if (step.kind === 'switchover') return [step.leader];
  return step.kind === 'member' ? step.members : [];
}

/** The members whose PostgreSQL is stopped, by whether they answered. */
function readOf(
  work: readonly MemberWork[],
  steps: readonly UpgradeStep[],
): { readonly asked: readonly MemberWork[]; readonly unread: readonly string[] } {
  const stopped = new Set(steps.flatMap(stoppedBy));
  const own = work.filter(({ member }) => stopped.has(member));
  const missing = [...stopped].filter((name) => !own.some(({ member }) => member === name));
  return {
    asked: own.filter(({ error }) => error === null),
    unread: [...own.filter(({ error }) => error !== null).map(({ member }) => member), ...missing],
  };
}

/** A rolling upgrade is for minor versions. */
const versionsGate: Gate = ({ view, parts }) => {
  const wide = packagesOf(view.servers, parts).flatMap(({ server, part, name, installed, offered }) => {
    const stride = offered === null ? 'minor' : strideOf(part, installed, offered);
    if (stride === 'minor') return [];
    return [`${name} on ${server} (${installed} to ${offered ?? ''}, ${strideWords[stride]})`];
  });
  if (wide.length === 0) return [];
  return one('versions', 'shut', `Not an upgrade that can be rolled: ${namesInWords(wide)}.`);
};

const strideWords = { major: 'a new major version', skips: 'a minor version is left out' } as const;

const heldGate: Gate = ({ view, parts }) => {
  const held = view.servers.flatMap(({ server, packages }) =>
    packages.filter((entry) => parts.has(entry.part) && entry.held).map(({ name }) => `${name} on ${server}`),
  );
  if (held.length === 0) return [];
  return one('held', 'open', `Left as they are, because apt was told to hold them: ${namesInWords(held)}.`);
};

function packagesOf(servers: readonly ServerPackages[], parts: ReadonlySet<UpgradePart>) {
  return servers.flatMap(({ server, packages }) =>
    packages.filter((entry) => parts.has(entry.part) && isOffered(entry)).map((entry) => ({ ...entry, server })),
  );
}
