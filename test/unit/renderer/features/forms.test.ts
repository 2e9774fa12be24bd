import { describe, expect, it, vi } from 'vitest';
import { serverInputSchema } from '../../../../shared/contract/servers';
import { addDirectSchema } from '../../../../shared/contract/clusters';
import { operationSchema } from '../../../../shared/model/operate/operation';
import { directInput, directProblem, emptyDirect } from '../../../../renderer/features/connect/direct-form';
import {
  emptyServer,
  fromSshConfig,
  newServerFields,
  serverInput,
  serverProblems,
} from '../../../../renderer/server-editor/server-form';
import { fieldsOf, operationFrom, toLocalInput } from '../../../../renderer/features/operate/fields';
import { startWord } from '../../../../renderer/features/operate/operation-words';
import { formatBytes, formatLsn, formatPostgresVersion, formatZone } from '../../../../renderer/ui/wording/format';
import { bytesInWords, spanInWords } from '../../../../shared/rules/words/wording';
import { printable } from '../../../../renderer/ui/text';

describe('a server form', () => {
  it('the server form names its missing fields, and what it sends is accepted by the core', () => {
    expect(Object.keys(serverProblems(emptyServer)).sort()).toEqual(['host', 'user']);
    expect(serverProblems({ ...emptyServer, host: 'h', user: 'u', port: '70000', auth: 'key' })).toHaveProperty('port');
    expect(serverProblems({ ...emptyServer, host: 'root@db1:22', user: 'u' })).toHaveProperty('host');
    const fields = {
      ...emptyServer,
      host: ' db1 ',
      user: 'admin',
      auth: 'password' as const,
      secret: 's3cret',
      sudo: 'password' as const,
      sudoPassword: 'other',
    };
    expect(serverInputSchema.parse(serverInput(fields))).toMatchObject({
      name: 'db1',
      host: 'db1',
      port: 22,
      secret: 's3cret',
      sudoPassword: 'other',
    });
  });
  it('the server form begins with the agent where one can be reached, and else with a password', () => {
    expect(newServerFields(true).auth).toBe('agent');
    expect(newServerFields(false).auth).toBe('password');
  });
  it('the server form sends no password that its login method does not use', () => {
    expect(
      serverInput({
        ...emptyServer,
        host: 'h',
        user: 'u',
        auth: 'agent',
        secret: 'left over',
        sudo: 'root',
        sudoPassword: 'left over',
      }),
    ).not.toHaveProperty('secret');
  });
  it('the server form takes host, port, user and key from ~/.ssh/config', () => {
    const fields = fromSshConfig(emptyServer, {
      alias: 'prod',
      host: '10.1.0.4',
      user: 'ops',
      port: 2222,
      jump: [],
      identityFile: '~/.ssh/id',
    });
    expect(serverInput(fields)).toMatchObject({
      name: 'prod',
      host: '10.1.0.4',
      port: 2222,
      user: 'ops',
      auth: { kind: 'key', keyPath: '~/.ssh/id' },
      sshConfigHost: 'prod',
    });
  });
});

describe('a connection without SSH', () => {
  it.each([
    [{}, /title/],
    [{ title: 't' }, /address/],
    [{ title: 't', restUrls: 'db1:8008' }, /not an address/],
  ])('the form of a connection without SSH says what is missing: %o', (change, problem) => {
    expect(directProblem({ ...emptyDirect, ...change })).toMatch(problem);
  });
  it('the form of a connection without SSH sends what the core accepts', () => {
    expect(
      addDirectSchema.parse(
        directInput({
          ...emptyDirect,
          title: ' T ',
          restUrls: 'http://a:8008\nhttp://b:8008',
          etcd: 'a:2379',
          restUser: 'u',
        }),
      ),
    ).toMatchObject({ title: 'T', restUrls: ['http://a:8008', 'http://b:8008'], etcd: ['a:2379'], restUser: 'u' });
  });
});

describe('an operation form', () => {
  const now = new Date(2025, 4, 1, 12, 30).getTime();
  it('the form of a configuration change changes the setting that was entered', () => {
    const begun = { kind: 'change_config', patch: {} } as const;
    expect(operationFrom(begun, { ...fieldsOf(begun, now), parameter: ' ttl ', value: '45' })).toEqual({
      operation: { kind: 'change_config', patch: { ttl: 45 } },
    });
  });
  it('the form of a configuration change accepts no impossible name', () => {
    const begun = { kind: 'change_config', patch: {} } as const;
    expect(operationFrom(begun, { ...fieldsOf(begun, now), parameter: 'a b;', value: '1' })).toHaveProperty('missing');
  });
  it('a scheduled restart happens at the local time that was entered', () => {
    const begun = { kind: 'schedule_restart', member: 'db1', pendingOnly: false, at: 0 } as const;
    const made = operationFrom(begun, { ...fieldsOf(begun, now), time: toLocalInput(now) });
    expect(made).toEqual({ operation: { ...begun, at: now } });
    expect(operationFrom(begun, { ...fieldsOf(begun, now), time: '' })).toHaveProperty('missing');
  });
  it('the confirming button names its member, however long the name is', () => {
    expect(startWord({ kind: 'failover', candidate: 'db2' })).toBe('Fail over to db2');
    expect(startWord({ kind: 'restart', member: 'n'.repeat(300), pendingOnly: false }).length).toBeLessThan(60);
    expect(operationSchema.safeParse({ kind: 'switchover', leader: 'db1', candidate: null }).success).toBe(true);
  });
});

describe('words and figures', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [16_777_216, '16 MB'],
    [1536, '1.5 kB'],
    [null, 'not known'],
  ])('%s bytes are shown as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
  it('a size reads the same in a table and in a finding', () => {
    for (const bytes of [1240, 5_990, 9_999_999]) expect(formatBytes(bytes)).toBe(bytesInWords(bytes));
  });
  it('a time zone without an offset has one name', () => {
    vi.stubEnv('TZ', 'UTC');
    expect(formatZone(0)).toBe('UTC');
    vi.unstubAllEnvs();
  });
  it.each([
    [840, '0.8 s'],
    [12_300, '12 s'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [1e9, '11 d 13 h'],
    [-5, '0 s'],
    [1000, '1 s'],
    [59_999, '1 min'],
    [7_200_000, '2 h'],
  ])('%s ms are shown as %s', (ms, text) => {
    expect(spanInWords(ms)).toBe(text);
  });
  it('WAL positions and versions are written as PostgreSQL writes them', () => {
    expect(formatLsn(0x1_0300_0000)).toBe('1/3000000');
    expect([formatPostgresVersion(170005), formatPostgresVersion(90624), formatPostgresVersion(null)]).toEqual([
      '17.5',
      '9.6.24',
      'not known',
    ]);
  });
  it('control characters in a name are made visible', () => {
    expect(printable('db\u202e1\u0007')).toBe('db\ufffd1\ufffd');
  });
});
