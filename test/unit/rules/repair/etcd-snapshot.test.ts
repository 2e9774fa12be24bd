import { describe, expect, it } from 'vitest';
import type { RepairPlan } from '../../../../shared/model/repair/repair';
import {
  judgeEtcdSnapshot,
  type EtcdSite,
  type EtcdSnapshotFacts,
  type SiteLook,
} from '../../../../shared/rules/repair/etcd-snapshot';

const GB = 1024 ** 3;

const site = (server: string, change: Partial<SiteLook> = {}): EtcdSite => ({
  server,
  reach: {
    ...{ kind: 'reached', unit: 'etcd.service', active: 'failed', name: server, peer: `http://${server}:2380` },
    ...{ tool: '/usr/bin/etcdutl', directory: '/var/lib/etcd/default', hasConfigFile: false, hasData: false },
    ...{ size: null, free: 10 * GB },
    ...change,
  },
});
const lost = (server: string): EtcdSite => ({ server, reach: { kind: 'unreachable', why: 'no route' } });
const snapshot = { path: '/home/dba/etcd-orders-1.db', size: 20_512, at: 1, sha256: 'ab'.repeat(32) };

const facts = (change: Partial<EtcdSnapshotFacts> = {}): EtcdSnapshotFacts => ({
  ...{
    answering: [],
    sites: [site('db1'), lost('db2'), lost('db3')],
    files: [snapshot],
    file: snapshot.path,
    why: null,
  },
  ...{ checked: snapshot, server: 'db1', keptAs: '/var/lib/etcd/default.kept', token: 'matriarch-1', others: [] },
  ...{ gone: ['db2', 'db3'], synchronous: false, at: 1 },
  ...change,
});

const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));
const codes = ({ checks }: RepairPlan): readonly string[] => checks.map(({ code }) => code);

describe('an etcd of which nothing is left', () => {
  it('is restored from a whole snapshot on a server that was chosen, as a cluster of its own', () => {
    const plan = judgeEtcdSnapshot(facts());
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['stop', 'upload', 'restore', 'start']);
    expect(plan.steps[2]?.commands.join(' ')).toContain('--initial-cluster db1=http://db1:2380');
    expect([plan.asksName, plan.silent]).toEqual([true, ['db2', 'db3']]);
    expect(plan.consequences.join(' ')).toContain('PostgreSQL is not touched');
  });

  it('keeps the data that lies there', () => {
    const plan = judgeEtcdSnapshot(facts({ sites: [site('db1', { hasData: true }), lost('db2'), lost('db3')] }));
    expect(refusals(plan)).toEqual([]);
    expect(codes(plan)).toContain('repair.has_data');
    expect(plan.steps[2]?.commands.join(' ')).toContain('mv -T /var/lib/etcd/default /var/lib/etcd/default.kept');
  });

  it.each<[string, Partial<EtcdSnapshotFacts>, readonly string[]]>([
    ['a member answers', { answering: ['db1'] }, ['repair.no_evidence']],
    [
      'enough of the members have their data',
      {
        sites: [
          site('db1', { hasData: true, active: 'inactive' }),
          site('db2', { hasData: true, active: 'inactive' }),
          lost('db3'),
        ],
        gone: ['db3'],
      },
      ['repair.may_come_back'],
    ],
    ['a server does not answer and is not said to be gone', { gone: ['db2'] }, ['repair.not_known']],
    ['a server that answers is said to be gone', { gone: ['db1', 'db2', 'db3'] }, ['repair.not_gone']],
    ['no snapshot is chosen', { file: null, checked: null }, ['repair.not_chosen']],
    ['the snapshot is damaged', { checked: null, why: 'the hash is wrong' }, ['repair.snapshot_damaged']],
    ['no server is chosen', { server: null }, ['repair.not_chosen']],
    ['the chosen server does not answer', { server: 'db2' }, ['repair.not_known']],
    ['the chosen server is none of this etcd', { server: 'db9' }, ['repair.no_member']],
    [
      'there is no unit of etcd',
      { sites: [site('db1', { unit: null }), lost('db2'), lost('db3')] },
      ['repair.no_unit'],
    ],
    [
      'a configuration file starts it',
      { sites: [site('db1', { hasConfigFile: true }), lost('db2'), lost('db3')] },
      ['repair.config_file'],
    ],
    [
      'its peer address is not known',
      { sites: [site('db1', { peer: '' }), lost('db2'), lost('db3')] },
      ['repair.not_known'],
    ],
    ['nothing restores there', { sites: [site('db1', { tool: null }), lost('db2'), lost('db3')] }, ['repair.no_tool']],
    ['there is no room', { sites: [site('db1', { free: 1000 }), lost('db2'), lost('db3')] }, ['repair.no_room']],
    [
      'the room is not known',
      { sites: [site('db1', { free: null }), lost('db2'), lost('db3')] },
      ['repair.room_not_known'],
    ],
    ['another cluster in it is read-only', { others: [{ title: 'Shop', readOnly: true }] }, ['operation.read_only']],
  ])('is left as it is when %s', (_case, change, expected) => {
    expect(refusals(judgeEtcdSnapshot(facts(change)))).toEqual(expected);
  });

  it('may be restored where the members have data and their etcd fails with it', () => {
    const sites = [site('db1', { hasData: true }), site('db2', { hasData: true }), site('db3', { hasData: true })];
    expect(refusals(judgeEtcdSnapshot(facts({ sites, gone: [] })))).toEqual([]);
  });

  it('is another decision with another snapshot', () => {
    const print = (sha256: string) => judgeEtcdSnapshot(facts({ checked: { ...snapshot, sha256 } })).fingerprint;
    expect(print('a')).not.toBe(print('b'));
  });
});
