import { findPatroniSetting } from './patroni-settings';

/** Whether a text can be the name of a setting: of Patroni, of PostgreSQL or of one of its extensions. */
export function isSettingName(name: string): boolean {
  return /^[A-Za-z_][\w.]*$/.test(name);
}

/**
 * The merge patch of the dynamic configuration that sets one setting, or removes it when `text` is empty. A name that is
 * Patroni's own, or starts with one and a dot (`postgresql.use_slots`), stands where it is; any other name is a parameter of
 * PostgreSQL, whose own dots (`auto_explain.log_min_duration`) are part of it.
 */
export function patchSetting(name: string, text: string): Record<string, unknown> {
  const path =
    findPatroniSetting(name.split('.')[0] ?? '') === undefined
      ? ['postgresql', 'parameters', name]
      : splitPatroniName(name);
  return nest(path, parseSettingValue(text));
}

/** Below `postgresql.parameters` everything that follows is one name. */
function splitPatroniName(name: string): readonly string[] {
  const parts = name.split('.');
  return parts[0] === 'postgresql' && parts[1] === 'parameters' && parts.length > 3
    ? ['postgresql', 'parameters', parts.slice(2).join('.')]
    : parts;
}

function nest(path: readonly string[], value: unknown): Record<string, unknown> {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : nest(rest, value) };
}

/** A value as YAML would read it: true and false, numbers, else text. Empty text is null, which removes the setting. */
function parseSettingValue(text: string): unknown {
  const value = text.trim();
  if (value === '') return null;
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value;
}
