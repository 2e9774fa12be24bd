import { describe, expect, it } from 'vitest';
import type { PasswordAccount, PasswordUse } from '../../../../shared/model/passwords/password-account';
import {
  finishConsequences,
  passwordCommands,
  passwordConsequences,
  passwordOrder,
  secondRoleSql,
  whyNotPassword,
} from '../../../../shared/rules/passwords/password-guide';

const account = (username: string, use: PasswordUse, where: 'file' | 'list' | 'none'): PasswordAccount => ({
  id: use === 'rest' ? 'rest' : `role:${username}`,
  uses: [use],
  username,
  places:
    where === 'none'
      ? []
      : [
          where === 'file'
            ? { server: 'db1', member: 'n1', path: '/etc/patroni/config.yml', keys: ['a.password'] }
            : { server: 'db1', member: null, path: '/etc/pgbouncer/userlist.txt', keys: [] },
        ],
  refused: null,
});

describe('the order of a change of passwords', () => {
  it('is files first, then PostgreSQL, then each member once it has replayed', () => {
    const order = passwordOrder([account('postgres', 'superuser', 'file')]).join('\n');
    const at = (words: string): number => order.indexOf(words);
    expect(at('validates')).toBeLessThan(at('put in place'));
    expect(at('put in place')).toBeLessThan(at('one transaction'));
    expect(at('one transaction')).toBeLessThan(at('has replayed'));
    expect(at('has replayed')).toBeLessThan(at('reloads on replicas first'));
  });

  it('of an application alone touches no file and reloads nobody', () => {
    const order = passwordOrder([account('app', 'application', 'none')]).join('\n');
    expect(order).not.toMatch(/validates|reload/);
    const commands = passwordCommands([account('app', 'application', 'none')], { scope: 'orders', configPath: '/c' });
    expect(commands.split('\n')).toEqual(['sudo -u postgres psql', '\\password "app"']);
  });

  it('of the REST API alone sends PostgreSQL nothing', () => {
    expect(passwordOrder([account('admin', 'rest', 'file')]).join('\n')).not.toContain('one transaction');
  });
});

describe('what is said beforehand', () => {
  it('names the one moment in which a login can be refused, by what the password is for', () => {
    expect(passwordConsequences([account('postgres', 'superuser', 'file')], 10).join()).toContain('at most 10 s later');
    expect(passwordConsequences([account('app', 'application', 'none')], 10).join()).toContain(
      'make a second role first',
    );
    expect(passwordConsequences([account('admin', 'rest', 'file')], 10).join()).toContain('patronictl may be refused');
  });

  it('offers a second role that does the same, whatever the name of the first', () => {
    expect(secondRoleSql('we"ird')).toEqual([
      'CREATE ROLE "we""ird_2" LOGIN IN ROLE "we""ird";',
      'ALTER ROLE "we""ird_2" SET role = "we""ird";',
      '\\password "we""ird_2"',
    ]);
  });

  it('shows commands that do the same, and no password in them', () => {
    const accounts = [account('postgres', 'superuser', 'file'), account('pgbouncer', 'pooler', 'list')];
    const place = { scope: 'orders', configPath: '/etc/patroni/config.yml' };
    expect(passwordCommands(accounts, place).split('\n')).toEqual([
      '# on db1: sudoedit /etc/patroni/config.yml',
      '# on db1: sudoedit /etc/pgbouncer/userlist.txt',
      'sudo -u postgres psql',
      '\\password "postgres"',
      '\\password "pgbouncer"',
      'sudo systemctl reload pgbouncer # on db1',
      'patronictl -c /etc/patroni/config.yml reload orders --force',
    ]);
  });
});

it.each([
  ['Correct horse battery', true],
  ['short', false],
  ['two\nlines here', false],
  ['ends with a blank ', false],
  ['pässwörter', false],
  ['x'.repeat(257), false],
])('%j is taken: %s', (password, taken) => {
  expect(whyNotPassword(password) === null).toBe(taken);
});

it.each([
  ['back', /use the new passwords already are locked out at once/],
  ['forward', /still use the former passwords are locked out at once/],
] as const)('whoever goes %s with a change is told first who is locked out', (way, sentence) => {
  expect(finishConsequences(way)[0]).toMatch(sentence);
});

it('a vault for this session only is told as what a broken-off change cannot outlive', () => {
  const accounts = [account('postgres', 'superuser', 'file')];
  expect(passwordConsequences(accounts, 10, 'session').join(' ')).toMatch(
    /cannot be continued or taken back once the app/,
  );
  expect(passwordConsequences(accounts, 10).join(' ')).not.toMatch(/session/);
});
