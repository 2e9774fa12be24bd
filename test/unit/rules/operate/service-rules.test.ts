import { describe, expect, it } from 'vitest';
import type { ServiceStatus } from '../../../../shared/model/operate/service';
import {
  logOfFinding,
  serviceConsequences,
  typeForService,
  whyNotService,
} from '../../../../shared/rules/operate/service-rules';
import { cluster } from '../../../support/cluster/operable-cluster';

const patroni: ServiceStatus = {
  name: 'patroni',
  unit: 'patroni.service',
  state: 'stopped',
  since: null,
  enabled: true,
};

describe('a service', () => {
  it('is not started, stopped or restarted on a read-only cluster', () => {
    for (const action of ['start', 'stop', 'restart'] as const)
      expect(whyNotService(cluster({ readOnly: true }), patroni, action)).toContain('read-only');
  });

  it('that runs is not started, and one that does not run is not stopped', () => {
    expect(whyNotService(cluster(), patroni, 'start')).toBeNull();
    expect(whyNotService(cluster(), patroni, 'stop')).toContain('does not run');
    expect(whyNotService(cluster(), { ...patroni, state: 'running' }, 'start')).toContain('already');
    expect(whyNotService(cluster(), { ...patroni, state: 'running' }, 'restart')).toBeNull();
  });

  it('of PostgreSQL is left to Patroni', () => {
    const postgres: ServiceStatus = { ...patroni, name: 'postgresql', unit: null };
    expect(whyNotService(cluster(), postgres, 'start')).toContain('Patroni starts and stops PostgreSQL');
  });

  it('that carries the primary says that applications cannot write, and in production asks for the name', () => {
    const stop = { member: 'db1', service: 'patroni', action: 'stop' } as const;
    expect(serviceConsequences(cluster(), stop)[0]).toMatch(/db1 is the leader.*cannot write/);
    expect(typeForService(cluster({ production: true }), stop)).toBe(cluster().title);
    expect(typeForService(cluster({ production: true }), { ...stop, member: 'db2' })).toBeNull();
    expect(typeForService(cluster({ production: true }), { ...stop, action: 'start' })).toBeNull();
  });
});

describe('the log beside a finding', () => {
  it.each([
    ['member.patroni_down', 'patroni'],
    ['member.postgres_down', 'postgresql'],
    ['member.not_streaming', 'postgresql'],
    ['cluster.paused', null],
  ])('of %s is that of %s', (code, service) => {
    expect(logOfFinding(code)).toBe(service);
  });
});
