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

/** The merge patch that makes one configuration of another: null where a key goes, sections key by key, all else whole. */
export function patchBetween(before: Json, after: Json): Record<string, unknown> {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    keys.flatMap((key): readonly (readonly [string, unknown])[] => {
      const [was, is] = [before[key], after[key]];
      if (stableText(was) === stableText(is)) return [];
      if (is === undefined || is === null) return was === undefined ? [] : [[key, null]];
      if (!isJsonObject(is)) return [[key, is]];
      return [[key, patchBetween(isJsonObject(was) ? was : {}, is)]];
    }),
  );
}

/** A value that two people changed in two ways since both read `before`. */
export interface ConfigConflict {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

/**
 * What two people made of one configuration, put together: every change of each, and mine where both changed the same value; those
 * are listed.
 */
export function mergeConfigs(
  before: Json,
  mine: Json,
  theirs: Json,
): { readonly merged: Record<string, unknown>; readonly conflicts: readonly ConfigConflict[] } {
  const conflicts: ConfigConflict[] = [];
  const merged = mergeInto(before, mine, theirs, { path: [], conflicts });
  return { merged, conflicts };
}

function mergeInto(
  before: Json,
  mine: Json,
  theirs: Json,
  seen: { readonly path: readonly string[]; readonly conflicts: ConfigConflict[] },
): Record<string, unknown> {
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])];
  return Object.fromEntries(
    keys.flatMap((key): readonly (readonly [string, unknown])[] => {
      const path = [...seen.path, key];
      const value = mergeValue({ path, before: before[key], mine: mine[key], theirs: theirs[key] }, seen.conflicts);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function mergeValue(one: ConfigConflict, conflicts: ConfigConflict[]): unknown {
  const [before, mine, theirs] = [one.before, one.mine, one.theirs].map(stableText);
  if (mine === theirs || mine === before) return one.theirs;
  if (theirs === before) return one.mine;
  if (isJsonObject(one.mine) && isJsonObject(one.theirs))
    return mergeInto(isJsonObject(one.before) ? one.before : {}, one.mine, one.theirs, { path: one.path, conflicts });
  conflicts.push(one);
  return one.mine;
}

/** The value at a path; undefined where there is none. */
export function valueAt(config: Json, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (isJsonObject(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined),
    config,
  );
}

/** A configuration with one value set, or removed by undefined; sections above it are made, and empty ones go with their last key. */
export function withValue(config: Json, path: readonly string[], value: unknown): Record<string, unknown> {
  const [key, ...rest] = path;
  if (key === undefined) return { ...config };
  const { [key]: inside, ...others } = config;
  const next = rest.length === 0 ? value : withValue(isJsonObject(inside) ? inside : {}, rest, value);
  const isGone = next === undefined || (value === undefined && isJsonObject(next) && Object.keys(next).length === 0);
  if (isGone) return others;
  return { ...config, [key]: next };
}
