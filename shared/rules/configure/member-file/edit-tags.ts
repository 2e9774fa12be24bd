import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { editConfigYaml } from '../yaml/config-yaml';

/** A value of a tag; undefined takes the tag away. */
export type TagValue = string | number | boolean | undefined;

/**
 * A patroni.yml in which one tag is set or taken away. Every other character stays as it is wherever the tags stand in lines of their
 * own; null where the text cannot be edited in this way.
 */
export function setTag(text: string, name: string, value: TagValue): string | null {
  const document = parseDocument(text, { version: '1.1', merge: false, logLevel: 'silent' });
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) return null;
  const section = document.contents?.items.find(({ key }) => isScalar(key) && key.value === 'tags');
  if (section === undefined) return value === undefined ? text : withSection(text, name, value);
  const tags = section.value;
  if (!isMap(tags) || tags.flow === true || tags.items.length === 0) return editConfigYaml(text, ['tags', name], value);
  const pair = tags.items.find(({ key }) => isScalar(key) && key.value === name);
  if (pair === undefined) return value === undefined ? text : withTag(text, tags, name, value);
  if (value !== undefined) return replaced(text, pair, value) ?? editConfigYaml(text, ['tags', name], value);
  return tags.items.length === 1 ? withoutSection(text, section, pair) : withoutLine(text, pair);
}

function wordOf(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return /^[A-Za-z_][\w.-]*$/.test(value) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

function withSection(text: string, name: string, value: string | number | boolean): string {
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${start}tags:\n  ${name}: ${wordOf(value)}\n`;
}

function startOf({ key }: Pair): number | null {
  return isScalar(key) ? (key.range?.[0] ?? null) : null;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

/** Puts the tag below the last one, as far in as that. */
function withTag(text: string, tags: YAMLMap, name: string, value: string | number | boolean): string | null {
  const last = tags.items.at(-1);
  const start = last === undefined ? null : startOf(last);
  if (last === undefined || start === null) return null;
  const indent = ' '.repeat(start - lineStart(text, start));
  const end = lineEnd(text, endOf(last, start));
  const lead = text.slice(0, end).endsWith('\n') ? '' : '\n';
  return `${text.slice(0, end)}${lead}${indent}${name}: ${wordOf(value)}\n${text.slice(end)}`;
}

/** Where a pair's value ends; the line of a single value is the pair's own. */
function endOf({ value }: Pair, start: number): number {
  return isScalar(value) && value.range != null ? Math.max(start, value.range[1] - 1) : start;
}

function replaced(text: string, { value: node }: Pair, value: string | number | boolean): string | null {
  if (!isScalar(node) || node.range == null || node.source === undefined || node.source === '') return null;
  return `${text.slice(0, node.range[0])}${wordOf(value)}${text.slice(node.range[1])}`;
}

function withoutLine(text: string, pair: Pair): string | null {
  const start = startOf(pair);
  if (start === null) return null;
  return `${text.slice(0, lineStart(text, start))}${text.slice(lineEnd(text, endOf(pair, start)))}`;
}

/** An empty section would be read as null, which Patroni takes for no tags; the section's own line goes with its last tag. */
function withoutSection(text: string, section: Pair, pair: Pair): string | null {
  const without = withoutLine(text, pair);
  const start = startOf(section);
  if (without === null || start === null) return null;
  return `${without.slice(0, lineStart(without, start))}${without.slice(lineEnd(without, start))}`;
}
