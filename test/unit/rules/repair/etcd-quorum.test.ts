import { describe, expect, it } from 'vitest';
import { readEtcdLook } from '../../../../electron/core/repair/etcd-scripts';
import type { EtcdPlace, EtcdSurvivor, RepairPlan } from '../../../../shared/model/repair/repair';
import { quorumOf } from '../../../../shared/rules/etcd/etcd-quorum';
import { judgeEtcdQuorum, type EtcdQuorumFacts } from '../../../../shared/rules/repair/etcd-quorum';

const GB = 1024 ** 3;
const unreachable = { kind: 'unreachable', why: 'No route to host.' } as const;
const emptied = { kind: 'reached', hasData: false, directory: '/var/lib/etcd' } as const;
const there = { kind: 'reached', hasData: true, directory: '/var/lib/etcd' } as const;

const place = (name: string, change: Partial<EtcdPlace> = {}): EtcdPlace => ({
  ...{ name, learner: false, answers: false, server: name, reach: unreachable },
  ...change,
});
const n1 = place('n1', { answers: true, reach: there });
const survivor: EtcdSurvivor = {
  ...{ name: 'n1', server: 'n1', unit: 'etcd.service', directory: '/var/lib/etcd/default' },
  ...{ hasConfigFile: false, size: GB, free: 4 * GB },
};

const facts = (change: Partial<EtcdQuorumFacts> = {}): EtcdQuorumFacts => ({
  quorum: quorumOf(3, 0),
  members: [n1, place('n2'), place('n3')],
  survivor,
  keptAs: '/var/lib/etcd/default.matriarch-kept-1',
  others: [],
  gone: ['n2', 'n3'],
  at: 1,
  ...change,
});

const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('an etcd that has lost its majority for good', () => {
  it.each<[string, Partial<EtcdQuorumFacts>]>([
    ['every lost member is unreachable and named', {}],
    [
      'a lost member has no data any more and is named',
      { members: [n1, place('n2', { reach: emptied }), place('n3')] },
    ],
  ])('goes on with the survivor when %s', (_case, change) => {
    const plan = judgeEtcdQuorum(facts(change));
    expect(refusals(plan)).toEqual([]);
    expect(plan.asksName).toBe(true);
    expect(plan.steps.map(({ id }) => id)).toEqual(['stop', 'keep', 'force']);
  });

  it.each<[string, Partial<EtcdQuorumFacts>, readonly string[]]>([
    ['the majority is there', { quorum: quorumOf(3, 2) }, ['repair.no_evidence']],
    ['a lost member is not named', { gone: ['n2'] }, ['repair.not_known']],
    ['nobody is named', { gone: [] }, ['repair.not_known', 'repair.not_known']],
    [
      'a lost member is named whose server has its data',
      { members: [n1, place('n2', { reach: there }), place('n3')] },
      ['repair.may_come_back'],
    ],
    ['the survivor is named as gone', { gone: ['n1', 'n2', 'n3'] }, ['repair.not_gone']],
    [
      'nobody survives',
      { members: [place('n1'), place('n2'), place('n3')], survivor: null, gone: ['n1', 'n2', 'n3'] },
      ['repair.no_survivor'],
    ],
    [
      'two of five survive',
      { members: [n1, place('n4', { answers: true, reach: there }), place('n2'), place('n3')], survivor: null },
      ['repair.several_survivors'],
    ],
    ['it is started with a file', { survivor: { ...survivor, hasConfigFile: true } }, ['repair.config_file']],
    ['its data is nowhere', { survivor: { ...survivor, directory: '' } }, ['repair.not_known']],
    ['there is no room for a copy', { survivor: { ...survivor, free: GB } }, ['repair.no_room']],
    ['the room cannot be read', { survivor: { ...survivor, free: null } }, ['repair.room_not_known']],
    ['another cluster in it is read-only', { others: [{ title: 'Billing', readOnly: true }] }, ['operation.read_only']],
  ])('is left as it is when %s', (_case, change, codes) => {
    expect(refusals(judgeEtcdQuorum(facts(change)))).toEqual(codes);
  });

  it('is read from the server whole, or not at all', () => {
    const word = Buffer.from('/var/lib/etcd/my cluster').toString('base64');
    expect(
      readEtcdLook(`matriarch-etcd 1\nunit etcd.service\ndirectory ${word}\ndata\nsize 42\nfree 99\nend\n`),
    ).toMatchObject({ unit: 'etcd.service', directory: '/var/lib/etcd/my cluster', hasData: true, size: 42, free: 99 });
    expect(readEtcdLook('matriarch-etcd 1\nunit etcd.service\n')).toBeNull();
  });
});
