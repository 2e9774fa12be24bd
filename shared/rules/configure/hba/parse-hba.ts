import { readIp, type IpAddress } from '../../connect/ip-address';
import { hbaTypes, whyNotMethod, whyNotOptions, type HbaType } from './hba-methods';

/** A word of a rule. A quoted word never has a special meaning. */
export interface HbaWord {
  readonly text: string;
  readonly quoted: boolean;
}

/** Where a connection comes from, as a rule says it. */
export type HbaAddress =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' | 'samehost' | 'samenet' }
  | { readonly kind: 'network'; readonly address: string; readonly prefix: number }
  /** A mask with holes, which PostgreSQL takes too. */
  | { readonly kind: 'masked'; readonly address: string; readonly mask: string }
  | { readonly kind: 'name'; readonly name: string };

/** A rule taken apart. `disabled`: it stands behind a `#`. */
export interface HbaRule {
  readonly kind: 'rule';
  readonly type: HbaType;
  readonly databases: readonly HbaWord[];
  readonly users: readonly HbaWord[];
  readonly address: HbaAddress;
  /** The address as it is written, with its mask where that stands apart. */
  readonly addressText: string;
  readonly method: string;
  readonly options: readonly string[];
  readonly comment: string;
  readonly disabled: boolean;
}

/** One line of pg_hba.conf, or one entry of Patroni's list. */
export type HbaLine =
  | HbaRule
  | { readonly kind: 'comment'; readonly comment: string }
  | { readonly kind: 'include'; readonly directive: string; readonly file: string }
  | { readonly kind: 'bad'; readonly reason: string };

type Field = readonly HbaWord[];

/** What next_token of PostgreSQL (hba.c) finds: a word or, at the end of the line, none; where it ends, and whether a comma ended it. */
interface Token {
  readonly word: HbaWord | null;
  readonly end: number;
  readonly hasComma: boolean;
  /** Where a comment begins; null where the line has none up to here. */
  readonly commentAt: number | null;
  /** The line ended inside quotes. */
  readonly isOpen: boolean;
}

/**
 * The next word: blanks and commas before it are skipped, a quote may begin anywhere in it and hides blanks, commas and `#`, two
 * quotes inside quotes are one. Only a word that begins with a quote counts as quoted.
 */
function readToken(line: string, from: number): Token {
  const start = from + (/^[\s,]*/.exec(line.slice(from))?.[0].length ?? 0);
  let text = '';
  let at = start;
  let [isInside, wasQuote] = [false, false];
  for (; at < line.length; at += 1) {
    const sign = line[at] ?? '';
    if (!isInside && /[\s,#]/.test(sign)) break;
    const isQuote = sign === '"';
    if (!isQuote || wasQuote) text += sign;
    wasQuote = isInside && isQuote && !wasQuote;
    isInside = isInside !== isQuote;
  }
  const quoted = line[start] === '"';
  return {
    word: quoted || text !== '' ? { text, quoted } : null,
    end: line[at] === ',' ? at + 1 : at,
    hasComma: line[at] === ',',
    commentAt: line[at] === '#' ? at : null,
    isOpen: isInside,
  };
}

/** The words of a line: separated by blanks, lists by commas, and what stands behind `#`. Null where a quote is not closed. */
function splitLine(line: string): { readonly fields: readonly Field[]; readonly comment: string } | null {
  const fields: HbaWord[][] = [];
  let continues = false;
  for (let at = 0; at < line.length;) {
    const { word, end, hasComma, commentAt, isOpen } = readToken(line, at);
    if (isOpen) return null;
    const last = fields.at(-1);
    if (word !== null && continues && last !== undefined) last.push(word);
    else if (word !== null) fields.push([word]);
    if (commentAt !== null) return { fields, comment: line.slice(commentAt).replace(/^#\s*/, '') };
    if (word === null) break;
    continues = hasComma;
    at = end;
  }
  return { fields, comment: '' };
}

const bad = (reason: string): HbaLine => ({ kind: 'bad', reason });

/** Takes one line apart; a line that is a rule behind a `#` is a rule that is disabled. */
export function parseHbaLine(text: string): HbaLine {
  const line = text.trim();
  if (line === '') return { kind: 'comment', comment: '' };
  if (!line.startsWith('#')) return parseActive(line);
  const inside = line.replace(/^#+\s*/, '');
  const rule = parseActive(inside);
  return rule.kind === 'rule' ? { ...rule, disabled: true } : { kind: 'comment', comment: inside };
}

function parseActive(line: string): HbaLine {
  const split = splitLine(line);
  if (split === null) return bad('A quote is not closed.');
  const [first, ...rest] = split.fields;
  const directive = first?.[0]?.text ?? '';
  if (['include', 'include_if_exists', 'include_dir'].includes(directive))
    return { kind: 'include', directive, file: rest[0]?.[0]?.text ?? '' };
  const type = hbaTypes.find((one) => one === directive);
  if (type === undefined || first?.length !== 1) return bad(`A rule begins with one of ${hbaTypes.join(', ')}.`);
  return parseRule(type, rest, split.comment);
}

function parseRule(type: HbaType, fields: readonly Field[], comment: string): HbaLine {
  const [databases, users, ...rest] = fields;
  if (databases === undefined || users === undefined) return bad('A rule names a database and a user.');
  const place = readPlace(type, rest);
  if ('reason' in place) return bad(place.reason);
  const [method, ...options] = place.rest.map((field) => field.map((word) => word.text).join(','));
  if (method === undefined) return bad('A rule ends with a method, such as scram-sha-256.');
  const reason = whyNotMethod(type, method) ?? whyNotOptions(type, method, options);
  if (reason !== null) return bad(reason);
  const { address, addressText } = place;
  return { kind: 'rule', type, databases, users, address, addressText, method, options, comment, disabled: false };
}

type Place =
  | { readonly address: HbaAddress; readonly addressText: string; readonly rest: readonly Field[] }
  | { readonly reason: string };

function readPlace(type: HbaType, fields: readonly Field[]): Place {
  if (type === 'local') return { address: { kind: 'none' }, addressText: '', rest: fields };
  const [field, ...rest] = fields;
  const word = field?.[0];
  if (word === undefined) return { reason: 'A rule for connections over the network names an address.' };
  if ((field?.length ?? 0) > 1) return { reason: 'A rule has one address; write one rule for each.' };
  const { text, quoted } = word;
  if (!quoted && (text === 'all' || text === 'samehost' || text === 'samenet'))
    return { address: { kind: text }, addressText: text, rest };
  return text.includes('/') ? readNetwork(text, rest) : readHost(text, rest);
}

function readNetwork(text: string, rest: readonly Field[]): Place {
  const [host = '', length = ''] = text.split('/');
  const ip = readIp(host);
  if (ip === null) return { reason: `${text} is not an address.` };
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  return prefix <= ip.bits
    ? { address: { kind: 'network', address: host, prefix }, addressText: text, rest }
    : { reason: `/${length} is not a mask for ${host}.` };
}

/** An address whose mask is the next word, or the name of a host. */
function readHost(text: string, rest: readonly Field[]): Place {
  const ip = readIp(text);
  if (ip !== null) return readMask(text, ip, rest);
  return /^[\d.]+$/.test(text) || text.includes(':')
    ? { reason: `${text} is not an address.` }
    : { address: { kind: 'name', name: text }, addressText: text, rest };
}

/** The older form: address and mask as two words. */
function readMask(text: string, ip: IpAddress, [field, ...rest]: readonly Field[]): Place {
  const word = field?.[0]?.text ?? '';
  const mask = readIp(word);
  if (mask === null || mask.bits !== ip.bits) return { reason: `${text} has no mask: write ${text}/${ip.bits}.` };
  const prefix = prefixOf(mask);
  const address: HbaAddress =
    prefix === null ? { kind: 'masked', address: text, mask: word } : { kind: 'network', address: text, prefix };
  return { address, addressText: `${text} ${word}`, rest };
}

/** How many bits of a mask are set; null where it has holes. */
function prefixOf({ value, bits }: IpAddress): number | null {
  const digits = value.toString(2).padStart(bits, '0');
  return /^1*0*$/.test(digits) ? digits.replace(/0+$/, '').length : null;
}

/** A word as it is written in a rule. Quotes around a sign such as `+` would take its meaning away: they stand behind it. */
function writeHbaWord({ text, quoted }: HbaWord): string {
  const inQuotes = (part: string): string => `"${part.replaceAll('"', '""')}"`;
  if (quoted || text === '') return inQuotes(text);
  if (!/[\s,#"]/.test(text)) return text;
  return /^[+@/]/.test(text) ? `${text.slice(0, 1)}${inQuotes(text.slice(1))}` : inQuotes(text);
}

/** A list of words as it is written in a rule. */
function writeHbaWords(words: readonly HbaWord[]): string {
  return words.map(writeHbaWord).join(',');
}

/** A rule as a line. */
export function writeHbaRule(rule: HbaRule): string {
  const words = [
    rule.type,
    writeHbaWords(rule.databases),
    writeHbaWords(rule.users),
    ...(rule.type === 'local' ? [] : [rule.addressText]),
    rule.method,
    ...rule.options.map((option) => (/\s/.test(option) ? `"${option}"` : option)),
  ];
  return `${rule.disabled ? '# ' : ''}${words.join(' ')}${rule.comment === '' ? '' : ` # ${rule.comment}`}`;
}
