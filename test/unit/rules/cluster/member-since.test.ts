import { expect, it } from 'vitest';
import { membersSince } from '../../../../shared/rules/cluster/member-since';
import type { ClusterEvent } from '../../../../shared/model/cluster/cluster-state';

const event = (at: number, kind: ClusterEvent['kind'], member: string | null): ClusterEvent => ({
  id: at,
  at,
  kind,
  severity: 'info',
  member,
  sentence: '',
});

it('a member is as it is since the last event that changed its state', () => {
  const since = membersSince([
    event(1, 'member_gone', 'db2'),
    event(5, 'member_joined', 'db2'),
    event(9, 'member_streaming', 'db2'),
    event(12, 'pending_restart', 'db2'),
    event(20, 'config_changed', null),
  ]);
  expect(since.get('db2')).toBe(9);
});

it('what was so when the app began to look has no known beginning', () => {
  expect(membersSince([event(3, 'member_state', 'db1'), event(4, 'finding', 'db3')]).has('db3')).toBe(false);
});
