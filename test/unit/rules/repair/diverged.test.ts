import { describe, expect, it } from 'vitest';
import { readWalAnswer } from '../../../../electron/core/repair/diverged';
import type { DataDirectory, RepairPlan } from '../../../../shared/model/repair/repair';
import { judgeDiverged, type DivergedFacts } from '../../../../shared/rules/repair/diverged';

const GB = 1024 ** 3;

const data = (member: string, change: Partial<DataDirectory> = {}): DataDirectory => ({
  ...{ member, server: member, directory: '/data', content: 'cluster', systemIdentifier: '42', timeline: 2 },
  ...{ checkpoint: 100, history: [], size: GB, free: 10 * GB, isMount: false, links: [], runs: false, kept: [], at: 1 },
  ...change,
});

const facts = (change: Partial<DivergedFacts> = {}): DivergedFacts => ({
  member: 'db3',
  leader: 'db1',
  paused: false,
  own: data('db3'),
  leaders: data('db1', { runs: true }),
  unit: 'patroni.service',
  keptAs: '/data.matriarch-kept-1',
  fork: { kind: 'diverged', timeline: 2, lsn: 0x3000000 },
  lost: {
    ...{ records: 90, commits: 4, last: 0x3100000, isCut: false },
    ...{ firstCommit: '2026-05-01 12:00:01', lastCommit: '2026-05-01 12:00:09' },
  },
  lostWhy: null,
  lostAt: 1,
  streams: false,
  runsAsPrimary: false,
  rewinds: false,
  said: null,
  ...change,
});

const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('a member that has diverged', () => {
  it('is renewed after it is told what is only there, and its data is kept', () => {
    const plan = judgeDiverged(facts());
    expect(refusals(plan)).toEqual([]);
    expect(plan.evidence.map(({ sentence }) => sentence)).toContain(
      '4 transactions are only there, committed from 2026-05-01 12:00:01 to 2026-05-01 12:00:09; 90 records in all (1 MB of WAL).',
    );
    expect(plan.steps.map(({ id }) => id)).toEqual(['stop', 'aside', 'start', 'copy']);
  });

  it('is stopped when it runs as a second primary, and its clients are told about', () => {
    const plan = judgeDiverged(facts({ own: data('db3', { runs: true }), runsAsPrimary: true }));
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps[0]?.commands).toHaveLength(2);
    expect(plan.consequences[0]).toContain('lose their connections');
  });

  it('is believed from the log where both are on one timeline and it asks for WAL that the leader does not have', () => {
    const said = {
      ...{ source: 'journal', at: 1 },
      sentence: 'FATAL: requested starting point 0/5000000 is ahead of the WAL flush position of this server 0/4000000',
    };
    expect(refusals(judgeDiverged(facts({ fork: { kind: 'same', timeline: 2 }, said })))).toEqual([]);
  });

  it.each<[string, Partial<DivergedFacts>, readonly string[]]>([
    ['it follows', { streams: true }, ['repair.no_evidence']],
    ['the leader has all of it', { fork: { kind: 'behind' } }, ['repair.no_evidence']],
    ['nobody can tell', { fork: { kind: 'same', timeline: 2 } }, ['repair.not_known']],
    ['the histories cannot be read', { fork: null }, ['repair.not_known']],
    ['it has no data', { own: data('db3', { content: 'none' }) }, ['repair.no_evidence']],
    ['its data is of another cluster', { own: data('db3', { systemIdentifier: '9' }) }, ['repair.other_cluster']],
    ['it leads', { leader: 'db3' }, ['repair.leads']],
    ['nobody leads', { leader: null, leaders: null }, ['repair.no_leader', 'repair.room_not_known']],
    ['there is no room for both', { own: data('db3', { free: GB }) }, ['repair.no_room']],
  ])('is left as it is when %s', (_case, change, codes) => {
    expect(refusals(judgeDiverged(facts(change)))).toEqual(codes);
  });

  it('is told by pg_waldump in figures, and nothing is made of half an answer', () => {
    const said =
      'records 12\ncommits 2\nlast 0/3000148\nfirst 2026-05-01 12:00:01.123456\nuntil 2026-05-01 12:00:02.5\nend\n';
    expect(readWalAnswer(said)).toEqual({
      ...{ records: 12, commits: 2, last: 0x3000148, isCut: false },
      ...{ firstCommit: '2026-05-01 12:00:01', lastCommit: '2026-05-01 12:00:02' },
    });
    expect(readWalAnswer('records 12\ncommits 2\n')).toBeNull();
    expect(readWalAnswer('end\n')).toBeNull();
  });
});
