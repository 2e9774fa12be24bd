import { describe, expect, it } from 'vitest';
import type { ClusterEvent, TimelineChange } from '../../../../shared/model/cluster/cluster-state';
import type { LogGap, LogRecord } from '../../../../shared/model/logs/log-record';
import { describeFailover } from '../../../../shared/rules/logs/failover-account';
import type { FailoverCause } from '../../../../shared/rules/logs/failover-evidence';

const AT = 1_000_000;
let lastId = 0;
const line = (member: string, seconds: number, text: string): LogRecord => ({
  id: String((lastId += 1)),
  member,
  serverId: member,
  service: /\b(?:LOG|ERROR|FATAL|PANIC): /.test(text) ? 'postgresql' : 'patroni',
  source: 'patroni.service',
  at: AT + seconds * 1000,
  serverAt: AT + seconds * 1000,
  level: /\b(?:FATAL|PANIC): /.test(text) ? 'fatal' : 'info',
  text,
  cutBytes: 0,
});
const event = (kind: ClusterEvent['kind'], member: string | null, seconds = 0): ClusterEvent => ({
  id: (lastId += 1),
  at: AT + seconds * 1000,
  kind,
  severity: 'warning',
  member,
  sentence: kind,
});
const row: TimelineChange = {
  timeline: 4,
  lsn: 1,
  reason: 'no recovery target specified',
  at: AT + 1000,
  newLeader: 'db2',
};
const leads = line('db1', -40, 'no action. I am (db1), the leader with the lock');
const promoted = line('db2', 0, 'promoted self to leader by acquiring session lock');
const events = [event('leader_lost', 'db1', -1), event('leader_elected', 'db2')];
const tell = (
  more: readonly LogRecord[],
  change: { gaps?: readonly LogGap[]; events?: readonly ClusterEvent[] } = {},
) =>
  describeFailover({
    at: AT,
    records: [leads, promoted, ...more].sort((one, other) => one.at - other.at),
    gaps: change.gaps ?? [],
    events: change.events ?? events,
    history: [row],
  });

describe('why the leader changed', () => {
  it.each<readonly [FailoverCause, string]>([
    ['killed', 'patroni.service: Main process exited, code=killed, status=9/KILL'],
    ['postgres_crash', 'LOG: server process (PID 8) was terminated by signal 11: Segmentation fault'],
    [
      'out_of_memory',
      'Memory cgroup out of memory: Killed process 19909 (postgres) total-vm:576532kB, anon-rss:205416kB, ' +
        'file-rss:62236kB, shmem-rss:3624kB, UID:102 pgtables:764kB oom_score_adj:0',
    ],
    ['out_of_memory', 'patroni.service: A process of this unit has been killed by the OOM killer.'],
    [
      'disk_full',
      'PANIC: could not write to file "pg_wal/xlogtemp.1329": No space left on device\nSTATEMENT: create table filler',
    ],
    ['manual', 'received switchover request with leader=db1 candidate=db2 scheduled_at=None'],
    ['manual', 'switchover: demoting myself'],
    ['stopped', 'received SIGTERM, shutting down'],
    ['cut_off', 'demoting self because DCS is not accessible and I was a leader'],
  ])('%s is told from the line that says so', (cause, text) => {
    const evidence = line('db1', -20, text);
    const account = tell([evidence]);
    expect(account).toMatchObject({ cause, from: 'db1', to: 'db2' });
    expect(account.sentences.some((one) => one.lines.includes(evidence))).toBe(true);
    expect(account.sentences.every((one) => !one.missing)).toBe(true);
  });

  it("finds the row of Patroni's history though the new leader's clock is minutes ahead", () => {
    const ahead = 300_000;
    const took = { ...promoted, serverAt: promoted.at + ahead };
    const rows: readonly TimelineChange[] = [
      { ...row, timeline: 3, at: AT - 20_000, newLeader: 'db1' },
      { ...row, at: AT + 1_000 + ahead },
    ];
    const account = describeFailover({ at: AT, records: [leads, took], gaps: [], events, history: rows });
    expect(account.sentences.map(({ text }) => text).join('\n')).toMatch(/history says that timeline 4 ended/);
  });

  it.each([
    ['LOG: server process (PID 718) was terminated by signal 9: Killed', /Who sent signal 9 is not said/],
    ['FATAL: terminating connection due to unexpected postmaster exit', /no last word of PostgreSQL/],
    ['Postgresql is not running.', /no last word of PostgreSQL/],
  ])('says what is not known where PostgreSQL only ended: %s', (text, missing) => {
    const account = tell([line('db1', -10, text)]);
    expect(account.cause).toBe('postgres_crash');
    expect(account.sentences.find((one) => one.missing)?.text).toMatch(missing);
  });

  it('is the DCS where other members did not reach it either, and a partition where they did', () => {
    const alone = line('db1', -20, 'Failed to get list of machines from http://10.0.0.3:2379/v3: MaxRetryError()');
    const other = line('db3', -15, 'etcd.EtcdConnectionFailed: No more machines in the cluster');
    const follower = line('db3', -15, 'no action. I am (db3), a secondary, and following a leader (db1)');
    expect(tell([alone, other]).cause).toBe('dcs_lost');
    expect(tell([alone, follower]).cause).toBe('cut_off');
  });

  it.each([
    ['a session', 'ERROR: could not write to file "base/pgsql_tmp/1": No space left on device'],
    ['a statement', "LOG: statement: select 'Out of memory: Killed process 8'"],
    ['a statement', 'ERROR: syntax error\nSTATEMENT: PANIC: No space left on device'],
  ])('is not taken from what %s wrote', (_who, text) => {
    const near = line('db1', -3, 'no action. I am (db1), the leader with the lock');
    expect(tell([near, line('db1', -4, text)]).cause).toBe('unknown');
  });

  it('is not taken from before the old leader led, nor from what it outlived', () => {
    const earlier = [
      line('db1', -170, 'Postgresql is not running.'),
      line('db3', -165, 'received switchover request with leader=db3 candidate=db1 scheduled_at=None'),
      line('db1', -160, 'promoted self to leader by acquiring session lock'),
      line('db1', -100, 'Error communicating with DCS'),
      ...[-90, -80, -3].map((second) => line('db1', second, 'no action. I am (db1), the leader with the lock')),
    ];
    expect(tell(earlier).cause).toBe('unknown');
  });

  it('is told of the change that was asked for, where there were others shortly before and after', () => {
    const account = tell(
      [
        line('db3', -60, 'promoted self to leader by acquiring session lock'),
        line('db3', -50, 'switchover: demoting myself'),
        line('db1', -45, 'promoted self to leader by acquiring session lock'),
        line('db1', -1, 'PANIC: could not write to file "pg_wal/xlogtemp.1": No space left on device'),
        line('db3', 80, 'promoted self to leader by acquiring session lock'),
      ],
      { events: [] },
    );
    expect(account).toMatchObject({ cause: 'disk_full', from: 'db1', to: 'db2' });
  });

  it('is a lost power where the server was booted after its silence, by the number of the boot in its journal', () => {
    const booted = (seconds: number, boot: string, text: string) => ({
      ...line('db1', seconds, text),
      id: `db1:s=a6e1;i=191;b=${boot};m=bac4;t=6613;x=3b1b`,
    });
    const account = tell([
      booted(-29, 'aa01', 'no action. I am (db1), the leader with the lock'),
      booted(30, 'bb02', 'patroni.service: Started patroni.service'),
    ]);
    expect(account.cause).toBe('power_cut');
    expect(account.sentences.map((one) => one.text).join()).toContain('its server was booted afterwards');
  });

  it('is a lost power though the server is back within a second of the change: what it finds then is no cause', () => {
    const booted = (seconds: number, boot: string, text: string) => ({
      ...line('db1', seconds, text),
      id: `db1:s=a6e1;i=191;b=${boot};m=bac4;t=6613;x=3b1b`,
    });
    const account = tell([
      booted(-29, 'aa01', 'no action. I am (db1), the leader with the lock'),
      booted(-1, 'bb02', 'patroni.service: Started patroni.service'),
      booted(1, 'bb02', 'Postgresql is not running.'),
    ]);
    expect(account.cause).toBe('power_cut');
  });

  it("does not take the row of an earlier change for this one's while its own is not written yet", () => {
    const earlier: TimelineChange = { ...row, timeline: 3, at: AT - 40_000 };
    const account = describeFailover({ at: AT, records: [leads, promoted], gaps: [], events, history: [earlier] });
    expect(account.sentences.map(({ text }) => text).join('\n')).toMatch(/history has no row for this change/);
  });

  it('is a lost power where the server went silent without a last word and was not reached', () => {
    const account = tell([], { events: [...events, event('ssh_lost', 'db1', -10)] });
    expect(account.cause).toBe('power_cut');
    expect(account.sentences.find((one) => one.missing)?.text).toMatch(/^Which of the two it was/);
    expect(account.sentences.find((one) => one.text.includes('lost its power'))?.lines).toEqual([leads]);
  });

  it('is a standstill where the server was silent and went on', () => {
    expect(tell([line('db1', 30, 'starting as a secondary')]).cause).toBe('cut_off');
  });

  it('is not known where the lines do not say it, and the account says what is missing', () => {
    const near = line('db1', -3, 'no action. I am (db1), the leader with the lock');
    expect(tell([near])).toMatchObject({ cause: 'unknown' });
    expect(
      tell([near])
        .sentences.filter((one) => one.missing)
        .map((one) => one.text),
    ).toEqual(['The lines of db1 from before the change do not say why it lost the lock.']);
    const nothing = describeFailover({ at: AT, records: [], gaps: [], events: [], history: [] });
    expect(nothing.sentences.every((one) => one.missing)).toBe(true);
    expect(nothing.sentences.map((one) => one.text).join(' ')).toMatch(/no lines of the former leader.*Nobody is seen/);
  });

  it('does not take what another server said at that time for the cause', () => {
    expect(tell([line('db3', -5, 'patroni.service: Main process exited, code=killed, status=9/KILL')]).cause).not.toBe(
      'killed',
    );
  });

  it('names the time without a primary, and the gaps in the evidence', () => {
    const gap: LogGap = {
      id: 'g',
      member: 'db1',
      serverId: 'db1',
      from: AT - 5_000,
      to: AT,
      cause: 'rotated',
      state: 'lost',
      sentence: 'A log of db1 was replaced.',
    };
    const account = tell([], {
      gaps: [gap],
      events: [...events, { ...event('primary_gap', null, 2), durationMs: 2_340 }],
    });
    expect(account.sentences.map((one) => one.text)).toContain('There was no primary for 2.3 s.');
    expect(account.sentences.at(-1)).toMatchObject({ missing: true, text: 'A log of db1 was replaced.' });
  });
});
