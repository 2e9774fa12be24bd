import { isAlias, isMap, isScalar, parseDocument, type Document } from 'yaml';
import { yamlText } from '../deploy/files/yaml-text';

/** A text with another password in it, or the reason why it cannot be put there. */
export type EditedPassword =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'refused'; readonly sentence: string };

/**
 * Replaces one password in a configuration of Patroni and leaves everything else as it is, comments and quotes included. `path` leads to
 * the password; what stands there must be a plain value, since an anchor or an alias belongs to other places, too.
 */
export function editPassword(text: string, path: readonly string[], password: string): EditedPassword {
  const name = path.join('.');
  const place = scalarAt(parseText(text), path);
  if (place === null) return refused(`${name} does not stand in the file.`);
  if (place === 'shared')
    return refused(`${name} is written with an anchor or an alias, which belongs to other places.`);
  const { from, end, value } = place;
  const source = text.slice(from, end).trimEnd();
  const edited = `${text.slice(0, from)}${quotedAs(source, value, password)}${text.slice(from + source.length)}`;
  const read = parseText(edited).getIn(path);
  return read === password ? { kind: 'text', text: edited } : refused(`${name} cannot be replaced in this file.`);
}

/** The password at a path of a configuration; null where there is none that is a text. */
export function passwordAt(config: unknown, path: readonly string[]): string | null {
  const value = path.reduce<unknown>(
    (inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined),
    config,
  );
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function refused(sentence: string): EditedPassword {
  return { kind: 'refused', sentence };
}

function parseText(text: string): Document.Parsed {
  return parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
}

function scalarAt(document: Document.Parsed, path: readonly string[]): ScalarPlace | 'shared' | null {
  let node: unknown = document.contents;
  for (const key of path) {
    if (isAlias(node)) return 'shared';
    if (!isMap(node)) return null;
    node = node.get(key, true);
  }
  if (isAlias(node)) return 'shared';
  if (!isScalar(node)) return null;
  if (node.anchor !== undefined) return 'shared';
  const [from, end] = node.range ?? [0, 0];
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  return end > from && !isBlock ? { from, end, value: String(node.value) } : null;
}

/** Where a value stands in a text, and what it is. */
interface ScalarPlace {
  readonly from: number;
  readonly end: number;
  readonly value: string;
}

/**
 * As the file writes it: in the quotes that stand there, unless they are those that the former value itself needed. So a change that is
 * taken back gives the text that was there before it.
 */
function quotedAs(source: string, held: string, password: string): string {
  const printable = /^[\x20-\x7e]*$/.test(password);
  if (source === asNeeded(held)) return asNeeded(password);
  if (source.startsWith("'") && printable) return `'${password.replaceAll("'", "''")}'`;
  return source.startsWith('"') ? JSON.stringify(password) : asNeeded(password);
}

function asNeeded(password: string): string {
  if (/^[A-Za-z][A-Za-z0-9]{7,}$/.test(password)) return password;
  return /[[\]{},]/.test(password) ? JSON.stringify(password) : yamlText({ p: password }).slice('p: '.length).trimEnd();
}
