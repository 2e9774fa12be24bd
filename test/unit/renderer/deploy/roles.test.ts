import { describe, expect, it } from 'vitest';
import { defaultRoles, etcdAdvice, etcdCount, etcdSurvives, roleLayouts } from '../../../../renderer/features/deploy/form/roles';

describe('the distribution of roles', () => {
  it.each([[1, 1], [2, 1], [3, 3], [4, 3], [5, 5], [6, 3], [9, 3]])('%i servers get %i members of etcd', (servers, members) => {
    const roles = defaultRoles(servers);
    expect(roles).toHaveLength(servers);
    expect(roles.filter((one) => one.includes('etcd'))).toHaveLength(members);
  });

  it('no layout ever has an even number of etcd members or a server without a role', () => {
    for (const layout of roleLayouts) {
      for (let servers = layout.least; servers <= 12; servers += 1) {
        const roles = layout.roles(servers);
        expect(roles.filter((one) => one.includes('etcd')).length % 2, `${layout.id} ${servers}`).toBe(1);
        expect(roles.every((one) => one.length > 0), `${layout.id} ${servers}`).toBe(true);
        expect(roles.some((one) => one.includes('postgres')), `${layout.id} ${servers}`).toBe(true);
      }
    }
  });

  it('from six servers on, etcd has servers of its own', () => {
    expect(defaultRoles(6).some((one) => one.includes('etcd') && one.includes('postgres'))).toBe(false);
    expect(etcdCount(6)).toBe(5);
  });

  it.each([[0, 0, 'crit'], [1, 0, 'warn'], [2, 0, 'crit'], [3, 1, 'good'], [4, 1, 'crit'], [5, 2, 'good']] as const)('%i members survive the loss of %i: %s', (members, survives, tone) => {
    expect(etcdSurvives(members)).toBe(survives);
    expect(etcdAdvice(members).tone).toBe(tone);
  });
});
