import { describe, expect, it } from 'vitest';
import type { Backup } from '../../../../shared/model/backups/backup';
import type { RestoreTarget } from '../../../../shared/model/backups/restore';
import { readMoment } from '../../../../shared/rules/backups/read-moment';
import { judgeTarget, type TargetFacts } from '../../../../shared/rules/backups/restore-target';
import { restoreMethod } from '../../../../shared/rules/backups/restore-words';

const NOW = Date.UTC(2026, 10, 27, 14, 0, 0);
const HOUR = 3_600_000;
const MB16 = 16 * 1024 * 1024;
const SYSTEM = '7712853224338624015';

/** A backup that ended so many hours ago on a timeline, in its WAL file of that number. */
function backup(label: string, hours: number, timeline: number, segment: number, change: Partial<Backup> = {}): Backup {
  const name =
    `${timeline.toString(16).padStart(8, '0')}00000000${segment.toString(16).padStart(8, '0')}`.toUpperCase();
  return {
    ...{ label, kind: 'full', startedAt: NOW - hours * HOUR - 5_000, endedAt: NOW - hours * HOUR },
    ...{ size: 1, stored: 1, firstWal: name, lastWal: name, lastLsn: segment * MB16 + 100, prior: null },
    ...{ damaged: false, repository: 1, systemIdentifier: SYSTEM, ...change },
  };
}

function facts(backups: readonly Backup[], change: Partial<TargetFacts> = {}): TargetFacts {
  return {
    stanza: { backups, archives: [] },
    systemIdentifier: SYSTEM,
    timeline: 1,
    history: [],
    archivedUntil: NOW,
    now: NOW,
    ...change,
  };
}
const at = (hours: number): RestoreTarget => ({ kind: 'time', at: NOW - hours * HOUR });
const judge = (target: RestoreTarget, of: TargetFacts, timeline: number | null = null) =>
  judgeTarget({ target, timeline }, of);

const [A, B, C] = [backup('A', 30, 1, 2), backup('B', 20, 1, 5), backup('C', 10, 1, 9)];
const three = [A, B, C];
/** Timeline 1 was left in that WAL file. */
const left = (segment: number) => [{ timeline: 1, lsn: segment * MB16, reason: '', at: null, newLeader: null }];

describe('the target of a restore', () => {
  it.each([
    [at(25), 'A'],
    [at(20), 'A'],
    [at(19), 'B'],
    [at(1), 'C'],
    [{ kind: 'latest' } as const, 'C'],
  ])('begins with the newest backup that ended before it (%j)', (target, label) => {
    const { backup: chosen, check } = judge(target, facts(three));
    expect(chosen?.label).toBe(label);
    expect(check.verdict).toBe('ok');
  });

  it.each<readonly [string, RestoreTarget, Partial<TargetFacts>, number | null, RegExp]>([
    [
      'in the future',
      at(-1),
      {},
      null,
      /in the future\. Possible is from 2026-11-26 08:00:01 UTC to 2026-11-27 14:00:00 UTC/,
    ],
    ['before the first backup', at(31), {}, null, /before the end of the first backup\. Possible is from/],
    ['at the very end of the first backup', at(30), {}, null, /before the end of the first backup/],
    ['on a timeline that does not exist', at(1), {}, 7, /no timeline 7: the cluster and its archive know 1/],
    ['past the end of the archive', at(1), { archivedUntil: NOW - 2 * HOUR }, null, /past the end of the archive/],
    ['on a timeline that is not known', at(1), { timeline: null }, null, /is not known/],
    ['of another database system', at(1), { systemIdentifier: '1' }, null, /No backup leads/],
  ])('is refused %s, with what is possible', (_what, target, change, timeline, words) => {
    const { backup: chosen, check } = judge(target, facts(three, change), timeline);
    expect(chosen).toBeNull();
    expect(check.verdict).toBe('refuses');
    expect(check.sentence).toMatch(words);
  });

  it('never begins with a backup from a time that the cluster gave up', () => {
    const back = facts(three, { timeline: 2, history: left(6) });
    expect(judge(at(1), back).backup?.label).toBe('B');
    expect(judge(at(1), { ...back, history: left(1) }).check.sentence).toMatch(/No backup leads/);
  });

  it('goes along the time that was given up where its timeline is named, and says that its end is not known', () => {
    const { backup: chosen, check } = judge(at(1), facts(three, { timeline: 2, history: left(6) }), 1);
    expect(chosen?.label).toBe('C');
    expect(check.verdict).toBe('warns');
  });

  it('does not begin with a damaged backup while there is a sound one', () => {
    expect(judge(at(1), facts([A, B, { ...C, damaged: true }])).backup?.label).toBe('B');
    expect(judge(at(1), facts([{ ...C, damaged: true }])).check.verdict).toBe('warns');
  });
});

describe('a moment that is typed', () => {
  it.each([
    ['2026-11-27 14:05:10', '2026-11-27T14:05:10.000Z'],
    ['2026-11-27T14:05', '2026-11-27T14:05:00.000Z'],
    [' 2026-11-27 14:05:10.25 UTC ', '2026-11-27T14:05:10.250Z'],
    ['2026-11-27 14:05:10+01', '2026-11-27T13:05:10.000Z'],
    ['2026-11-27 14:05:10 -05:30', '2026-11-27T19:35:10.000Z'],
  ])('%j is %s', (text, iso) => {
    expect(new Date(readMoment(text) ?? 0).toISOString()).toBe(iso);
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30 10:00',
    '2026-11-27',
    '2026-11-27 25:00',
    '2026-11-27 10:61',
    "2026-11-27 10:00'; DROP",
  ])('%j is none', (text) => {
    expect(readMoment(text)).toBeNull();
  });
});

describe('how Patroni makes the cluster from a backup', () => {
  it('names the backup, the target and the way to the archive, with odd names quoted for Python and the shell alike', () => {
    const wish = { member: 'db1', target: { kind: 'time', at: NOW + 250 } as const, timeline: null };
    const method = restoreMethod(wish, { label: '20261127-100000F', repository: 2 }, `o'r "d`, '/data/it is/main');
    expect(method).toMatchObject({
      command:
        `pgbackrest --stanza='o'"'"'r "d' --repo=2 --set=20261127-100000F --type=none ` +
        `--pg1-path='/data/it is/main' restore`,
      no_params: true,
      keep_existing_recovery_conf: false,
      recovery_conf: {
        recovery_target_time: '2026-11-27 14:00:00.250+00',
        recovery_target_action: 'promote',
        recovery_target_timeline: 'latest',
      },
    });
  });
});
