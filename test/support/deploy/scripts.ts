import { batchScript, scriptedStep } from '../../../electron/core/deploy/apply/batch';
import { directRoute } from '../../../electron/core/deploy/package-routes/package-route';
import type { ScriptContext } from '../../../electron/core/deploy/resources/script-context';
import type { DeployPlan } from '../../../shared/model/deploy/plan';

/** What scripts are written with in tests: nothing was there before, and packages come by the server's own network. */
export function scriptContext(change: Partial<ScriptContext> = {}): ScriptContext {
  return {
    manifestPath: '/m',
    stateDirectory: '/s',
    packages: directRoute,
    backupOf: () => '',
    issued: new Map(),
    ...change,
  };
}

/** The script of the one step with this id, with all that stands before it. */
export function scriptOf(plan: DeployPlan, id: string, change: Partial<ScriptContext> = {}): string {
  const steps = plan.steps.filter((step) => step.id === id).flatMap((step) => scriptedStep(step, plan.scope) ?? []);
  return batchScript(steps, scriptContext(change));
}
