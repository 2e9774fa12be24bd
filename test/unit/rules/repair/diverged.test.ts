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
  way: 'renew',
  touched: { names: [{ name: 'shop.public.orders', records: 70 }], unknown: 0, member: 'db3' },
  positions: { own: 0x3100000, leaders: 0x3200000 },
  leader: 'db1',
  paused: false,
  own: data('db3'),
  leaders: data('db1', { runs: true }),
  unit: 'patroni.service',
  keptAs: '/data.matriarch-kept-1',
  fork: { kind: 'diverged', timeline: 2, lsn: 0x3000000 },
  lost: {
    ...{ records: 90, commits: 4, last: 0x3100000, isCut: false },
    files: [{ tablespace: 1663, database: 5, file: 16_384, records: 70 }],
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

  it('is shown beside the leader: the timelines of both, how far each goes, and which tables would be set aside', () => {
    const own = data('db3', { timeline: 3, history: [{ timeline: 2, lsn: 0x3000000 }], runs: true });
    const said = judgeDiverged(facts({ own })).evidence.map(({ sentence }) => sentence);
    expect(said).toContain('db3 is on timeline 3, and its WAL goes to 0/3100000; before it was on 2 until 0/3000000.');
    expect(said).toContain('db1 is on timeline 2, its first, and its WAL goes to 0/3200000.');
    expect(said).toContain('It changes shop.public.orders (70 records).');
  });

  it('is rewound by Patroni after a copy of its data was kept', () => {
    const plan = judgeDiverged(facts({ way: 'rewind', rewinds: true }));
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['stop', 'aside', 'start', 'copy']);
    expect(plan.steps[1]?.commands).toEqual(['sudo cp -a --reflink=auto /data /data.matriarch-kept-1']);
    expect(plan.choices?.[0]?.options.map(({ value }) => value)).toEqual(['renew', 'rewind']);
    expect(judgeDiverged(facts()).choices?.[0]?.options.map(({ value }) => value)).toEqual(['renew']);
  });

  it.each<[string, Partial<DivergedFacts>, readonly string[]]>([
    ['Patroni may not rewind', { rewinds: false }, ['repair.no_rewind']],
    ['whether Patroni may is not known', { rewinds: null }, ['repair.no_rewind']],
    ['there is no room for a copy', { own: data('db3', { free: GB }) }, ['repair.no_room']],
    ['the room cannot be read', { own: data('db3', { free: null }) }, ['repair.room_not_known']],
    ['the cluster is paused', { paused: true }, ['repair.paused']],
    ['part of its data lies elsewhere', { own: data('db3', { links: ['/wal'] }) }, ['repair.data_elsewhere']],
  ])('is not rewound when %s', (_case, change, codes) => {
    expect(refusals(judgeDiverged(facts({ way: 'rewind', rewinds: true, ...change })))).toEqual(codes);
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
      'records 12\ncommits 2\nlast 0/3000148\nfirst 2026-05-01 12:00:01.123456\nuntil 2026-05-01 12:00:02.5\n' +
      'rel 1663/5/16384 7\nrel half\nend\n';
    expect(readWalAnswer(said)).toEqual({
      ...{ records: 12, commits: 2, last: 0x3000148, isCut: false },
      files: [{ tablespace: 1663, database: 5, file: 16_384, records: 7 }],
      ...{ firstCommit: '2026-05-01 12:00:01', lastCommit: '2026-05-01 12:00:02' },
    });
    expect(readWalAnswer('records 12\ncommits 2\n')).toBeNull();
    expect(readWalAnswer('end\n')).toBeNull();
  });
});
