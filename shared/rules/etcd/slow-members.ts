import type { Finding } from '../../model/cluster/cluster-state';

/** How a member of etcd keeps up, as one reading of its status says. */
export interface EtcdPace {
  readonly name: string;
  /** How long its answer took, ms, through the tunnel; null: it gave none. */
  readonly latencyMs: number | null;
  /** The last entry of the log that it knows to be agreed on, and the last that it has carried out; null: it gave no answer. */
  readonly committed: number | null;
  readonly applied: number | null;
}

/** A member whose answer takes so much longer than the fastest, ms: what all of them take is the way to them. */
const LATE_MS = 500;
/** A member that is so many entries behind is slow. At 5000 etcd takes no more proposals (server/etcdserver/v3_server.go). */
const BEHIND = 1_000;

/** Members of etcd that are slow in one reading. One member alone has nothing to be compared with, and its log is its own. */
export function findSlowMembers(paces: readonly EtcdPace[]): readonly Finding[] {
  const latencies = paces.flatMap(({ latencyMs }) => latencyMs ?? []);
  if (latencies.length < 2) return [];
  const fastest = Math.min(...latencies);
  const newest = Math.max(...paces.flatMap(({ committed }) => committed ?? []));
  return paces.flatMap(({ name, latencyMs, applied }) => {
    if (latencyMs === null || applied === null) return [];
    const signs = [
      latencyMs - fastest < LATE_MS ? null : `Answers after ${latencyMs} ms; the fastest after ${fastest} ms.`,
      newest - applied < BEHIND ? null : `${newest - applied} entries of the log are not carried out yet.`,
    ].filter((sign) => sign !== null);
    return signs.length === 0 ? [] : [slow(name, signs.join(' '))];
  });
}

function slow(name: string, evidence: string): Finding {
  return {
    code: 'etcd.slow_member',
    severity: 'warning',
    member: null,
    subject: name,
    sentence: `etcd on ${name} is slow: it answers later than the others, or falls behind them.`,
    evidence,
    advice:
      `Look at the disk and the processors of the server of ${name}, and for "slow fdatasync" and "took too long" in its log. When it ` +
      'leads, move the leader to another member on the page etcd.',
  };
}
