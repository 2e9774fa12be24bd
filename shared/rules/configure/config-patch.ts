type Json = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isJsonObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A configuration after a merge patch, as Patroni applies it: null removes, objects merge, all else replaces
 * (patroni/config.py, patch_config).
 */
export function applyConfigPatch(current: Json, patch: Json): Record<string, unknown> {
  const result: Record<string, unknown> = { ...current };
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    if (value === null) delete result[key];
    else if (isJsonObject(value) && isJsonObject(before)) result[key] = applyConfigPatch(before, value);
    else result[key] = value;
  }
  return result;
}

/** One value that a patch changes. `path` has dots between its keys; undefined stands for "not set". */
export interface ConfigChange {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs between two configurations, leaf by leaf, in the order of the paths. */
export function configChanges(before: Json, after: Json, path: readonly string[] = []): readonly ConfigChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    const [wasInside, isInside] = [insideOf(was, is), insideOf(is, was)];
    if (wasInside && isInside) return configChanges(wasInside, isInside, [...path, key]);
    return stableText(was) === stableText(is) ? [] : [{ path: [...path, key], before: was, after: is }];
  });
}

/** A value to look into leaf by leaf; a section that is not there is an empty one beside one that has something in it. */
function insideOf(value: unknown, other: unknown): Json | null {
  if (isJsonObject(value)) return value;
  return value === undefined && isJsonObject(other) && Object.keys(other).length > 0 ? {} : null;
}

/** A value as text that is the same for the same value, whatever the order of its keys. */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'undefined';
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${stableText(value[key])}`)
    .join(',')}}`;
}
