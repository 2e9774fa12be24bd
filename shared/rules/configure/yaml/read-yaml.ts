import { CST, isAlias, isCollection, isMap, isScalar, isSeq, Lexer, parseAllDocuments, visit } from 'yaml';
import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { indentFlow } from './indent-flow';
import { readScalar, tagOfPlain, textOfValue, type ConfigValue, type ScalarTag } from './yaml-scalars';

/**
 * A YAML text as PyYAML's `safe_load` reads it, or where (line and column count from 1) and why it refuses it. The reason holds nothing of
 * the text: it may be secret.
 */
export type YamlAnswer =
  | { readonly kind: 'value'; readonly value: ConfigValue }
  | { readonly kind: 'refused'; readonly line: number | null; readonly column: number | null; readonly reason: string };

/** Values beyond this are no configuration: aliases of aliases grow without bound. */
const MOST_VALUES = 100_000;
const MOST_DEPTH = 200;
/** Brackets within texts count too, so that it is well above what a configuration may have. */
const MOST_OPEN = 400;
/** Each `- ` or `? ` at the beginning of a line opens a level. */
const DEEP_LINE = /^[ ]*(?:[-?] +){400}/m;

const TAG_PREFIX = 'tag:yaml.org,2002:';

/** PyYAML refuses them wherever they stand (yaml/reader.py, NON_PRINTABLE). */
const NOT_PRINTABLE = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** What PyYAML refuses, with its place. */
class Refused extends Error {
  readonly offset: number | null;

  constructor(reason: string, node: Node | null) {
    super(reason);
    this.offset = node?.range?.[0] ?? null;
  }
}

/** Reads a YAML text by the rules of PyYAML: YAML 1.1, the last of two equal keys counts, no tabs between values, one document. */
export function readYaml(text: string): YamlAnswer {
  const body = text.replace(/^\ufeff/, '').replaceAll('\u0085', '\n');
  const control = NOT_PRINTABLE.exec(body);
  if (control !== null) return refuse(body, control.index, 'a control character');
  const deep = findTooDeep(body);
  if (deep !== null) return refuse(body, deep, 'more levels than a configuration has');
  const strict = readDocument(body);
  if (strict.kind === 'value') return strict;
  const lax = readDocument(indentFlow(body));
  return lax.kind === 'value' ? lax : strict;
}

/**
 * Where brackets, or indented lines and their dashes, open more levels than any configuration has; null where they do not. The parser
 * calls itself for each level, and the engine ends the whole process, not the call, when that goes too deep.
 */
function findTooDeep(text: string): number | null {
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '[' || sign === '{') open += 1;
    else if (sign === ']' || sign === '}') open = Math.max(0, open - 1);
    if (open > MOST_OPEN) return at;
  }
  const line = DEEP_LINE.exec(text);
  return line === null ? null : line.index;
}

function refuse(text: string, offset: number | null, reason: string): YamlAnswer {
  if (offset === null) return { kind: 'refused', line: null, column: null, reason };
  return { kind: 'refused', line: lineAt(text, offset), column: offset - text.lastIndexOf('\n', offset - 1), reason };
}

function readDocument(text: string): YamlAnswer {
  const tab = findTab(text);
  if (tab !== null) return refuse(text, tab, 'a tab where YAML allows only spaces');
  const [document, second] = parseAllDocuments(text, {
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  if (document === undefined || !('contents' in document)) return { kind: 'value', value: null };
  if (second !== undefined) return refuse(text, second.range[0], 'a second document');
  const [error] = document.errors.filter((one) => !LAX.test(one.message));
  if (error !== undefined) return refuse(text, error.pos[0], error.code.toLowerCase().replaceAll('_', ' '));
  const bad = findBadFlowWord(document);
  if (bad !== null) return refuse(text, bad.range?.[0] ?? null, 'a word within brackets that begins with : or holds ?');
  try {
    return { kind: 'value', value: new Constructor(document).root() };
  } catch (thrown) {
    if (thrown instanceof Refused) return refuse(text, thrown.offset, thrown.message);
    throw thrown;
  }
}

/** Within brackets PyYAML lets no unquoted text begin with a colon, as `::1` does, or hold a question mark (yaml/scanner.py). */
function findBadFlowWord(document: Document.Parsed): Scalar | null {
  let found: Scalar | null = null;
  visit(document, {
    Scalar: (_key, node, path) => {
      const isWord = node.type === 'PLAIN' && /^:|\?/.test(node.source ?? '');
      if (!isWord || !path.some((above) => isCollection(above) && above.flow === true)) return undefined;
      found = node;
      return visit.BREAK;
    },
  });
  return found;
}

/** What PyYAML accepts though YAML 1.2 does not. */
const LAX = /^Comments must be separated/;

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

const MAY_HOLD_TABS: ReadonlySet<string | null> = new Set([
  'single-quoted-scalar',
  'double-quoted-scalar',
  'comment',
  'block-scalar',
]);

/** Where a tab stands between values, or null. Quoted texts, the lines of a block and comments may hold tabs. */
function findTab(text: string): number | null {
  let offset = 0;
  let wasHeader = false;
  // The lexer puts marks, which are no part of the text, before unquoted scalars and the lines of a block.
  let mark: string | null = null;
  for (const token of new Lexer().lex(text)) {
    if (token === CST.SCALAR || token === CST.DOCUMENT || token === CST.FLOW_END) {
      mark = token;
      continue;
    }
    const isBlock: boolean = wasHeader && mark === CST.SCALAR;
    const type: string | null = isBlock ? 'block-scalar' : CST.tokenType(token);
    if (token.includes('\t') && !MAY_HOLD_TABS.has(type)) return offset + token.indexOf('\t');
    wasHeader = type === 'block-scalar-header' || (wasHeader && !isBlock);
    mark = null;
    offset += token.length;
  }
  return null;
}

/** Makes values of the nodes of one document. */
class Constructor {
  readonly #document: Document.Parsed;
  readonly #anchors = new Map<string, Node>();
  readonly #made = new Map<Node, { readonly value: ConfigValue; readonly size: number }>();
  readonly #open = new Set<Node>();
  #size = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  root(): ConfigValue {
    const { contents } = this.#document;
    return contents === null ? null : this.#value(contents, 0);
  }

  #value(node: Node | null, depth: number): ConfigValue {
    if (node === null) return null;
    if (isAlias(node)) return this.#value(this.#target(node), depth);
    const made = this.#made.get(node);
    if (made !== undefined) {
      this.#grow(made.size, node);
      return made.value;
    }
    if (this.#open.has(node) || depth > MOST_DEPTH) throw new Refused('a value that holds itself', node);
    this.#open.add(node);
    const before = this.#size;
    this.#grow(1, node);
    this.#remember(node);
    const value = this.#fresh(node, depth);
    this.#open.delete(node);
    this.#made.set(node, { value, size: this.#size - before });
    return value;
  }

  #grow(by: number, node: Node): void {
    this.#size += by;
    if (this.#size > MOST_VALUES) throw new Refused('more values than a configuration has', node);
  }

  #remember(node: Node): void {
    if (!('anchor' in node) || node.anchor === undefined || this.#anchors.get(node.anchor) === node) return;
    if (this.#anchors.has(node.anchor)) throw new Refused('an anchor for a second time', node);
    this.#anchors.set(node.anchor, node);
  }

  #target(alias: Alias): Node {
    const target = alias.resolve(this.#document);
    if (target === undefined) throw new Refused('an alias of nothing', alias);
    return target;
  }

  #fresh(node: Node, depth: number): ConfigValue {
    if (isMap(node)) return this.#section(node, depth);
    if (isSeq(node)) return this.#list(node, depth);
    if (!isScalar(node)) throw new Refused('a value of no known kind', node);
    const value = readScalar(tagOf(node), String(node.value ?? ''));
    if (value === undefined) throw new Refused(`a value that is no ${tagOf(node)}`, node);
    return value;
  }

  #list(node: YAMLSeq, depth: number): ConfigValue {
    const tag = shortTag(node);
    if (tag !== null && tag !== 'seq') throw new Refused('a list with a tag', node);
    return node.items.map((item) => this.#value(asNode(item), depth + 1));
  }

  #section(node: YAMLMap, depth: number): ConfigValue {
    const tag = shortTag(node);
    if (tag !== null && tag !== 'map' && tag !== 'set') throw new Refused('a mapping with a tag', node);
    const entries = this.#entries(node, depth).map((pair): [string, ConfigValue] => [
      this.#key(asNode(pair.key), depth),
      this.#value(asNode(pair.value), depth + 1),
    ]);
    return Object.fromEntries(entries);
  }

  #key(node: Node | null, depth: number): string {
    const scalar = node !== null && isAlias(node) ? this.#target(node) : node;
    if (scalar !== null && isScalar(scalar) && tagOf(scalar) === 'value') return '=';
    const value = this.#value(node, depth + 1);
    const text = value === null ? 'None' : textOfValue(value);
    if (text === null) throw new Refused('a list or a mapping as a key', node);
    return text;
  }

  /** What a mapping merges (`<<`) stands before its own keys, which then win (yaml/constructor.py, flatten_mapping). */
  #entries(node: YAMLMap, depth: number): readonly Pair[] {
    if (depth > MOST_DEPTH) throw new Refused('a value that holds itself', node);
    this.#remember(node);
    const merged: Pair[] = [];
    const own: Pair[] = [];
    for (const pair of node.items) {
      if (isMergeKey(pair)) merged.push(...this.#merged(asNode(pair.value), depth));
      else own.push(pair);
    }
    this.#grow(merged.length, node);
    return [...merged, ...own];
  }

  #merged(node: Node | null, depth: number): readonly Pair[] {
    const source = node !== null && isAlias(node) ? this.#target(node) : node;
    if (source !== null && isMap(source)) return this.#entries(source, depth + 1);
    if (source === null || !isSeq(source)) throw new Refused('a merge of what is no mapping', node);
    const parts = source.items.map((item) => {
      const one = asNode(item);
      const part = one !== null && isAlias(one) ? this.#target(one) : one;
      if (part === null || !isMap(part)) throw new Refused('a merge of what is no mapping', one);
      return this.#entries(part, depth + 1);
    });
    return parts.reverse().flat();
  }
}

function asNode(value: unknown): Node | null {
  return isAlias(value) || isMap(value) || isSeq(value) || isScalar(value) ? value : null;
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && tagOf(pair.key) === 'merge';
}

/** The tag of a node without the prefix of YAML's own types; null where it has none. */
function shortTag(node: Scalar | YAMLMap | YAMLSeq): string | null {
  if (node.tag === undefined) return null;
  return node.tag.startsWith(TAG_PREFIX) ? node.tag.slice(TAG_PREFIX.length) : node.tag;
}

const SCALAR_TAGS: readonly ScalarTag[] = ['bool', 'float', 'int', 'merge', 'null', 'str', 'timestamp', 'value'];

function tagOf(node: Scalar): ScalarTag {
  const written = shortTag(node);
  if (written !== null) {
    const known = SCALAR_TAGS.find((tag) => tag === written);
    if (known === undefined) throw new Refused('a value with a tag that PyYAML does not know', node);
    return known;
  }
  return node.type === 'PLAIN' || node.type === undefined ? tagOfPlain(String(node.value ?? '')) : 'str';
}
