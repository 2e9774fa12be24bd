import { describe, expect, it } from 'vitest';
import { etcdEntry } from '../../../../../shared/rules/deploy/steps/etcd-entry';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { facts, found, input, listed, serverFixture, specWith } from '../day2/fixtures';

const url = (name: string): string => `${name}=http://10.0.0.${name.slice(1)}:2380`;
const trio = specWith(serverFixture('n1'), serverFixture('n2'), serverFixture('n3'));
const founder = (name: string) => found(name, { state: 'new', cluster: [url('n1'), url('n2'), url('n3')].join(',') });
const lone = found('n1', { state: 'new', cluster: url('n1') });

describe('a new member of etcd', () => {
  it('bootstraps with all others when there is no cluster', () => {
    const entry = etcdEntry(input(trio, facts([found('n1'), found('n2'), found('n3')], null)), serverFixture('n2'));
    expect(entry).toEqual({
      start: { state: 'new', initialCluster: [url('n1'), url('n2'), url('n3')].join(',') },
      joins: false,
      forget: null,
    });
  });

  it('still bootstraps when the first installation was interrupted', () => {
    const about = facts(
      [founder('n1'), founder('n2'), found('n3')],
      [listed('n1'), listed('n2'), listed('n3', { started: false })],
    );
    expect(etcdEntry(input(trio, about), serverFixture('n3'))).toMatchObject({ start: { state: 'new' }, joins: false });
  });

  it('keeps its initial configuration, so that growing restarts no member', () => {
    const about = facts([lone, found('n2'), found('n3')], [listed('n1')]);
    expect(etcdEntry(input(trio, about), serverFixture('n1'))).toEqual({
      start: { state: 'new', initialCluster: url('n1') },
      joins: false,
      forget: null,
    });
  });

  it('joins a running cluster with the members of that moment, one after another', () => {
    const about = input(trio, facts([lone, found('n2'), found('n3')], [listed('n1')]));
    expect(etcdEntry(about, trio.servers[1] ?? serverFixture('n2'))).toEqual({
      start: { state: 'existing', initialCluster: [url('n1'), url('n2')].join(',') },
      joins: true,
      forget: null,
    });
    expect(etcdEntry(about, trio.servers[2] ?? serverFixture('n3')).start.initialCluster).toBe(
      [url('n1'), url('n2'), url('n3')].join(','),
    );
    const steps = new Map(planCluster(about).steps.map((step) => [step.id, step.dependsOn]));
    expect(steps.get('n3/etcd-add')).toContain('n2/etcd-promote');
    expect(steps.get('n2/etcd')).toContain('n2/etcd-add');
    expect(steps.has('n1/etcd-add')).toBe(false);
  });

  it('replaces the entry of a member that lost its data', () => {
    const about = facts([founder('n1'), founder('n2'), found('n3')], [listed('n1'), listed('n2'), listed('n3')], null, [
      'n3',
    ]);
    expect(etcdEntry(input(trio, about), trio.servers[2] ?? serverFixture('n3'))).toMatchObject({
      joins: true,
      forget: 'id-n3',
      start: { state: 'existing' },
    });
  });
});
