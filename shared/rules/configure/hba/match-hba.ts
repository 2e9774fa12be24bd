import { isInNetwork, readIp, type IpAddress } from '../../connect/ip-address';
import { parseHbaLine, type HbaRule, type HbaWord } from './parse-hba';

/** A client that asks to be let in. */
export interface ConnectingClient {
  readonly user: string;
  /** The roles that the user is a member of, directly or through others; null: not known. */
  readonly roles: readonly string[] | null;
  readonly database: string;
  /** null: over the unix socket of the server itself. */
  readonly address: string | null;
  readonly tls: boolean;
  /** A standby or pg_basebackup: physical replication, which asks for no database. */
  readonly replication: boolean;
}

/** What is known of the server that the client asks. */
export interface HbaServer {
  /** Its own addresses, as far as known; null: not known. */
  readonly addresses: readonly string[] | null;
  /** PostgreSQL's version, e.g. 170005: patterns are read since 16. Null: not known. */
  readonly version: number | null;
}

/** Whether a client gets in. `line` counts from 0; null where no rule matches. */
export type HbaVerdict =
  | { readonly kind: 'asked'; readonly line: number; readonly method: string }
  | { readonly kind: 'refused'; readonly line: number | null }
  | { readonly kind: 'not_known'; readonly line: number; readonly why: string };

type Match = { readonly kind: 'yes' | 'no' } | { readonly kind: 'perhaps'; readonly why: string };

const yes: Match = { kind: 'yes' };
const no: Match = { kind: 'no' };
const perhaps = (why: string): Match => ({ kind: 'perhaps', why });
const match = (is: boolean): Match => (is ? yes : no);

/** The first that matches decides; one that cannot be judged counts before those below it. */
function anyOf(matches: readonly Match[]): Match {
  return matches.find(({ kind }) => kind === 'yes') ?? matches.find(({ kind }) => kind === 'perhaps') ?? no;
}

function matchType({ type }: HbaRule, client: ConnectingClient): Match {
  if (type === 'local' || client.address === null) return match(type === 'local' && client.address === null);
  if (type === 'hostssl') return match(client.tls);
  if (type === 'hostnossl') return match(!client.tls);
  return match(type !== 'hostgssenc');
}

/** Since which version a word that begins with a slash is a regular expression (hba.c, regcomp_auth_token). */
const PATTERNS_SINCE = 160_000;
/** What PostgreSQL's regular expressions mean differently, or have alone. */
const OTHER_PATTERNS = /^\*\*\*|^\(\?(?![=!:])|\\[bByYmMAZ]|\[[[.=:]/;

function matchName({ text }: HbaWord, value: string, { version }: HbaServer): Match {
  if (!text.startsWith('/') || (version !== null && version < PATTERNS_SINCE)) return match(text === value);
  if (version === null) return perhaps(`Whether ${text} is a pattern depends on the version of PostgreSQL.`);
  const pattern = text.slice(1);
  if (OTHER_PATTERNS.test(pattern)) return perhaps(`The regular expression ${text} is not evaluated here.`);
  try {
    return match(new RegExp(pattern, 'u').test(value));
  } catch {
    return perhaps(`The regular expression ${text} is not evaluated here.`);
  }
}

function memberOf(client: ConnectingClient, role: string, what: string): Match {
  if (client.user === role) return yes;
  return client.roles === null
    ? perhaps(`${what} depends on the roles of ${client.user}, which are not known here.`)
    : match(client.roles.includes(role));
}

function matchDatabase(word: HbaWord, client: ConnectingClient, server: HbaServer): Match {
  const { text, quoted } = word;
  if (client.replication) return match(!quoted && text === 'replication');
  if (quoted) return matchName(word, client.database, server);
  if (text.startsWith('@') && text !== '@') return perhaps(`The file ${text.slice(1)} is not read here.`);
  if (text === 'all') return yes;
  if (text === 'sameuser') return match(client.user === client.database);
  if (text === 'samerole' || text === 'samegroup') return memberOf(client, client.database, text);
  return text === 'replication' ? no : matchName(word, client.database, server);
}

function matchUser(word: HbaWord, client: ConnectingClient, server: HbaServer): Match {
  const { text, quoted } = word;
  if (quoted) return matchName(word, client.user, server);
  if (text.startsWith('@') && text !== '@') return perhaps(`The file ${text.slice(1)} is not read here.`);
  if (text.startsWith('+')) return memberOf(client, text.slice(1), text);
  return text === 'all' ? yes : matchName(word, client.user, server);
}

function matchAddress({ address }: HbaRule, client: ConnectingClient, server: HbaServer): Match {
  if (client.address === null) return match(address.kind === 'none');
  const from = readIp(client.address);
  if (from === null) return perhaps(`${client.address} is not an address.`);
  switch (address.kind) {
    case 'none':
      return no;
    case 'all':
      return yes;
    case 'network': {
      const network = readIp(address.address);
      return match(network !== null && isInNetwork(from, network, address.prefix));
    }
    case 'masked':
      return match(isUnderMask(from, readIp(address.address), readIp(address.mask)));
    case 'name':
      return perhaps(`Whether ${client.address} is ${address.name} is for the server's DNS to say.`);
    case 'samehost':
    case 'samenet':
      return matchOwn(address.kind, client.address, server);
  }
}

function isUnderMask(from: IpAddress, network: IpAddress | null, mask: IpAddress | null): boolean {
  if (network === null || mask === null || network.bits !== from.bits || mask.bits !== from.bits) return false;
  return (from.value & mask.value) === (network.value & mask.value);
}

function matchOwn(kind: 'samehost' | 'samenet', address: string, { addresses }: HbaServer): Match {
  const from = readIp(address);
  const loopback = readIp(from?.bits === 128 ? '::1' : '127.0.0.1');
  const own = [...(addresses ?? []).map(readIp), loopback].filter((one) => one !== null);
  if (from !== null && own.some((one) => one.bits === from.bits && one.value === from.value)) return yes;
  if (kind === 'samenet' && from?.bits === 32 && from.value >> 24n === 127n) return yes;
  if (kind === 'samehost' && addresses !== null) return no;
  return perhaps(`${kind} depends on the addresses and networks of the server, which are not all known here.`);
}

/** Whether a rule is for this client: PostgreSQL asks for type, address, database and user, all of them. */
function matchRule(rule: HbaRule, client: ConnectingClient, server: HbaServer): Match {
  const parts = [
    matchType(rule, client),
    matchAddress(rule, client, server),
    anyOf(rule.databases.map((word) => matchDatabase(word, client, server))),
    anyOf(rule.users.map((word) => matchUser(word, client, server))),
  ];
  return parts.find(({ kind }) => kind === 'no') ?? parts.find(({ kind }) => kind === 'perhaps') ?? yes;
}

/**
 * Would this client get in, and by which rule? The first rule that matches decides, as in PostgreSQL (hba.c); with no rule that
 * matches, the client is refused. `asked` means that the client has to satisfy the rule's method.
 */
export function matchHba(lines: readonly string[], client: ConnectingClient, server: HbaServer): HbaVerdict {
  for (const [index, text] of lines.entries()) {
    const line = parseHbaLine(text);
    if (line.kind === 'include')
      return { kind: 'not_known', line: index, why: `The rules in ${line.file} are not read here.` };
    if (line.kind === 'bad')
      return { kind: 'not_known', line: index, why: `PostgreSQL does not take the file: ${line.reason}` };
    if (line.kind !== 'rule' || line.disabled) continue;
    const matched = matchRule(line, client, server);
    if (matched.kind === 'perhaps') return { kind: 'not_known', line: index, why: matched.why };
    if (matched.kind === 'yes')
      return line.method === 'reject'
        ? { kind: 'refused', line: index }
        : { kind: 'asked', line: index, method: line.method };
  }
  return { kind: 'refused', line: null };
}
