import { describe, expect, it } from 'vitest';
import type { DeployFacts, ServerFacts } from '../../../../../shared/model/deploy/facts';
import type { DeployPlan } from '../../../../../shared/model/deploy/plan';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { planUndo } from '../../../../../shared/rules/deploy/plan/plan-undo';
import { bareFacts, bareServer, specFixture } from '../../../../support/deploy/facts';
import { settledFacts } from '../../../../support/deploy/settled-facts';

const spec = specFixture();
const planOf = (facts: DeployFacts = bareFacts(spec)): DeployPlan =>
  planCluster({ spec, facts, secret: (name) => `top-${name}-secret`, postgresVersion: 17, token: 'run' });

describe('a repeated run', () => {
  const { facts, servers, patroni, sql } = settledFacts(spec, planOf());
  const acts = (given: DeployFacts): readonly string[] => {
    const plan = planOf(given);
    const verdicts = checkPlan(plan, given);
    return plan.steps.filter((step) => verdicts.get(step.id)?.action !== 'none').map((step) => step.id);
  };
  const withServer = (change: Partial<ServerFacts>): DeployFacts => ({
    ...facts,
    servers: { ...servers, n2: { ...(servers['n2'] ?? bareServer('n2', '10.0.0.12')), ...change } },
  });

  it('has nothing to do', () => {
    expect(acts(facts)).toEqual([]);
  });
  it('rewrites a file changed by hand, reloads its unit and does nothing else', () => {
    const old = servers['n2']?.paths ?? {};
    const path = '/etc/haproxy/haproxy.cfg';
    const changed = withServer({
      paths: {
        ...old,
        [path]: { kind: 'file', owner: 'root', group: 'root', mode: 0o644, empty: false, content: 'mine' },
      },
    });
    expect(acts(changed)).toEqual(['n2/haproxy-config', 'n2/haproxy', 'cluster/verify']);
  });
  it('reloads the unit whose configuration was written just before the app died', () => {
    const units = servers['n2']?.units ?? {};
    expect(
      acts(
        withServer({
          units: {
            ...units,
            'pgbouncer.service': { load: 'loaded', enabled: 'enabled', active: 'active', fresh: false },
          },
        }),
      ),
    ).toEqual(['n2/pgbouncer', 'cluster/verify']);
  });
  it('waits for a replica that does not stream, although it reports running', () => {
    expect(
      acts({
        ...facts,
        cluster: { ...facts.cluster, patroni: { ...patroni, n1: { ...patroni.n1, streaming: ['n3'] } } },
      }),
    ).toContain('n2/replica');
  });
  it('creates a role that Patroni could not create because of a power cut', () => {
    const { replicator: _, ...roles } = sql.roles;
    expect(acts({ ...facts, cluster: { ...facts.cluster, sql: { ...sql, roles } } })).toEqual([
      'cluster/sql',
      'cluster/verify',
    ]);
  });
  it('refuses foreign data and never takes it over', () => {
    const paths = {
      '/var/lib/postgresql/17/main': {
        kind: 'directory',
        owner: 'postgres',
        group: 'postgres',
        mode: 0o700,
        empty: false,
        content: null,
      },
    } as const;
    const bare = bareFacts(spec, {
      servers: { ...bareFacts(spec).servers, n1: bareServer('n1', '10.0.0.11', { paths }) },
    });
    expect(checkPlan(planOf(bare), bare).get('n1/postgres-data')?.action).toBe('refuse');
  });
});

describe('an undo', () => {
  const { facts } = settledFacts(spec, planOf());
  const undo = planUndo({ spec, facts, keepData: true, changed: {} });

  it('is never taken as done while its units run and its manifest is there', () => {
    const verdicts = checkPlan(undo, facts);
    for (const step of undo.steps.filter(({ id }) => id.endsWith('/undo-remove') || id.endsWith('/undo-etcd')))
      expect(verdicts.get(step.id)?.action, step.id).toBe('run');
  });

  it('has nothing to stop where the units are off', () => {
    const off = { load: 'loaded', enabled: 'disabled', active: 'inactive', fresh: true } as const;
    const n1 = facts.servers['n1'];
    if (n1 === undefined) throw new Error('There are no facts of n1.');
    const units = Object.fromEntries(Object.keys(n1.units).map((unit) => [unit, off]));
    const about = { ...facts, servers: { ...facts.servers, n1: { ...n1, units } } };
    expect(checkPlan(undo, about).get('n1/undo-etcd')?.action).toBe('none');
  });
});
