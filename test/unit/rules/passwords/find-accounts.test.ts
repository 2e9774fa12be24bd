import { describe, expect, it } from 'vitest';
import { findAccounts, type MemberConfig } from '../../../../shared/rules/passwords/find-accounts';

const authentication = {
  superuser: { username: 'postgres', password: 'a' },
  replication: { username: 'replicator', password: 'b' },
  rewind: { username: 'postgres', password: 'a' },
};
const config = (member: string, change: Partial<MemberConfig> = {}): MemberConfig => {
  const merged = { restapi: { authentication: { username: 'admin', password: 'c' } }, postgresql: { authentication } };
  return {
    member,
    server: `${member}-host`,
    merged,
    files: [{ path: '/etc/patroni/config.yml', config: merged }],
    variables: [],
    ...change,
  };
};
const none = { lists: [], poolerUser: 'pgbouncer', unread: [] };
const named = (name: string, configs: readonly MemberConfig[]) =>
  findAccounts(configs, ['postgres', 'replicator'], none).find(({ username }) => username === name);

describe('the accounts of a cluster', () => {
  it('are those of patroni.yml, each with every place, and the other roles that log in', () => {
    const accounts = findAccounts([config('n1'), config('n2')], ['app', 'pgbouncer', 'postgres', 'replicator'], none);
    expect(accounts.map(({ id, uses }) => [id, ...uses])).toEqual([
      ['role:postgres', 'superuser', 'rewind'],
      ['role:replicator', 'replication'],
      ['rest', 'rest'],
      ['role:app', 'application'],
      ['role:pgbouncer', 'pooler'],
    ]);
    expect(accounts[0]?.places).toEqual(
      ['n1', 'n2'].map((member) => ({
        server: `${member}-host`,
        member,
        path: '/etc/patroni/config.yml',
        keys: ['postgresql.authentication.superuser.password', 'postgresql.authentication.rewind.password'],
      })),
    );
  });

  it('include the password that patronictl of the same file uses', () => {
    const merged = {
      restapi: { authentication: { username: 'admin', password: 'c' } },
      ctl: { authentication: { username: 'admin', password: 'c' } },
    };
    const one = config('n1', { merged, files: [{ path: '/p.yml', config: merged }] });
    expect(named('admin', [one])?.places[0]?.keys).toEqual([
      'restapi.authentication.password',
      'ctl.authentication.password',
    ]);
  });

  it('that a variable of the service decides are refused, since it wins over the file', () => {
    const one = config('n2', { variables: ['PATRONI_REPLICATION_PASSWORD'] });
    expect(named('replicator', [config('n1'), one])?.refused).toContain('PATRONI_REPLICATION_PASSWORD');
    expect(named('postgres', [config('n1'), one])?.refused).toBeNull();
  });

  it.each([
    ['logs in without a password', { superuser: { username: 'boss' } }, 'logs in without a password'],
    ['has a passfile', { superuser: { username: 'boss', passfile: '/x' } }, 'passfile'],
  ])('whose Patroni %s are refused with the reason', (_what, own, words) => {
    const merged = { postgresql: { authentication: own } };
    expect(named('boss', [config('n1', { merged, files: [] })])?.refused).toContain(words);
  });

  it('of PgBouncer as MD5 are refused: from it PgBouncer cannot log in by SCRAM', () => {
    const list = { server: 'n1-host', path: '/etc/pgbouncer/userlist.txt', text: `"app" "md5${'0'.repeat(32)}"\n` };
    const accounts = findAccounts([config('n1')], ['app'], { lists: [list], poolerUser: null, unread: [] });
    expect(accounts.find(({ username }) => username === 'app')?.refused).toContain('MD5');
  });

  it.each([
    ['admin', null],
    ['postgres', /PgBouncer on lb1, which could not be read/],
    ['app', /PgBouncer on lb1, which could not be read/],
  ])(
    'of whom %s may stand in a list that could not be read are refused with its server, others are not',
    (name, why) => {
      const accounts = findAccounts([config('n1')], ['app'], { ...none, unread: ['lb1'] });
      const refused = accounts.find(({ username }) => username === name)?.refused;
      expect(accounts.map(({ username }) => username)).toEqual(['postgres', 'replicator', 'admin', 'app']);
      if (why === null) expect(refused).toBeNull();
      else expect(refused).toMatch(why);
    },
  );
});
