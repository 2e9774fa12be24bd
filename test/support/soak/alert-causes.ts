import type { AlertRuleId } from '../../../shared/model/alerts/alert';
import { isWhole, writersOf, type SoakSample, type SoakServer } from './soak-sample';

/** Whether the cause of an alert is there. `unclear`: the servers do not tell, so neither the alert nor its absence is wrong. */
export type SoakVerdict = 'yes' | 'no' | 'unclear';

/** How the cause of a rule is known by the servers' own words. */
export interface AlertCause {
  /** How much earlier or later than the servers the app may say it, ms. */
  readonly boundMs: number;
  /** Whether it is enough that it is raised about anybody. */
  readonly ofAnybody?: true;
  /** Whom it may be about. */
  readonly subjects: (names: readonly string[]) => readonly (string | null)[];
  readonly holds: (sample: SoakSample, subject: string | null) => SoakVerdict;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The app follows etcd and asks each member every few seconds, looks at alerts every two, and the referee takes one or two itself. */
const WATCHED = 10 * SECOND;
/** After a change of the leader members get a loop of Patroni and some seconds before their words count. */
const CHANGED = 25 * SECOND;
/** A lease of 30 s has to end, or a loop of Patroni to pass twice, before more than silence is known of a member. */
const LEASE = 45 * SECOND;
/** Load balancers are asked twice in a minute: two readings tell, three take back. */
const BALANCERS = 150 * SECOND;
/** Slots are asked once a minute: three readings tell, five take back. */
const SLOTS = 6 * MINUTE;
/** Backups are looked for every ten minutes. */
const BACKUPS = 15 * MINUTE;
/** 1 MiB: the writers of a drill never leave so much behind. */
const LITTLE = 1024 ** 2;

const STOPPED = /^(stopped|crashed|(start|restart|stop|initdb|custom bootstrap) failed)$/;
const RUNS = /^(running|streaming|in archive recovery)$/;

const ofCluster = (): readonly null[] => [null];
const ofMembers = (names: readonly string[]): readonly string[] => names;
const never = (): SoakVerdict => 'no';
const unclear = (): SoakVerdict => 'unclear';

const serversOf = ({ servers }: SoakSample): readonly SoakServer[] =>
  Object.values(servers).flatMap((server) => server ?? []);

/** Whether etcd has a quorum; null where that was not told. */
function hasQuorum(sample: SoakSample): boolean | null {
  if (serversOf(sample).some(({ etcd }) => etcd === 'quorum')) return true;
  return isWhole(sample) ? false : null;
}

function holderOf(sample: SoakSample): string | null {
  return serversOf(sample).find(({ holder }) => holder !== null)?.holder ?? null;
}

function isSwitching(sample: SoakSample): boolean {
  return serversOf(sample).some(({ switching }) => switching);
}

/** One leads, and all others stream from it, each with its Patroni and its member of etcd. */
function isCalm(sample: SoakSample): boolean {
  const [writer, ...more] = writersOf(sample);
  if (!isWhole(sample) || writer === undefined || more.length > 0 || holderOf(sample) !== writer) return false;
  const streaming = sample.servers[writer]?.streaming ?? {};
  return Object.entries(sample.servers).every(
    ([name, server]) =>
      server?.etcd === 'quorum' &&
      server.patroni !== null &&
      RUNS.test(server.patroni.state) &&
      (name === writer || streaming[name] !== undefined),
  );
}

/** Whether a server does not serve: it is off, its Patroni says nothing, or says that PostgreSQL does not run. */
function isDown(server: SoakServer | null | undefined): SoakVerdict {
  if (server === null || server === undefined) return 'unclear';
  if (!server.on || server.patroni === null || STOPPED.test(server.patroni.state)) return 'yes';
  return server.etcd !== 'quorum' || server.postgres === 'silent' || !RUNS.test(server.patroni.state)
    ? 'unclear'
    : 'no';
}

const twoPrimaries: AlertCause['holds'] = (sample) => {
  const writers = writersOf(sample);
  if (writers.length > 1) return 'yes';
  const holder = holderOf(sample);
  return !isWhole(sample) || (writers[0] !== undefined && holder !== writers[0]) ? 'unclear' : 'no';
};

const noLeader: AlertCause['holds'] = (sample) => {
  if (hasQuorum(sample) !== true || isSwitching(sample)) return 'unclear';
  return holderOf(sample) === '' ? 'yes' : 'no';
};

const leaderInTrouble: AlertCause['holds'] = (sample, subject) => {
  if (hasQuorum(sample) !== true || isSwitching(sample) || subject === null) return 'unclear';
  if (holderOf(sample) !== subject) return 'no';
  const server = sample.servers[subject];
  return server?.postgres === 'silent' ? 'yes' : isDown(server);
};

const oneFailureLeft: AlertCause['holds'] = (sample) => {
  if (!isWhole(sample)) return 'unclear';
  const servers = serversOf(sample);
  const well = servers.filter(({ etcd }) => etcd === 'quorum').length;
  if (well === servers.length) return 'no';
  return well === Math.floor(servers.length / 2) + 1 ? 'yes' : 'unclear';
};

const noQuorum: AlertCause['holds'] = (sample) => {
  const has = hasQuorum(sample);
  if (has === null) return 'unclear';
  return has ? 'no' : 'yes';
};

const nobodyCanTakeOver: AlertCause['holds'] = (sample) => {
  const [writer, ...more] = writersOf(sample);
  if (writer === undefined || more.length > 0 || sample.servers[writer]?.etcd !== 'quorum') return 'unclear';
  const others = Object.entries(sample.servers).filter(([name]) => name !== writer);
  const streaming = sample.servers[writer]?.streaming ?? {};
  if (others.every(([name, server]) => streaming[name] !== undefined && server?.patroni != null)) return 'no';
  return others.every(([, server]) => server !== null && server.patroni === null) ? 'yes' : 'unclear';
};

/** Whether a replica does not follow the one that leads though it runs, and on which timeline it is then. */
type Stray = 'follows' | 'same_timeline' | 'old_timeline' | 'unclear';

function strayOf(sample: SoakSample, name: string): Stray {
  const [writer = '', ...more] = writersOf(sample);
  const [server, leader] = [sample.servers[name], sample.servers[writer]];
  if (server == null || leader == null || more.length > 0) return 'unclear';
  // One that is down is told as that.
  if (name === writer || server.patroni === null || streamsFrom(leader, server, name)) return 'follows';
  const runs = server.postgres === 'replica' && RUNS.test(server.patroni.state);
  return runs ? sideOf(server.patroni.timeline, leader.timeline) : 'unclear';
}

function sideOf(own: number | null, its: number | null): Stray {
  if (own === null || its === null) return 'unclear';
  return own < its ? 'old_timeline' : 'same_timeline';
}

function streamsFrom(leader: SoakServer, { timeline }: SoakServer, name: string): boolean {
  return leader.streaming[name] !== undefined && timeline === leader.timeline;
}

const notStreaming: AlertCause['holds'] = (sample, subject) => {
  const stray = strayOf(sample, subject ?? '');
  if (stray === 'same_timeline') return 'yes';
  return stray === 'follows' ? 'no' : 'unclear';
};

const behindTimeline: AlertCause['holds'] = (sample, subject) => {
  const stray = strayOf(sample, subject ?? '');
  if (stray === 'old_timeline') return 'yes';
  return stray === 'unclear' ? 'unclear' : 'no';
};

const lags: AlertCause['holds'] = (sample, subject) => {
  const [writer] = writersOf(sample);
  const behind = sample.servers[writer ?? '']?.streaming[subject ?? ''];
  return behind !== undefined && behind < LITTLE ? 'no' : 'unclear';
};

const notWhileCalm: AlertCause['holds'] = (sample) => (isCalm(sample) ? 'no' : 'unclear');

const notSeen: AlertCause['holds'] = (sample) =>
  serversOf(sample).some(({ patroni, etcd }) => patroni !== null || etcd !== 'silent') ? 'no' : 'unclear';

/**
 * The cause of every rule in a soak of a cluster of three that nobody pauses, changes or fills, that has no TLS, archives nothing
 * and has no backup. Not judged, because the machine that the servers run on decides them: how fast etcd answers, and how full its disk is.
 */
export const alertCauses: Readonly<Record<AlertRuleId, AlertCause>> = {
  two_primaries: { boundMs: CHANGED, ofAnybody: true, subjects: ofCluster, holds: twoPrimaries },
  no_leader: { boundMs: WATCHED, subjects: ofCluster, holds: noLeader },
  leader_in_trouble: { boundMs: WATCHED, subjects: ofMembers, holds: leaderInTrouble },
  etcd_no_quorum: { boundMs: WATCHED, subjects: ofCluster, holds: noQuorum },
  etcd_alarm: { boundMs: WATCHED, subjects: ofCluster, holds: never },
  failsafe: { boundMs: WATCHED, subjects: ofCluster, holds: never },
  etcd_one_failure_left: { boundMs: LEASE, subjects: ofCluster, holds: oneFailureLeft },
  nobody_can_take_over: { boundMs: LEASE, subjects: ofCluster, holds: nobodyCanTakeOver },
  member_down: { boundMs: LEASE, subjects: ofMembers, holds: (sample, name) => isDown(sample.servers[name ?? '']) },
  not_streaming: { boundMs: LEASE, subjects: ofMembers, holds: notStreaming },
  behind_timeline: { boundMs: LEASE, subjects: ofMembers, holds: behindTimeline },
  lag: { boundMs: LEASE, subjects: ofMembers, holds: lags },
  lag_seconds: { boundMs: LEASE, subjects: ofMembers, holds: lags },
  balancer: { boundMs: BALANCERS, subjects: ofCluster, holds: notWhileCalm },
  slot: { boundMs: SLOTS, subjects: ofCluster, holds: notWhileCalm },
  archiver: { boundMs: SLOTS, subjects: ofCluster, holds: never },
  etcd_slow: { boundMs: MINUTE, subjects: ofMembers, holds: unclear },
  certificate: { boundMs: MINUTE, subjects: ofCluster, holds: never },
  disk_filling: { boundMs: MINUTE, subjects: ofCluster, holds: unclear },
  disk: { boundMs: MINUTE, subjects: ofCluster, holds: unclear },
  wraparound: { boundMs: MINUTE, subjects: ofCluster, holds: never },
  backup_old: { boundMs: BACKUPS, subjects: ofCluster, holds: never },
  backup_none: { boundMs: BACKUPS, subjects: ofCluster, holds: () => 'yes' },
  backup_proof_failed: { boundMs: BACKUPS, subjects: ofCluster, holds: never },
  backup_proof_old: { boundMs: BACKUPS, subjects: ofCluster, holds: never },
  paused: { boundMs: MINUTE, subjects: ofCluster, holds: never },
  pending_restart: { boundMs: MINUTE, subjects: ofMembers, holds: never },
  not_seen: { boundMs: WATCHED, subjects: ofCluster, holds: notSeen },
};
