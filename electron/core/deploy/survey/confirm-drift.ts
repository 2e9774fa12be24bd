import type { StepView } from '../../../../shared/model/deploy/deploy-views';

/**
 * What differs in two comparisons, one after the other. A service that was too busy to answer once, a replica that reconnects, a lock
 * that changes hands are no drift. Nothing is compared again where the first comparison found nothing.
 */
export async function confirmDrift(compare: () => Promise<readonly StepView[]>): Promise<readonly StepView[]> {
  const first = new Set((await compare()).map((step) => step.id));
  if (first.size === 0) return [];
  return (await compare()).filter((step) => first.has(step.id));
}
