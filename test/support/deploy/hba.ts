import { sameNetwork } from '../../../shared/rules/deploy/network';

/** A client as PostgreSQL or PgBouncer sees it when it connects. */
export interface HbaClient {
  readonly user: string;
  readonly database?: string;
  readonly address: string;
  /** Without TLS, with it, or with a certificate of the cluster's authority, too. */
  readonly tls?: 'none' | 'tls' | 'certificate';
}

/** The words of a line of pg_hba.conf, those in quotes with them. */
function words(line: string): readonly string[] {
  return line.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
}

function names(word: string): readonly string[] {
  return word.match(/"[^"]*"|[^,"]+/g) ?? [];
}

function userMatches(word: string, user: string): boolean {
  return names(word).some((name) =>
    name.startsWith('"') ? name.slice(1, -1) === user : name === 'all' || name === user,
  );
}

function databaseMatches(word: string, database: string): boolean {
  return word === 'all' ? database !== 'replication' : word === database;
}

function addressMatches(word: string, address: string): boolean {
  if (word === 'all') return true;
  const [network = '', prefix = ''] = word.split('/');
  return sameNetwork(network, address, Number(prefix));
}

function typeMatches(type: string, tls: HbaClient['tls']): boolean {
  return type === 'host' || (type === 'hostssl' && tls !== 'none');
}

/** What the first line that fits says: its method with its options; `none` where no line fits (PostgreSQL, "The pg_hba.conf File"). */
export function hbaVerdict(lines: readonly string[], client: HbaClient): string {
  const { user, database = 'app', address, tls = 'tls' } = client;
  for (const line of lines) {
    const [type = '', databases = '', users = '', network = '', ...method] = words(line);
    const fits =
      typeMatches(type, tls) &&
      databaseMatches(databases, database) &&
      userMatches(users, user) &&
      addressMatches(network, address);
    if (!fits) continue;
    return method.includes('clientcert=verify-ca') && tls !== 'certificate' ? 'reject' : (method[0] ?? '');
  }
  return 'none';
}
