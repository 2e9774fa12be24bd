import { describe, expect, it } from 'vitest';
import { carryOutBatch } from '../../../../electron/core/demo/bare/carry-out';
import { BareHost } from '../../../../electron/core/demo/bare/bare-host';
import { readBatch } from '../../../../electron/core/demo/bare/read-batch';
import { batchScript, scriptedStep } from '../../../../electron/core/deploy/apply/batch';
import type { DeployPlan, Step } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { classify } from '../../../../shared/rules/deploy/causes/classify';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { bareFacts, specFixture } from '../../../support/deploy/facts';
import { scriptContext, scriptOf } from '../../../support/deploy/scripts';

const issued = { ca: 'CA', cert: 'CERT', key: 'KEY' };

function planOf(spec: ClusterSpec): DeployPlan {
  return planCluster({ spec, facts: bareFacts(spec), secret: () => 'secret', postgresVersion: 17, token: 'run' });
}

function certificatesOf(steps: readonly Step[]) {
  return new Map(steps.flatMap(({ id, resource }) => (resource.kind === 'certificate' ? [[id, issued] as const] : [])));
}

const specs: Readonly<Record<string, ClusterSpec>> = {
  'the defaults': specFixture({ tls: 'on' }),
  'no TLS and a watchdog': specFixture({ patroni: { watchdog: 'automatic' } }),
};

function bareHost(): BareHost {
  return new BareHost('bare-1', '10.98.1.11', { now: () => 1_700_000_000_000, timeScale: 1 });
}

/** Carries the script out at once, with all that it says. */
async function carriedOut(host: BareHost, script: string): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const outcome = await carryOutBatch(host, script, {
    belongTo: () => undefined,
    say: (text) => {
      said += text;
    },
    pass: () => Promise.resolve(),
    now: () => 1_700_000_000_000,
  });
  return { code: outcome?.code ?? -1, said };
}

describe('a bare server of the demo', () => {
  it.each(Object.entries(specs))('knows each step of a set-up with %s', (_name, spec) => {
    const { steps, scope } = planOf(spec);
    const scripted = steps.flatMap((step) => scriptedStep(step, scope) ?? []);
    const batch = readBatch(batchScript(scripted, scriptContext({ issued: certificatesOf(steps) })));
    expect(batch?.steps.map(({ id }) => id)).toEqual(scripted.map(({ step }) => step.id));
    expect(batch?.steps.filter(({ acts }) => acts === null || acts.length === 0)).toEqual([]);
  });

  it('writes each file of a step byte for byte, with its owner and mode', async () => {
    const plan = planOf(specFixture());
    const host = bareHost();
    const step = plan.steps.find(({ id }) => id === 'n1/patroni-config');
    await carriedOut(host, scriptOf(plan, 'n1/patroni-config'));
    expect(step?.resource).toMatchObject({ content: host.machine.text('/etc/patroni/config.yml') });
    expect(host.machine.paths.get('/etc/patroni/config.yml')).toMatchObject({ owner: 'postgres', mode: 0o600 });
  });

  it('installs what a step names with what that needs, and keeps its units from starting', async () => {
    const plan = planOf(specFixture());
    const host = bareHost();
    expect(await carriedOut(host, scriptOf(plan, 'n1/packages-services'))).toMatchObject({ code: 0 });
    expect([...host.machine.packages.keys()]).toEqual(expect.arrayContaining(['patroni', 'postgresql-common']));
    expect(host.machine.users.has('postgres')).toBe(true);
    expect(host.machine.units.get('patroni.service')).toMatchObject({ enabled: 'masked' });
  });

  it('fails with what apt says when its package source is out of reach, so that the cause is named', async () => {
    const plan = planOf(specFixture());
    const host = bareHost();
    host.machine.offline = true;
    const { code, said } = await carriedOut(host, scriptOf(plan, 'n1/packages-services'));
    expect(code).toBe(100);
    expect(said).toContain('@@failed n1/packages-services 100');
    expect(classify(said)?.code).toBe('deploy.repository_unreachable');
    expect(host.machine.packages.has('patroni')).toBe(false);
  });

  it('refuses a unit that is not installed, and a script that it does not know', async () => {
    const plan = planOf(specFixture());
    const { code, said } = await carriedOut(bareHost(), scriptOf(plan, 'n1/haproxy'));
    expect(code).not.toBe(0);
    expect(said).toContain('haproxy.service not found');
    const unknown = batchScript([{ step: plan.steps[0] as Step, write: () => 'reboot now' }], scriptContext());
    expect(await carriedOut(bareHost(), unknown)).toMatchObject({ code: 1 });
    expect(readBatch('reboot now')).toBeNull();
  });
});
