import { describe, expect, it } from 'vitest';
import { figureQueries } from '../../../../shared/rules/prometheus/figure-queries';
import { memberOfSeries, queryTimes, seriesLines } from '../../../../shared/rules/prometheus/read-series';

const asked = { scope: 'orders', hosts: ['10.0.0.11', 'db2'], windowSeconds: 150 };
const members = [
  { name: 'db1', hosts: ['db1', '10.0.0.11'] },
  { name: 'db2', hosts: ['db2', 'fd00::2'] },
];

describe('what a Prometheus is asked for', () => {
  it('is only what it has, and what it lacks is said with the name of the metric', () => {
    const { queries, missing } = figureQueries(
      new Set(['node_memory_MemAvailable_bytes', 'node_cpu_seconds_total']),
      asked,
    );
    expect(queries.map(({ metric }) => metric)).toEqual(['cpu']);
    const reasonOf = (metric: string) => missing.find((one) => one.metric === metric)?.reason;
    expect(reasonOf('memory')).toBe('This Prometheus has no metric node_memory_MemTotal_bytes.');
    expect(reasonOf('lag_bytes')).toMatch(/patroni_xlog_location and no patroni_xlog_replayed_location/);
    expect(reasonOf('connections_waiting')).toMatch(/No exporter/);
  });

  it('selects the scope and the members, whose names are never a part of an expression or a pattern', () => {
    const names = new Set([
      'patroni_xlog_location',
      'patroni_xlog_replayed_location',
      'node_memory_MemAvailable_bytes',
    ]);
    names.add('node_memory_MemTotal_bytes');
    const hostile = { ...asked, scope: 'a"} or vector(1) #', hosts: ['10.0.0.11', 'x")|.*'] };
    const queryOf = (metric: string) =>
      figureQueries(names, hostile).queries.find((query) => query.metric === metric)?.query ?? '';
    expect(queryOf('lag_bytes')).toContain('{scope="a\\"} or vector(1) #"}');
    expect(queryOf('memory')).toContain(
      'instance=~"\\\\[?(10\\\\.0\\\\.0\\\\.11|x\\"\\\\)\\\\|\\\\.\\\\*)\\\\]?(:[0-9]+)?"',
    );
  });

  it('takes the older name of a metric where the newer one is not there', () => {
    const queryOf = (...names: string[]) =>
      figureQueries(new Set(names), asked).queries.find(({ metric }) => metric === 'lag_seconds')?.query;
    expect(queryOf('pg_replication_lag')).toContain('(pg_replication_lag{');
    expect(queryOf('pg_replication_lag', 'pg_replication_lag_seconds')).toContain('(pg_replication_lag_seconds{');
  });
});

describe('what a Prometheus answers', () => {
  it.each([
    [{ name: 'db2', instance: '10.0.0.11:8008' }, 'db2'],
    [{ instance: '10.0.0.11:9100' }, 'db1'],
    [{ instance: '[fd00::2]:9187' }, 'db2'],
    [{ instance: 'db2' }, 'db2'],
    [{ instance: '10.0.0.12:9100' }, null],
    [{ name: 'other', instance: '10.0.0.11:8008' }, null],
    [{}, null],
  ])('is of the member that its labels %j name', (labels, member) => {
    expect(memberOfSeries(labels, members)).toBe(member);
  });

  it('lies on the times that were asked for, and what is no number or not there is a gap', () => {
    const series = [
      { metric: { instance: 'db2:9100' }, values: [[10, '0.5'] as const, [30, 'NaN'] as const, [40, '+Inf'] as const] },
      { metric: { instance: 'elsewhere:9100' }, values: [[10, '9'] as const] },
    ];
    expect(seriesLines('cpu', series, members, [10, 20, 30, 40])).toEqual([
      { member: 'db2', metric: 'cpu', values: [0.5, null, null, null] },
    ]);
  });

  it('is asked for at whole steps, so that the picture stands still while time goes on', () => {
    const day = 24 * 3_600_000;
    const { times, stepSeconds } = queryTimes({ from: 1_000_123, to: 1_000_123 + day }, 600);
    expect(stepSeconds).toBe(144);
    expect(times.length).toBeLessThanOrEqual(601);
    expect(times.every((time) => time % 144 === 0)).toBe(true);
    expect(queryTimes({ from: 1_000_500, to: 1_000_500 + day }, 600).times[5]).toBe(times[5]);
    expect(queryTimes({ from: 60_000, to: 60_000 }, 600)).toEqual({ times: [60], stepSeconds: 10 });
  });
});
