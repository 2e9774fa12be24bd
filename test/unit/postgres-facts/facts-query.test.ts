import { describe, expect, it } from 'vitest';
import { readPostgresFacts } from '../../../electron/core/postgres-facts/facts-query';

const row = (name: string, setting: string, more: readonly unknown[] = []) => [
  ...[name, setting, null, 'Connections and Authentication / Connection Settings', 'What it is.', 'postmaster'],
  ...['string', 'configuration file', null, null, null, '', '/data/postgresql.conf', 7, false],
  ...more,
];
const output = (settings: unknown, rest = ''): string =>
  `version\t170005\nsettings\t${JSON.stringify(settings)}\nend\t\n${rest}`;

describe('what a running PostgreSQL says of its settings', () => {
  it('is read with value, source, file and line', () => {
    const facts = readPostgresFacts(output([row('port', '5432')]), 'db1');
    expect(facts.version).toBe(170_005);
    expect(facts.values['port']).toEqual({
      value: '5432',
      source: 'configuration file',
      file: '/data/postgresql.conf',
      line: 7,
      pendingRestart: false,
    });
    expect(facts.definitions[0]).toMatchObject({ name: 'port', group: 'Connections', description: 'What it is.' });
  });

  it('holds no password of a connection string', () => {
    const secret = `host=db1 password='it''s \\' secret' user=r`;
    const plain = 'user=r password=topsecret sslpassword=othersecret sslmode=require';
    const files = `files\t${JSON.stringify([['/data/postgresql.conf', 3, 'primary_conninfo', plain, true, null]])}\n`;
    const facts = readPostgresFacts(output([row('primary_conninfo', secret)], files), 'db1');
    expect(JSON.stringify(facts)).not.toMatch(/secret/);
    const address = readPostgresFacts(output([row('primary_conninfo', 'postgres://r:secret@db1/x')]), 'db1');
    expect(address.values['primary_conninfo']?.value).toBe('postgres://r:***@db1/x');
    expect(facts.fileSettings[0]?.value).toBe('user=r password=*** sslpassword=*** sslmode=require');
  });

  it('counts without the parts that only a superuser may see', () => {
    const facts = readPostgresFacts(output([row('port', '5432')]), 'db1');
    expect(facts.hba).toBeNull();
    expect(facts.fileSettings).toEqual([]);
  });

  it.each([
    ['cut off', 'version\t170005\nsettings\t[['],
    ['empty', ''],
    ['without its end', `version\t170005\nsettings\t[]\n`],
    ['of another form', output([['port', 1]])],
  ])('an answer that is %s is an error that names the member', (_what, text) => {
    expect(() => readPostgresFacts(text, 'db1')).toThrow(/db1 says of its settings is incomplete/);
  });
});
