import { expect, it } from 'vitest';
import { membersSince, stateSince } from '../../../../shared/rules/cluster/member-since';
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

it('a running member shows when its PostgreSQL started, not when the app noticed something', () => {
  const member = { state: 'streaming', stale: false, postmasterStart: 1000 } as const;
  expect(stateSince(member, 5000)).toEqual({ from: 'postgres', at: 1000 });
  expect(stateSince({ ...member, state: 'running' }, null)).toEqual({ from: 'postgres', at: 1000 });
});

it.each([
  [
    'a member that is down shows since when it was seen so',
    { state: 'stopped', stale: false },
    { from: 'seen', at: 5 },
  ],
  [
    'a member that is not heard shows since when it was seen so',
    { state: 'running', stale: true },
    { from: 'seen', at: 5 },
  ],
  ['a running member whose start is not known shows none', { state: 'running', stale: false }, null],
] as const)('%s', (_promise, member, expected) => {
  expect(stateSince({ ...member, postmasterStart: member.stale ? 1 : null }, 5)).toEqual(expected);
});
