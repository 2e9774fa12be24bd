import { Document, isMap, isScalar, parseDocument, visit, type Node, type Pair } from 'yaml';
import { isJsonObject } from '../config-patch';
import { printYaml, withoutMerge } from './print-yaml';
import { readYaml } from './read-yaml';
import { readScalar, tagOfPlain } from './yaml-scalars';

/** etcd takes no request that is larger than this, bytes (its --max-request-bytes). */
const MOST_CONFIG_BYTES = 1_572_864;

/** A remark on a YAML text; line and column count from 1. An error keeps the text from being read. */
export interface YamlRemark {
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning' | 'info';
  readonly sentence: string;
}

/** A YAML text as a configuration: null while it cannot be read, with the reason among the remarks. */
export interface ReadConfigYaml {
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly remarks: readonly YamlRemark[];
}

const remark = (severity: YamlRemark['severity'], sentence: string, line = 1, column = 1): YamlRemark => ({
  line,
  column,
  severity,
  sentence,
});

/** Reads a text as `patronictl edit-config` reads it (PyYAML, YAML 1.1), and says what it reads in another way than one may expect. */
export function readConfigYaml(text: string): ReadConfigYaml {
  // A character has at least one byte: what is far too large is not counted through.
  const bytes = text.length > MOST_CONFIG_BYTES ? text.length : utf8Length(text);
  if (bytes > MOST_CONFIG_BYTES)
    return refused(
      `The text has ${(bytes / 1_048_576).toFixed(1)} MB; etcd takes at most 1.5 MB. Remove what does not belong into a configuration.`,
    );
  const answer = readYaml(text);
  if (answer.kind === 'refused')
    return refused(`This is no YAML that Patroni reads: ${answer.reason}.`, answer.line ?? 1, answer.column ?? 1);
  if (answer.value === null) return { config: {}, remarks: [] };
  if (!isJsonObject(answer.value)) return refused('A configuration consists of settings with values: name: value.');
  return { config: answer.value, remarks: findTraps(text) };
}

/** Bytes of a text in UTF-8, which is what etcd counts. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) bytes += 1;
    else if (point < 0x800) bytes += 2;
    else bytes += point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function refused(sentence: string, line = 1, column = 1): ReadConfigYaml {
  return { config: null, remarks: [remark('error', sentence, line, column)] };
}

/** What PyYAML accepts without a word, and people do not expect. */
function findTraps(text: string): readonly YamlRemark[] {
  const found: { readonly offset: number; readonly severity: YamlRemark['severity']; readonly sentence: string }[] = [];
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  visit(document, {
    Map: (_key, node) => {
      for (const twice of duplicates(node.items))
        found.push({
          offset: twice.offset,
          severity: 'error',
          sentence: `${twice.name} stands here for a second time; the last one would count without a word.`,
        });
    },
    Alias: (_key, node) => {
      found.push({
        offset: node.range?.[0] ?? 0,
        severity: 'info',
        sentence: `*${node.source} is written out: the DCS holds no anchors.`,
      });
    },
    Scalar: (key, node) => {
      const sentence = key === 'key' || node.type !== 'PLAIN' ? null : trapOf(String(node.value ?? ''));
      if (sentence !== null) found.push({ offset: node.range?.[0] ?? 0, severity: 'info', sentence });
    },
  });
  return found.map(({ offset, severity, sentence }) => {
    const before = text.slice(0, offset).split('\n');
    return remark(severity, sentence, before.length, (before.at(-1)?.length ?? 0) + 1);
  });
}

function duplicates(pairs: readonly Pair[]): readonly { readonly name: string; readonly offset: number }[] {
  const names = pairs.map(({ key }) => (isScalar(key) ? String(key.value) : null));
  return pairs.flatMap(({ key }, index) => {
    const name = names[index];
    const isTwice = typeof name === 'string' && name !== '<<' && names.indexOf(name) < index;
    return isTwice && isScalar(key) ? [{ name, offset: key.range?.[0] ?? 0 }] : [];
  });
}

/** How an unquoted word is read by YAML 1.1, where that is not what it looks like; null where it is. */
function trapOf(word: string): string | null {
  const tag = tagOfPlain(word);
  if (tag === 'bool' && !/^(true|false)$/i.test(word))
    return `${word} is read as ${/^(yes|on)$/i.test(word) ? 'true' : 'false'}. In quotes it stays a word.`;
  if (tag === 'int' && !/^[-+]?(0|[1-9]\d*)$/.test(word))
    return `${word} is read as the number ${String(readScalar('int', word))}. In quotes it stays text.`;
  if (tag === 'float' && word.includes(':'))
    return `${word} is read as a number to the base 60. In quotes it stays text.`;
  return tag === 'timestamp' ? `${word} is read as a time. In quotes it stays text.` : null;
}

/** A configuration as YAML that PyYAML reads back as the same values. */
export function writeConfigYaml(config: Readonly<Record<string, unknown>>): string {
  if (Object.keys(config).length === 0) return '';
  return printYaml(new Document(config, { version: '1.1', customTags: withoutMerge }), { indentSeq: false });
}

/**
 * A text in which one value is set, or removed by undefined; comments and the order of everything else stay. Null where the
 * text cannot be edited in this way and has to be written anew.
 */
export function editConfigYaml(text: string, path: readonly string[], value: unknown): string | null {
  const document = parseDocument(text, { version: '1.1', customTags: withoutMerge, logLevel: 'silent' });
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) return null;
  try {
    if (value === undefined) removeAt(document, path);
    else setAt(document, path, value);
    return printYaml(document, { indentSeq: false });
  } catch {
    return null;
  }
}

/** Sections above the value that are not there are made as mappings; the library would make ordered ones, which have a tag. */
function setAt(document: Document, path: readonly string[], value: unknown): void {
  // `parameters:` with nothing behind it is no section to put a value into.
  const isThere = (length: number): boolean => document.getIn(path.slice(0, length)) != null;
  const missing = path.findIndex((_key, index) => !isThere(index + 1));
  const depth = missing === -1 ? path.length : missing + 1;
  const inside = path.slice(depth).reduceRight<unknown>((nested, key) => ({ [key]: nested }), value);
  const place = path.slice(0, depth);
  const [first = ''] = place;
  if (document.contents === null) document.contents = document.createNode({ [first]: inside });
  else document.setIn(place, withComments(document.createNode(inside), document.getIn(place, true)));
}

/** A section that has nothing left in it goes with its last value. */
function removeAt(document: Document, path: readonly string[]): void {
  document.deleteIn(path);
  const above = path.slice(0, -1);
  const section = above.length === 0 ? null : document.getIn(above);
  if (isMap(section) && section.items.length === 0) removeAt(document, above);
}

/** A node that takes the place of another, with what was remarked beside it. */
function withComments(node: Node, former: unknown): Node {
  if (!isScalar(former)) return node;
  node.comment = former.comment ?? null;
  node.commentBefore = former.commentBefore ?? null;
  return node;
}
