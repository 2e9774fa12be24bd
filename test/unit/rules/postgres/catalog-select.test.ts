import { describe, expect, it } from 'vitest';
import { activityQuestions } from '../../../../shared/rules/postgres/activity-questions';
import { catalogSelect, sqlForVersion, type CatalogQuestion } from '../../../../shared/rules/postgres/catalog-select';
import { replicationQuestions } from '../../../../shared/rules/postgres/replication-questions';
import {
  statementsQuestion,
  storageQuestions,
  tablesQuestions,
} from '../../../../shared/rules/postgres/storage-questions';

const VERSIONS = [13, 14, 15, 16, 17, 18];
const questions: readonly (readonly [string, CatalogQuestion])[] = Object.entries({
  ...replicationQuestions,
  ...activityQuestions,
  ...storageQuestions,
  ...tablesQuestions,
});

describe('what differs between versions of PostgreSQL', () => {
  it.each([
    ['the same in all', 'a', 13, 'a'],
    ['nothing before it is there', { 14: 'b' }, 13, null],
    ['from its version on', { 14: 'b' }, 14, 'b'],
    ['still in later ones', { 14: 'b' }, 18, 'b'],
    ['the newest that holds', { 13: 'a', 17: 'c' }, 18, 'c'],
    ['the older before it changed', { 13: 'a', 17: 'c' }, 16, 'a'],
  ] as const)('is %s', (_what, sql, major, expected) => {
    expect(sqlForVersion(sql, major)).toBe(expected);
  });

  it.each(questions)('never changes which columns %s answers with', (_name, question) => {
    const aliases = (major: number) => catalogSelect(question, major).match(/ AS "\w+"/g);
    for (const major of VERSIONS) expect(aliases(major)).toEqual(aliases(18));
  });

  it.each([
    ['slots', 16, 'inactive_since', false],
    ['slots', 17, 'inactive_since', true],
    ['slots', 16, 'conflicting', true],
    ['slots', 17, 'conflicting', false],
    ['slots', 15, 'conflicting', false],
    ['sessions', 13, 'query_id', false],
    ['sessions', 14, 'query_id', true],
    ['sessions', 13, 'waitstart', false],
    ['upkeep', 16, 'pg_stat_checkpointer', false],
    ['upkeep', 17, 'pg_stat_checkpointer', true],
    ['upkeep', 17, 'checkpoints_timed', false],
    ['received', 13, 'flushed_lsn', true],
  ] as const)('%s of version %d asks for %s: %s', (name, major, column, expected) => {
    const question = new Map(questions).get(name);
    expect(question === undefined ? '' : catalogSelect(question, major).includes(column)).toBe(expected);
  });

  it('follows the version of pg_stat_statements itself, which pg_upgrade leaves behind', () => {
    expect(catalogSelect(statementsQuestion('public'), 6)).toMatch(/s\.total_time .*ORDER BY s\.total_time/);
    expect(catalogSelect(statementsQuestion('public'), 11)).toMatch(/s\.total_exec_time .*ORDER BY s\.total_exec_time/);
  });
});
