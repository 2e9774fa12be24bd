import { matchHba, type ConnectingClient, type HbaVerdict } from '../../../shared/rules/configure/hba/match-hba';
import { parseHbaLine } from '../../../shared/rules/configure/hba/parse-hba';
import { seededChoice, type SeededChoice } from './seeded-choice';
import type { HbaSet, ScratchAnswers } from './scratch-postgres';

/** The roles of the scratch server with those that they are members of. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  anna: ['staff'],
  bob: [],
  carl: ['lead', 'staff'],
  dora: [],
  all: [],
  'weird name': [],
  replication: [],
  standby: ['staff'],
};
const OWN_ADDRESSES = ['127.0.0.1', '::1', '10.1.0.11', '2001:db8:0:1::11'];

const USERS = ['anna', 'bob', 'carl', 'dora', 'all', 'weird name', 'replication', 'standby'] as const;
const DATABASES = ['shop', 'staff', 'anna', 'bob', 'my db', 'all', 'replication', 'db12'] as const;
const ADDRESSES = [
  ...(['10.1.0.11', '10.1.7.7', '10.200.0.5', '192.168.7.9', '127.0.0.1', '127.9.9.9', null] as const),
  ...(['2001:db8:0:1::5', '2001:db8:9::1', 'fd00::7', '2001:db8:0:1::11', null] as const),
] as const;
const RULE_USERS = [
  ...([
    'all',
    'all',
    'anna',
    'bob',
    'anna,carl',
    '"all"',
    '+staff',
    '+lead',
    '"+staff"',
    '+"staff"',
    'bob, standby',
  ] as const),
  ...([
    '/^an',
    '"/^(bob|carl)$"',
    '/a$',
    '@users',
    '"weird name"',
    'weird" "name',
    'ALL',
    'replication',
    'Anna',
    '+dora',
  ] as const),
  ...(['"/^.{4}$"', 'bob ,anna', 'anna,,bob', '/[[:alpha:]]{3}'] as const),
] as const;
const RULE_DATABASES = [
  ...([
    'all',
    'all',
    'shop',
    'sameuser',
    'samerole',
    'samegroup',
    'replication',
    '"replication"',
    '"all"',
    '"my db"',
  ] as const),
  ...([
    'shop,staff',
    'all,replication',
    '@dbs',
    '/^db[0-9]+$',
    '"/^s(hop|taff)$"',
    '"sameuser"',
    'my" "db',
    'SHOP',
    '/^st',
  ] as const),
] as const;
const RULE_PLACES = [
  ...([
    'all',
    '10.0.0.0/8',
    '10.1.0.0/16',
    '0.0.0.0/0',
    '::/0',
    '10.1.0.0 255.255.0.0',
    '10.0.0.5 255.0.0.255',
  ] as const),
  ...([
    'samehost',
    'samenet',
    '2001:db8::/32',
    '2001:db8:0:1::/64',
    'fd00:: ff00::',
    '127.0.0.1/32',
    '192.168.7.9/32',
  ] as const),
  ...(['10.200.0.5/31', '8000::/1', '"all"', '10.1.7.7/20', '::ffff:10.0.0.0/104', 'db.invalid'] as const),
] as const;
const METHODS = ['trust', 'reject', 'password', 'md5', 'scram-sha-256'] as const;

function makeRule(random: SeededChoice, method: string): string {
  const type = random.pick(['host', 'host', 'hostssl', 'hostnossl', 'local', 'hostnogssenc', '# host']);
  const place = type === 'local' ? '' : ` ${random.pick(RULE_PLACES)}`;
  const comment = random.below(6) === 0 ? ' # "why' : '';
  return `${type} ${random.pick(RULE_DATABASES)}  ${random.pick(RULE_USERS)}${place}\t${method}${comment}`;
}

function makeClient(random: SeededChoice): Omit<ConnectingClient, 'roles'> {
  const address = random.pick(ADDRESSES);
  const replication = random.below(5) === 0;
  return {
    user: random.pick(USERS),
    database: replication ? '' : random.pick(DATABASES),
    address,
    tls: address !== null && random.below(2) === 0,
    replication,
  };
}

/** Files with up to five rules, each with a method of its own, so that the answer tells which rule decided. */
export function makeHbaSets(count: number, seed: number): readonly HbaSet[] {
  const random = seededChoice(seed);
  return Array.from({ length: count }, () => {
    const first = random.below(METHODS.length);
    const length = 1 + random.below(METHODS.length);
    const methods = Array.from({ length }, (_one, index) => METHODS[(first + index) % METHODS.length] ?? 'md5');
    return {
      lines: methods.map((method) => makeRule(random, method)).filter((line) => parseHbaLine(line).kind !== 'bad'),
      clients: Array.from({ length: 12 }, () => makeClient(random)),
    };
  });
}

/** The words that a scratch server uses for a verdict; null where the matcher does not say. */
function wordOf(verdict: HbaVerdict): string | null {
  switch (verdict.kind) {
    case 'asked':
      return verdict.method;
    case 'refused':
      return verdict.line === null ? 'none' : 'reject';
    case 'not_known':
      return null;
  }
}

/** Where the matcher and PostgreSQL differ, one line each, and how many cases the matcher left open. */
export function compareHbaSets(
  sets: readonly HbaSet[],
  answers: ScratchAnswers,
): { readonly differences: readonly string[]; readonly cases: number; readonly open: number } {
  const server = { addresses: OWN_ADDRESSES, version: answers.version };
  const compared = sets.flatMap(({ lines, clients }, set) =>
    clients.map((client, index) => {
      const roles = ROLES[client.user] ?? null;
      const said = wordOf(matchHba(lines, { ...client, roles }, server));
      const real = answers.sets[set]?.[index] ?? 'nothing';
      return { said, real, text: `${JSON.stringify({ ...client, lines })}: here ${said}, PostgreSQL ${real}` };
    }),
  );
  return {
    differences: compared.filter(({ said, real }) => said !== null && said !== real).map(({ text }) => text),
    cases: compared.length,
    open: compared.filter(({ said }) => said === null).length,
  };
}

const ODD_LINES = [
  'host all all 10.0.0.0/8 md5 map=m',
  'local all all peer map=m',
  'host all all 10.0.0.0/33 md5',
  'host all all 10.0.0.1 md5',
  'host all all ::1 255.0.0.0 md5',
  'host all all all peer',
  'host all all all cert',
  'hostssl all all all cert map=m',
  'hostssl all all all md5 clientcert=verify-full',
  'hostssl all all all md5 clientcert=1',
  'host all all all md5 clientcert=verify-ca',
  'host all all all ldap',
  'host all all all ldap ldapserver=a ldapprefix=b',
  'host all all all radius radiusservers=a',
  'host all all all md5 nonsense=1',
  'host all all all md5 nonsense',
  'host all all all sspi',
  'host all all all bsd',
  'local all all gss',
  'host all all all gss include_realm=1',
  'hostgssenc all all all md5',
  'hostgssenc all all all gss',
  'host all all',
  'host all',
  'host',
  'hosts all all all md5',
  'host,local all all all md5',
  'host all all all,samenet md5',
  'host all all all md5,trust',
  'host all all "10.0.0.0/8" md5',
  'host all all 10.0.0.0/ md5',
  'host all all db.example.com/24 md5',
  'host all all .example.com md5',
  '"host" all all all "md5"',
  'host "a""b" all all md5',
  'host "a"b all all md5',
  'host a"b c"d,"e" +"x y" all md5',
  'host "" all all md5',
  'host all all all md5#comment',
  'host all,#comment',
  'host all all samehost ident map=x',
] as const;

/** Lines to read: odd ones, and what rules are made of in all ways. */
export function makeHbaLines(count: number, seed: number): readonly string[] {
  const random = seededChoice(seed);
  return [...ODD_LINES, ...Array.from({ length: count }, () => makeRule(random, random.pick(METHODS)))];
}

/** Lines that are read in two ways: taken here and refused by PostgreSQL or the other way round, or with other words. */
export function compareHbaLines(lines: readonly string[], answers: ScratchAnswers): readonly string[] {
  return lines.flatMap((line, index) => {
    const read = parseHbaLine(line);
    const found = answers.rules.find(([number]) => number === index);
    const isRule = read.kind === 'rule' && !read.disabled;
    if (found === undefined)
      return isRule || read.kind === 'bad' ? [`${line}: here ${read.kind}, PostgreSQL no rule`] : [];
    const [, type, databases, users, , , method, error] = found;
    // Some refusals leave the columns empty without a reason.
    if (error !== null || type === null)
      return read.kind === 'bad' ? [] : [`${line}: taken here, PostgreSQL says ${error ?? 'no'}`];
    if (!isRule) return [`${line}: here ${JSON.stringify(read)}, PostgreSQL takes it`];
    const [mine, theirs] = [
      [read.type, read.databases.map(({ text }) => text), read.users.map(({ text }) => text), read.method],
      [type, databases, users, method],
    ].map((one) => JSON.stringify(one));
    const hasFile = /@/.test(line);
    return mine === theirs || hasFile ? [] : [`${line}: here ${mine}, PostgreSQL ${theirs}`];
  });
}
