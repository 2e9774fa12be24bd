import {
  textOfValue,
  type ConfigSection,
  type ConfigValue,
} from '../../../../shared/rules/configure/yaml/yaml-scalars';

/** Whether a value is a mapping. */
export function isConfigSection(value: ConfigValue | undefined): value is ConfigSection {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Lays one configuration over another as Patroni does (patroni/utils.py, patch_config): mappings are merged, everything else is
 * replaced, and a null takes the key away.
 */
export function patchConfig(base: ConfigSection, over: ConfigSection): ConfigSection {
  const merged = new Map<string, ConfigValue>(Object.entries(base));
  for (const [name, value] of Object.entries(over)) {
    const present = merged.get(name);
    if (value === null) merged.delete(name);
    else if (isConfigSection(present) && isConfigSection(value)) merged.set(name, patchConfig(present, value));
    else if (!areSameText(present, value)) merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

/** Patroni keeps a value whose text stays the same. */
function areSameText(present: ConfigValue | undefined, value: ConfigValue): boolean {
  const text = textOfValue(present);
  return text !== null && text === textOfValue(value);
}
