import { describe, expect, it } from 'vitest';
import { emptyForm } from '../../../../../../renderer/features/deploy/form/form';
import {
  defaultRoles,
  etcdAdvice,
  etcdCount,
  roleLayouts,
} from '../../../../../../renderer/features/deploy/form/roles';
import { applicationsText } from '../../../../../../renderer/features/deploy/steps/roles/roles-picture';
import type { ServerRole } from '../../../../../../shared/model/deploy/spec/server-spec';

describe('the distribution of roles', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 3],
    [4, 3],
    [5, 5],
    [6, 3],
    [9, 3],
  ])('%i servers get %i members of etcd', (servers, members) => {
    const roles = defaultRoles(servers);
    expect(roles).toHaveLength(servers);
    expect(roles.filter((one) => one.includes('etcd'))).toHaveLength(members);
  });

  it('no layout ever has an even number of etcd members or a server without a role', () => {
    for (const layout of roleLayouts) {
      for (let servers = layout.least; servers <= 12; servers += 1) {
        const roles = layout.roles(servers);
        expect(roles.filter((one) => one.includes('etcd')).length % 2, `${layout.id} ${servers}`).toBe(1);
        expect(
          roles.every((one) => one.length > 0),
          `${layout.id} ${servers}`,
        ).toBe(true);
        expect(
          roles.some((one) => one.includes('postgres')),
          `${layout.id} ${servers}`,
        ).toBe(true);
      }
    }
  });

  it('from six servers on, etcd has servers of its own', () => {
    expect(defaultRoles(6).some((one) => one.includes('etcd') && one.includes('postgres'))).toBe(false);
    expect(etcdCount(6)).toBe(5);
  });

  it.each([
    [0, 'crit'],
    [1, 'warn'],
    [2, 'crit'],
    [3, 'good'],
    [4, 'crit'],
    [5, 'good'],
  ] as const)('%i members of etcd are judged %s', (members, tone) => {
    expect(etcdAdvice(members).tone).toBe(tone);
  });

  it.each([
    [['postgres', 'haproxy', 'pgbouncer'], 'write by PgBouncer on 6432 or HAProxy on 5000, read by HAProxy on 5001'],
    [['postgres', 'haproxy'], 'write by HAProxy on 5000, read by HAProxy on 5001'],
    [['postgres', 'etcd'], 'go to PostgreSQL itself on 5432; they have to find the primary themselves'],
  ] as readonly (readonly [ServerRole[], string])[])('with %j applications %s', (roles, text) => {
    const { spec } = emptyForm();
    expect(
      applicationsText({
        ...spec,
        servers: [{ name: 'db1', address: '10.0.0.11', ssh: { server: 'a' }, roles, tags: {} }],
      }),
    ).toBe(text);
  });
});
