import { expect, it } from 'vitest';
import { ownConfigFacts } from '../../../electron/core/advice/own-config-facts';

const read = (config: Record<string, unknown>) => ownConfigFacts('/etc/patroni/config.yml', config);

it('tells that something is set, and never what a secret is', () => {
  const facts = read({
    restapi: { listen: '0.0.0.0:8008', authentication: { username: 'admin', password: 'admin' }, certfile: '/c.pem' },
    etcd3: { hosts: ['10.0.0.1:2379'], protocol: 'https', username: 'patroni', password: 'Zq7-etcd', cert: '/p.pem' },
    postgresql: { authentication: { superuser: { username: 'postgres', password: 'Zq7-super' } } },
  });
  expect(facts).toMatchObject({
    restAuthentication: true,
    restTls: true,
    dcs: 'etcd3',
    dcsTls: true,
    dcsLogin: true,
    dcsCertificate: true,
  });
  expect(facts.weakAccounts).toEqual([
    { use: 'REST API', username: 'admin', why: 'the password is the name of the user' },
  ]);
  expect(JSON.stringify(facts)).not.toMatch(/Zq7/);
});

it('takes an authentication without a password for none', () => {
  expect(read({ restapi: { authentication: { username: 'admin' } } }).restAuthentication).toBe(false);
  expect(read({ restapi: { authentication: {} } }).restAuthentication).toBe(false);
});

it('finds an empty password, and none where there is no password at all', () => {
  const superuser = (rest: object) =>
    read({ postgresql: { authentication: { superuser: { username: 'postgres', ...rest } } } });
  expect(superuser({ password: '' }).weakAccounts).toHaveLength(1);
  expect(superuser({}).weakAccounts).toEqual([]);
});

it.each([
  [undefined, 'automatic'],
  ['automatic', 'automatic'],
  ['required', 'required'],
  ['off', 'off'],
  [false, 'off'],
])('reads the mode of the watchdog as Patroni does: %s is %s', (mode, is) => {
  expect(read({ watchdog: mode === undefined ? {} : { mode } }).watchdogMode).toBe(is);
});

it('reads what makes no sense without a fault', () => {
  expect(read({ restapi: 'yes', postgresql: [], etcd: null, watchdog: 7 })).toMatchObject({
    restAuthentication: false,
    dcs: 'etcd',
  });
  expect(read({})).toMatchObject({ dcs: null, restListen: null });
});
