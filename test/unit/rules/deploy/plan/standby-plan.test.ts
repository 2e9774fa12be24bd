import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DeployPlan } from '../../../../../shared/model/deploy/plan';
import type { ClusterSpecInput } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { bareFacts, specFixture } from '../../../../support/deploy/facts';

const servers = ['n1', 'n2', 'n3'].map((name, index) => ({
  name,
  address: `10.0.0.${11 + index}`,
  ssh: { server: name },
  roles: ['etcd' as const, 'postgres' as const, 'haproxy' as const],
}));
const PEM = '-----BEGIN CERTIFICATE-----\nTHEIRS\n-----END CERTIFICATE-----\n';
const standby = { hosts: ['10.1.0.1', '10.1.0.2'], port: 5433, slot: 'south' };

function planOf(change: Partial<ClusterSpecInput> = {}): DeployPlan {
  const spec = specFixture({ servers, standby, ...change });
  const secret = (name: string): string => `secret of ${name}`;
  return planCluster({ spec, facts: bareFacts(spec), secret, postgresVersion: 17, token: 'run' });
}

function patroniFile(plan: DeployPlan) {
  const step = plan.steps.find(({ id }) => id === 'n1/patroni-config');
  return z
    .looseObject({
      bootstrap: z.looseObject({ dcs: z.looseObject({ postgresql: z.looseObject({ pg_hba: z.array(z.string()) }) }) }),
      postgresql: z.looseObject({ authentication: z.looseObject({ replication: z.looseObject({}) }) }),
    })
    .parse(parse(step?.resource.kind === 'file' ? step.resource.content : ''));
}

describe('the plan of a standby cluster', () => {
  it('says whom it follows where the cluster is made, in the words of Patroni', () => {
    expect(patroniFile(planOf()).bootstrap.dcs['standby_cluster']).toEqual({
      host: '10.1.0.1,10.1.0.2',
      port: 5433,
      primary_slot_name: 'south',
      create_replica_methods: ['basebackup'],
    });
  });

  it('does not say it again in a cluster that runs: a promotion is not taken back', () => {
    const plan = planOf();
    const config = plan.steps.find(({ resource }) => resource.kind === 'dynamic_config')?.resource;
    expect(config).toMatchObject({ kind: 'dynamic_config', config: { ttl: 30 } });
    expect(JSON.stringify(config)).not.toContain('standby_cluster');
  });

  it('makes no roles and databases, and asks HAProxy for no primary', () => {
    const { steps } = planOf();
    expect(steps.some(({ resource }) => resource.kind === 'sql')).toBe(false);
    const entries = steps.flatMap(({ resource }) => (resource.kind === 'verify' ? resource.entryPoints : []));
    expect(new Set(entries.map(({ label }) => label))).toEqual(new Set(['replicas through HAProxy']));
  });

  it('starts its replicas once the first member has its copy and leads', () => {
    const { steps } = planOf();
    expect(steps.some(({ id }) => id === 'cluster/claim')).toBe(false);
    expect(steps.find(({ id }) => id === 'n2/patroni')?.dependsOn).toContain('cluster/leader');
    expect(steps.find(({ id }) => id === 'cluster/leader')?.resource).toMatchObject({ copies: true });
  });

  it('lets the members of the other site in, for the day when that one follows', () => {
    expect(patroniFile(planOf()).bootstrap.dcs.postgresql.pg_hba).toEqual(
      expect.arrayContaining([
        'host replication replicator 10.1.0.1/32 scram-sha-256',
        'host all rewind_user 10.1.0.2/32 scram-sha-256',
      ]),
    );
  });

  it('checks certificates of both sites with TLS, by the two authorities in one file', () => {
    const plan = planOf({ tls: 'on', standby: { ...standby, authority: PEM } });
    const file = plan.steps.find(({ id }) => id === 'n1/patroni-authorities')?.resource;
    expect(file).toMatchObject({ kind: 'file', path: '/etc/patroni/authorities.crt' });
    expect(file?.kind === 'file' ? file.content : '').toBe(`secret of tls-authority-trusted\n${PEM.trim()}\n`);
    expect(patroniFile(plan).postgresql.authentication.replication).toMatchObject({
      sslmode: 'verify-ca',
      sslrootcert: '/etc/patroni/authorities.crt',
    });
    expect(plan.steps.find(({ id }) => id === 'n1/patroni')?.dependsOn).toContain('n1/patroni-authorities');
  });

  it('is settled in its leader once a standby leader runs', () => {
    const spec = specFixture({ servers, standby });
    const facts = bareFacts(spec);
    const leader = {
      state: 'running',
      role: 'standby_leader' as const,
      version: '4.0.7',
      scope: 'main',
      timeline: 1,
      streaming: [],
      dcsLastSeen: null,
      systemIdentifier: '7',
    };
    const made = {
      ...facts,
      cluster: { ...facts.cluster, initialize: '7', patroni: { n1: leader, n2: null, n3: null } },
    };
    const plan = planCluster({ spec, facts: made, secret: () => 'x', postgresVersion: 17, token: 'run' });
    expect(checkPlan(plan, made).get('cluster/leader')?.action).toBe('none');
  });
});
