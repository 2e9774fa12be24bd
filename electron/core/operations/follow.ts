import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { onAbort, settleWithin, sleep, unlessAborted } from '../platform/wait';
import { stateOf, type Run } from './run';

/** What a decision may lean on besides the state itself. */
export interface Sight {
  /** When the last complete reading of all sources began; null before the first. */
  readonly readSince: number | null;
  /** ms of following, without the time in which nothing could be seen. */
  readonly elapsed: number;
}

/** Why a wait ended without a decision. */
export type Missed = 'limit' | 'blind';

const TICK_MS = 100;

/** A reading that hangs on one member must not keep the others from being read again. */
const LONGEST_PAUSE_MS = 3000;

/** Whether the app sees nothing of the cluster now: neither etcd nor any member's REST API. */
function isBlind(state: ClusterState): boolean {
  return !state.sources.some(
    (source) => (source.kind === 'etcd' || source.kind === 'rest') && source.status === 'live',
  );
}

/** Whether what is shown of the leader was confirmed after `since`: by etcd where it is followed, else by any member. */
export function seenAfter(state: ClusterState, since: number): boolean {
  const kind = state.dcs.kind === 'live' ? 'etcd' : 'rest';
  return state.sources.some(
    (source) => source.kind === kind && source.status === 'live' && source.asOf !== null && source.asOf >= since,
  );
}

/**
 * Follows the cluster until `decide` answers something, asking all sources again and again. While nothing
 * can be seen, or etcd has no quorum, the job is `waiting` in its phase and the limit stands still; it gives
 * up as `blind` after the run's own bound. Rejects when the job is cancelled or the cluster is removed.
 */
export function followUntil<T>(
  run: Run,
  phase: string,
  limitMs: number,
  decide: (state: ClusterState, sight: Sight) => T | null,
): Promise<T | Missed> {
  return new Promise((resolve, reject) => {
    const watch = new Following(run, phase, limitMs, decide);
    watch.start((outcome) => resolve(outcome), reject);
  });
}

class Following<T> {
  readonly #run: Run;
  readonly #phase: string;
  readonly #limitMs: number;
  readonly #decide: (state: ClusterState, sight: Sight) => T | null;
  #readSince: number | null = null;
  #elapsed = 0;
  #blindFor = 0;
  #lastTick: number;
  #waiting = false;
  #over = false;
  #cleanUp: (() => void)[] = [];
  readonly #ending = new AbortController();

  constructor(run: Run, phase: string, limitMs: number, decide: (state: ClusterState, sight: Sight) => T | null) {
    this.#run = run;
    this.#phase = phase;
    this.#limitMs = limitMs;
    this.#decide = decide;
    this.#lastTick = run.now();
  }

  start(resolve: (outcome: T | Missed) => void, reject: (reason: unknown) => void): void {
    const end = (): void => {
      this.#over = true;
      for (const one of this.#cleanUp.splice(0)) one();
      this.#ending.abort();
    };
    const inspect = (): void => {
      if (this.#over) return;
      try {
        const outcome = this.#inspect();
        if (outcome !== null) {
          end();
          resolve(outcome);
        }
      } catch (thrown) {
        end();
        reject(thrown);
      }
    };
    const timer = setInterval(inspect, TICK_MS);
    this.#cleanUp.push(() => clearInterval(timer));
    this.#cleanUp.push(
      onAbort(this.#run.context.signal, () => {
        end();
        reject(this.#run.context.signal.reason);
      }),
    );
    if (this.#over) return end();
    const undo = this.#run.hub.follow(this.#run.clusterId, inspect);
    if (this.#over) undo();
    else this.#cleanUp.push(undo);
    void this.#keepReading();
  }

  #inspect(): T | Missed | null {
    const state = stateOf(this.#run);
    const blind = isBlind(state);
    this.#count(blind || state.dcs.kind === 'no_quorum');
    this.#report(state, blind);
    const decided = blind ? null : this.#decide(state, { readSince: this.#readSince, elapsed: this.#elapsed });
    if (decided !== null) return decided;
    if (this.#blindFor > this.#run.timing.blindMs) return 'blind';
    return this.#elapsed > this.#limitMs ? 'limit' : null;
  }

  /** A gap between two ticks (the computer slept) counts as at most one second. */
  #count(standing: boolean): void {
    const now = this.#run.now();
    const span = Math.min(1000, Math.max(0, now - this.#lastTick));
    this.#lastTick = now;
    if (standing) this.#blindFor += span;
    else this.#elapsed += span;
  }

  #report(state: ClusterState, blind: boolean): void {
    const standing = blind || state.dcs.kind === 'no_quorum';
    if (standing === this.#waiting) return;
    this.#waiting = standing;
    this.#run.context.phase(this.#phase, standing ? 'waiting' : 'following');
    if (!standing) return void this.#run.context.log('info', 'The cluster can be seen again.');
    const text = blind
      ? 'The connection to the cluster is lost. Nothing is sent again; the job goes on when it is back.'
      : 'etcd has no quorum, so Patroni cannot go on. The job waits.';
    this.#run.context.detail(text);
    this.#run.context.log('warning', text);
  }

  async #keepReading(): Promise<void> {
    while (!this.#over) {
      const began = this.#run.now();
      const reading = this.#run.hub.refresh(this.#run.clusterId).then(
        () => {
          this.#readSince = Math.max(began, this.#readSince ?? 0);
        },
        () => undefined,
      );
      await settleWithin(
        LONGEST_PAUSE_MS,
        unlessAborted(this.#ending.signal, reading).catch(() => undefined),
      );
      await sleep(this.#run.timing.refreshMs, this.#ending.signal);
    }
  }
}
