import { describe, expect, it } from 'vitest';
import { atLeast, primaryRole } from '../../../../electron/core/demo/model/version';
import { patched } from '../../../../electron/core/demo/model/json';
import { bytesOf } from '../../../../electron/core/demo/rest/patroni-status';
import { printedLsn } from '../../../../electron/core/demo/rest/cluster-view';
import { parseSchedule } from '../../../../electron/core/demo/rest/schedule';
import { shellCommand } from '../../../../electron/core/ssh/run/privilege';
import { shellWords, unwrapped } from '../../../../electron/core/demo/ssh/shell-words';
import { callMember, statusLine, simulateCluster, advanceTime } from '../../../support/cluster/demo-model';

describe('the simulated Patroni', () => {
  it.each([
    ['4.0.7', '4.0.0', true],
    ['3.3.8', '4.0.0', false],
    ['4.1.0.1', '4.1.0', true],
    ['4.1', '4.1.0', true],
    ['3.10.0', '3.9.9', true],
  ])('knows whether version %s is at least %s: %s', (version, least, yes) => {
    expect(atLeast(version, least)).toBe(yes);
  });

  it.each([
    ['2.1.7', 'master'],
    ['3.3.8', 'master'],
    ['4.0.0', 'primary'],
  ])('of version %s calls its leader "%s"', (version, role) => {
    expect(primaryRole(version)).toBe(role);
  });

  it.each([
    ['16kB', 16_384],
    ['10MB', 10_485_760],
    ['1GB', 1_073_741_824],
    ['100', 100],
    ['many', null],
    [null, null],
  ])('reads ?lag=%s as %s bytes', (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it.each([
    [83_886_176, '0/5000060'],
    [4_294_967_296, '1/0'],
  ])('prints the WAL position %s as %s', (position, text) => {
    expect(printedLsn(position)).toBe(text);
  });

  it('merges a PATCH of the configuration: null removes, objects merge, lists replace', () => {
    expect(
      patched(
        { ttl: 30, postgresql: { use_slots: true, pg_hba: ['a', 'b'] } },
        { ttl: null, postgresql: { pg_hba: ['c'] }, pause: true },
      ),
    ).toEqual({ postgresql: { use_slots: true, pg_hba: ['c'] }, pause: true });
  });

  it.each([
    ['2026-01-01T00:00:01Z', { at: Date.UTC(2026, 0, 1, 0, 0, 1) }],
    ['2026-01-01T02:00:01+02:00', { at: Date.UTC(2026, 0, 1, 0, 0, 1) }],
    ['2025-12-31T23:59:59Z', { code: 422, text: 'Cannot schedule restart in the past' }],
    ['2026-01-01T00:00:01', { code: 400, text: 'Timezone information is mandatory for the scheduled restart' }],
    [
      'tomorrow',
      { code: 422, text: 'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601' },
    ],
  ])('answers the schedule "%s" as Patroni does: $1', (text, expected) => {
    expect(parseSchedule(text, 'restart', Date.UTC(2026, 0, 1))).toEqual(expected);
  });
});

describe('the simulated REST API', () => {
  const status = (version: string, member: string): string => {
    const sim = simulateCluster({ version });
    advanceTime(sim, 30);
    return statusLine(callMember(sim, member, 'GET /patroni'));
  };
  const view = (version: string): string => {
    const sim = simulateCluster({ version });
    advanceTime(sim, 30);
    return statusLine(callMember(sim, 'orders-1', 'GET /cluster'));
  };

  it.each([
    ['2.1.7', '"role":"master"', true],
    ['4.0.7', '"role":"master"', false],
    ['4.0.7', '"role":"primary"', true],
    ['3.0.2', '"name":"orders-1"', false],
    ['3.3.8', '"name":"orders-1"', true],
  ])('of version %s has in GET /patroni %s: %s', (version, text, there) => {
    expect(status(version, 'orders-1').includes(text)).toBe(there);
  });

  it.each([
    ['3.0.2', false],
    ['3.3.8', true],
  ])('of version %s reports the replication state: %s', (version, there) => {
    expect(status(version, 'orders-2').includes('"replication_state":"streaming"')).toBe(there);
  });

  it.each([
    ['3.0.2', '"state":"streaming"', false],
    ['3.3.8', '"state":"streaming"', true],
    ['3.0.2', '"scope"', false],
    ['4.0.7', '"scope":"orders"', true],
    ['4.0.7', '"receive_lag"', false],
    ['4.1.4', '"receive_lag":0', true],
    ['4.1.4', '"replay_lag":0', true],
  ])('of version %s has in GET /cluster %s: %s', (version, text, there) => {
    expect(view(version).includes(text)).toBe(there);
  });
});

describe('command lines of the simulated shell', () => {
  it.each([
    ['a b', ['a', 'b']],
    ["'a b' c", ['a b', 'c']],
    ["'it'\\''s'", ["it's"]],
    ['"a \\"b\\""', ['a "b"']],
    ["''", ['']],
    ['a\\ b', ['a b']],
  ])('are split into words as a shell does: %s', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });

  it('are found inside the wrapper the app sends, with the mark of an accepted sudo', () => {
    const to = { name: 'db1', host: '10.0.0.1', port: 22, user: 'admin' };
    const wish = { argv: ['id', '-u'], password: '', timeoutMs: 5_000 };
    const sudo = shellCommand(to, { ...wish, privilege: { kind: 'sudo', user: 'postgres', password: false } });
    const found = unwrapped(sudo.line);
    expect(found).toMatchObject({ argv: ['id', '-u'], user: 'postgres' });
    expect(sudo.start.read(Buffer.from(found.announce)).started).toBe(true);
    expect(sudo.start.readOutput(Buffer.from(`hi${found.begin}0`)).toString()).toBe('0');
    const plain = shellCommand(to, { ...wish, privilege: { kind: 'none' } });
    expect(unwrapped(plain.line)).toMatchObject({ argv: ['id', '-u'], user: null });
    expect(plain.start.read(Buffer.from(unwrapped(plain.line).announce)).started).toBe(true);
    expect(unwrapped(`cd / && su -s /bin/sh -c 'exec "$@"' -- postgres sh env A=b whoami`)).toEqual({
      argv: ['whoami'],
      user: 'postgres',
      announce: '',
      begin: '',
    });
    expect(unwrapped('hostname')).toEqual({ argv: ['hostname'], user: null, announce: '', begin: '' });
  });
});
