import { describe, expect, it } from 'vitest';
import { FileEntries, JournalEntries, type LogOrigin } from '../../electron/core/logs/assemble';
import { readLog } from '../../electron/core/services/service-script';
import { logLineText } from '../../renderer/features/cluster/logs/log-words';

const SECRET = 'hunter2-is-secret';
const origin: LogOrigin = {
  member: 'db1',
  serverId: 's1',
  offsetMs: () => 0,
  zone: () => 0,
  now: () => 1_800_000_000_000,
};

/** Lines with a password in them, as the programs of a cluster write them. */
const lines: readonly string[] = [
  `2026-05-01 12:00:00.000 UTC [1] LOG:  statement: ALTER ROLE app PASSWORD '${SECRET}'`,
  `2026-05-01 12:00:00.000 UTC [1] STATEMENT:  create role app\tpassword '${SECRET}' login`,
  `2026-05-01 12:00:00.000 UTC [1] FATAL:  could not connect to "host=db1 user=replicator password=${SECRET}"`,
  `2026-05-01 12:00:00,000 ERROR: postgresql://app:${SECRET}@10.0.0.1:5432/app did not answer`,
  `{"level":"warn","msg":"auth failed","password":"${SECRET}"}`,
  `pgbouncer: auth_query password = '${SECRET}'`,
];
const journalLine = (message: string): string =>
  JSON.stringify({
    __CURSOR: 's=1',
    __REALTIME_TIMESTAMP: '1800000000000000',
    _SYSTEMD_UNIT: 'patroni.service',
    PRIORITY: '3',
    MESSAGE: message,
  });

describe('a password in a log of a server', () => {
  it.each(lines)('does not leave the core, whether it stands in the journal or in a file: %s', (line) => {
    const journal = new JournalEntries(origin);
    const file = new FileEntries(origin, 'postgresql', '/var/log/postgresql/main.log');
    const records = [
      ...(journal.read(journalLine(line)) ?? []),
      ...journal.flush(),
      ...file.read('1', 0, Buffer.from(`${line}\n`)),
      ...file.flush(true),
    ];
    expect(records).toHaveLength(2);
    expect(JSON.stringify(records)).not.toContain(SECRET);
    expect(records.every(({ text }) => text.includes('***'))).toBe(true);
  });

  it('does not leave the core in a statement of several lines', () => {
    const journal = new JournalEntries(origin);
    const message = `LOG:  statement: ALTER ROLE app\n  PASSWORD\n  '${SECRET}'`;
    const records = [...(journal.read(journalLine(message)) ?? []), ...journal.flush()];
    expect(JSON.stringify(records)).not.toContain(SECRET);
  });

  it('does not leave the core in a row of csvlog', () => {
    const file = new FileEntries(origin, 'postgresql', '/var/log/postgresql/main.csv');
    const fields = [
      '2026-05-01 12:00:00.000 UTC',
      'app',
      'app',
      '1',
      '',
      '6',
      '1',
      'ALTER ROLE',
      '',
      '3/1',
      '0',
      'LOG',
    ];
    const row = [...fields, '00000', `"statement: ALTER ROLE app PASSWORD '${SECRET}'"`, ...Array(10).fill('')].join(
      ',',
    );
    const records = [...file.read('1', 0, Buffer.from(`${row}\n`)), ...file.flush(true)];
    expect(records).toHaveLength(1);
    expect(JSON.stringify(records)).not.toContain(SECRET);
  });

  it('is in no line that is copied or saved: these are the lines of the page', () => {
    const journal = new JournalEntries(origin);
    const [record] = [...(journal.read(journalLine(lines[0] ?? '')) ?? []), ...journal.flush()];
    if (record === undefined) throw new Error('no record');
    expect(logLineText(record)).toContain("ALTER ROLE app PASSWORD '***'");
  });

  it('is in none of the lines that are shown beside a service or a finding, and that a job keeps', () => {
    expect(readLog(lines.join('\n'), 20).join('\n')).not.toContain(SECRET);
  });
});
