import { describe, expect, it } from 'vitest';
import type { ClusterEvent, TimelineChange } from '../../../../shared/model/cluster/cluster-state';
import type { LogGap, LogRecord } from '../../../../shared/model/logs/log-record';
import { describeFailover, type FailoverCause } from '../../../../shared/rules/logs/failover-account';

const AT = 1_000_000;
let lastId = 0;
const line = (member: string, seconds: number, text: string): LogRecord => ({
  id: String((lastId += 1)),
  member,
  serverId: member,
  service: 'patroni',
  source: 'patroni.service',
  at: AT + seconds * 1000,
  serverAt: AT + seconds * 1000,
  level: 'info',
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
    ['out_of_memory', 'Out of memory: Killed process 812 (postgres) total-vm:1kB'],
    ['disk_full', 'PANIC: could not write to file "pg_wal/xlogtemp.8": No space left on device'],
    ['dcs_lost', 'demoting self because DCS is not accessible and I was a leader'],
    ['manual', 'received switchover request with leader=db1 candidate=db2 scheduled_at=None'],
    ['stopped', 'received SIGTERM, shutting down'],
  ])('%s is told from the line that says so', (cause, text) => {
    const evidence = line('db1', -20, text);
    const account = tell([evidence]);
    expect(account).toMatchObject({ cause, from: 'db1', to: 'db2' });
    expect(account.sentences.some((one) => one.lines.includes(evidence))).toBe(true);
    expect(account.sentences.every((one) => !one.missing)).toBe(true);
  });

  it('is a lost power where the server went silent without a last word and was not reached', () => {
    const account = tell([], { events: [...events, event('ssh_lost', 'db1', -10)] });
    expect(account.cause).toBe('power_cut');
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
