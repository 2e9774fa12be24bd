import { describe, expect, it } from 'vitest';
import { marked, moved, spanOf, zoomed } from '../../../../../../renderer/features/cluster/charts/chart-range';
import { timeLabels } from '../../../../../../renderer/features/cluster/charts/time-labels';

const MINUTE = 60_000;
const NOW = 1_800_000_000_000;
const recent = { kind: 'recent', lengthMs: 60 * MINUTE } as const;

describe('the time that all charts show', () => {
  it('ends now while it is live', () => {
    expect(spanOf(recent, NOW)).toEqual({ from: NOW - 60 * MINUTE, to: NOW });
  });
  it('goes back by half its length, and comes to the present again', () => {
    const back = moved(recent, -1, NOW);
    expect(spanOf(back, NOW)).toEqual({ from: NOW - 90 * MINUTE, to: NOW - 30 * MINUTE });
    expect(moved(back, 1, NOW)).toEqual(recent);
  });
  it('is zoomed around its middle, never beyond now', () => {
    expect(zoomed(recent, 0.5, NOW)).toEqual({ kind: 'fixed', from: NOW - 45 * MINUTE, to: NOW - 15 * MINUTE });
    expect(spanOf(zoomed(recent, 2, NOW), NOW)).toEqual({ from: NOW - 120 * MINUTE, to: NOW });
  });
  it('is never shorter than there is something to see', () => {
    expect(spanOf(zoomed({ kind: 'recent', lengthMs: 2 * MINUTE }, 0.5, NOW), NOW)).toEqual({
      from: NOW - 2 * MINUTE,
      to: NOW,
    });
    expect(marked(NOW - 1000, NOW)).toEqual({ kind: 'fixed', from: NOW - 60_500, to: NOW + 59_500 });
  });
});

describe('the marks of the time', () => {
  const at = (text: string): number => new Date(text).getTime() / 1000;
  it('are times of day, with the date where a day begins', () => {
    const times = [at('2026-05-01T23:30:00'), at('2026-05-02T00:00:00'), at('2026-05-02T00:30:00')];
    expect(timeLabels(times, 1800)).toEqual(['23:30', '00:00\n05-02', '00:30']);
  });
  it('have seconds where they are close, and are dates where they are days apart', () => {
    expect(timeLabels([at('2026-05-01T10:00:30')], 10)).toEqual(['10:00:30']);
    expect(timeLabels([at('2026-05-01T00:00:00')], 86_400)).toEqual(['05-01']);
  });
});
