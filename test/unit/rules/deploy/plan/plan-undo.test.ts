import { describe, expect, it } from 'vitest';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { planUndo } from '../../../../../shared/rules/deploy/plan/plan-undo';
import { bareFacts, specFixture } from '../../../../support/deploy/facts';
import { settledFacts } from '../../../../support/deploy/settled-facts';

describe('the undo of a deployment', () => {
  const spec = specFixture();
  const plan = planCluster({
    spec,
    facts: bareFacts(spec),
    secret: (name) => `top-${name}-secret`,
    postgresVersion: 17,
    token: 'run',
  });
  const { facts, patroni } = settledFacts(spec, plan);

  it('stops HAProxy and PgBouncer first, replicas before the leader, and etcd last', () => {
    const undo = planUndo({ spec, facts, keepData: false, changed: {} });
    const before = (id: string): readonly string[] => undo.steps.find((step) => step.id === id)?.dependsOn ?? [];
    expect(before('n1/undo-patroni')).toEqual(expect.arrayContaining(['n2/undo-patroni', 'n3/undo-patroni']));
    expect(before('n2/undo-etcd')).toContain('n1/undo-patroni');
  });
  it('removes only its own scope from an external etcd, after the members and before the manifests', () => {
    const external = { ...spec, etcd: { ...spec.etcd, external: ['10.0.9.1:2379'] } };
    const stepsFor = (id: string, keepData = false) =>
      planUndo({
        spec: external,
        keepData,
        changed: {},
        facts: {
          ...facts,
          cluster: {
            ...facts.cluster,
            initialize: '77',
            patroni: Object.fromEntries(
              Object.entries(patroni).map(([name, member]) => [name, { ...member, systemIdentifier: id }]),
            ),
          },
        },
      }).steps;
    const forget = stepsFor('77').find((step) => step.id === 'cluster/undo-scope');
    expect(forget?.resource).toMatchObject({
      prefix: '/service/main/',
      initialize: '77',
      members: ['n1', 'n2', 'n3'],
      via: [{ server: 'n1', address: '10.0.9.1', port: 2379 }],
    });
    expect(forget?.dependsOn).toEqual(['n1/undo-patroni', 'n2/undo-patroni', 'n3/undo-patroni']);
    expect(stepsFor('77').find((step) => step.id === 'n2/undo-remove')?.dependsOn).toContain('cluster/undo-scope');
    expect([...stepsFor('78'), ...stepsFor('77', true)].some((step) => step.id === 'cluster/undo-scope')).toBe(false);
  });
  it('leaves servers alone where nothing was made', () => {
    expect(planUndo({ spec, facts: bareFacts(spec), keepData: false, changed: {} }).steps).toEqual([]);
  });
});
