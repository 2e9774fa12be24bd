import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../shared/model/cluster/cluster-state';
import { repairKinds, repairsOfFinding, repairWords } from '../../../../shared/rules/repair/repair-offers';
import { cluster, leaderless, replica } from '../../../support/cluster/operable-cluster';

const found = (code: string, member: string | null = null): Finding => ({
  code,
  severity: 'warning',
  member,
  sentence: 'x',
  evidence: 'y',
  advice: 'z',
});

describe('the repair that a finding calls for', () => {
  it('is that of the member whose key nobody keeps', () => {
    expect(repairsOfFinding(cluster(), found('member.stale_key', 'db3'))).toEqual([
      { kind: 'stale_member', member: 'db3' },
    ]);
  });

  it('is a new bootstrap only where nothing of the cluster ever ran', () => {
    const waiting = replica('db1', { state: 'stopped' });
    const never = leaderless({ members: [waiting], systemIdentifier: '' });
    expect(repairsOfFinding(never, found('cluster.no_leader'))).toEqual([{ kind: 'stuck_bootstrap' }]);
    expect(repairsOfFinding(leaderless(), found('cluster.no_leader'))).toEqual([]);
    expect(repairsOfFinding({ ...never, systemIdentifier: null }, found('cluster.no_leader'))).toEqual([]);
  });

  it('is one of those on its server where Patroni is down, and only where that can be looked at over SSH', () => {
    const finding = found('member.patroni_down', 'db3');
    const kinds = (serverId: string | null) =>
      repairsOfFinding(cluster({ members: [replica('db3', { serverId })] }), finding).map(({ kind }) => kind);
    expect(kinds('server-db3')).toEqual(['broken_file', 'foreign_data']);
    expect(kinds(null)).toEqual([]);
  });

  it('is about the slot or the disk where WAL is lost or piles up', () => {
    const state = cluster({ members: [replica('db3', { serverId: 'server-db3' })] });
    expect(repairsOfFinding(state, { ...found('postgres.slot_lost', 'db3'), subject: 'reader' })).toEqual([
      { kind: 'slot_lost', member: 'db3', slot: 'reader' },
    ]);
    expect(repairsOfFinding(state, found('postgres.slot_fills_disk', 'db3'))).toEqual([
      { kind: 'wal_held', member: 'db3', slot: null },
    ]);
    expect(repairsOfFinding(state, found('member.postgres_down', 'db3')).map(({ kind }) => kind)).toContain('wal_held');
  });

  it('is none for a finding that a repair does not mend', () => {
    expect(repairsOfFinding(cluster(), found('cluster.paused'))).toEqual([]);
  });

  it('is one of those that are shown', () => {
    expect([...repairKinds].sort()).toEqual(Object.keys(repairWords).sort());
  });
});
