import { describe, expect, it } from 'vitest';
import { hostFigures, lagFigures, postgresFigures } from '../../../../shared/rules/statistics/rates';
import type { HostReading, PostgresReading } from '../../../../shared/rules/statistics/read-sample';

const host = (change: Partial<HostReading> = {}): HostReading => ({
  uptime: 1000,
  cpuBusy: 500,
  cpuTotal: 4000,
  memoryTotal: 1000,
  memoryAvailable: 250,
  disk: { used: 30, free: 70 },
  diskRead: 10_000,
  diskWritten: 20_000,
  networkIn: 30_000,
  networkOut: 40_000,
  ...change,
});

const postgres = (change: Partial<PostgresReading> = {}): PostgresReading => ({
  now: 1000,
  start: 10,
  recovery: false,
  wal: 50_000,
  behind: null,
  commits: 100,
  rollbacks: 10,
  hits: 900,
  reads: 100,
  total: 7,
  active: 2,
  idle: 4,
  idle_in_transaction: 1,
  waiting: 0,
  replicas: [],
  ...change,
});

describe('the figures of a server', () => {
  it('are rates of the server’s own clock, and parts of what there is', () => {
    const later = host({ uptime: 1010, cpuBusy: 1500, cpuTotal: 8000, diskRead: 15_000, networkIn: 30_000 });
    expect(hostFigures(host(), later)).toEqual({
      cpu: 0.25,
      memory: 0.75,
      disk_used: 0.3,
      disk_read: 500,
      disk_written: 0,
      network_in: 0,
      network_out: 0,
    });
  });

  it('have no rate before there are two readings', () => {
    expect(hostFigures(null, host())).toEqual({ memory: 0.75, disk_used: 0.3 });
  });

  it.each([
    ['a counter that went back', host({ uptime: 1010, diskRead: 5 }), 'disk_read'],
    ['a server that started again', host({ uptime: 3, cpuBusy: 1, cpuTotal: 10 }), 'cpu'],
    ['readings that are too far apart', host({ uptime: 1061, cpuBusy: 600, cpuTotal: 5000 }), 'cpu'],
    ['two readings of one moment', host({ networkIn: 90_000 }), 'network_in'],
    ['a disk that is not known', host({ uptime: 1010, disk: null }), 'disk_used'],
  ] as const)('say nothing after %s', (_what, later, metric) => {
    expect(hostFigures(host(), later)[metric]).toBeUndefined();
  });
});

describe('the figures of a PostgreSQL', () => {
  it('are rates and counts', () => {
    const later = postgres({ now: 1010, wal: 150_000, commits: 195, rollbacks: 15, hits: 990, reads: 110 });
    expect(postgresFigures(postgres(), later)).toEqual({
      wal_rate: 10_000,
      transactions: 10,
      connections: 7,
      connections_active: 2,
      connections_idle: 4,
      connections_idle_in_transaction: 1,
      connections_waiting: 0,
      cache_hits: 0.9,
    });
  });

  it.each([
    ['it started again', postgres({ now: 1010, start: 1005, commits: 500 }), 'transactions'],
    ['its statistics were reset', postgres({ now: 1010, commits: 1, rollbacks: 0 }), 'transactions'],
    ['it was promoted', postgres({ now: 1010, recovery: true, wal: 90_000 }), 'wal_rate'],
    ['it was rewound', postgres({ now: 1010, wal: 40_000 }), 'wal_rate'],
    ['nothing was read', postgres({ now: 1010 }), 'cache_hits'],
    ['hits were reset', postgres({ now: 1010, hits: 5, reads: 105 }), 'cache_hits'],
  ] as const)('have no rate where %s', (_what, later, metric) => {
    expect(postgresFigures(postgres(), later)[metric]).toBeUndefined();
  });
});

describe('the lag of a replica, as its sender says', () => {
  const sender = (bytes: number | null, seconds: number | null): PostgresReading =>
    postgres({ replicas: [['db2', bytes, seconds]] });
  it.each([
    ['what it measured', sender(4096, 0.5), null, { lag_bytes: 4096, lag_seconds: 0.5 }],
    [
      'no time where nothing is behind, whatever was measured last',
      sender(0, 12),
      null,
      { lag_bytes: 0, lag_seconds: 0 },
    ],
    ['the replica’s own word where it has no time', sender(4096, null), 3, { lag_bytes: 4096, lag_seconds: 3 }],
    ['bytes alone where nobody has a time', sender(4096, null), null, { lag_bytes: 4096 }],
    ['a replica ahead of the reading as level', sender(-8, null), null, { lag_bytes: 0, lag_seconds: 0 }],
    ['nothing of a position that is not known', sender(null, null), 3, {}],
  ])('is %s', (_what, from, behind, figures) => {
    expect(lagFigures(from, 'db2', behind)).toEqual(figures);
  });

  it('is not made up for one that does not stream', () => {
    expect(lagFigures(sender(1, 1), 'db3', 9)).toEqual({});
  });
});
