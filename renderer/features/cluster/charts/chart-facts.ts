import type { Metric } from '../../../../shared/model/statistics/metrics';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { formatBytes } from '../../../ui/wording/format';

/**
 * How figures of a kind are written and drawn. `most`: the top of the scale where it is always the same; `least`: the lowest top, so that
 * a line of nothing does not look like a mountain. `steps`: what may lie between two marks of the scale.
 */
interface FigureKind {
  readonly write: (value: number) => string;
  readonly most: number | null;
  readonly least: number;
  readonly steps: readonly number[] | null;
}

const powersOfTwo = Array.from({ length: 50 }, (_, power) => 2 ** power);
const wholes = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

const bytes: FigureKind = {
  write: (value) => formatBytes(Math.round(value)),
  most: null,
  least: 1024,
  steps: powersOfTwo,
};
const bytesPerSecond: FigureKind = {
  write: (value) => `${formatBytes(Math.round(value))}/s`,
  most: null,
  least: 1024,
  steps: powersOfTwo,
};
const seconds: FigureKind = { write: (value) => spanInWords(value * 1000), most: null, least: 1, steps: null };
const count: FigureKind = { write: (value) => String(Math.round(value)), most: null, least: 4, steps: wholes };
const perSecond: FigureKind = {
  write: (value) => `${Number(value.toFixed(value < 10 ? 1 : 0))}/s`,
  most: null,
  least: 10,
  steps: null,
};
const part: FigureKind = {
  write: (value) => `${(value * 100).toFixed(value > 0.995 && value < 1 ? 2 : 0)} %`,
  most: 1,
  least: 1,
  steps: null,
};

/** One chart: its metric, what it is called, what it means, and how its figures are written. */
export interface ChartFact {
  readonly metric: Metric;
  readonly title: string;
  readonly meaning: string;
  readonly kind: FigureKind;
}

/** Charts that belong together. */
export interface ChartGroup {
  readonly title: string;
  readonly charts: readonly ChartFact[];
}

/** All charts, in the order of the page. */
export const chartGroups: readonly ChartGroup[] = [
  {
    title: 'Replication',
    charts: [
      {
        metric: 'lag_bytes',
        title: 'Lag in bytes',
        meaning: 'WAL that a replica has not replayed yet, as its sender says.',
        kind: bytes,
      },
      {
        metric: 'lag_seconds',
        title: 'Lag in time',
        meaning: 'How long a replica takes to replay what its sender has written.',
        kind: seconds,
      },
      {
        metric: 'wal_rate',
        title: 'WAL',
        meaning: 'What the leader writes, and what each replica receives.',
        kind: bytesPerSecond,
      },
    ],
  },
  {
    title: 'Work',
    charts: [
      {
        metric: 'transactions',
        title: 'Transactions',
        meaning: 'Committed and rolled back, of all databases.',
        kind: perSecond,
      },
      { metric: 'connections', title: 'Connections', meaning: 'Sessions of clients.', kind: count },
      {
        metric: 'connections_active',
        title: 'Active sessions',
        meaning: 'Sessions that run a statement.',
        kind: count,
      },
      {
        metric: 'connections_idle_in_transaction',
        title: 'Idle in transaction',
        meaning: 'Sessions with an open transaction that do nothing. They hold locks and keep old rows.',
        kind: count,
      },
      {
        metric: 'connections_waiting',
        title: 'Waiting for a lock',
        meaning: 'Sessions that another session keeps waiting.',
        kind: count,
      },
      {
        metric: 'cache_hits',
        title: 'Cache hits',
        meaning: 'Of the blocks that were read, the part that PostgreSQL had in its own memory.',
        kind: part,
      },
    ],
  },
  {
    title: 'Servers',
    charts: [
      { metric: 'cpu', title: 'Processor', meaning: 'The part of all processors that worked.', kind: part },
      {
        metric: 'memory',
        title: 'Memory',
        meaning: 'The part of memory that could not be had without paging.',
        kind: part,
      },
      {
        metric: 'disk_used',
        title: 'Disk space',
        meaning: 'The part in use of the file system of the data directory.',
        kind: part,
      },
      {
        metric: 'disk_read',
        title: 'Read from disks',
        meaning: 'By all programs of the server.',
        kind: bytesPerSecond,
      },
      { metric: 'disk_written', title: 'Written to disks', meaning: 'By all programs.', kind: bytesPerSecond },
      { metric: 'network_in', title: 'Received', meaning: 'By all network interfaces.', kind: bytesPerSecond },
      { metric: 'network_out', title: 'Sent', meaning: 'By all network interfaces.', kind: bytesPerSecond },
    ],
  },
];
