import { isWritable } from '../model/postgres';
import type { DemoHost } from '../network/network';
import { serverVersion } from '../rest/patroni-status';

const GB = 1024 ** 3;
const MB = 1024 ** 2;
const HOUR_MS = 3_600_000;

/** The databases: one of the application, and those of every server. */
export function databaseRows(host: DemoHost): readonly unknown[] {
  const { sim } = host.driver;
  const written = isWritable(host.member) ? Math.floor(sim.position(host.member) / 900) : 0;
  const row = (name: string, size: number, xidAge: number, busy: number): unknown => ({
    name,
    open: name !== 'template0',
    size,
    connections: busy > 0 ? 6 : 0,
    xidAge,
    multixactAge: Math.floor(xidAge / 40),
    commits: busy,
    rollbacks: Math.floor(busy / 500),
    deadlocks: busy > 0 ? 2 : 0,
    cacheHits: busy > 0 ? 0.987 : null,
    temporaryBytes: busy > 0 ? 312 * MB : 0,
  });
  return [
    row('app', 48 * GB, 164_000_000, 9_000_000 + written),
    row('postgres', 8 * MB, 151_000_000, 400),
    row('template0', 8 * MB, 151_000_000, 0),
    row('template1', 8 * MB, 151_000_000, 0),
  ];
}

/** The row about checkpoints and limits. */
export function upkeepRows({ driver: { sim }, member }: DemoHost): readonly unknown[] {
  return [
    {
      freezeAge: 200_000_000,
      startedAt: Math.floor(member.startedAt),
      timed: 310,
      requested: 12,
      writeMs: 5_400_000,
      syncMs: 21_000,
      buffers: 1_204_000,
      cleaned: 30_200,
      byBackends: serverVersion(sim) < 170_000 ? 80_400 : null,
      since: sim.now - 26 * HOUR_MS,
      timeoutSeconds: 300,
      maxWalSize: GB,
    },
  ];
}

/** The tables of the database of the application; the name of the last one is meant to be hard to write. */
const tables = [
  ['public', 'orders', 21 * GB, 0.7, 96_000_000],
  ['public', 'lines', 18 * GB, 0.6, 402_000_000],
  ['audit', 'changes', 5 * GB, 0.9, 51_000_000],
  ['public', 'stock', 900 * MB, 0.5, 1_200_000],
  ['public', 'Quarter "3"', 140 * MB, 0.8, 84_000],
] as const;

/** The largest tables of a database; only that of the application has some. */
export function tableRows({ driver: { sim } }: DemoHost): readonly unknown[] {
  return tables.map(([schema, name, total, share, rows], index) => ({
    schema,
    name,
    kind: 'table',
    total,
    heap: Math.round(total * share),
    indexes: Math.round(total * (1 - share)),
    rows,
    deadRows: Math.round(rows / 90),
    xidAge: 120_000_000 - index * 9_000_000,
    lastVacuum: sim.now - (index + 2) * HOUR_MS,
    lastAnalyze: sim.now - (index + 1) * HOUR_MS,
  }));
}

/** pg_stat_statements is on the servers of newer clusters, and only offered by the packages of the others. */
export function extensionRows({ driver: { sim } }: DemoHost): readonly unknown[] {
  const isThere = serverVersion(sim) >= 150_000;
  return [{ version: isThere ? '1.10' : null, schema: isThere ? 'public' : null, loaded: isThere, available: true }];
}

const statements = [
  ['UPDATE stock SET reserved = reserved + $1 WHERE item = $2', 812_000, 9.4],
  ['SELECT o.id, sum(l.price) FROM orders o JOIN lines l ON l.order_id = o.id GROUP BY o.id', 1_900, 1_410],
  ['INSERT INTO orders (customer, placed_at) VALUES ($1, $2) RETURNING id', 640_000, 1.1],
  ['SELECT * FROM stock WHERE item = $1', 4_100_000, 0.08],
] as const;

/** The statements that took most time. */
export function statementRows(): readonly unknown[] {
  return statements
    .map(([query, calls, meanMs], index) => ({
      id: String(-4_410_000_000_000_000 + index),
      user: 'app',
      database: 'app',
      query,
      queryLength: query.length,
      calls,
      totalMs: calls * meanMs,
      meanMs,
      rows: calls,
      cacheHits: 0.99 - index * 0.04,
      walBytes: query.startsWith('SELECT') ? 0 : calls * 210,
    }))
    .toSorted((a, b) => b.totalMs - a.totalMs);
}
