import { isWritable } from '../model/postgres';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';

/** A series of an answer as Prometheus' HTTP API writes it. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** An expression that is known by a part of its text, and the figure of a member at a time (seconds since the epoch). */
interface KnownExpression {
  readonly says: string;
  readonly port: number;
  readonly value: (sim: Sim, member: MemberState, seconds: number) => number;
}

const NODE_PORT = 9100;
const POSTGRES_PORT = 9187;
const REST_PORT = 8008;
const MB = 1024 ** 2;
const MOST_POINTS = 11_000;

/** A value that swings around a middle in waves of a period (s), and no two members together. */
function swing(seconds: number, member: MemberState, middle: number, part: number, period: number): number {
  const turn = (2 * Math.PI * (seconds + member.index * 47)) / period;
  const daily = 1 + 0.25 * Math.sin((2 * Math.PI * seconds) / 86_400);
  return Math.max(0, middle * daily * (1 + part * Math.sin(turn)));
}

const written = (sim: Sim): number => sim.bytesPerSecond * sim.timeScale;

/** The first whose text stands in the expression is meant. */
const KNOWN: readonly KnownExpression[] = [
  {
    says: 'scalar(max(patroni_xlog_location',
    port: REST_PORT,
    value: (sim, member, seconds) =>
      isWritable(member) ? 0 : swing(seconds, member, member.lagging ? 40 * MB : written(sim) * 0.05, 0.6, 180),
  },
  {
    says: 'patroni_xlog_location',
    port: REST_PORT,
    value: (sim, member, seconds) => swing(seconds, member, written(sim), 0.2, 420),
  },
  {
    says: 'pg_stat_database_xact_commit',
    port: POSTGRES_PORT,
    value: (sim, member, seconds) =>
      swing(seconds, member, isWritable(member) ? written(sim) / 6_000 + 3 : 3, 0.3, 420),
  },
  {
    says: 'pg_stat_database_blks_hit',
    port: POSTGRES_PORT,
    value: (_sim, member, seconds) => Math.min(1, swing(seconds, member, 0.76, 0.02, 900) + 0.2),
  },
  {
    says: 'state="active"',
    port: POSTGRES_PORT,
    value: (_sim, member, seconds) => Math.round(swing(seconds, member, isWritable(member) ? 4 : 2, 0.5, 300)),
  },
  {
    says: 'state="idle"',
    port: POSTGRES_PORT,
    value: (_sim, member, seconds) => Math.round(swing(seconds, member, 9, 0.2, 700)),
  },
  {
    says: 'idle in transaction',
    port: POSTGRES_PORT,
    value: (_sim, member, seconds) => Math.round(swing(seconds, member, 1, 0.9, 500)),
  },
  {
    says: 'pg_stat_activity_count',
    port: POSTGRES_PORT,
    value: (_sim, member, seconds) => Math.round(swing(seconds, member, isWritable(member) ? 14 : 12, 0.2, 500)),
  },
  {
    says: 'node_cpu_seconds_total',
    port: NODE_PORT,
    value: (_sim, member, seconds) => Math.min(1, swing(seconds, member, isWritable(member) ? 0.34 : 0.12, 0.3, 240)),
  },
  {
    says: 'node_memory_MemAvailable_bytes',
    port: NODE_PORT,
    value: (_sim, member, seconds) => Math.min(1, swing(seconds, member, 0.6, 0.05, 600)),
  },
  {
    says: 'node_disk_read_bytes_total',
    port: NODE_PORT,
    value: (_sim, member, seconds) => swing(seconds, member, 220_000, 0.6, 400),
  },
  {
    says: 'node_disk_written_bytes_total',
    port: NODE_PORT,
    value: (sim, member, seconds) => swing(seconds, member, written(sim) * 2.4, 0.2, 420),
  },
  {
    says: 'node_network_receive_bytes_total',
    port: NODE_PORT,
    value: (sim, member, seconds) => swing(seconds, member, written(sim) * (isWritable(member) ? 0.4 : 1.1), 0.2, 420),
  },
  {
    says: 'node_network_transmit_bytes_total',
    port: NODE_PORT,
    value: (sim, member, seconds) => swing(seconds, member, written(sim) * (isWritable(member) ? 2 : 0.1), 0.2, 420),
  },
];

/** The names of the metrics that it has: those of Patroni and of Debian's exporters which the app asks for. */
export const SIMULATED_METRICS: readonly string[] = [
  'patroni_xlog_location',
  'patroni_xlog_received_location',
  'patroni_xlog_replayed_location',
  'pg_stat_activity_count',
  'pg_stat_database_blks_hit',
  'pg_stat_database_blks_read',
  'pg_stat_database_xact_commit',
  'pg_stat_database_xact_rollback',
  'node_cpu_seconds_total',
  'node_disk_read_bytes_total',
  'node_disk_written_bytes_total',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemTotal_bytes',
  'node_network_receive_bytes_total',
  'node_network_transmit_bytes_total',
  'up',
];

/** What a simulated Prometheus answers: a status, and the body. */
export interface PrometheusAnswer {
  readonly code: number;
  readonly body: unknown;
}

const answered = (data: unknown): PrometheusAnswer => ({ code: 200, body: { status: 'success', data } });

/** What lives at an address is collected from, whatever listens there. */
function targetOf(sim: Sim, address: string) {
  const lives = sim.members.some(({ ip, power }) => power && address.startsWith(`${ip}:`));
  return {
    labels: { instance: address },
    health: lives ? 'up' : 'down',
    lastError: lives ? '' : 'context deadline exceeded',
  };
}

const refused = (error: string): PrometheusAnswer => ({
  code: 400,
  body: { status: 'error', errorType: 'bad_data', error },
});

/**
 * Answers the HTTP API of Prometheus as far as the app asks it. What it has collected is made up by the time of day, the same whenever it
 * is asked; members without power have nothing.
 */
export function answerPrometheus(
  sim: Sim,
  path: string,
  query: URLSearchParams,
  targets: readonly string[] = [],
): PrometheusAnswer {
  if (path === '/api/v1/label/__name__/values')
    return { code: 200, body: { status: 'success', data: SIMULATED_METRICS } };
  if (path === '/api/v1/targets') return answered({ activeTargets: targets.map((address) => targetOf(sim, address)) });
  if (path === '/api/v1/rules') return answered({ groups: [{ rules: [{ name: 'PatroniDown' }] }] });
  if (path !== '/api/v1/query_range') return { code: 404, body: { status: 'error', error: 'not found' } };
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(query.get(name)));
  if (start === undefined || end === undefined || step === undefined || !(step > 0) || !(end >= start))
    return refused('invalid parameter');
  if ((end - start) / step > MOST_POINTS) return refused('exceeded maximum resolution of 11,000 points per timeseries');
  const times: number[] = [];
  for (let at = start; at <= Math.min(end, sim.now / 1000); at += step) times.push(at);
  const expression = query.get('query') ?? '';
  const known = KNOWN.find(({ says }) => expression.includes(says));
  const result = known === undefined ? [] : sim.members.flatMap((member) => seriesOf(sim, member, known, times));
  return { code: 200, body: { status: 'success', data: { resultType: 'matrix', result } } };
}

function seriesOf(
  sim: Sim,
  member: MemberState,
  { port, value }: KnownExpression,
  times: readonly number[],
): readonly Series[] {
  if (!member.power) return [];
  return [
    {
      metric: { instance: `${member.ip}:${port}` },
      values: times.map((at) => [at, value(sim, member, at).toFixed(6)] as const),
    },
  ];
}
