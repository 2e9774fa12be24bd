import { describe, expect, it } from 'vitest';
import type { FaultId } from '../../../../electron/core/demo/model/faults';
import { healFaults, injectFault } from '../../../../electron/core/demo/model/faults';
import { answersQueries, isWritable } from '../../../../electron/core/demo/model/postgres';
import { seeded } from '../../../../electron/core/demo/model/random';
import type { Sim } from '../../../../electron/core/demo/model/sim';
import { writeStatusOf } from '../../../../shared/rules/cluster/write-status';
import { advanceTime, callMember, simulateCluster } from '../../../support/cluster/demo-model';
import { ObservedSim } from '../../../support/cluster/observed-sim';

/** How long a sentence may be wrong before it counts, ms. */
const MAY_BE_WRONG_MS = 5_000;
/** The primary is asked every 2 s, so that the beginning of an outage is known to half of that, and its end to a quarter of a second. */
const DURATION_WITHIN_MS = 1_500;
const STEP_MS = 200;
const HISTORIES = 1_000;

type Event = (sim: Sim, observed: ObservedSim, random: () => number) => void;

const anyMember = (sim: Sim, random: () => number): Sim['members'][number] | undefined =>
  sim.members[Math.floor(random() * sim.members.length)];

const fault =
  (id: FaultId): Event =>
  (sim, _observed, random) => {
    injectFault(sim, id, anyMember(sim, random));
  };

const switchOver: Event = (sim) => {
  const leader = sim.leaderName();
  const candidate = sim.members.find((member) => member.name !== leader && answersQueries(member));
  const asked = sim.member(leader);
  if (asked === undefined || candidate === undefined || !asked.agent || !asked.power || !sim.dcsReachable(asked))
    return;
  sim.write('failover', { leader: asked.name, member: candidate.name });
};

const pause =
  (isPaused: boolean): Event =>
  (sim) => {
    const asked = sim.members.find((member) => member.agent && sim.dcsReachable(member));
    if (asked !== undefined) callMember(sim, asked.name, 'PATCH /config', { pause: isPaused });
  };

/** What can happen to a cluster. A workstation that loses a server is in it too: the cluster itself does not notice that. */
const HAPPENINGS: readonly Event[] = [
  fault('crash'),
  fault('postgres_crash'),
  fault('power_off'),
  fault('partition'),
  fault('dcs_down'),
  fault('lag'),
  fault('broken_replica'),
  switchOver,
  pause(true),
  pause(false),
  (sim) => {
    healFaults(sim);
  },
  (sim) => {
    healFaults(sim);
  },
];

/** For how long, ms, something has been so without a break. */
class Since {
  #from: number | null = null;

  over(isSo: boolean, now: number): number {
    if (!isSo) this.#from = null;
    else this.#from ??= now;
    return this.#from === null ? 0 : now - this.#from;
  }
}

/** A primary that is cut off while another member holds the lock is not the cluster's any more, though it runs on. */
function serves(sim: Sim, member: Sim['members'][number]): boolean {
  const holder = sim.leaderName();
  return isWritable(member) && !(member.partitioned && holder !== null && holder !== member.name);
}

interface Outage {
  readonly from: number;
  to: number | null;
}

/** One life of a cluster by a seed, and what was said of it that was not so. */
class Life {
  readonly wrong: string[] = [];
  readonly #seed: number;
  readonly #isCutOff: boolean;
  readonly #random: () => number;
  readonly #sim: Sim;
  readonly #observed: ObservedSim;
  readonly #begin: number;
  readonly #outages: Outage[] = [];
  readonly #lasting = new Map<string, Since>();

  constructor(seed: number, isCutOff: boolean) {
    this.#seed = seed;
    this.#isCutOff = isCutOff;
    this.#random = seeded(seed * 7919 + 1);
    const members = this.#random() < 0.7 ? 3 : 5;
    this.#sim = simulateCluster({ seed, members, config: this.#random() < 0.3 ? { failsafe_mode: true } : {} });
    advanceTime(this.#sim, 30);
    this.#observed = new ObservedSim(this.#sim);
    this.#begin = this.#observed.now;
  }

  live(): readonly string[] {
    for (let count = 0; count < 6; count += 1) this.#liveThroughOne();
    for (const event of this.#observed.events)
      if (event.kind === 'primary_gap' && event.durationMs !== undefined)
        this.#judgeDuration(event.at, event.durationMs);
    return this.wrong;
  }

  #liveThroughOne(): void {
    const happening = HAPPENINGS[Math.floor(this.#random() * HAPPENINGS.length)];
    happening?.(this.#sim, this.#observed, this.#random);
    const cut = this.#isCutOff && this.#random() < 0.5 ? anyMember(this.#sim, this.#random) : undefined;
    this.#observed.unreachable.clear();
    if (cut !== undefined) this.#observed.unreachable.set(cut.name, this.#observed.now);
    const steps = 25 + Math.floor(this.#random() * 225);
    for (let step = 0; step < steps; step += 1) {
      this.#observed.live(STEP_MS);
      this.#noteOutage();
      this.#judgeWrites();
      this.#judgeMembers();
    }
  }

  #noteOutage(): void {
    const last = this.#outages.at(-1);
    const isServing = this.#sim.members.some((member) => serves(this.#sim, member));
    if (!isServing && (last === undefined || last.to !== null))
      this.#outages.push({ from: this.#observed.now, to: null });
    if (isServing && last?.to === null) last.to = this.#observed.now;
  }

  #judgeWrites(): void {
    const { state } = this.#observed;
    const isWriting = this.#sim.members.some(isWritable);
    const writes = writeStatusOf(state);
    this.#judge('it takes writes, though it does not', writes.kind === 'yes' && !isWriting);
    this.#judge('it takes no writes, though it does', writes.kind === 'no' && isWriting);
    this.#judge('it is healthy, though it has no primary', state.health.level === 'healthy' && !isWriting);
  }

  #judgeMembers(): void {
    for (const member of this.#sim.members) {
      const shown = this.#observed.state.members.find((one) => one.name === member.name);
      const isWrong = shown?.condition === 'healthy' && !(answersQueries(member) && member.agent);
      this.#judge(`${member.name} is healthy, though it is down`, isWrong);
    }
  }

  /** A sentence that is wrong counts when it stays so. */
  #judge(words: string, isWrong: boolean): void {
    const lasting = this.#lasting.get(words) ?? new Since();
    this.#lasting.set(words, lasting);
    if (lasting.over(isWrong, this.#observed.now) > MAY_BE_WRONG_MS) this.#say(words);
  }

  #say(words: string): void {
    const at = (this.#observed.now - this.#begin) / 1000;
    if (this.wrong.length < 5) this.wrong.push(`seed ${String(this.#seed)} at ${String(at)} s: ${words}`);
  }

  #judgeDuration(at: number, durationMs: number): void {
    const counted = { from: at - durationMs, to: at };
    const met = this.#outages.filter((one) => one.from < counted.to + 500 && (one.to ?? Infinity) > counted.from - 500);
    const [first] = met;
    if (first === undefined) return this.#say(`an outage of ${String(durationMs)} ms that never was`);
    const truth = (met.at(-1)?.to ?? at) - first.from;
    if (!this.#isCutOff && Math.abs(truth - durationMs) > DURATION_WITHIN_MS)
      this.#say(`an outage of ${String(durationMs)} ms that took ${String(truth)} ms`);
  }
}

describe('what the app says of a cluster through random histories of crashes, partitions, lost quorums and planned changes', () => {
  it.each([
    ['on a workstation that reaches every server', false],
    ['on a workstation that loses servers too', true],
  ])(
    'is never wrong for longer than five seconds, %s',
    (_name, isCutOff) => {
      const wrong: string[] = [];
      for (let seed = 1; seed <= HISTORIES / 2 && wrong.length < 10; seed += 1)
        wrong.push(...new Life(seed, isCutOff).live());
      expect(wrong).toEqual([]);
    },
    300_000,
  );
});
