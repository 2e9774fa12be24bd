import { describe, expect, it } from 'vitest';
import { concludeAssessment, readAssessment, readChecks } from '../../../../shared/rules/upgrade/read-assessment';

const packed = (text: string): string => Buffer.from(text).toString('base64');
const unpack = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
const read = (lines: readonly string[], set: readonly string[] = []) =>
  readAssessment([...lines, 'finished', ''].join('\n'), set, unpack);

const CLEAN = [
  'Performing Consistency Checks',
  '-----------------------------',
  'Checking cluster versions                                     ok',
  'Checking for prepared transactions                            ok',
  '',
  '*Clusters are compatible*',
].join('\n');
const REFUSED = [
  'Checking cluster versions                                     ok',
  'Checking for reg* data types in user tables                   fatal',
  '',
  'Your installation contains one of the reg* data types in user tables.',
  'Failure, exiting',
].join('\n');

describe('what the work of an assessment printed', () => {
  it('is the checks of pg_upgrade with how each came out, and no other line of it', () => {
    expect(readChecks(CLEAN)).toEqual([
      { name: 'Checking cluster versions', result: 'ok' },
      { name: 'Checking for prepared transactions', result: 'ok' },
    ]);
    expect(readChecks(REFUSED).at(-1)).toEqual({
      name: 'Checking for reg* data types in user tables',
      result: 'fatal',
    });
  });

  it('is the checks of data types by their own names, as pg_upgrade tells them since 17', () => {
    const said = 'Checking data type usage      failed check: Checking for reg* data types in user tables\n';
    expect(readChecks(said)).toEqual([{ name: 'Checking for reg* data types in user tables', result: 'failed' }]);
  });

  it('is the files that pg_upgrade wrote, and says of each whether it is whole', () => {
    const { files } = read([`file tables_using_reg.txt 5 ${packed('a\nb\n')}`, `file b.txt 4 ${packed('a\nb\n')}`]);
    expect(files).toEqual([
      { name: 'tables_using_reg.txt', text: 'a\nb\n', whole: false },
      { name: 'b.txt', text: 'a\nb\n', whole: true },
    ]);
  });

  it('names extensions that are missing with the package of the present one, and those of another version', () => {
    const database = { name: 'app', bytes: 1, relations: 1, largeObjects: 0 };
    const found = read([
      `database ${JSON.stringify({ ...database, extensions: [{ name: 'hstore', version: '1.7' }] })}`,
      'missing pg_cron postgresql-15-cron',
      'missing own -',
      'offers hstore 1.8',
    ]);
    expect(found.missingExtensions).toEqual([
      { name: 'pg_cron', package: 'postgresql-15-cron' },
      { name: 'own', package: null },
    ]);
    expect(found.otherExtensions).toEqual([{ name: 'hstore', now: '1.7', then: '1.8' }]);
  });

  it('names parameters that the new version does not know, those whose value it refuses, and other defaults of those that are not set', () => {
    const row = (name: string, value: string, context = 'user'): string => `${name}\t${context}\tINTEGER\t${value}`;
    const found = read(
      [
        'unknown vacuum_defer_cleanup_age',
        `value ${packed('invalid value for parameter "password_encryption": "on"')}`,
        `oldDefaults ${packed([row('a', '1'), row('set', '1'), row('c', '1', 'internal'), row('same', '3')].join('\n'))}`,
        `newDefaults ${packed([row('a', '2'), row('set', '2'), row('c', '2', 'internal'), row('same', '3')].join('\n'))}`,
      ],
      ['set'],
    );
    expect(found.unknownParameters).toEqual(['vacuum_defer_cleanup_age']);
    expect(found.refusedParameters.map(({ name }) => name)).toEqual(['password_encryption']);
    expect(found.changedDefaults).toEqual([{ name: 'a', before: '1', after: '2' }]);
  });
});

describe('how an assessment came out', () => {
  const about = { member: 'db2', target: 17, why: null };

  it('is clean where pg_upgrade ended with 0, and still names what the new version lacks', () => {
    const lines = ['pgUpgrade 0', 'targetVersion 17.6', `said ${packed(CLEAN)}`, 'copyBytes 1048576', 'copyMs 1000'];
    expect(concludeAssessment(read(lines), about)).toEqual({
      verdict: 'clean',
      sentence: 'pg_upgrade has nothing against upgrading db2 (1 MB in 1 s) to PostgreSQL 17.6.',
    });
    expect(concludeAssessment(read([...lines, 'unknown old_one']), about).sentence).toMatch(
      /does not know the parameter old_one/,
    );
  });

  it('is refused with the check that pg_upgrade stopped at', () => {
    expect(concludeAssessment(read(['pgUpgrade 1', `said ${packed(REFUSED)}`]), about)).toEqual({
      verdict: 'refused',
      sentence:
        'pg_upgrade would not upgrade db2 to PostgreSQL 17: it stopped at "Checking for reg* data types in user tables".',
    });
  });

  it('is refused with the words of pg_upgrade where it named no check', () => {
    const said =
      'Checking cluster versions    ok\n\nCannot upgrade from this version when\nusing tablespaces.\nFailure, exiting\n';
    expect(concludeAssessment(read(['pgUpgrade 1', `said ${packed(said)}`]), about)).toEqual({
      verdict: 'refused',
      sentence:
        'pg_upgrade would not upgrade db2 to PostgreSQL 17: Cannot upgrade from this version when using tablespaces.',
    });
  });

  it('is failed, and never clean, where pg_upgrade was not asked or checked nothing', () => {
    expect(concludeAssessment(read([]), about).verdict).toBe('failed');
    const { verdict, sentence } = concludeAssessment(read(['pgUpgrade 1', `said ${packed('no space left\n')}`]), about);
    expect([verdict, sentence]).toEqual(['failed', 'pg_upgrade could not check the copy of db2: no space left']);
  });
});
