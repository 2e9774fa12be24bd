import type { StepView } from '../../../shared/model/deploy/deploy-views';

/**
 * What differs in two looks, one after the other. A service that was too busy to answer once, a replica that reconnects, a lock
 * that changes hands are no drift; nothing is looked at again where the first look found nothing.
 */
export async function seenTwice(look: () => Promise<readonly StepView[]>): Promise<readonly StepView[]> {
  const first = new Set((await look()).map((step) => step.id));
  if (first.size === 0) return [];
  return (await look()).filter((step) => first.has(step.id));
}
