import { describe, expect, it } from 'vitest';
import type { DeployPlan, Step } from '../../../../../shared/model/deploy/plan';
import { withoutAbsent } from '../../../../../shared/rules/deploy/day2/without-absent';
import { facts, found } from './fixtures';

const stop = (id: string, server: string, dependsOn: readonly string[] = []): Step => ({
  id,
  server,
  label: id,
  dependsOn,
  resource: { kind: 'undo', part: 'stop', units: [] },
});
const plan: DeployPlan = {
  scope: 'shop',
  postgresVersion: 17,
  steps: [
    stop('n1/haproxy', 'n1'),
    stop('n2/haproxy', 'n2', ['n1/haproxy']),
    stop('cluster/verify', 'n1', ['n1/haproxy', 'n2/haproxy']),
  ],
};

describe('a plan while servers do not answer', () => {
  it("does nothing on them, waits for none of them, and runs the cluster's own steps elsewhere", () => {
    expect(withoutAbsent(plan, facts([found('n2')], null)).steps).toEqual([
      stop('n2/haproxy', 'n2'),
      stop('cluster/verify', 'n2', ['n2/haproxy']),
    ]);
  });

  it('is the same when all of them answer', () => {
    expect(withoutAbsent(plan, facts([found('n1'), found('n2')], null))).toEqual(plan);
  });
});
