import type { DynamicConfigResource } from '../../../model/deploy/plan';
import { toRun, settled, type Verdict } from './verdict';

/**
 * The smallest merge patch that makes the present configuration hold all that is wanted: keys that are not
 * wanted stay as they are. Values are compared as Patroni compares them, by their text.
 */
export function configPatch(
  present: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(wanted)) {
    const now = present[key];
    if (isPlain(value)) {
      const inner = configPatch(isPlain(now) ? now : {}, value);
      if (Object.keys(inner).length > 0 || !isPlain(now)) patch[key] = inner;
    } else if (Array.isArray(value)) {
      if (JSON.stringify(now) !== JSON.stringify(value)) patch[key] = value;
    } else if (String(now) !== String(value)) patch[key] = value;
  }
  return patch;
}

/** The dynamic configuration against the spec. Before there is a cluster, its first member brings it along. */
export function checkDynamicConfig(
  resource: DynamicConfigResource,
  present: Readonly<Record<string, unknown>> | null,
): Verdict {
  if (present === null) return toRun();
  const paths = pathsOf(configPatch(present, resource.config));
  return paths.length === 0 ? settled : toRun(`Different: ${paths.join(', ')}.`);
}

function pathsOf(patch: Readonly<Record<string, unknown>>, before = ''): readonly string[] {
  return Object.entries(patch).flatMap(([key, value]) =>
    isPlain(value) && Object.keys(value).length > 0 ? pathsOf(value, `${before}${key}.`) : [`${before}${key}`],
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
