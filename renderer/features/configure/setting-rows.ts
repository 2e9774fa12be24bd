import type { ParameterDefinition } from '../../../shared/model/configure/parameter';
import type { ServerSettings } from '../../../shared/model/configure/server-settings';
import { isJsonObject, stableText, valueAt } from '../../../shared/rules/configure/config-patch';
import { valueInWords } from '../../../shared/rules/configure/parameter-value';
import { patroniSettingFacts } from '../../../shared/rules/configure/patroni-setting-facts';
import { findPatroniSetting } from '../../../shared/rules/configure/patroni-settings';

type Json = Readonly<Record<string, unknown>>;

/** One setting of the form. `definition` is null for Patroni's own. */
export interface SettingRow {
  readonly path: readonly string[];
  readonly name: string;
  readonly group: string;
  readonly description: string;
  readonly note: string;
  readonly definition: ParameterDefinition | null;
  /** The words it may have; null where any text may be written. */
  readonly choices: readonly string[] | null;
  readonly builtIn: string;
}

const CONTEXT_NOTES: Readonly<Record<ParameterDefinition['context'], string>> = {
  internal: 'cannot be changed',
  postmaster: 'needs a restart',
  sighup: 'needs a reload',
  'superuser-backend': 'counts for new sessions',
  backend: 'counts for new sessions',
  superuser: 'needs a reload',
  user: 'needs a reload',
  unknown: '',
};

function patroniRows(): readonly SettingRow[] {
  return Object.entries(patroniSettingFacts).map(([name, facts]) => {
    const setting = findPatroniSetting(name);
    const isSwitch = setting?.kind === 'switch' || name.startsWith('postgresql.');
    const since = setting?.since === undefined ? '' : `Patroni ${setting.since} and later`;
    const lowest = setting?.lowest === undefined ? '' : `at least ${setting.lowest}`;
    return {
      path: name.split('.'),
      name,
      group: facts.group,
      description: facts.description,
      note: sentenceOf([unitInWords(facts.unit), lowest, since]),
      definition: null,
      choices: choicesOf(setting?.kind === 'synchronous_mode', isSwitch),
      builtIn: facts.builtIn ?? '',
    };
  });
}

function unitInWords(unit: string | null): string {
  if (unit === null) return '';
  return unit === 's' ? 'in seconds' : `in ${unit}`;
}

/** Remarks as one sentence; those that are empty say nothing. */
function sentenceOf(remarks: readonly string[]): string {
  const text = remarks.filter((one) => one !== '').join(', ');
  return text === '' ? '' : `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}

function choicesOf(isMode: boolean, isSwitch: boolean): readonly string[] | null {
  if (isMode) return ['off', 'on', 'quorum'];
  return isSwitch ? ['true', 'false'] : null;
}

function rangeOf(definition: ParameterDefinition): string {
  const { min, max } = definition;
  return min === null || max === null ? '' : `${valueInWords(definition, min)} to ${valueInWords(definition, max)}`;
}

function parameterRow(definition: ParameterDefinition): SettingRow {
  const unit = definition.unit === null ? '' : `in ${definition.unit}`;
  const note = [rangeOf(definition), unit, CONTEXT_NOTES[definition.context]];
  return {
    path: ['postgresql', 'parameters', definition.name],
    name: definition.name,
    group: definition.group,
    description: definition.description,
    note: sentenceOf(note),
    definition,
    choices: definition.type === 'bool' ? ['on', 'off'] : (definition.choices.length > 0 && definition.choices) || null,
    builtIn: valueInWords(definition, definition.builtIn),
  };
}

function otherRow(name: string): SettingRow {
  return {
    path: ['postgresql', 'parameters', name],
    name,
    group: 'Not known to the servers',
    description: '',
    note: '',
    definition: null,
    choices: null,
    builtIn: '',
  };
}

/** Every setting that the form can show: Patroni's, the servers' parameters by group, and what is set beside them. */
export function allRows(definitions: ServerSettings['definitions'], config: Json): readonly SettingRow[] {
  const parameters = definitions.filter(({ context }) => context !== 'internal').map(parameterRow);
  const known = new Set(parameters.map(({ name }) => name.toLowerCase()));
  const set = valueAt(config, ['postgresql', 'parameters']);
  const others = (isJsonObject(set) ? Object.keys(set) : [])
    .filter((name) => !known.has(name.toLowerCase()))
    .map(otherRow);
  const byGroup = [...parameters].sort(
    (a, b) => a.group.localeCompare(b.group, 'en') || a.name.localeCompare(b.name, 'en'),
  );
  return [...patroniRows(), ...others, ...byGroup];
}

/** The rows that match the words that were searched for; with `onlySet`, those that are set or were. */
export function shownRows(
  rows: readonly SettingRow[],
  {
    words,
    onlySet,
    config,
    base,
  }: { readonly words: string; readonly onlySet: boolean; readonly config: Json; readonly base: Json },
): readonly SettingRow[] {
  const asked = words.trim().toLowerCase().split(/\s+/);
  return rows.filter((row) => {
    const text = `${row.name} ${row.group} ${row.description}`.toLowerCase();
    const isSet = valueAt(config, row.path) !== undefined || valueAt(base, row.path) !== undefined;
    return asked.every((word) => text.includes(word)) && (!onlySet || isSet);
  });
}

/** Whether the draft differs from what it was begun from. */
export function isChanged(row: SettingRow, config: Json, base: Json): boolean {
  return stableText(valueAt(config, row.path)) !== stableText(valueAt(base, row.path));
}

/** A value as the field shows it. */
export function fieldText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** What was written in a field as a value of the configuration; undefined removes the setting. */
export function fieldValue(row: SettingRow, text: string): unknown {
  const value = row.definition?.type === 'string' ? text : text.trim();
  if (value === '') return undefined;
  if (row.definition === null && (value === 'true' || value === 'false')) return value === 'true';
  const reads = row.definition?.type !== 'string' && /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(value);
  // Of a setting that no server knows, 1.10 may be a version.
  const isNumber = reads && (row.definition !== null || String(Number(value)) === value);
  return isNumber ? Number(value) : value;
}
