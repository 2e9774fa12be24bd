import { describe, expect, it } from 'vitest';
import { readJournalEntry } from '../../../../shared/rules/logs/journal-entry';
import { isRotationOf } from '../../../../shared/rules/logs/rotated-files';

const decode = (bytes: readonly number[]) => Buffer.from(bytes).toString('utf8');
const read = (fields: object) =>
  readJournalEntry(JSON.stringify({ __CURSOR: 's=1', __REALTIME_TIMESTAMP: '1764205824123456', ...fields }), decode);

describe('an entry of the journal', () => {
  it('has its time, unit, program, level and words', () => {
    expect(read({ _SYSTEMD_UNIT: 'patroni@main.service', PRIORITY: '4', MESSAGE: 'x', _PID: '8' })).toEqual({
      cursor: 's=1',
      at: 1764205824123.456,
      level: 'warning',
      service: 'patroni',
      unit: 'patroni@main.service',
      pid: '8',
      message: 'x',
    });
  });

  it("is systemd's own where it speaks about a unit, and the kernel's where that speaks", () => {
    expect(read({ UNIT: 'patroni.service', _SYSTEMD_UNIT: 'init.scope' })).toMatchObject({
      service: 'system',
      unit: 'patroni.service',
    });
    expect(read({ _TRANSPORT: 'kernel', PRIORITY: '3' })).toMatchObject({
      service: 'system',
      unit: 'kernel',
      level: 'error',
    });
  });

  it('is read where its words are bytes in another encoding', () => {
    expect(read({ MESSAGE: [102, 252, 114] })?.message).toBe('f\ufffdr');
  });

  it('is none where journalctl says something itself', () => {
    expect(readJournalEntry('Hint: You are currently not seeing messages from other users.', decode)).toBeNull();
    expect(readJournalEntry('{"__CURSOR":', decode)).toBeNull();
  });
});

describe('an earlier file of a log', () => {
  it.each([
    ['/var/log/postgresql/postgresql-17-main.log.1', '/var/log/postgresql/postgresql-17-main.log', true],
    ['/var/log/postgresql/postgresql-16-main.log', '/var/log/postgresql/postgresql-17-main.log', false],
    ['/d/log/postgresql-2026-11-25_000000.csv', '/d/log/postgresql-2026-11-26_000000.csv', true],
    ['/d/log/postgresql-2026-11-25_000000.log', '/d/log/postgresql-2026-11-26_000000.csv', false],
    ['/d/log/postgresql-Tue.log', '/d/log/postgresql-Wed.log', true],
    ['/var/log/haproxy.log-20261126', '/var/log/haproxy.log', true],
    ['/var/log/haproxy.log', '/var/log/haproxy.log', false],
  ])('%s of %s: %s', (path, active, expected) => {
    expect(isRotationOf(path, active)).toBe(expected);
  });
});
