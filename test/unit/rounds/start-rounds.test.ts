import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReportedFindings } from '../../../electron/core/clusters/fold/facts';
import type { Look, Round } from '../../../electron/core/rounds/round';
import { startRounds } from '../../../electron/core/rounds/start-rounds';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import { Facts } from '../../support/cluster/cluster-facts';

const entry = (id: string, changes: Partial<ClusterEntry> = {}): ClusterEntry => ({
  ...new Facts().facts.entry,
  id,
  ...changes,
});
const look = (place = 'db1'): Look => ({
  place,
  asOf: Date.now(),
  findings: [
    { code: 'postgres.slot_unused', severity: 'warning', member: place, sentence: '', evidence: '', advice: '' },
  ],
});

describe('rounds of the clusters', () => {
  let undo: () => void = () => undefined;
  const reports: { readonly id: string; readonly found: ReportedFindings }[] = [];
  const begin = (round: Pick<Round, 'look'>, clusters: readonly ClusterEntry[]): void => {
    undo = startRounds({
      hub: { report: (id, _source, found) => void reports.push({ id, found }) },
      clusters: () => clusters,
      now: Date.now,
      rounds: [{ source: 'slots', rule: { tellAfter: 2, takeBackAfter: 2 }, everyMs: () => 60_000, ...round }],
    });
  };

  beforeEach(() => {
    vi.useFakeTimers();
    reports.length = 0;
  });
  afterEach(() => {
    undo();
    vi.useRealTimers();
  });

  it('report what lasts with its age, and nothing after one look alone', async () => {
    begin({ look: () => Promise.resolve(look()) }, [entry('a')]);
    await vi.advanceTimersByTimeAsync(150_000);
    expect(reports[0]?.found.findings).toEqual([]);
    expect(reports[1]?.found.findings).toMatchObject([{ member: 'db1', asOf: reports[1]?.found.asOf }]);
  });

  it('ask each cluster no more often than once in the pause, and two of them at once at most', async () => {
    let now = 0;
    let most = 0;
    const asked = new Map<string, number>();
    const slow: Round['look'] = async ({ id }) => {
      asked.set(id, (asked.get(id) ?? 0) + 1);
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      now -= 1;
      return look();
    };
    begin(
      { look: slow },
      Array.from({ length: 60 }, (_, index) => entry(`c${index}`)),
    );
    await vi.advanceTimersByTimeAsync(600_000);
    expect(most).toBe(2);
    expect(asked.size).toBe(60);
    expect(Math.max(...asked.values())).toBeLessThanOrEqual(10);
  });

  it('ask a cluster that does not answer later each time, and as often as before once it does', async () => {
    let failing = true;
    const times: number[] = [];
    begin(
      {
        look: () => {
          times.push(Date.now());
          return failing ? Promise.reject(new Error('no answer')) : Promise.resolve(look());
        },
      },
      [entry('a')],
    );
    await vi.advanceTimersByTimeAsync(16 * 60_000);
    expect(times.length).toBeLessThan(6);
    failing = false;
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    const [last = 0, before = 0] = times.toReversed();
    expect(last - before).toBeLessThan(62_000);
  });

  it('begin anew when another leader is looked at', async () => {
    let place = 'db1';
    begin({ look: () => Promise.resolve(look(place)) }, [entry('a')]);
    await vi.advanceTimersByTimeAsync(150_000);
    expect(reports.at(-1)?.found.findings).toHaveLength(1);
    place = 'db2';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reports.at(-1)?.found.findings).toEqual([]);
  });

  it('leave alone what is on hold and what was taken away', async () => {
    const asked = vi.fn(() => Promise.resolve(look()));
    begin({ look: asked }, [entry('a', { onHold: true }), entry('b', { removedAt: 1 })]);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(asked).not.toHaveBeenCalled();
  });

  it('report nothing after they were ended', async () => {
    let answer: (one: Look) => void = () => undefined;
    begin({ look: () => new Promise((resolve) => (answer = resolve)) }, [entry('a')]);
    await vi.advanceTimersByTimeAsync(60_000);
    undo();
    answer(look());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reports).toEqual([]);
  });
});
