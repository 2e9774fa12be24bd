import type { PreflightCheck } from '../../../../shared/model/deploy/deploy-views';
import { plural } from '../../../ui/wording/format';

/** The same check with the same verdict on several servers. `reason` is what they share, or null when each has its own. */
export interface CheckGroup {
  readonly key: string;
  readonly name: string;
  readonly verdict: PreflightCheck['verdict'];
  readonly reason: string | null;
  readonly found: readonly PreflightCheck[];
}

/** How many checks there were, in words: one check is made on many servers. `took` says how long they took. */
export function countChecks(checks: readonly PreflightCheck[], took: string): string {
  const kinds = new Set(checks.map((check) => check.id)).size;
  const servers = new Set(checks.flatMap((check) => (check.server === null ? [] : [check.server]))).size;
  return `${plural(kinds, 'check')} on ${plural(servers, 'server')}, ${plural(checks.length, 'result')} in ${took}`;
}

/** How many of the checks are in order on every server, in words. */
export function countInOrder(checks: readonly PreflightCheck[]): string {
  const kinds = new Set(checks.map((check) => check.id));
  const notable = new Set(checks.filter((check) => check.verdict !== 'ok').map((check) => check.id));
  return notable.size === 0
    ? `${kinds.size === 1 ? 'The check' : `All ${kinds.size} checks`} in detail`
    : `Passed: ${kinds.size - notable.size} of ${plural(kinds.size, 'check')} on every server`;
}

const order: Readonly<Record<PreflightCheck['verdict'], number>> = { blocks: 0, warning: 1, ok: 2 };

/** Checks grouped by their kind and verdict: what blocks a deployment first. */
export function groupChecks(checks: readonly PreflightCheck[]): readonly CheckGroup[] {
  const groups = new Map<string, PreflightCheck[]>();
  for (const check of checks) {
    const key = `${check.id} ${check.verdict}`;
    groups.set(key, [...(groups.get(key) ?? []), check]);
  }
  return [...groups.entries()]
    .flatMap(([key, found]) => {
      const [first] = found;
      if (first === undefined) return [];
      const same = found.every((check) => check.reason === first.reason);
      return [{ key, name: first.name, verdict: first.verdict, reason: same ? first.reason : null, found }];
    })
    .sort((a, b) => order[a.verdict] - order[b.verdict]);
}
