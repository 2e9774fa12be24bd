import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { Lane } from '../../../../shared/model/deploy/deploy-views';
import { leavingSchema } from '../../../../shared/model/deploy/day2';
import { clusterSpecSchema, type ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { MeasuredStep } from '../../../../shared/rules/deploy/review/estimate';
import { endIncompleteLine, openAppendLog, readLines, type AppendLog } from '../../jobs/append-log';
import { isErrorData, lanesOf, measuredSteps, type PlannedRecord } from './journal-lanes';

/** What a run's journal says first. It holds the spec, and no secret. */
const headSchema = z.object({
  type: z.literal('run'),
  version: z.literal(2),
  id: z.string(),
  kind: z.enum([
    'apply',
    'undo',
    'add_replica',
    'remove_member',
    'etcd_member',
    'convert',
    'monitoring',
    'rotate_certificates',
    'bundle',
    'adopt',
  ]),
  scope: z.string(),
  title: z.string(),
  startedAt: z.number(),
  spec: clusterSpecSchema,
  leaving: z.array(leavingSchema).optional(),
});
/** The first record of a run's journal: what it is, and the spec it works by, which names the cluster. */
export type RunRecord = z.infer<typeof headSchema>;

const endSchema = z.object({
  type: z.literal('end'),
  at: z.number(),
  status: z.enum(['done', 'failed', 'stopped']),
  error: z.unknown(),
});
const stepSchema = z.object({ type: z.literal('step'), at: z.number(), id: z.string(), status: z.string() });

/** A run as its journal tells it. Without an end it was interrupted. */
export interface RunHistory {
  readonly head: RunRecord;
  readonly status: 'done' | 'failed' | 'stopped' | 'interrupted';
  readonly endedAt: number | null;
  readonly error: AppErrorData | null;
  readonly steps: ReadonlyMap<string, string>;
  /** The lanes of the last attempt, without their log; none where the journal is of an older version or ended before its first step. */
  readonly lanes: readonly Lane[];
  readonly estimateMs: number;
  /** How long its steps took, the newest first. */
  readonly measured: readonly MeasuredStep[];
}

/** The journals of all runs: one file of JSON lines each, append-only, flushed before and after each step. */
export interface RunFiles {
  create(record: Omit<RunRecord, 'type' | 'version'>): RunJournal;
  open(runId: string): RunJournal;
  read(runId: string): RunHistory | null;
  list(): readonly RunHistory[];
  /** Deletes the journal of a run. */
  remove(runId: string): void;
}

/** Writes one run's journal. */
export interface RunJournal {
  /** The steps that were found, before the first of them. */
  plan(record: Omit<PlannedRecord, 'type'>): void;
  step(id: string, status: string, at: number, error?: AppErrorData): void;
  note(text: string, at: number): void;
  end(status: 'done' | 'failed' | 'stopped', at: number, error: AppErrorData | null): void;
  close(): void;
}

/** Opens the directory of the journals, 0700. */
export function openRunFiles(directory: string): RunFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pathOf = (runId: string): string => join(directory, `${runId.replaceAll(/[^A-Za-z0-9-]/g, '')}.jsonl`);
  return {
    create(record) {
      const log = openAppendLog(pathOf(record.id));
      log.append({ type: 'run', version: 2, ...record }, true);
      return journal(log);
    },
    open(runId) {
      endIncompleteLine(pathOf(runId));
      return journal(openAppendLog(pathOf(runId)));
    },
    read: (runId) => readHistory(pathOf(runId)),
    list: () =>
      readdirSync(directory)
        .filter((name) => name.endsWith('.jsonl'))
        .flatMap((name) => readHistory(join(directory, name)) ?? []),
    remove: (runId) => rmSync(pathOf(runId), { force: true }),
  };
}

function journal(log: AppendLog): RunJournal {
  return {
    plan: (record) => {
      log.append({ type: 'plan', ...record }, true);
    },
    step: (id, status, at, error) => {
      log.append({ type: 'step', at, id, status, ...(error === undefined ? {} : { error }) }, true);
    },
    note: (text, at) => {
      log.append({ type: 'note', at, text }, false);
    },
    end: (status, at, error) => {
      log.append({ type: 'end', at, status, error }, true);
    },
    close: () => {
      log.close();
    },
  };
}

function readHistory(path: string): RunHistory | null {
  const records = readLines(path);
  const head = headSchema.safeParse(records[0]);
  if (!head.success) return null;
  const steps = new Map<string, string>();
  let end: z.infer<typeof endSchema> | null = null;
  for (const record of records.slice(1)) {
    const step = stepSchema.safeParse(record);
    if (step.success) {
      steps.set(step.data.id, step.data.status);
      end = null;
    }
    const ended = endSchema.safeParse(record);
    if (ended.success) end = ended.data;
  }
  return {
    head: head.data,
    status: end?.status ?? 'interrupted',
    endedAt: end?.at ?? null,
    error: isErrorData(end?.error) ? end.error : null,
    steps,
    ...lanesOf(records, end !== null),
    measured: measuredSteps(records),
  };
}

/** The spec a run was made for. */
export function specOf(history: RunHistory): ClusterSpec {
  return history.head.spec;
}
