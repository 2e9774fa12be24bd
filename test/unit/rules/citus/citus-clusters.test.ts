import { describe, expect, it } from 'vitest';
import type { ClusterSummary, HealthLevel } from '../../../../shared/model/cluster/cluster-state';
import { fleetRows, groupsOf } from '../../../../shared/rules/citus/citus-clusters';
import { clusterName, groupInWords, groupsInWords } from '../../../../shared/rules/citus/citus-names';
import { stateFixture, summaryOf } from '../../../support/page-double/states';

const NOW = 1_700_000_000_000;

function group(
  citusGroup: number,
  change: Partial<ClusterSummary> & { readonly level?: HealthLevel; readonly sentence?: string } = {},
): ClusterSummary {
  const { level = 'healthy', sentence = `${level} here.`, ...rest } = change;
  return {
    ...summaryOf(stateFixture(NOW)),
    clusterId: `shop-${citusGroup}`,
    title: 'shop',
    scope: 'shop',
    citusGroup,
    citusCluster: 'shop',
    leader: `shop-${citusGroup}-1`,
    worstLag: 0,
    paused: false,
    asOf: NOW,
    health: { level, sentence },
    ...rest,
  };
}

const plain = (clusterId: string): ClusterSummary => ({ ...summaryOf(stateFixture(NOW)), clusterId, title: clusterId });

describe('the fleet with Citus clusters', () => {
  it('shows the groups of one Citus cluster as one row at the place of the first, and leaves every other row as it is', () => {
    const orders = plain('orders');
    const rows = fleetRows([group(2), orders, group(0), group(1)]);
    expect(rows.map((row) => row.clusterId)).toEqual(['shop-0', 'orders']);
    expect(rows[0]?.groups?.map((one) => one.citusGroup)).toEqual([0, 1, 2]);
    expect(rows[1]).toBe(orders);
  });

  it('keeps two Citus clusters of one scope apart', () => {
    const other = group(0, { clusterId: 'other', citusCluster: 'elsewhere' });
    expect(fleetRows([group(0), other, group(1)]).map((row) => row.groups?.length)).toEqual([2, 1]);
  });

  it.each<[string, readonly ClusterSummary[], HealthLevel, string]>([
    ['all healthy', [group(0), group(1)], 'healthy', 'All groups are healthy: coordinator and 1 worker.'],
    ['a worker is critical', [group(0), group(1, { level: 'critical' })], 'critical', 'Group 1: critical here.'],
    [
      'unknown is worse than a warning',
      [group(0, { level: 'warning' }), group(2, { level: 'unknown' })],
      'unknown',
      'Group 2: unknown here.',
    ],
    [
      'the coordinator comes before a worker that is as bad',
      [group(1, { level: 'critical' }), group(0, { level: 'critical' })],
      'critical',
      'Group 0: critical here.',
    ],
    ['one connects', [group(0), group(1, { level: 'connecting' })], 'connecting', 'Group 1: connecting here.'],
  ])('is as healthy as the worst group, which the sentence names: %s', (_name, groups, level, sentence) => {
    expect(fleetRows(groups)[0]?.health).toEqual({ level, sentence });
  });

  it('shows the leader of the coordinator, the members of all groups, the worst lag and the oldest news', () => {
    const [row] = fleetRows([
      group(1, { worstLag: 70, asOf: NOW - 9_000, paused: true }),
      group(0, { worstLag: 5, timeline: 8 }),
      group(2, { worstLag: null }),
    ]);
    expect(row).toMatchObject({ leader: 'shop-0-1', timeline: 8, worstLag: 70, asOf: NOW - 9_000, paused: true });
    expect(row?.members).toHaveLength(group(0).members.length * 3);
  });

  it('does not say how old a row is while a group was never heard', () => {
    expect(fleetRows([group(0), group(1, { asOf: null })])[0]?.asOf).toBeNull();
  });

  it('finds the groups of a cluster with the coordinator first, and none of a cluster that has no groups', () => {
    const all = [group(10), plain('orders'), group(2), group(0)];
    expect(groupsOf(all, 'shop').map((one) => one.citusGroup)).toEqual([0, 2, 10]);
    expect(groupsOf(all, undefined)).toEqual([]);
  });
});

describe('the names of groups', () => {
  it.each([
    [{ title: 'shop' }, 'shop'],
    [{ title: 'shop', citusGroup: 0 }, 'shop group 0'],
    [{ title: 'shop', citusGroup: 12 }, 'shop group 12'],
  ])('%j is called "%s"', (cluster, name) => {
    expect(clusterName(cluster)).toBe(name);
  });

  it('group 0 is the coordinator, every other group a worker', () => {
    expect([0, 1].map(groupInWords)).toEqual(['Group 0, coordinator', 'Group 1, worker']);
  });

  it.each([
    [[0, 1, 2], 'coordinator and 2 workers'],
    [[0, 7], 'coordinator and 1 worker'],
    [[0], 'coordinator alone'],
    [[1, 2], '2 workers, no coordinator'],
  ])('groups %j are "%s"', (groups, words) => {
    expect(groupsInWords(groups)).toBe(words);
  });
});
