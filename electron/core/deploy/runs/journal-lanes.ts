import { z } from 'zod';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { Lane, LaneStep, LaneStepStatus, ResourceKind } from '../../../../shared/model/deploy/deploy-views';
import { typicalTimes, type MeasuredStep } from '../../../../shared/rules/deploy/review/estimate';

const kind = z.custom<ResourceKind>((value) => typeof value === 'string' && Object.hasOwn(typicalTimes, value));

/** What a run's journal says once its steps are known; a resumed run says it again. */
const plannedSchema = z.object({
  type: z.literal('plan'),
  at: z.number(),
  estimateMs: z.number(),
  servers: z.array(z.string()),
  steps: z.array(z.object({ id: z.string(), server: z.string(), kind, label: z.string(), unchanged: z.boolean() })),
});
/** The record of a plan: its steps, and how long it is thought to take, in ms. */
export type PlannedRecord = z.infer<typeof plannedSchema>;

const statuses = [
  'todo',
  'running',
  'done',
  'unchanged',
  'failed',
  'skipped',
] as const satisfies readonly LaneStepStatus[];
const stepSchema = z.object({
  type: z.literal('step'),
  at: z.number(),
  id: z.string(),
  status: z.enum(statuses),
  error: z.unknown().optional(),
});
type StepRecord = z.infer<typeof stepSchema>;

/** The lanes of a run as its journal tells them: those of its last attempt. `ended` says whether the run came to an end. */
export function lanesOf(
  records: readonly unknown[],
  ended: boolean,
): { readonly lanes: readonly Lane[]; readonly estimateMs: number } {
  const start = records.findLastIndex((record) => plannedSchema.safeParse(record).success);
  const planned = plannedSchema.safeParse(records[start]);
  if (!planned.success) return { lanes: [], estimateMs: 0 };
  const { servers, steps, estimateMs } = planned.data;
  const all = new Map(steps.map((step) => [step.id, { server: step.server, step: firstState(step) }]));
  for (const record of stepRecords(records.slice(start + 1))) {
    const entry = all.get(record.id);
    if (entry !== undefined) entry.step = after(entry.step, record);
  }
  const close = (step: LaneStep): LaneStep =>
    ended || step.status !== 'running'
      ? step
      : { ...step, status: 'todo', detail: 'It was under way when the app ended.' };
  const lanes = servers.map((server) => ({
    server,
    log: [],
    steps: [...all.values()].filter((entry) => entry.server === server).map((entry) => close(entry.step)),
  }));
  return { lanes, estimateMs };
}

/** How long each step took that was begun and done in one of these records, the newest first. */
export function measuredSteps(records: readonly unknown[]): readonly MeasuredStep[] {
  const { lanes } = lanesOf(records, true);
  const timed = lanes
    .flatMap((lane) => lane.steps)
    .flatMap(({ kind: what, status, startedAt, endedAt }) =>
      status === 'done' && startedAt !== null && endedAt !== null
        ? [{ kind: what, ms: endedAt - startedAt, endedAt }]
        : [],
    );
  return timed.sort((a, b) => b.endedAt - a.endedAt).map(({ kind: what, ms }) => ({ kind: what, ms }));
}

function stepRecords(records: readonly unknown[]): StepRecord[] {
  return records.flatMap((record) => {
    const read = stepSchema.safeParse(record);
    return read.success ? [read.data] : [];
  });
}

function firstState(step: PlannedRecord['steps'][number]): LaneStep {
  return {
    id: step.id,
    kind: step.kind,
    label: step.label,
    status: step.unchanged ? 'unchanged' : 'todo',
    startedAt: null,
    endedAt: null,
    detail: null,
    error: null,
  };
}

function after(step: LaneStep, { at, status, error }: StepRecord): LaneStep {
  const begins = status === 'running';
  return {
    ...step,
    status,
    startedAt: begins ? at : step.startedAt,
    endedAt: begins || status === 'todo' ? null : at,
    error: isErrorData(error) ? error : null,
  };
}

/** Whether a record's error is one of the app's. */
export function isErrorData(value: unknown): value is AppErrorData {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
