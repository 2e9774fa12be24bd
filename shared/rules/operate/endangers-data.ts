import type { Operation } from '../../model/operate/operation';

/** Whether an operation may lose data or replaces a member's copy of it. */
export function endangersData(operation: Operation): boolean {
  return operation.kind === 'failover' || operation.kind === 'reinit';
}
