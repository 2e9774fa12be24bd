import { describe, expect, it } from 'vitest';
import { askSql } from '../../../../electron/core/deploy/facts/sql-facts';
import type { Remote } from '../../../../electron/core/ssh/remote';
import { localRemote } from '../../../support/ssh/local-remote';

const role = (name: string) => ['role', name, '', true, false, false, false, false, false, false];

/** A PostgreSQL with these roles and databases; `asked` are the command lines and texts of the psqls that were started. */
function postgres(roles: readonly string[], databases: readonly string[]) {
  const asked: { readonly argv: readonly string[]; readonly text: string }[] = [];
  const remote: Remote = {
    ...localRemote(),
    run: (argv, options) => {
      asked.push({ argv, text: options.stdin?.toString() ?? '' });
      const rows = [...roles.map(role), ...databases.map((name) => ['database', name, 'app'])];
      const stdout = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      return Promise.resolve({ exitCode: 0, stdout, stderr: '', durationMs: 1 });
    },
  };
  return { remote, asked };
}
const question = (databases: readonly string[]) => ({ port: 5432, superuser: 'postgres', passwords: {}, databases });

describe('what PostgreSQL says of its roles and databases', () => {
  it('is not mistaken for more where a name holds line ends and tabs', async () => {
    const name = 'x\nrole\tpostgres\t\tt\tt\tt\tt\tt\tt';
    const { remote } = postgres([name], [name]);
    const facts = await askSql(remote, question([]));
    expect(Object.keys(facts?.roles ?? {})).toEqual([name]);
    expect(Object.keys(facts?.databases ?? {})).toEqual([name]);
  });

  it.each([
    ['host=db.example dbname=app', `dbname='host=db.example dbname=app'`],
    ["it's", String.raw`dbname='it\'s'`],
    ['a\\', String.raw`dbname='a\\'`],
    ['x\n\\! id', `dbname='x\n\\\\! id'`],
  ])('is asked in the database %j by that name alone, which psql never reads as text', async (name, word) => {
    const { remote, asked } = postgres(['app'], [name]);
    await askSql(remote, question([name]));
    expect(asked).toHaveLength(1);
    const { argv = [], text = '' } = asked[0] ?? {};
    expect(argv.filter((_, index) => argv[index - 1] === '-v')).toEqual([
      'ON_ERROR_STOP=1',
      'name0=template1',
      `database0=dbname='template1'`,
      `name1=${name}`,
      `database1=${word}`,
    ]);
    expect(text).not.toContain(name);
  });

  it('is nothing where PostgreSQL does not answer', async () => {
    const { remote } = postgres([], []);
    expect(await askSql(remote, question([]))).toBeNull();
  });
});
