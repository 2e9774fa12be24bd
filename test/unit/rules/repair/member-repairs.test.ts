import { describe, expect, it } from 'vitest';
import type { EtcdActionPreview } from '../../../../shared/model/etcd/etcd-action';
import type { EtcdAlarm } from '../../../../shared/model/etcd/etcd-view';
import type { DataDirectory, RepairPlan } from '../../../../shared/model/repair/repair';
import { judgeBrokenFile, type BrokenFileFacts } from '../../../../shared/rules/repair/broken-file';
import { FREE_ETCD, judgeEtcdSpace } from '../../../../shared/rules/repair/etcd-space';
import { judgeForeignData, type ForeignDataFacts } from '../../../../shared/rules/repair/foreign-data';

const GB = 1024 ** 3;

const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

const data = (member: string, change: Partial<DataDirectory> = {}): DataDirectory => ({
  member,
  server: member,
  directory: '/data',
  content: 'cluster',
  systemIdentifier: '42',
  timeline: 3,
  checkpoint: 100,
  history: [],
  size: GB,
  free: 10 * GB,
  isMount: false,
  links: [],
  runs: false,
  kept: [],
  at: 1,
  ...change,
});

describe('the data of another cluster', () => {
  const facts = (change: Partial<ForeignDataFacts> = {}): ForeignDataFacts => ({
    member: 'db3',
    leader: 'db1',
    paused: false,
    own: data('db3', { systemIdentifier: '99' }),
    leaders: data('db1', { runs: true }),
    unit: 'patroni.service',
    keptAs: '/data.matriarch-kept-1',
    expected: '42',
    expectedAt: 1,
    owners: [],
    said: null,
    ...change,
  });

  it('is moved aside and replaced by a copy, and the steps name both directories and the size', () => {
    const plan = judgeForeignData(facts());
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['stop', 'aside', 'start', 'copy']);
    expect(plan.steps[1]?.label).toBe('Keep the data as /data.matriarch-kept-1 (1 GB)');
    expect(plan.asksName).toBe(true);
  });

  it('is copied anew where an earlier repair has moved it aside already, without moving anything again', () => {
    const own = data('db3', { content: 'none', systemIdentifier: null, size: null, kept: ['/data.matriarch-kept-0'] });
    const plan = judgeForeignData(facts({ own }));
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['start', 'copy']);
  });

  it.each<[string, Partial<ForeignDataFacts>, readonly string[]]>([
    ['is of this cluster', { own: data('db3') }, ['repair.no_evidence']],
    ['is not there', { own: data('db3', { content: 'none', systemIdentifier: null }) }, ['repair.no_evidence']],
    ['has an identifier that cannot be read', { own: data('db3', { systemIdentifier: null }) }, ['repair.not_known']],
    ['is in use', { own: data('db3', { systemIdentifier: '99', runs: true }) }, ['repair.at_work']],
    ['etcd has no identifier', { expected: null }, ['repair.no_evidence']],
    ['nobody leads', { leader: null, leaders: null }, ['repair.no_leader', 'repair.room_not_known']],
    ['the leader cannot be read', { leaders: null }, ['repair.not_known', 'repair.room_not_known']],
    ['the leader does not run', { leaders: data('db1') }, ['repair.no_leader']],
    [
      'the leader differs, too',
      { leaders: data('db1', { runs: true, systemIdentifier: '7' }) },
      ['repair.leader_differs'],
    ],
    ['the member leads', { leader: 'db3' }, ['repair.leads']],
    ['there is no unit', { unit: null }, ['repair.no_unit']],
    ['there is no room for both', { own: data('db3', { systemIdentifier: '99', free: GB }) }, ['repair.no_room']],
    [
      'the free room cannot be read',
      { own: data('db3', { systemIdentifier: '99', free: null }) },
      ['repair.room_not_known'],
    ],
    [
      'a tablespace lies elsewhere',
      { own: data('db3', { systemIdentifier: '99', links: ['/fast'] }) },
      ['repair.data_elsewhere'],
    ],
    [
      'it is a file system of its own',
      { own: data('db3', { systemIdentifier: '99', isMount: true }) },
      ['repair.data_mounted'],
    ],
  ])('is left where it is when it %s', (_case, change, codes) => {
    expect(refusals(judgeForeignData(facts(change)))).toEqual(codes);
  });

  it('is said to belong to another cluster of the app', () => {
    expect(judgeForeignData(facts({ owners: ['Billing'] })).checks).toContainEqual(
      expect.objectContaining({ verdict: 'warns', sentence: expect.stringContaining('Billing') as string }),
    );
  });
});

describe('a patroni.yml that does not read', () => {
  const facts = (change: Partial<BrokenFileFacts> = {}): BrokenFileFacts => ({
    member: 'db3',
    scope: 'shop',
    server: 'db3',
    path: '/etc/patroni/config.yml',
    unit: { name: 'patroni.service', runs: false },
    refused: '/etc/patroni/config.yml cannot be read as YAML, line 4: a mapping was expected.',
    candidates: [{ from: 'backup', text: 'scope: shop\nname: db3\n' }],
    shown: 'scope: shop\nname: db3\n',
    sha: 'abc',
    at: 1,
    ...change,
  });

  it('gets the text beside it, after Patroni has validated it, and Patroni starts', () => {
    const plan = judgeBrokenFile(facts());
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id, label }) => [id, label])).toEqual([
      ['validate', 'Patroni validates the text on the server'],
      ['place', 'Put it in place of /etc/patroni/config.yml'],
      ['reload', 'Have Patroni read it'],
    ]);
  });

  it('is confirmed once, however often systemd starts the Patroni that cannot read it', () => {
    const [stopped, running] = [false, true].map((runs) => judgeBrokenFile(facts({ unit: { name: 'patroni', runs } })));
    expect(stopped?.fingerprint).toBe(running?.fingerprint);
  });

  it('gets what the app writes itself where the text beside it is of no use', () => {
    const candidates = [
      { from: 'backup', text: 'scope: [' },
      { from: 'spec', text: 'scope: shop\nname: db3\n' },
    ] as const;
    const plan = judgeBrokenFile(facts({ candidates }));
    expect(refusals(plan)).toEqual([]);
    expect(plan.evidence.at(-1)?.sentence).toContain('what the app itself writes');
  });

  it.each<[string, Partial<BrokenFileFacts>, readonly string[]]>([
    ['it reads', { refused: null }, ['repair.no_evidence']],
    ['there is no other text', { candidates: [] }, ['repair.no_text']],
    ['the other text does not read', { candidates: [{ from: 'backup', text: '[' }] }, ['repair.no_text']],
    [
      "the other text is another member's",
      { candidates: [{ from: 'backup', text: 'scope: shop\nname: db2\n' }] },
      ['repair.no_text'],
    ],
    [
      'the other text is of another scope',
      { candidates: [{ from: 'backup', text: 'scope: other\nname: db3\n' }] },
      ['repair.no_text'],
    ],
    ['there is no unit', { unit: null }, ['repair.no_unit']],
  ])('stays as it is when %s', (_case, change, codes) => {
    expect(refusals(judgeBrokenFile(facts(change)))).toEqual(codes);
  });
});

describe('an etcd without space', () => {
  const found = (alarms: readonly EtcdAlarm[] | null): EtcdActionPreview => ({
    action: FREE_ETCD,
    title: 'x',
    checks: [],
    consequences: [],
    command: 'x',
    typeToConfirm: null,
    fingerprint: 'f',
    allowed: true,
    reading: { clusterId: 'c', asOf: 1, members: [], alarms },
  });

  it('is freed while NOSPACE is raised', () => {
    expect(refusals(judgeEtcdSpace(found([{ memberId: '1', kind: 'nospace' }])))).toEqual([]);
  });

  it.each<[string, readonly EtcdAlarm[] | null, readonly string[]]>([
    ['no alarm is raised', [], ['repair.no_evidence']],
    [
      'the data of members differs, which is another trouble',
      [{ memberId: '1', kind: 'corrupt' }],
      ['repair.no_evidence'],
    ],
    ['the alarms cannot be read', null, ['repair.not_known']],
  ])('is left alone when %s', (_case, alarms, codes) => {
    expect(refusals(judgeEtcdSpace(found(alarms)))).toEqual(codes);
  });
});
