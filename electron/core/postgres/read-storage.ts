import { z } from 'zod';
import type {
  CheckpointReading,
  StatementReading,
  StorageView,
  TableReading,
} from '../../../shared/model/postgres/storage';
import { maskStatement } from '../../../shared/rules/postgres/mask-statement';
import { rowsOfAnswer, type SqlAnswer } from './sql-session';

const text = z.string().nullable();
const number = z.number().nullable();

const databaseRow = z.object({
  name: z.string(),
  open: z.boolean(),
  size: number,
  connections: z.number(),
  xidAge: z.number(),
  multixactAge: z.number(),
  commits: z.number(),
  rollbacks: z.number(),
  deadlocks: z.number(),
  cacheHits: number,
  temporaryBytes: z.number(),
});
const upkeepRow = z.object({
  freezeAge: z.number(),
  startedAt: z.number(),
  timed: number,
  requested: number,
  writeMs: number,
  syncMs: number,
  buffers: number,
  cleaned: number,
  byBackends: number,
  since: number,
  timeoutSeconds: number,
  maxWalSize: number,
});
const tableRow = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  total: z.number(),
  heap: z.number(),
  indexes: z.number(),
  rows: number,
  deadRows: number,
  xidAge: number,
  lastVacuum: number,
  lastAnalyze: number,
});
const statementRow = z.object({
  id: text,
  user: text,
  database: text,
  query: z.string(),
  queryLength: z.number(),
  calls: z.number(),
  totalMs: z.number(),
  meanMs: z.number(),
  rows: z.number(),
  cacheHits: number,
  walBytes: number,
});
const extensionRow = z.object({
  version: text,
  schema: text,
  loaded: z.boolean().nullable(),
  available: z.boolean(),
});
/** Whether pg_stat_statements is there, and where. */
export type ExtensionRow = z.infer<typeof extensionRow>;

type Answers = ReadonlyMap<string, SqlAnswer>;

/** Reads the answers to `storageQuestions`. Throws `postgres.refused` and `postgres.not_answered`. */
export function readStorage(answers: Answers, target: string): Omit<StorageView, 'member' | 'source'> {
  const databases = rowsOfAnswer(answers.get('databases'), databaseRow, target);
  const [upkeep] = rowsOfAnswer(answers.get('upkeep'), upkeepRow, target);
  if (upkeep === undefined) return { databases, freezeAge: 0, startedAt: 0, checkpoints: null };
  const { freezeAge, startedAt, ...rest } = upkeep;
  return { databases, freezeAge, startedAt, checkpoints: checkpointsOf(rest) };
}

function checkpointsOf(row: Omit<z.infer<typeof upkeepRow>, 'freezeAge' | 'startedAt'>): CheckpointReading {
  const { timed, requested, writeMs, syncMs, buffers, cleaned, ...rest } = row;
  const [counted, asked, written, synced] = [timed ?? 0, requested ?? 0, writeMs ?? 0, syncMs ?? 0];
  return {
    timed: counted,
    requested: asked,
    writeMs: written,
    syncMs: synced,
    buffers: buffers ?? 0,
    cleaned: cleaned ?? 0,
    ...rest,
  };
}

/** Reads the answers to `tablesQuestions`. */
export function readTables(answers: Answers, target: string): readonly TableReading[] {
  return rowsOfAnswer(answers.get('tables'), tableRow, target);
}

/** Reads the answer to `extensionQuestions`. */
export function readExtension(answers: Answers, target: string): ExtensionRow {
  const [row] = rowsOfAnswer(answers.get('extension'), extensionRow, target);
  return row ?? { version: null, schema: null, loaded: null, available: false };
}

/** Reads the answer to `statementsQuestion`. */
export function readStatements(answers: Answers, target: string): readonly StatementReading[] {
  return rowsOfAnswer(answers.get('statements'), statementRow, target).map(({ id, ...row }) => ({
    id: id ?? '',
    ...row,
    query: maskStatement(row.query),
  }));
}
