import { CST, isAlias, isMap, isScalar, isSeq, Lexer, parseDocument, type Node } from 'yaml';
import { isJsonObject } from '../config-patch';
import { readYaml } from '../yaml/read-yaml';

/** What stands in a text in place of a secret, with its mark behind it. PyYAML and this app read it as a word. */
const MASK = '••••••';

/** A text whose secrets are replaced by masks; `secrets` are what they stand for, by their marks. */
export interface MaskedYaml {
  readonly text: string;
  readonly secrets: ReadonlyMap<string, string>;
}

/** The mark of a secret, of letters and digits: it names the secret and not its place, and does not tell it. */
export type MarkOf = (secret: string) => string;

/** Names of settings whose value is a secret, wherever they stand in a configuration of Patroni. */
const SECRET_NAME = /(password|passwd|passphrase|secret|token|authorization)$|secret_?(access_)?key$/i;

/** A secret within a longer text: a word of a connection string, or what stands before the host of an address. */
const SECRET_WORD =
  /(\w*(?:password|passwd|secret\w*|token)\s*=\s*)((?:"(?:[^"\\]|\\.|"")*"|'(?:[^'\\]|\\.|'')*'|\S)+)/gi;
const SECRET_IN_ADDRESS = /(\/\/[^\s:/@]*:)([^\s@/]+)(?=@)/g;
const SECRET_IN_COMMENT =
  /(\w*(?:password|passwd|secret|token)\w*\s*[:=]\s*)((?:"(?:[^"\\]|\\.|"")*"|'(?:[^'\\]|\\.|'')*'|\S)+)/gi;

/** Whether a setting or a variable of the environment with this name holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

interface Place {
  readonly from: number;
  readonly to: number;
}

/** Masks every secret in a configuration of Patroni; null where it does not read as YAML, so that nobody can tell what is secret. */
export function maskYaml(text: string, markOf: MarkOf): MaskedYaml | null {
  if (readYaml(text).kind === 'refused') return null;
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  const found = [...secretsBelow(text, document.contents, false), ...secretsInComments(text)];
  const places = found
    .sort((a, b) => a.from - b.from)
    .filter(({ from }, index, all) => from >= (all[index - 1]?.to ?? 0));
  const secrets = new Map<string, string>();
  let masked = '';
  let at = 0;
  for (const { from, to } of places) {
    const secret = text.slice(from, to);
    const mark = markOf(secret);
    secrets.set(mark, secret);
    masked += `${text.slice(at, from)}${MASK}${mark}`;
    at = to;
  }
  return { text: masked + text.slice(at), secrets };
}

function secretsBelow(text: string, node: unknown, isSecret: boolean): readonly Place[] {
  if (isMap(node))
    return node.items.flatMap(({ key, value }) => [
      ...secretsBelow(text, key, false),
      ...secretsBelow(text, value, isSecret || (isScalar(key) && isSecretName(String(key.value)))),
    ]);
  if (isSeq(node)) return node.items.flatMap((item) => secretsBelow(text, item, isSecret));
  if (!isScalar(node) || isAlias(node)) return [];
  return secretsInScalar(text, node, isSecret);
}

function secretsInScalar(text: string, node: Node, isSecret: boolean): readonly Place[] {
  const [from, end] = node.range ?? [0, 0];
  const source = text.slice(from, end).trimEnd();
  const to = from + source.length;
  if (to === from) return [];
  return isSecret ? [{ from, to }] : wordsInScalar(source, from);
}

/** The secrets of a scalar's value, where they stand in its source: a quote within quotes is written with two characters. */
function wordsInScalar(source: string, offset: number): readonly Place[] {
  const quote = /^["']/.exec(source)?.[0];
  if (quote === undefined) return wordsIn(source, offset, [SECRET_WORD, SECRET_IN_ADDRESS]);
  const characters = [...source.slice(1, -1).matchAll(quote === '"' ? /\\[\s\S]|[\s\S]/g : /''|[\s\S]/g)];
  const value = characters.map(([written]) => written.at(-1)).join('');
  const placeOf = (index: number): number => offset + 1 + (characters[index]?.index ?? source.length - 2);
  return wordsIn(value, 0, [SECRET_WORD, SECRET_IN_ADDRESS]).map(({ from, to }) => ({
    from: placeOf(from),
    to: placeOf(to),
  }));
}

function wordsIn(source: string, offset: number, patterns: readonly RegExp[]): readonly Place[] {
  return patterns.flatMap((pattern) =>
    [...source.matchAll(pattern)].map(([, before = '', secret = ''], index, all) => {
      const start = offset + (all[index]?.index ?? 0) + before.length;
      return { from: start, to: start + secret.length };
    }),
  );
}

function secretsInComments(text: string): readonly Place[] {
  const found: Place[] = [];
  const marks: ReadonlySet<string> = new Set([CST.SCALAR, CST.DOCUMENT, CST.FLOW_END]);
  let offset = text.startsWith('\ufeff') ? 1 : 0;
  for (const token of new Lexer().lex(text.slice(offset))) {
    if (marks.has(token)) continue;
    if (CST.tokenType(token) === 'comment') found.push(...wordsIn(token, offset, [SECRET_IN_COMMENT]));
    offset += token.length;
  }
  return found;
}

/** A text with its secrets back in place, or the mask in it that stands for nothing. */
export type UnmaskedYaml =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unknown_mask'; readonly mask: string };

/**
 * Puts back what the masks of an edited text stand for. A mask may have moved; quotes that were put around it are dropped. One whose
 * secret is not among these, because the file has another one by now, is unknown.
 */
export function unmaskYaml(text: string, secrets: MaskedYaml['secrets']): UnmaskedYaml {
  let unknown: string | null = null;
  const whole = text.replaceAll(
    new RegExp(`(["']?)${MASK}(\\w*)\\1`, 'g'),
    (mask: string, _quote: string, mark: string) => {
      const secret = secrets.get(mark);
      if (secret === undefined) unknown ??= mask;
      return secret ?? mask;
    },
  );
  return unknown === null ? { kind: 'text', text: whole } : { kind: 'unknown_mask', mask: unknown };
}

/** Values without their secrets, for a page. */
export function maskValues(value: unknown, isSecret = false): unknown {
  if (Array.isArray(value)) return value.map((one) => maskValues(one, isSecret));
  if (isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, inside]) => [name, maskValues(inside, isSecret || isSecretName(name))]),
    );
  if (value === null || value === undefined) return value;
  if (isSecret) return MASK;
  return typeof value === 'string' ? maskWords(value) : value;
}

/** A text without the passwords of connection strings and addresses in it. */
export function maskWords(text: string): string {
  return text.replaceAll(SECRET_WORD, `$1${MASK}`).replaceAll(SECRET_IN_ADDRESS, `$1${MASK}`);
}
