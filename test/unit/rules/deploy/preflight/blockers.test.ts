import { describe, expect, it } from 'vitest';
import type { PreflightCheck } from '../../../../../shared/model/deploy/deploy-views';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { settled } from '../../../../../shared/rules/deploy/check/verdict';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { blockers, newcomers } from '../../../../../shared/rules/deploy/preflight/blockers';
import { bareFacts, specFixture } from '../../../../support/deploy/facts';

const spec = specFixture();
const facts = bareFacts(spec);
const plan = planCluster({ spec, facts, secret: () => 'x', postgresVersion: 17, token: 'run' });
const verdicts = checkPlan(plan, facts);
const found = (server: string | null, verdict: PreflightCheck['verdict']): PreflightCheck => ({
  id: 'disk',
  name: 'Room',
  server,
  verdict,
  evidence: '',
  reason: '',
  fix: null,
});

describe('a failed preflight check', () => {
  it('blocks every server that is deployed', () => {
    expect([...newcomers(plan, verdicts, [])].sort()).toEqual(['n1', 'n2', 'n3']);
    expect(
      blockers(
        [found('n1', 'blocks'), found(null, 'blocks'), found('n2', 'warning'), found('n3', 'ok')],
        newcomers(plan, verdicts, []),
      ).map((check) => check.server),
    ).toEqual(['n1', null]);
  });

  it('does not block a server that needs nothing, nor a run that deploys nothing', () => {
    const grown = new Map(
      [...verdicts].map(([id, verdict]) => [id, id.startsWith('n3/') ? verdict : settled] as const),
    );
    expect([...newcomers(plan, grown, [])]).toEqual(['n3']);
    expect(
      blockers([found('n1', 'blocks'), found('n3', 'blocks')], new Set(['n3'])).map((check) => check.server),
    ).toEqual(['n3']);
    expect(blockers([found('n1', 'blocks'), found(null, 'blocks')], new Set())).toEqual([]);
  });

  it('does not block a server of an adopted cluster', () => {
    expect([...newcomers(plan, verdicts, ['n1', 'n2'])]).toEqual(['n3']);
  });

  it('does not arise from a setting that changes', () => {
    const setting = new Map(
      plan.steps.map((step) => [
        step.id,
        step.resource.kind === 'file' ? { action: 'change' as const, reason: null } : settled,
      ]),
    );
    expect([...newcomers(plan, setting, [])]).toEqual([]);
  });
});
