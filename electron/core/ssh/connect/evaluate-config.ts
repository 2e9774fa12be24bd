import { userInfo } from 'node:os';

/** Lines that stand for the begin and the end of a file that another one includes: comments to everybody else. */
export const INCLUDE_BEGIN = '#matriarch include begins';
/** See `INCLUDE_BEGIN`. */
export const INCLUDE_END = '#matriarch include ends';

/** What a configuration says about a host: the first value of each keyword in lower case, all of `identityfile`. */
export interface ConfigValues {
  readonly first: ReadonlyMap<string, string>;
  /** All words of the first value of each keyword. */
  readonly firstWords: ReadonlyMap<string, readonly string[]>;
  readonly identityFiles: readonly string[];
  /** Criteria of `Match` that cannot be known here, in lower case, `exec` among them: each counts as not matching. */
  readonly unknownCriteria: ReadonlySet<string>;
  /** The name to connect to: HostName with its tokens, or the name that was asked for. */
  hostName(): string;
}

/** One word at the beginning of a text: quotes are taken off, and a backslash goes before a quote, a backslash and a space. */
function wordAt(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    const next = text[at + 1] ?? '';
    const isEscape = sign === '\\' && (/["'\\]/.test(next) || (quote === '' && next === ' '));
    if (isEscape) {
      word += next;
      at += 1;
    } else if (quote === '' && /\s/.test(sign)) break;
    else if (sign === quote) quote = '';
    else if (quote === '' && /["']/.test(sign)) quote = sign;
    else word += sign;
  }
  return { word, end: at };
}

/** The words of a line, quoted ones without their quotes; a comment ends it (misc.c, argv_split). */
export function configWords(text: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    if (text[at] === '#') break;
    const { word, end } = wordAt(text, at);
    words.push(word);
    at = end;
  }
  return words;
}

/** The keyword of a line in lower case and the rest of the line; null for a comment or an empty line. */
function keywordOf(line: string): { readonly keyword: string; readonly rest: string } | null {
  const [, keyword, rest] = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
  return keyword === undefined || rest === undefined ? null : { keyword: keyword.toLowerCase(), rest };
}

function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Whether a list of patterns matches: one does, and no negated one does. */
function matchesList(patterns: readonly string[], text: string): boolean {
  const negated = patterns.some((one) => one.startsWith('!') && matchesPattern(one.slice(1), text));
  return !negated && patterns.some((one) => !one.startsWith('!') && matchesPattern(one, text));
}

/** Criteria without an argument. */
const ALONE: ReadonlySet<string> = new Set(['all', 'canonical', 'final']);

function splitOnce(word: string): readonly string[] {
  const [, criterion, argument] = /^(!?\w+)=(.*)$/s.exec(word) ?? [];
  return criterion === undefined || argument === undefined ? [word] : [criterion, argument];
}

/** Reads a configuration for one host by the rules of readconf.c. */
class Evaluation {
  readonly first = new Map<string, string>();
  readonly firstWords = new Map<string, readonly string[]>();
  readonly identityFiles: string[] = [];
  readonly unknownCriteria = new Set<string>();
  /** Whether a `Match final` asks for the configuration to be read once more. */
  metFinal = false;
  readonly #alias: string;
  /** What the patterns of `Host` are compared with: the canonical name in the second reading, where there is one. */
  #name: string;
  readonly #outer: boolean[] = [];
  #active = true;
  #isFinal = false;

  constructor(alias: string) {
    this.#alias = alias;
    this.#name = alias;
  }

  /** Begins the second reading, for a canonical name where one was found: what it finds comes after all that the first one found. */
  readAgain(canonical: string | null): void {
    this.#isFinal = true;
    if (canonical !== null) {
      this.#name = canonical;
      this.first.set('hostname', canonical.replaceAll('%', '%%'));
    }
    this.#active = true;
    this.#outer.length = 0;
  }

  line(line: string): void {
    if (line === INCLUDE_BEGIN) this.#outer.push(this.#active);
    else if (line === INCLUDE_END) this.#active = this.#outer.pop() ?? this.#active;
    else this.#read(line);
  }

  #read(line: string): void {
    const read = keywordOf(line);
    if (read === null) return;
    const words = configWords(read.rest);
    // Within a file that a block includes, nothing counts unless that block does.
    const isReached = this.#outer.at(-1) ?? true;
    if (read.keyword === 'host') this.#active = isReached && matchesList(words, this.#name);
    else if (read.keyword === 'match') this.#active = isReached && this.#matches(words);
    else if (this.#active) this.#take(read.keyword, read.rest, words);
  }

  #take(keyword: string, rest: string, words: readonly string[]): void {
    const value = keyword === 'proxycommand' ? rest : (words[0] ?? '');
    if (value === '') return;
    if (keyword === 'identityfile') {
      if (!this.identityFiles.includes(value)) this.identityFiles.push(value);
      return;
    }
    // The first of the two prevents the other.
    const other = keyword === 'proxyjump' ? 'proxycommand' : 'proxyjump';
    const isLate = (keyword === 'proxyjump' || keyword === 'proxycommand') && this.first.has(other);
    if (isLate || this.first.has(keyword)) return;
    this.first.set(keyword, value);
    this.firstWords.set(keyword, words);
  }

  /** Criteria of `Match`; what cannot be known here, or would run a command, does not match. */
  #matches(words: readonly string[]): boolean {
    const rest = [...words];
    let all = rest.length > 0;
    while (rest.length > 0) {
      // A criterion and its argument may also be joined by an equals sign.
      rest.unshift(...splitOnce(rest.shift() ?? ''));
      const written = (rest.shift() ?? '').toLowerCase();
      const isNegated = written.startsWith('!');
      const criterion = written.replace(/^!/, '');
      const holds = this.#criterion(criterion, ALONE.has(criterion) ? '' : (rest.shift() ?? ''));
      if (holds === null && all) this.unknownCriteria.add(criterion);
      all &&= holds !== null && holds !== isNegated;
    }
    return all;
  }

  #criterion(criterion: string, argument: string): boolean | null {
    const patterns = argument.split(',');
    const me = userInfo().username;
    switch (criterion) {
      case 'all':
        return true;
      case 'host':
        return matchesList(patterns, this.hostName());
      case 'originalhost':
        return matchesList(patterns, this.#alias);
      case 'user':
        return matchesList(patterns, this.first.get('user') ?? me);
      case 'localuser':
        return matchesList(patterns, me);
      case 'tagged':
        return this.#hasTag(argument);
      case 'final':
        this.metFinal = true;
        return this.#isFinal;
      case 'canonical':
        return this.#isFinal;
      default:
        return null;
    }
  }

  /** No tag is matched by an empty argument alone (readconf.c, match_cfg_line). */
  #hasTag(argument: string): boolean {
    const tag = this.first.get('tag') ?? '';
    return tag === '' || argument === '' ? tag === argument : matchesList(argument.split(','), tag);
  }

  hostName(): string {
    return (this.first.get('hostname') ?? this.#alias).replace(/%([%h])/g, (_all, token) =>
      token === '%' ? '%' : this.#alias,
    );
  }
}

/**
 * What a configuration, with its included files between their marks, says about a host; `canonical` is its full name, where
 * CanonicalizeHostname found one.
 */
export function evaluateConfig(text: string, alias: string, canonical: string | null = null): ConfigValues {
  const evaluation = new Evaluation(alias);
  const lines = text.split(/\r?\n/);
  for (const line of lines) evaluation.line(line);
  const canonicalize = (evaluation.first.get('canonicalizehostname') ?? 'no').toLowerCase();
  if (!evaluation.metFinal && !/^(?:yes|true|always)$/.test(canonicalize)) return evaluation;
  evaluation.readAgain(canonical);
  for (const line of lines) evaluation.line(line);
  return evaluation;
}
