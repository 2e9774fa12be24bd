import { describe, expect, it } from 'vitest';
import { readServerFacts } from '../../../electron/core/advice/read-facts';

const TIMES = { sentAt: 1_000_000, receivedAt: 1_000_080 };
const print = (parts: readonly (readonly [string, string])[]): string =>
  parts.map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}\n`).join('');
const read = (...parts: readonly (readonly [string, string])[]) =>
  readServerFacts(print([...parts, ['end', 'yes']]), 'db1', TIMES);

describe('what a server says of itself', () => {
  it('has the span in which its clock may be, by the round trip', () => {
    expect(read(['clock', '1005040000000000000']).clock).toEqual({
      least: 1_005_040_000_000 - 1_000_080,
      most: 1_005_040_000_000 - 1_000_000,
    });
  });

  it('is not known where it was not told', () => {
    expect(read()).toMatchObject({
      machineId: null,
      clock: null,
      clockKept: null,
      etcdDevice: null,
      dataDevice: null,
      watchdogThere: null,
      backupTools: [],
    });
  });

  it.each([['date: illegal'], ['12'], ['']])('takes "%s" for no time', (text) => {
    expect(read(['clock', text]).clock).toBeNull();
  });

  it('lists every tool of backups', () => {
    expect(read(['backup', 'pgBackRest (main)'], ['backup', 'WAL-G (/etc/wal-g.yaml)']).backupTools).toHaveLength(2);
  });

  it('counts for nothing when it was cut off', () => {
    expect(() => readServerFacts(print([['machine', 'a']]), 'db1', TIMES)).toThrow(/db1 says of itself is incomplete/);
    expect(() => readServerFacts('sh: 1: Syntax error\n', 'db1', TIMES)).toThrow(/incomplete/);
  });
});
