import { describe, expect, it } from 'vitest';
import type { DeployManifest } from '../../../../../shared/model/deploy/manifest';
import type { Step } from '../../../../../shared/model/deploy/plan';
import type { ServerRole } from '../../../../../shared/model/deploy/spec/server-spec';
import { leaveSteps } from '../../../../../shared/rules/deploy/plan/leave-steps';
import { facts, found, input, listed, serverFixture, specWith } from '../day2/fixtures';

const ALL: readonly ServerRole[] = ['etcd', 'postgres', 'haproxy', 'pgbouncer'];
const leaver = serverFixture('n3', ALL);
const stay = specWith(serverFixture('n1', ALL), serverFixture('n2', ALL));
const members = ['n1', 'n2', 'n3'].map((name) => listed(name));
const made: DeployManifest = {
  version: 1,
  scope: 'shop',
  server: 'n3',
  clusterToken: 'test',
  files: [],
  units: [],
  data: ['/var/lib/postgresql/17/main'],
};

function steps(
  roles: readonly ServerRole[],
  keepData: boolean,
  looked: readonly string[] = ['n1', 'n2', 'n3'],
): ReadonlyMap<string, Step> {
  const servers = looked.map((name) => (name === 'n3' ? { ...found(name), manifest: made } : found(name)));
  return new Map(
    leaveSteps(input(stay, facts(servers, members, 'n1'), [{ server: leaver, roles: [...roles], keepData }])).map(
      (step) => [step.id, step],
    ),
  );
}

describe('a server that leaves', () => {
  it('stops Patroni only when HAProxy, PgBouncer and virtual address no longer lead to it', () => {
    const patroni = steps(ALL, true).get('n3/leave-postgres');
    expect(patroni?.resource).toEqual({ kind: 'undo', part: 'stop', units: ['patroni.service'] });
    expect(patroni?.dependsOn).toEqual(
      expect.arrayContaining(['n1/haproxy', 'n2/haproxy', 'n3/leave-haproxy', 'n3/leave-pgbouncer']),
    );
  });

  it('leaves etcd only when its PostgreSQL is off and the others no longer use its etcd, and then stops etcd', () => {
    const all = steps(ALL, true);
    expect(all.get('n3/leave-etcd')?.dependsOn).toHaveLength(1);
    const left = all.get(all.get('n3/leave-etcd')?.dependsOn[0] ?? '');
    expect(left).toMatchObject({ server: 'n1', resource: { kind: 'etcd_member', part: 'remove', member: 'n3' } });
    expect(left?.dependsOn).toEqual(expect.arrayContaining(['n1/patroni', 'n2/patroni', 'n3/leave-postgres']));
  });

  const kept: readonly (readonly [string, readonly ServerRole[], boolean])[] = [
    ['the user chose to keep them', ALL, true],
    ['it keeps another role', ['postgres'], false],
  ];
  it.each(kept)('keeps its files and data when %s', (_why, roles, keepData) => {
    expect(
      [...steps(roles, keepData).values()].filter(
        ({ resource }) => resource.kind === 'undo' && resource.part === 'remove',
      ),
    ).toEqual([]);
  });

  it('loses what the app made on it, and nothing of others, once all its services are off', () => {
    const removals = [...steps(ALL, false).values()].filter(
      ({ resource }) => resource.kind === 'undo' && resource.part === 'remove',
    );
    expect(removals.map(({ id }) => id)).toEqual(['n3/undo-remove']);
    expect(removals[0]?.dependsOn).toEqual(ALL.map((role) => `n3/leave-${role}`));
  });

  it('that is down is removed from etcd by another, and nothing is done on it', () => {
    const all = [...steps(ALL, false, ['n1', 'n2']).values()];
    expect(all.filter((step) => step.server === 'n3')).toEqual([]);
    expect(all).toMatchObject([{ server: 'n1', resource: { kind: 'etcd_member', part: 'remove', member: 'n3' } }]);
  });

  it('that gives up only HAProxy and PgBouncer keeps its PostgreSQL and etcd running', () => {
    expect([...steps(['haproxy'], true).keys()]).toEqual(['n3/leave-haproxy']);
  });
});
