import { describe, expect, it } from 'vitest';
import { changedSpec } from '../../../../../shared/rules/deploy/day2/changed-spec';
import { describeChangeConsequences } from '../../../../../shared/rules/deploy/day2/change-consequences';
import { specFixture } from '../../../../support/deploy/facts';

const spec = specFixture();

describe('the consequences of removing a server', () => {
  it('name the data that is deleted, the members that are left, and what etcd tolerates afterwards', () => {
    const change = { kind: 'remove_server', name: 'n3', keepData: false } as const;
    const told = describeChangeConsequences(change, spec, changedSpec(spec, change).spec).join(' ');
    expect(told).toContain('2 members are left');
    expect(told).toContain('including its copy of the data. This cannot be undone.');
    expect(told).toContain('etcd then has 2 members and cannot lose any of them');
  });

  it('warn that failover is over when the last replica is removed', () => {
    const two = specFixture({ servers: spec.servers.slice(0, 2) });
    const change = { kind: 'remove_server', name: 'n2', keepData: true } as const;
    expect(describeChangeConsequences(change, two, changedSpec(two, change).spec)[0]).toBe(
      'One member is left: there is no replica to fail over to.',
    );
  });
});
