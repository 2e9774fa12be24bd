import { describe, expect, it } from 'vitest';
import { FileEntries, JournalEntries } from '../../../electron/core/logs/assemble';
import { FrameReader, LineSplitter } from '../../../electron/core/logs/frames';
import { offsetBetween } from '../../../electron/core/logs/measure-clock';

const origin = { member: 'db1', serverId: 's1', offsetMs: () => 90_000, zone: () => 0, now: () => 0 };
const bytes = (text: string) => Buffer.from(text, 'latin1');
const FIRST = '2026-11-27 01:10:24.123 UTC [8] ERROR:  no\n';

describe('what the script on the server prints', () => {
  it('is taken apart alike, whatever its pieces are, with any bytes inside', () => {
    const all = bytes('@zone\t+0100\n@data\t0\t77\t5\t6\na\n@b\0\xff@beat\t1.5\n');
    const whole = new FrameReader().read(all);
    const reader = new FrameReader();
    const pieces = [...all].flatMap((_, index) => reader.read(all.subarray(index, index + 1)));
    expect(pieces).toEqual(whole);
    expect(whole).toEqual([
      { kind: 'line', fields: ['@zone', '+0100'] },
      { kind: 'data', file: 0, inode: '77', offset: 5, bytes: bytes('a\n@b\0\xff') },
      { kind: 'line', fields: ['@beat', '1.5'] },
    ]);
  });

  it('is refused where it is something else', () => {
    expect(() => new FrameReader().read(Buffer.alloc(20_000, 'x'))).toThrow('printed something else');
  });
});

describe('a line of 1 MB', () => {
  it('is kept up to the limit, the rest is counted, and the next line begins where it ends', () => {
    const splitter = new LineSplitter(1000);
    const lines = splitter.push(Buffer.concat([Buffer.alloc(1_000_000, 'a'), bytes('\nb\nc')]));
    expect(lines.map((line) => [line.offset, line.bytes.length, line.cutBytes])).toEqual([
      [0, 1000, 999_000],
      [1_000_001, 1, 0],
    ]);
    expect(splitter.offset).toBe(1_000_003);
  });
});

describe('the entries of a file', () => {
  it('have their lines together, and the time of this computer beside the one of the server', () => {
    const file = new FileEntries(origin, 'postgresql', '/log');
    const more = '2026-11-27 01:10:24.124 UTC [8] STATEMENT:  SELECT\n\t1\n';
    expect(file.read('7', 0, bytes(FIRST + more))).toEqual([]);
    const [entry] = file.flush();
    expect(entry).toMatchObject({
      id: 's1:7:0',
      level: 'error',
      serverAt: Date.UTC(2026, 10, 27, 1, 10, 24, 123),
      at: Date.UTC(2026, 10, 27, 1, 8, 54, 123),
      text: 'ERROR: no\nSTATEMENT: SELECT\n1',
    });
  });

  it('begin anew where the file is another one, without the half line at the end of the first', () => {
    const file = new FileEntries(origin, 'postgresql', '/log');
    file.read('7', 0, bytes(`${FIRST}half`));
    expect(file.read('8', 0, bytes(FIRST)).map((entry) => entry.text)).toEqual(['ERROR: no', 'half']);
    expect(file.flush()).toMatchObject([{ id: 's1:8:0' }]);
    expect(file.position).toEqual({ inode: '8', offset: FIRST.length });
  });

  it('leave out the line in whose middle reading began', () => {
    const file = new FileEntries(origin, 'postgresql', '/log');
    file.read('7', 100, bytes(`middle of a line\n${FIRST}`));
    expect(file.flush().map((entry) => entry.text)).toEqual(['ERROR: no']);
  });

  it('of csvlog may have line ends in them', () => {
    const file = new FileEntries(origin, 'postgresql', '/log.csv');
    const row = '2026-11-27 01:10:24.123 UTC,,,8,,6,1,,2026-11-27 01:00:00 UTC,,0,LOG,00000,"one\ntwo",,,,,,,,,""\n';
    file.read('7', 0, bytes(row));
    expect(file.flush().map((entry) => entry.text)).toEqual(['LOG: one\ntwo']);
  });

  it('show bytes of another encoding as such', () => {
    const file = new FileEntries(origin, 'postgresql', '/log');
    file.read('7', 0, bytes('2026-11-27 01:10:24.123 UTC [8] LOG:  f\xfcr \0 \x1b[31mred\n'));
    expect(file.flush().map((entry) => entry.text)).toEqual(['LOG: f\ufffdr \ufffd red']);
  });
});

describe('the entries of the journal', () => {
  const line = (cursor: string, message: string, unit = 'patroni.service') =>
    JSON.stringify({
      __CURSOR: cursor,
      __REALTIME_TIMESTAMP: '1764205824000000',
      MESSAGE: message,
      _SYSTEMD_UNIT: unit,
    });

  it('have a traceback together with the line that it belongs to', () => {
    const journal = new JournalEntries(origin);
    journal.read(line('1', '2026-11-27 01:10:24,123 ERROR: Unexpected exception'));
    journal.read(line('2', 'Traceback (most recent call last):'));
    journal.read(line('3', '  File "ha.py", line 1'));
    expect(journal.read(line('4', '2026-11-27 01:10:25,123 INFO: no action.'))).toMatchObject([
      {
        id: 's1:1',
        level: 'error',
        text: 'Unexpected exception\nTraceback (most recent call last):\n  File "ha.py", line 1',
      },
    ]);
    expect(journal.cursor).toBe('4');
  });

  it('that are too long to be read are still there, with their size', () => {
    const journal = new JournalEntries(origin);
    journal.read(line('1', 'x'.repeat(1000)).slice(0, 200), 5_000_000);
    expect(journal.flush()).toMatchObject([{ id: 's1:1', text: expect.stringMatching(/an entry of 5000200 bytes/) }]);
  });
});

describe('the offset of a clock', () => {
  it('is taken at the middle of the round trip, and may be wrong by half of it', () => {
    expect(offsetBetween(1_000, 91_020, 1_040)).toEqual({ offsetMs: 90_000, uncertaintyMs: 20, measuredAt: 1_040 });
  });
});
