import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../shared/model/cluster/cluster-state';
import { nothingSettled, settleFindings } from '../../../../shared/rules/cluster/findings/settle-findings';

const RULE = { tellAfter: 2, takeBackAfter: 3 };

const finding = (part: Partial<Finding> = {}): Finding => ({
  code: 'postgres.slot_unused',
  severity: 'warning',
  member: 'db1',
  subject: 'cdc',
  sentence: 'Nobody uses the slot.',
  evidence: '',
  advice: '',
  ...part,
});

/** What is told after each reading. */
function toldAfter(readings: readonly (readonly Finding[])[]): readonly (readonly Finding[])[] {
  let settled = nothingSettled;
  return readings.map((found) => {
    settled = settleFindings(settled, found, RULE);
    return [...settled.told.values()];
  });
}
const counts = (readings: readonly (readonly Finding[])[]): readonly number[] =>
  toldAfter(readings).map((told) => told.length);

describe('a finding that is asked for now and then', () => {
  it('is told when readings in a row had it, and not for one alone', () => {
    expect(counts([[finding()], [], [finding()], [finding()]])).toEqual([0, 0, 0, 1]);
  });

  it('is taken back when readings in a row had it no more, and stays over a gap', () => {
    const seen = [finding()];
    expect(counts([seen, seen, [], [], seen, [], [], []])).toEqual([0, 1, 1, 1, 1, 1, 1, 0]);
  });

  it('that comes and goes with every reading is told once and stays', () => {
    const seen = [finding()];
    expect(counts([seen, seen, [], seen, [], seen, [], seen])).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('becomes worse at once, and better only when no reading of late was as bad', () => {
    const [mild, bad] = [[finding()], [finding({ severity: 'critical' })]];
    const told = toldAfter([mild, mild, bad, mild, mild, mild]);
    expect(told.map(([one]) => one?.severity)).toEqual([
      undefined,
      'warning',
      'critical',
      'critical',
      'critical',
      'warning',
    ]);
  });

  it('keeps its name while what it is about is called now this and now that', () => {
    const [unused, fills] = [[finding()], [finding({ code: 'postgres.slot_fills_disk' })]];
    const told = toldAfter([unused, unused, fills, unused, fills]);
    expect(told.map((all) => all.map(({ code }) => code))).toEqual([
      [],
      ['postgres.slot_unused'],
      ['postgres.slot_unused'],
      ['postgres.slot_unused'],
      ['postgres.slot_unused'],
    ]);
  });

  it('has the newest words', () => {
    const told = toldAfter([[finding()], [finding()], [finding({ evidence: 'newer' })], []]);
    expect(told[3]?.[0]?.evidence).toBe('newer');
  });

  it('does not stand in for another slot of the same member', () => {
    const other = finding({ subject: 'other' });
    expect(counts([[finding()], [other], [finding()], [finding(), other]])).toEqual([0, 0, 0, 1]);
  });

  it('stays as it is while a reading says nothing of it, however long, and is counted on from there', () => {
    const told = settleFindings(settleFindings(nothingSettled, [finding()], RULE), [finding()], RULE);
    let settled = told;
    for (let silent = 0; silent < 10; silent += 1) settled = settleFindings(settled, [], RULE, [finding()]);
    expect([settled.readings, settled.told]).toEqual([told.readings, told.told]);
    for (const left of [1, 1, 0]) {
      settled = settleFindings(settled, [], RULE);
      expect(settled.told.size).toBe(left);
    }
  });

  it('is not told for a reading that says nothing of it', () => {
    const once = settleFindings(nothingSettled, [finding()], RULE);
    expect(settleFindings(once, [], RULE, [finding()]).told.size).toBe(0);
  });
});
