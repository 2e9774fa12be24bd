import { describe, expect, it } from 'vitest';
import { defaultRoles, roleLayouts, suggestEtcdSize } from '../../../../../shared/rules/deploy/roles/role-layouts';

describe('the roles that servers get when nobody chooses', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 3],
    [4, 3],
    [5, 5],
    [6, 3],
    [9, 3],
  ])('give %i servers %i etcd members', (servers, members) => {
    const roles = defaultRoles(servers);
    expect(roles).toHaveLength(servers);
    expect(roles.filter((one) => one.includes('etcd'))).toHaveLength(members);
  });

  it('put etcd on servers of its own from six servers on', () => {
    expect(defaultRoles(6).some((one) => one.includes('etcd') && one.includes('postgres'))).toBe(false);
    expect(suggestEtcdSize(6)).toBe(5);
  });
});

describe('a layout of roles', () => {
  it('never has an even number of etcd members, a server without a role, or no member', () => {
    for (const layout of roleLayouts) {
      for (let servers = layout.least; servers <= 12; servers += 1) {
        const roles = layout.roles(servers);
        const where = `${layout.id} ${servers}`;
        expect(roles.filter((one) => one.includes('etcd')).length % 2, where).toBe(1);
        expect(
          roles.some((one) => one.length === 0),
          where,
        ).toBe(false);
        expect(
          roles.some((one) => one.includes('postgres')),
          where,
        ).toBe(true);
      }
    }
  });
});
