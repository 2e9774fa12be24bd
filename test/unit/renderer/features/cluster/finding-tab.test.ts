import { expect, it } from 'vitest';
import { tabOfFinding } from '../../../../../renderer/features/cluster/overview/finding-tab';

it.each([
  ['postgres.slot_fills_disk', 'postgres'],
  ['postgres.archiver_fails', 'postgres'],
  ['balancer.disagrees', 'balancers'],
  ['etcd.slow_member', 'etcd'],
  ['dcs.member_lost', 'etcd'],
  ['config.timing', 'configuration'],
  ['cluster.no_leader', null],
  ['member.not_streaming', null],
] as const)('a finding such as %s leads to the tab that shows more of it: %s', (code, tab) => {
  expect(tabOfFinding(code)).toBe(tab);
});
