import { z } from 'zod';
import { appError } from '../../../shared/model/app-error';
import type { OldestDatabase } from '../../../shared/rules/vitals/vitals-figures';
import { rowsOfAnswer, type SqlAnswer } from './sql-session';

const ageRow = z.object({ name: z.string(), age: z.number() });

/** Reads the answers to `ageQuestions`. Throws `postgres.refused` and `postgres.not_answered`. */
export function readOldestDatabase(answers: ReadonlyMap<string, SqlAnswer>, target: string): OldestDatabase {
  const [row] = rowsOfAnswer(answers.get('ages'), ageRow, target);
  if (row === undefined)
    throw appError('postgres.not_answered', `PostgreSQL of ${target} named no database.`, { target, retryable: true });
  return row;
}
