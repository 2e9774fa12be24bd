import type { ClockOffset } from '../../../shared/model/logs/log-record';
import type { Remote } from '../ssh/remote';

const ROUNDS = 3;
const ASK_MS = 10_000;

/**
 * How far a server's clock is from this computer's. The server says its time between two moments of this computer: the
 * offset is taken at their midpoint, and is wrong by at most half of what lay between them. The quickest of three counts.
 */
export async function measureClock(remote: Remote, now: () => number): Promise<ClockOffset> {
  let best: ClockOffset | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = now();
    const { stdout } = await remote.run(['date', '+%s.%N'], { timeoutMs: ASK_MS });
    const after = now();
    const one = offsetBetween(before, Number(stdout.trim()) * 1000, after);
    if (best === null || one.uncertaintyMs < best.uncertaintyMs) best = one;
  }
  return best ?? offsetBetween(now(), now(), now());
}

/** The offset that a server's time has which was asked for between two moments; all in ms since the epoch. */
export function offsetBetween(before: number, serverTime: number, after: number): ClockOffset {
  const known = Number.isFinite(serverTime);
  return {
    offsetMs: known ? serverTime - (before + after) / 2 : 0,
    uncertaintyMs: known ? (after - before) / 2 : Number.MAX_SAFE_INTEGER,
    measuredAt: after,
  };
}
