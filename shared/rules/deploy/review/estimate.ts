import type { Lane, LaneStep, ResourceKind } from '../../../model/deploy/deploy-views';

/** How long a step of each kind takes, ms. */
export type StepTimes = Readonly<Record<ResourceKind, number>>;

/** Medians of set-ups on small virtual servers with Debian; what counts where nothing was measured here yet. */
export const typicalTimes: StepTimes = {
  manifest: 60,
  packages: 24_000,
  archive: 6_000,
  virtualenv: 25_000,
  directory: 20,
  file: 30,
  certificate: 60,
  watchdog: 1_000,
  unit: 700,
  quorum: 2_000,
  dcs_contact: 8_000,
  etcd_member: 4_000,
  leader: 6_000,
  replica: 6_000,
  sql: 700,
  dynamic_config: 400,
  verify: 1_500,
  targets: 15_000,
  validate: 1_000,
  adopt: 5_000,
  undo: 8_000,
};

/** One step that was carried out, and how long it took, ms. */
export interface MeasuredStep {
  readonly kind: ResourceKind;
  readonly ms: number;
}

/** Newest measurements of a kind that count. */
const mostSamples = 15;

/** Times by kind: the median of what was measured, and what is typical elsewhere. `measured` has the newest first. */
export function measuredTimes(measured: readonly MeasuredStep[]): StepTimes {
  const samples = new Map<ResourceKind, number[]>();
  for (const { kind, ms } of measured) {
    const known = samples.get(kind) ?? [];
    if (known.length < mostSamples) samples.set(kind, [...known, ms]);
  }
  return { ...typicalTimes, ...Object.fromEntries([...samples].map(([kind, values]) => [kind, median(values)])) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** A step as the estimate sees it. `todo` is false where it is so already. */
export interface EstimatedStep {
  readonly id: string;
  readonly server: string;
  readonly kind: ResourceKind;
  readonly dependsOn: readonly string[];
  readonly todo: boolean;
}

/** Looking at the servers before the first step, ms. */
const lookMs = 500;

/** Whether a step of the kind keeps its server busy. The others wait for services and hold up nothing else there. */
const occupiesServer: Readonly<Record<ResourceKind, boolean>> = {
  manifest: true,
  packages: true,
  archive: true,
  virtualenv: true,
  directory: true,
  file: true,
  certificate: true,
  watchdog: true,
  unit: true,
  validate: true,
  undo: true,
  quorum: false,
  dcs_contact: false,
  etcd_member: false,
  leader: false,
  replica: false,
  sql: false,
  dynamic_config: false,
  verify: false,
  targets: false,
  adopt: false,
};

/**
 * About how long these steps take together, ms; 0 when nothing is to be done. Servers work side by side: either the
 * longest chain of steps that need each other counts, or the server that has most to do. `steps` stand in the plan's order.
 */
export function estimateMs(steps: readonly EstimatedStep[], times: StepTimes): number {
  const ends = new Map<string, number>();
  const lanes = new Map<string, number>();
  for (const step of steps) {
    const ms = step.todo ? times[step.kind] : 0;
    ends.set(step.id, ms + Math.max(0, ...step.dependsOn.map((id) => ends.get(id) ?? 0)));
    if (occupiesServer[step.kind]) lanes.set(step.server, (lanes.get(step.server) ?? 0) + ms);
  }
  const longest = Math.max(0, ...ends.values(), ...lanes.values());
  return longest === 0 ? 0 : lookMs + Math.round(longest);
}

/** How much slower than expected a run may be taken to be, and how much faster. */
const PACE = { least: 0.5, most: 20 } as const;

/** A step's share of the time by what is typical, before it began, as far as it went, and how long it took, ms. */
interface Progress {
  readonly expected: number;
  readonly left: number;
  readonly took: number;
}

function progressOf({ kind, status, startedAt, endedAt }: LaneStep, now: number): Progress {
  const typical = typicalTimes[kind];
  if (status === 'unchanged' || status === 'skipped') return { expected: 0, left: 0, took: 0 };
  if (startedAt === null) return { expected: typical, left: status === 'todo' ? typical : 0, took: 0 };
  const took = Math.max(0, (endedAt ?? now) - startedAt);
  return { expected: typical, left: status === 'running' ? Math.max(0, typical - took) : 0, took };
}

const sumOf = (progress: readonly Progress[], field: keyof Progress): number =>
  progress.reduce((sum, each) => sum + each[field], 0);

/** How many times as long as is typical the steps took so far; 1 before anything can be said. */
function paceOf(progress: readonly Progress[]): number {
  const begun = progress.filter(({ took }) => took > 0);
  const expected = begun.reduce((sum, { expected: typical, left }) => sum + typical - left, 0);
  return expected === 0 ? 1 : Math.min(PACE.most, Math.max(PACE.least, sumOf(begun, 'took') / expected));
}

/**
 * About how long a run takes together, ms, by what was seen of it so far: what is left of the estimate goes on at the pace of the
 * steps that are over. The lane with most to do counts. 0 where nothing is known.
 */
export function expectedMs(
  run: { readonly lanes: readonly Lane[]; readonly startedAt: number },
  estimate: number,
  now: number,
): number {
  const elapsed = Math.max(0, now - run.startedAt);
  const lanes = run.lanes.map(({ steps }) => steps.map((step) => progressOf(step, now)));
  const whole = Math.max(0, ...lanes.map((lane) => sumOf(lane, 'expected')));
  if (estimate <= 0 || whole === 0) return estimate <= 0 ? 0 : Math.max(estimate, elapsed);
  const left = Math.max(0, ...lanes.map((lane) => sumOf(lane, 'left')));
  return Math.round(elapsed + (estimate * left * paceOf(lanes.flat())) / whole);
}
