import { describe, expect, it } from 'vitest';
import {
  estimateMs,
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
