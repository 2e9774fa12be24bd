import type { Operation } from '../../model/operate/operation';

const ENDANGERING: ReadonlySet<Operation['kind']> = new Set([
  'failover',
  'reinit',
  'promote_cluster',
  'demote_cluster',
]);

/** Whether an operation may lose data or replaces a member's copy of it. */
export function endangersData(operation: Operation): boolean {
  return ENDANGERING.has(operation.kind);
}
