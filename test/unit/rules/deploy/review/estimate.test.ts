import { describe, expect, it } from 'vitest';
import type { LaneStep } from '../../../../../shared/model/deploy/deploy-views';
import {
  estimateMs,
  expectedMs,
  measuredTimes,
  typicalTimes,
  type EstimatedStep,
} from '../../../../../shared/rules/deploy/review/estimate';

const step = (
  id: string,
  server: string,
  kind: EstimatedStep['kind'],
  dependsOn: string[] = [],
  todo = true,
): EstimatedStep => ({ id, server, kind, dependsOn, todo });

describe('the estimated duration of a run', () => {
  it('is zero where nothing is to be done', () => {
    expect(estimateMs([step('a', 'n1', 'packages', [], false)], typicalTimes)).toBe(0);
  });

  it('counts servers side by side, not one after the other', () => {
    const one = estimateMs([step('a', 'n1', 'packages')], typicalTimes);
    expect(
      estimateMs([step('a', 'n1', 'packages'), step('b', 'n2', 'packages'), step('c', 'n3', 'packages')], typicalTimes),
    ).toBe(one);
  });

  it('follows chains of dependent steps across servers', () => {
    const chain = [step('p', 'n1', 'packages'), step('l', 'n1', 'leader', ['p']), step('r', 'n2', 'replica', ['l'])];
    expect(estimateMs(chain, { ...typicalTimes, packages: 1_000, leader: 200, replica: 30 })).toBe(1_730);
  });

  it('counts two installations on one server one after the other, even when they are independent', () => {
    expect(
      estimateMs([step('p', 'n1', 'packages'), step('q', 'n1', 'packages')], { ...typicalTimes, packages: 1_000 }),
    ).toBe(2_500);
  });

  it('uses the median of recent runs for each kind of step, and a typical value for a kind never run', () => {
    const newest = [4_000, 5_000, 60_000].map((ms) => ({ kind: 'packages' as const, ms }));
    const old = Array.from({ length: 40 }, () => ({ kind: 'leader' as const, ms: 1 }));
    const times = measuredTimes([
      ...newest,
      ...Array.from({ length: 15 }, () => ({ kind: 'leader' as const, ms: 900 })),
      ...old,
    ]);
    expect(times.packages).toBe(5_000);
    expect(times.leader).toBe(900);
    expect(times.replica).toBe(typicalTimes.replica);
  });
});

describe('how long a run that goes on takes in all', () => {
  const statusOf = (startedAt: number | null, endedAt: number | null): LaneStep['status'] => {
    if (startedAt === null) return 'todo';
    return endedAt === null ? 'running' : 'done';
  };
  const laneStep = (kind: LaneStep['kind'], startedAt: number | null, endedAt: number | null): LaneStep => ({
    id: kind,
    kind,
    label: kind,
    status: statusOf(startedAt, endedAt),
    startedAt,
    endedAt,
    detail: null,
    error: null,
  });
  const run = (...steps: readonly LaneStep[]) => ({ startedAt: 0, lanes: [{ server: 'n1', steps, log: [] }] });
  const { packages, leader } = typicalTimes;
  const estimate = packages + leader;

  it('is what was estimated, before anything has begun and while all goes as expected', () => {
    expect(expectedMs(run(laneStep('packages', null, null), laneStep('leader', null, null)), estimate, 0)).toBe(
      estimate,
    );
    const onTime = run(laneStep('packages', 0, packages), laneStep('leader', null, null));
    expect(expectedMs(onTime, estimate, packages)).toBe(estimate);
  });

  it('grows with steps that take longer than usual, so that what is left is not underestimated', () => {
    const slow = run(laneStep('packages', 0, 3 * packages), laneStep('leader', null, null));
    expect(expectedMs(slow, estimate, 3 * packages)).toBe(3 * estimate);
  });

  it('grows already while such a step is under way', () => {
    const stuck = run(laneStep('packages', 0, null), laneStep('leader', null, null));
    expect(expectedMs(stuck, estimate, 2 * packages)).toBeGreaterThan(2 * packages + leader);
  });

  it('is never less than what has passed, and nothing where nothing is known', () => {
    expect(expectedMs(run(), estimate, 2 * estimate)).toBe(2 * estimate);
    expect(expectedMs(run(), 0, 1_000)).toBe(0);
  });
});
