import type { PreflightCheck } from '../../../../shared/model/deploy';

/** The same check with the same verdict on several servers. `reason` is what they share, or null when each has its own. */
export interface CheckGroup {
  readonly key: string;
  readonly name: string;
  readonly verdict: PreflightCheck['verdict'];
  readonly reason: string | null;
  readonly found: readonly PreflightCheck[];
}

const order: Readonly<Record<PreflightCheck['verdict'], number>> = { blocks: 0, warning: 1, ok: 2 };

/** Checks put together by what they look at and how they ended: what forbids a deployment first. */
export function groupChecks(checks: readonly PreflightCheck[]): readonly CheckGroup[] {
  const groups = new Map<string, PreflightCheck[]>();
  for (const check of checks) {
    const key = `${check.id} ${check.verdict}`;
    groups.set(key, [...(groups.get(key) ?? []), check]);
  }
  return [...groups.entries()].flatMap(([key, found]) => {
    const [first] = found;
    if (first === undefined) return [];
    const same = found.every((check) => check.reason === first.reason);
    return [{ key, name: first.name, verdict: first.verdict, reason: same ? first.reason : null, found }];
  }).sort((a, b) => order[a.verdict] - order[b.verdict]);
}
