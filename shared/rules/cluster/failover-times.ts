import type { DrillFault } from '../../model/drill/drill';
import type { LockTimes } from './timing-rule';

/** How a load balancer finds the leader: HAProxy's `inter` in seconds, `fall` and `rise` (configuration manual, 5.2). */
export interface LeaderChecks {
  readonly inter: number;
  readonly fall: number;
  readonly rise: number;
}

/** What set-ups of this app write into HAProxy's configuration (shared/rules/deploy/files/haproxy.ts). */
export const USUAL_CHECKS: LeaderChecks = { inter: 1, fall: 3, rise: 1 };

/** `primary_start_timeout` in seconds: how long Patroni tries to start a crashed primary in place (dynamic_configuration.rst). */
const USUAL_START_TIMEOUT = 300;

/** A time without writes, seconds. `average` is over the moment at which the fault comes. */
export interface ExpectedSpan {
  readonly average: number;
  readonly worst: number;
}

/** What is to be expected of a cluster with such times, for clients behind a load balancer. */
export interface FailoverTimes {
  /** The server of the leader, or its network, is gone. */
  readonly serverLost: ExpectedSpan;
  /** Patroni of the leader is gone or hangs, and its PostgreSQL goes on; it is not started again. */
  readonly patroniLost: ExpectedSpan;
  /** PostgreSQL of the leader is gone. Where it is started in place, the recovery of its WAL comes on top, which nobody knows before. */
  readonly postgresLost: ExpectedSpan & { readonly plusRecovery: boolean };
  /** A planned change of the leader. */
  readonly switchover: ExpectedSpan;
  /** A DCS that does not answer for so long is ridden out: the primary does not step down, seconds. */
  readonly ridesOutDcs: number;
  /** A leader that stands still for so long surely keeps its lock, seconds. */
  readonly ridesOutStall: number;
  readonly falseFailover: 'unlikely' | 'possible' | 'likely';
}

/** Candidates ask every member by REST before they take the lock, for 2 s at most (patroni/ha.py, fetch_node_status). */
const RACE = { average: 1, worst: 2 };
/** From the lock to a PostgreSQL that takes writes; Patroni does not wait for the checkpoint (patroni/postgresql, promote). */
const PROMOTION = { average: 1, worst: 3 };
/** PostgreSQL stops in order before it hands over, with its checkpoint done before (patroni/ha.py, demote "graceful"). */
const HAND_OVER = { average: 2, worst: 10 };
/** etcd looks for ended leases twice a second, and elects a leader anew where the lost server had its own (lessor.go, raft). */
const LEASE_END = { average: 0.5, worst: 2 };

/**
 * When the lock of a leader that is gone ends: each turn of the loop renews it for `ttl` (patroni/ha.py, update_lock), so that
 * between ttl - loop_wait and ttl are left.
 */
function lockEnds({ ttl, loopWait }: LockTimes): ExpectedSpan {
  return { average: ttl - loopWait / 2 + LEASE_END.average, worst: ttl + LEASE_END.worst };
}

/** A new leader gets connections after `rise` checks; the first of them comes within one `inter`. */
function seenUp({ inter, rise }: LeaderChecks): ExpectedSpan {
  return { average: inter * (rise - 0.5), worst: inter * rise };
}

const sum = (...spans: readonly ExpectedSpan[]): ExpectedSpan => ({
  average: spans.reduce((total, { average }) => total + average, 0),
  worst: spans.reduce((total, { worst }) => total + worst, 0),
});

/** A span less what clients do not notice yet; never below 0. */
function less({ average, worst }: ExpectedSpan, by: number): ExpectedSpan {
  return { average: Math.max(0, average - by), worst: Math.max(0, worst - by) };
}

/**
 * What to expect of a failover: on average and at worst. From Patroni's own loop and documentation (ha.py, dynamic_configuration.rst:
 * ttl, loop_wait, retry_timeout, primary_start_timeout) and HAProxy's checks.
 */
export function expectFailover(
  times: LockTimes,
  checks: LeaderChecks = USUAL_CHECKS,
  primaryStartTimeout: number = USUAL_START_TIMEOUT,
): FailoverTimes {
  const takeOver = sum(RACE, PROMOTION, seenUp(checks));
  const noticed = { average: times.loopWait / 2, worst: times.loopWait };
  const startsInPlace = primaryStartTimeout > 0;
  return {
    serverLost: sum(lockEnds(times), takeOver),
    // Behind a load balancer writes go on until its checks of the dead REST API have failed `fall` times.
    patroniLost: less(sum(lockEnds(times), takeOver), checks.inter * checks.fall),
    postgresLost: { ...sum(noticed, startsInPlace ? seenUp(checks) : takeOver), plusRecovery: startsInPlace },
    switchover: sum(HAND_OVER, PROMOTION, seenUp(checks)),
    ridesOutDcs: times.retryTimeout,
    ridesOutStall: Math.max(0, times.ttl - times.loopWait),
    falseFailover: falseFailoverOf(times),
  };
}

/** Networks and disks that hesitate for a few seconds are common, for more than ten they are not. */
function falseFailoverOf({ ttl, loopWait, retryTimeout }: LockTimes): FailoverTimes['falseFailover'] {
  const least = Math.min(retryTimeout, ttl - loopWait);
  if (least >= 10) return 'unlikely';
  return least >= 5 ? 'possible' : 'likely';
}

/** What is to be expected of a fault of a drill; null where nothing can be said before. */
export function expectedOf(
  times: FailoverTimes,
  fault: DrillFault,
): (ExpectedSpan & { readonly plusRecovery: boolean }) | null {
  switch (fault) {
    case 'switchover':
      return { ...times.switchover, plusRecovery: false };
    case 'postgres_killed':
      return times.postgresLost;
    case 'patroni_frozen':
    case 'patroni_killed':
      return { ...times.patroniLost, plusRecovery: false };
    case 'network_cut':
      return { ...times.serverLost, plusRecovery: false };
    case 'server_rebooted':
      // Patroni stops in order, and hands its lock back.
      return { ...times.switchover, plusRecovery: false };
  }
}

const seconds = (value: number): string => `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} s`;

/** A span in words: `about 27 s, at worst 38 s`. */
export function expectedInWords({ average, worst }: ExpectedSpan, plusRecovery = false): string {
  return `about ${seconds(average)}, at worst ${seconds(worst)}${plusRecovery ? ', and the recovery of PostgreSQL' : ''}`;
}

const likelihood: Readonly<Record<FailoverTimes['falseFailover'], string>> = {
  unlikely: 'A false failover is unlikely',
  possible: 'A false failover is possible',
  likely: 'A false failover is likely',
};

/** What to expect, as sentences: loss of the server, of a process, and how soon a failover comes without need. */
export function failoverTimesInWords(times: FailoverTimes): readonly string[] {
  const { serverLost, patroniLost, postgresLost, ridesOutDcs, ridesOutStall, falseFailover } = times;
  return [
    `Server or network of the leader lost: no writes for ${expectedInWords(serverLost)}.`,
    `Patroni lost, and not started again: ${expectedInWords(patroniLost)}; systemd usually starts it before anybody notices.`,
    `PostgreSQL lost: ${expectedInWords(postgresLost, postgresLost.plusRecovery)}.`,
    `${likelihood[falseFailover]}: etcd may be silent for ${seconds(ridesOutDcs)}, and the leader may stand still for ` +
      `${seconds(ridesOutStall)}.`,
    "HAProxy's checks are included; PgBouncer can take longer by its own waits (server_login_retry).",
  ];
}
