import type { AppErrorData } from '../app-error';
import type { Metric } from './metrics';

/** Whether a member's server is asked now, and how that goes. */
export type SamplerStatus =
  | { readonly kind: 'off' }
  | { readonly kind: 'connecting' }
  /** Figures come. `postgres`: whether PostgreSQL answers too. */
  | { readonly kind: 'live'; readonly postgres: boolean }
  | { readonly kind: 'lost'; readonly error: AppErrorData };

/** One member of the charts. */
export interface ChartMember {
  readonly name: string;
  readonly status: SamplerStatus;
  /** The newest figure of each metric and when it was taken, ms since the epoch. */
  readonly latest: Readonly<Partial<Record<Metric, { readonly at: number; readonly value: number }>>>;
}

/** One metric of one member over time: a value for each place of `times`, null where nothing is known. */
export interface ChartLine {
  readonly member: string;
  readonly metric: Metric;
  readonly values: readonly (number | null)[];
}

/** The figures of a cluster over a time. */
export interface ChartsView {
  /** Seconds since the epoch, ascending, evenly apart. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly members: readonly ChartMember[];
  /** The oldest figure that is kept, ms since the epoch; null where there is none. */
  readonly since: number | null;
  /** Whether figures are collected also while nobody looks. */
  readonly kept: boolean;
  /** Why they cannot be kept on the disk now; null where they are. */
  readonly problem: AppErrorData | null;
}

/** What the stream of a cluster's charts carries: new figures are there, or a server's status changed. */
export interface ChartsTick {
  readonly at: number;
}
