import { readIp, type IpAddress } from '../../connect/ip-address';

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
  | { readonly kind: 'name'; readonly name: string };

/** The kinds of connection that a rule may name. */
const hbaTypes = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'] as const;
/** One of these kinds. */
export type HbaType = (typeof hbaTypes)[number];

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

/** The methods by which PostgreSQL lets clients in. */
const hbaMethods: readonly string[] = [
  ...['trust', 'reject', 'scram-sha-256', 'md5', 'password', 'gss', 'sspi', 'ident', 'peer', 'ldap', 'radius'],
  ...['cert', 'pam', 'bsd', 'oauth'],
];

type Field = readonly HbaWord[];

const TOKEN = /\s*(?:(?<comment>#.*)|(?<comma>,)|"(?<quoted>[^"]*)"|(?<plain>[^\s,"#]+(?:"[^"]*"[^\s,"#]*)*))/y;

/** The next word, comma or comment of a line; null where a quote is not closed. */
function nextToken(
  line: string,
  at: number,
): { readonly end: number; readonly parts: Readonly<Record<string, string | undefined>> } | null {
  const token = new RegExp(TOKEN);
  token.lastIndex = at;
  const found = token.exec(line);
  return found === null ? null : { end: token.lastIndex, parts: { ...found.groups } };
}

/** The words of a line: separated by blanks, lists by commas, text in quotes as one word, and what stands behind `#`. */
function splitLine(line: string): { readonly fields: readonly Field[]; readonly comment: string } | null {
  const fields: HbaWord[][] = [];
  let continues = false;
  for (let at = 0; at < line.trimEnd().length;) {
    const token = nextToken(line, at);
    if (token === null) return null;
    const { comment, comma, quoted, plain = '' } = token.parts;
    if (comment !== undefined) return { fields, comment: comment.replace(/^#\s*/, '') };
    at = token.end;
    const last = fields.at(-1);
    const word: HbaWord = quoted === undefined ? plainWord(plain) : { text: quoted, quoted: true };
    if (comma === undefined && continues && last !== undefined) last.push(word);
    else if (comma === undefined) fields.push([word]);
    continues = comma !== undefined;
  }
  return { fields, comment: '' };
}

/** `+"role"` and `@"file"` keep their sign; the quotes are not part of the name. */
function plainWord(text: string): HbaWord {
  return { text: text.replaceAll('"', ''), quoted: false };
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
  if (type === undefined) return bad(`A rule begins with one of ${hbaTypes.join(', ')}.`);
  return parseRule(type, rest, split.comment);
}

function parseRule(type: HbaType, fields: readonly Field[], comment: string): HbaLine {
  const [databases, users, ...rest] = fields;
  if (databases === undefined || users === undefined) return bad('A rule names a database and a user.');
  const place = readPlace(type, rest);
  if ('reason' in place) return bad(place.reason);
  const [method, ...options] = place.rest.map((field) => field.map((word) => word.text).join(','));
  if (method === undefined) return bad('A rule ends with a method, such as scram-sha-256.');
  if (!hbaMethods.includes(method)) return bad(`${method} is not a method that PostgreSQL knows.`);
  if (type !== 'local' && method === 'peer') return bad('peer works with local only.');
  if (type !== 'hostssl' && method === 'cert') return bad('cert works with hostssl only.');
  const stray = options.find((option) => !option.includes('='));
  if (stray !== undefined) return bad(`${stray} is not an option: options have the form name=value.`);
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
  return prefix === null
    ? { reason: `${word} is not a mask.` }
    : { address: { kind: 'network', address: text, prefix }, addressText: `${text} ${word}`, rest };
}

/** How many bits of a mask are set; null where it has holes. */
function prefixOf({ value, bits }: IpAddress): number | null {
  const digits = value.toString(2).padStart(bits, '0');
  return /^1*0*$/.test(digits) ? digits.replace(/0+$/, '').length : null;
}

/** A list of words as it is written in a rule. */
function writeHbaWords(words: readonly HbaWord[]): string {
  return words.map(({ text, quoted }) => (quoted || /[\s,#]/.test(text) || text === '' ? `"${text}"` : text)).join(',');
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
