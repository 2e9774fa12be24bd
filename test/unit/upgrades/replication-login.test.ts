import { describe, expect, it } from 'vitest';
import { replicationLogin } from '../../../electron/core/upgrades/major/replication-login';

const place = { member: 'db2', host: '10.0.0.12', port: 5433 };
const config = (replication: Readonly<Record<string, unknown>>) => ({
  postgresql: { authentication: { replication } },
});

describe('the login for a copy', () => {
  it('is the one that Patroni has, at the own address of the member', () => {
    const { service, pass } = replicationLogin(
      config({ username: 'replicator', password: 'secret', sslmode: 'verify-full', sslrootcert: '/etc/ca.crt' }),
      place,
    );
    expect(service.split('\n')).toEqual([
      '[matriarch]',
      'host=10.0.0.12',
      'port=5433',
      'user=replicator',
      'sslmode=verify-full',
      'sslrootcert=/etc/ca.crt',
      '',
    ]);
    expect(pass).toBe('*:*:*:*:secret\n');
  });

  it('keeps colons and backslashes of a password as a password file has them', () => {
    expect(replicationLogin(config({ username: 'r', password: String.raw`a:b\c` }), place).pass).toBe(
      `${String.raw`*:*:*:*:a\:b\\c`}\n`,
    );
  });

  it('has no password where Patroni has none', () => {
    expect(replicationLogin(config({ username: 'r', sslcert: '/c', sslkey: '/k' }), place).pass).toBe('');
  });

  it.each([
    ['no user', {}],
    ['a user with a line break', { username: 'a\nhost=elsewhere' }],
    ['a blank at the end of a value', { username: 'r', sslrootcert: '/etc/ca.crt ' }],
    ['a password with a line break', { username: 'r', password: 'a\nb' }],
  ])('is refused with %s, without saying a password', (_case, replication) => {
    expect(() => replicationLogin(config(replication), place)).toThrow(/is not known/);
  });
});
