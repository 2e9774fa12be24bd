import { describe, expect, it } from 'vitest';
import type { LogService } from '../../../../shared/model/logs/log-record';
import { isWholeCsvRow, readCsvLog, readFileLine, readLogLine } from '../../../../shared/rules/logs/read-line';

const now = Date.UTC(2026, 10, 27, 2);
const at = Date.UTC(2026, 10, 27, 1, 10, 24, 123);
const read = (service: LogService, text: string, serverZone = 0) => readLogLine(text, { service, serverZone, now });

describe('a line of a log is read as its program wrote it', () => {
  it.each<readonly [string, LogService, string, object]>([
    [
      "Patroni's own",
      'patroni',
      '2026-11-27 01:10:24,123 WARNING: Loop time exceeded, rescheduling immediately.',
      { at, level: 'warning', text: 'Loop time exceeded, rescheduling immediately.' },
    ],
    [
      "Patroni's JSON",
      'patroni',
      '{"asctime": "2026-11-27 01:10:24,123", "levelname": "ERROR", "message": "failed to update leader lock"}',
      { at, level: 'error', text: 'failed to update leader lock' },
    ],
    [
      "PostgreSQL's in Patroni's unit",
      'patroni',
      '2026-11-27 01:10:24.123 UTC [812] LOG:  received promote request',
      { at, level: 'info', service: 'postgresql', text: 'LOG: received promote request' },
    ],
    [
      "Debian's prefix with user and database",
      'postgresql',
      '2026-11-27 01:10:24.123 UTC [812] app@shop FATAL:  too many connections',
      { at, level: 'fatal', text: 'app@shop FATAL: too many connections' },
    ],
    [
      'a prefix without a zone',
      'postgresql',
      '2026-11-27 01:10:24.123 [812]: [3-1] user=,db= ERROR:  division by zero',
      { at, level: 'error' },
    ],
    [
      'jsonlog',
      'postgresql',
      '{"timestamp":"2026-11-27 01:10:24.123 UTC","pid":8,"user":"app","dbname":"shop","error_severity":"ERROR",' +
        '"message":"no","detail":"why","statement":"SELECT 1"}',
      { at, level: 'error', text: 'app@shop ERROR: no\nDETAIL: why\nSTATEMENT: SELECT 1' },
    ],
    [
      "etcd's zap",
      'etcd',
      '{"level":"warn","ts":"2026-11-27T01:10:24.123456Z","caller":"raft.go:1","msg":"lost leader","term":7,"to":null}',
      { at, level: 'warning', text: 'lost leader term=7 to=null' },
    ],
    [
      "etcd's older text",
      'etcd',
      '2026-11-27 01:10:24.123456 E | rafthttp: failed to dial',
      { at, level: 'error', text: 'rafthttp: failed to dial' },
    ],
    [
      "HAProxy's",
      'haproxy',
      '[WARNING]  (812) : Server primary/db1 is DOWN, reason: Layer7 wrong status',
      { at: null, level: 'warning', text: 'Server primary/db1 is DOWN, reason: Layer7 wrong status' },
    ],
    [
      "PgBouncer's",
      'pgbouncer',
      '2026-11-27 01:10:24.123 UTC [812] WARNING C-0x5: app@shop pooler error',
      { at, level: 'warning', text: 'C-0x5: app@shop pooler error' },
    ],
    ['what is of no known form', 'keepalived', '(VI_1) Entering MASTER STATE', { at: null, level: null }],
  ])('%s', (_what, service, text, expected) => {
    expect(read(service, text)).toMatchObject({ kind: 'entry', ...expected });
  });

  it.each<readonly [string, LogService, string]>([
    ['DETAIL', 'postgresql', '2026-11-27 01:10:24.123 UTC [812] DETAIL:  Key (id)=(1) already exists.'],
    ['STATEMENT in Patroni unit', 'patroni', '2026-11-27 01:10:24.123 UTC [812] app@shop STATEMENT:  SELECT 1'],
    ['a line that begins with a tab', 'postgresql', '\tFROM orders'],
    ['a traceback', 'patroni', 'Traceback (most recent call last):'],
    ['a line of a traceback', 'patroni', '  File "/usr/lib/python3/dist-packages/patroni/ha.py", line 1'],
    ['the exception at its end', 'patroni', 'etcd.EtcdException: no connection'],
  ])('%s continues the entry before it', (_what, service, text) => {
    expect(read(service, text).kind).toBe('more');
  });

  it('by the zone of its server where it names none that is known', () => {
    const line = read('postgresql', '2026-11-27 02:10:24.123 CET [812] LOG:  ready', 60);
    expect(line).toMatchObject({ at });
  });

  it('inside the frame of a syslog daemon, with or without a year', () => {
    const dialect = { service: 'haproxy', serverZone: 0, now } as const;
    expect(readFileLine('2026-11-27T01:10:24.123+00:00 lb haproxy[8]: Server a/b is UP', dialect)).toMatchObject({
      at,
      level: 'notice',
    });
    const old = readFileLine('Nov 27 01:10:24 lb haproxy[8]: backend primary has no server available!', dialect);
    expect(old).toMatchObject({ at: at - 123, level: 'fatal' });
    expect(readFileLine('Dec 31 01:00:00 lb haproxy[8]: x', dialect)).toMatchObject({ at: Date.UTC(2025, 11, 31, 1) });
  });

  it('from csvlog, with quotes and line ends inside of its fields', () => {
    const row =
      '2026-11-27 01:10:24.123 UTC,"app","shop",8,"10.0.0.1:4",6,1,"SELECT",2026-11-27 01:00:00 UTC,3/1,0,ERROR,22012,' +
      '"say ""no""\nagain","why",,,,,"SELECT 1",,,"psql"';
    expect(isWholeCsvRow(row.split('\n')[0] ?? '')).toBe(false);
    expect(isWholeCsvRow(row)).toBe(true);
    expect(readCsvLog(row, { service: 'postgresql', serverZone: 0, now })).toMatchObject({
      at,
      level: 'error',
      text: 'app@shop ERROR: say "no"\nagain\nDETAIL: why\nSTATEMENT: SELECT 1',
    });
  });
});
