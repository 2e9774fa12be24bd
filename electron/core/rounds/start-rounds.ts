import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Undo } from '../../../shared/model/undo';
import {
  isSettled,
  nothingSettled,
  settleFindings,
  type SettledFindings,
} from '../../../shared/rules/cluster/findings/settle-findings';
import type { ClusterHub } from '../clusters/hub';
import type { Round } from './round';

/** What rounds are made with. */
export interface RoundDeps {
  readonly hub: Pick<ClusterHub, 'report'>;
  /** The clusters of the inventory. */
  readonly clusters: () => readonly ClusterEntry[];
  readonly now: () => number;
  readonly rounds: readonly Round[];
}

/** How often it is seen whether a look is due, ms. */
const TICK_MS = 1_000;
/** So many clusters are looked at at once in each round: a large fleet is looked at less often, and not at more cost. */
const AT_ONCE = 2;
const LONGEST_PAUSE_MS = 30 * 60_000;

interface Visited {
  readonly dueAt: number;
  readonly failures: number;
  readonly place: string | null;
  readonly settled: SettledFindings;
}

/** Looks at all clusters now and then, and reports what lasts, until undone. */
export function startRounds({ rounds, ...deps }: RoundDeps): Undo {
  const walks = rounds.map((round) => new Walk(round, deps));
  const timer = setInterval(() => {
    for (const walk of walks) walk.goOn();
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    for (const walk of walks) walk.end();
  };
}

class Walk {
  readonly #round: Round;
  readonly #deps: Omit<RoundDeps, 'rounds'>;
  readonly #visited = new Map<string, Visited>();
  readonly #looking = new Set<string>();
  readonly #ending = new AbortController();

  constructor(round: Round, deps: Omit<RoundDeps, 'rounds'>) {
    this.#round = round;
    this.#deps = deps;
  }

  goOn(): void {
    const entries = this.#deps
      .clusters()
      .filter(({ onHold, removedAt }) => onHold !== true && removedAt === undefined)
      .map((entry) => ({ entry, visited: this.#visitedOf(entry) }));
    const ids = new Set(entries.map(({ entry }) => entry.id));
    for (const id of this.#visited.keys()) if (!ids.has(id)) this.#visited.delete(id);
    const due = entries
      .filter(({ entry, visited }) => visited.dueAt <= this.#deps.now() && !this.#looking.has(entry.id))
      .toSorted((one, other) => one.visited.dueAt - other.visited.dueAt);
    for (const { entry, visited } of due.slice(0, Math.max(0, AT_ONCE - this.#looking.size)))
      void this.#visit(entry, visited);
  }

  end(): void {
    this.#ending.abort();
  }

  /** A cluster that is new waits for a part of the pause, so that not all begin together. */
  #visitedOf(entry: ClusterEntry): Visited {
    const present = this.#visited.get(entry.id);
    if (present !== undefined) return present;
    const dueAt = this.#deps.now() + (this.#round.everyMs(entry) * Math.random()) / 2;
    const made: Visited = { dueAt, failures: 0, place: null, settled: nothingSettled };
    this.#visited.set(entry.id, made);
    return made;
  }

  async #visit(entry: ClusterEntry, before: Visited): Promise<void> {
    this.#looking.add(entry.id);
    const after = await this.#look(entry, before).catch(() => ({ ...before, failures: before.failures + 1 }));
    this.#looking.delete(entry.id);
    if (!this.#visited.has(entry.id)) return;
    const pauseMs = Math.min(this.#round.everyMs(entry) * 2 ** Math.min(after.failures, 10), LONGEST_PAUSE_MS);
    this.#visited.set(entry.id, { ...after, dueAt: this.#deps.now() + pauseMs });
  }

  async #look(entry: ClusterEntry, before: Visited): Promise<Visited> {
    const { source, rule } = this.#round;
    const look = await this.#round.look(entry, this.#ending.signal);
    if (look === null || this.#ending.signal.aborted) return before;
    const { place, asOf } = look;
    const found = look.findings.map((finding) => ({ ...finding, asOf }));
    const earlier = place === before.place ? before.settled : nothingSettled;
    const settled = settleFindings(earlier, found, rule, look.unseen);
    this.#deps.hub.report(entry.id, source, {
      findings: [...settled.told.values()],
      asOf,
      isSettled: isSettled(settled, rule),
      unread: look.unread ?? [],
    });
    return { ...before, failures: 0, place, settled };
  }
}
