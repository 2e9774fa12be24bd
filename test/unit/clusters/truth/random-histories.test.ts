import { describe, expect, it } from 'vitest';
import type { FaultId } from '../../../../electron/core/demo/model/faults';
import { healFaults, injectFault } from '../../../../electron/core/demo/model/faults';
import { isRunning, isWritable } from '../../../../electron/core/demo/model/postgres';
import { seeded } from '../../../../electron/core/demo/model/random';
import type { Sim } from '../../../../electron/core/demo/model/sim';
import { writeStatusOf } from '../../../../shared/rules/cluster/write-status';
import { call, modelled, pass } from '../../../support/cluster/demo-model';
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
  const candidate = sim.members.find((member) => member.name !== leader && isRunning(member));
  const asked = sim.member(leader);
  if (asked === undefined || candidate === undefined || !asked.agent || !asked.power || !sim.dcsReachable(asked))
    return;
  sim.write('failover', { leader: asked.name, member: candidate.name });
};

const pause =
  (isPaused: boolean): Event =>
  (sim) => {
    const asked = sim.members.find((member) => member.agent && sim.dcsReachable(member));
    if (asked !== undefined) call(sim, asked.name, 'PATCH /config', { pause: isPaused });
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

/** One life of a cluster by a seed: what was said of it that was not so, in words. */
function faultsOfSaying(seed: number, isCutOff: boolean): readonly string[] {
  const random = seeded(seed * 7919 + 1);
  const sim = modelled({
    seed,
    members: random() < 0.7 ? 3 : 5,
    config: random() < 0.3 ? { failsafe_mode: true } : {},
  });
  pass(sim, 30);
  const observed = new ObservedSim(sim);
  const wrong: string[] = [];
  const outages: Outage[] = [];
  const [yesWrong, noWrong, healthyWrong] = [new Since(), new Since(), new Since()];
  const memberWrong = new Map(sim.members.map((member) => [member.name, new Since()]));
  const say = (words: string): void => {
    if (wrong.length < 5) wrong.push(`seed ${String(seed)} at ${String((observed.now - begin) / 1000)} s: ${words}`);
  };
  const begin = observed.now;
  for (let count = 0; count < 6; count += 1) {
    const happening = HAPPENINGS[Math.floor(random() * HAPPENINGS.length)];
    happening?.(sim, observed, random);
    const cut = isCutOff && random() < 0.5 ? anyMember(sim, random) : undefined;
    observed.unreachable.clear();
    if (cut !== undefined) observed.unreachable.set(cut.name, observed.now);
    const steps = 25 + Math.floor(random() * 225);
    for (let step = 0; step < steps; step += 1) {
      observed.live(STEP_MS);
      compare();
    }
  }
  for (const event of observed.events) if (event.kind === 'primary_gap') judgeDuration(event.at, event.durationMs ?? 0);
  return wrong;

  function compare(): void {
    const { now, state } = observed;
    const isWriting = sim.members.some((member) => isWritable(member));
    const last = outages.at(-1);
    const isServing = sim.members.some((member) => serves(sim, member));
    if (!isServing && (last === undefined || last.to !== null)) outages.push({ from: now, to: null });
    if (isServing && last?.to === null) last.to = now;
    const writes = writeStatusOf(state);
    if (yesWrong.over(writes.kind === 'yes' && !isWriting, now) > MAY_BE_WRONG_MS)
      say('it takes writes, though it does not');
    if (noWrong.over(writes.kind === 'no' && isWriting, now) > MAY_BE_WRONG_MS)
      say(`it takes no writes (${writes.kind === 'no' ? writes.cause : ''}), though it does`);
    if (healthyWrong.over(state.health.level === 'healthy' && !isWriting, now) > MAY_BE_WRONG_MS)
      say('it is healthy without a primary');
    for (const member of sim.members) {
      const shown = state.members.find((one) => one.name === member.name);
      const isWrong = shown?.condition === 'healthy' && !(isRunning(member) && member.agent);
      const span = memberWrong.get(member.name)?.over(isWrong, now) ?? 0;
      if (span > MAY_BE_WRONG_MS) say(`${member.name} is healthy, though it is ${member.power ? member.state : 'off'}`);
    }
  }

  function judgeDuration(at: number, durationMs: number): void {
    const told = { from: at - durationMs, to: at };
    const met = outages.filter((one) => one.from < told.to + 500 && (one.to ?? Infinity) > told.from - 500);
    const [first] = met;
    if (first === undefined) return say(`an outage of ${String(durationMs)} ms that never was`);
    const truth = (met.at(-1)?.to ?? at) - first.from;
    if (!isCutOff && Math.abs(truth - durationMs) > DURATION_WITHIN_MS)
      say(`an outage of ${String(durationMs)} ms that took ${String(truth)} ms`);
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
        wrong.push(...faultsOfSaying(seed, isCutOff));
      expect(wrong).toEqual([]);
    },
    300_000,
  );
});
