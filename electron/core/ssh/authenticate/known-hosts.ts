import { createHmac } from 'node:crypto';

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostLine {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** The comma-separated patterns, or one hashed name. */
  readonly hosts: string;
  readonly algorithm: string;
  /** Base64 of the public key. */
  readonly key: string;
  readonly line: number;
}

/** What a file of known hosts says about a key that a server shows. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown'; readonly certAuthority: boolean }
  | { readonly kind: 'changed'; readonly line: number; readonly algorithm: string }
  | { readonly kind: 'revoked'; readonly line: number };

const markers: ReadonlyMap<string | undefined, KnownHostLine['marker']> = new Map([
  [undefined, 'none'],
  ['@revoked', 'revoked'],
  ['@cert-authority', 'cert-authority'],
]);

/** The usable lines of a known_hosts file. Garbage lines are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHostLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const words = raw.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [hosts, algorithm, key] = words;
    if (hosts === undefined || hosts === '' || hosts.startsWith('#') || algorithm === undefined || key === undefined)
      return [];
    const kind = markers.get(marker);
    return kind === undefined ? [] : [{ marker: kind, hosts, algorithm, key, line: index + 1 }];
  });
}

/** The name a host has in known_hosts: bare on port 22, `[host]:port` elsewhere. */
export function knownHostName(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** Where an SSH server listens. */
export interface KnownHostAddress {
  readonly host: string;
  readonly port: number;
}

/** What the SSH configuration says of a server's host key. */
export interface KnownAs {
  /** The name that it stands under, whatever the address and the route are (HostKeyAlias). */
  readonly name?: string;
  /** The files of known hosts that count, in place of the usual ones. */
  readonly files?: readonly string[];
}

/**
 * The name of a host behind jump hosts (outermost first) in the app's own file. Like OpenSSH's HostKeyAlias it
 * stands for one server only; no address and no pattern of known_hosts can be it by chance.
 */
export function jumpedHostName(host: string, port: number, via: readonly KnownHostAddress[]): string {
  const plain = (one: KnownHostAddress): string =>
    `${encodeURIComponent(one.host.toLowerCase()).replaceAll('*', '%2A')}:${one.port}`;
  return `via:${[...via, { host, port }].map(plain).join('>')}`.toLowerCase();
}

function matchesHash(pattern: string, name: string): boolean {
  const [, kind, salt, hash] = pattern.split('|');
  if (kind !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

/** Whether a line speaks of this host. A negated pattern that matches excludes the host whatever else matches. */
function lineMatches(line: KnownHostLine, name: string): boolean {
  if (line.hosts.startsWith('|')) return matchesHash(line.hosts, name);
  const patterns = line.hosts.split(',');
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  if (negated.some((pattern) => matchesPattern(pattern, name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, name));
}

/** The lines of a file that may speak of a host, in the order of the file. */
export type KnownHostsIndex = (name: string) => readonly KnownHostLine[];

const isPlainName = (pattern: string): boolean => !/[*?!|]/.test(pattern);

/** Finds a host among many lines: by its name where lines say it plainly; patterns and hashed names are tried one by one. */
export function indexKnownHosts(lines: readonly KnownHostLine[]): KnownHostsIndex {
  const named = new Map<string, KnownHostLine[]>();
  const others: KnownHostLine[] = [];
  for (const line of lines) {
    const patterns = line.hosts.toLowerCase().split(',');
    if (!patterns.every(isPlainName)) others.push(line);
    else for (const name of new Set(patterns)) named.set(name, [...(named.get(name) ?? []), line]);
  }
  return (name) =>
    [...(named.get(name) ?? []), ...others.filter((line) => lineMatches(line, name))].sort((a, b) => a.line - b.line);
}

/**
 * Judges the key a host shows; `name` is its `knownHostName` or `jumpedHostName`. A host that is known with other keys
 * only counts as changed, also when the algorithm differs: asking would let anybody in between choose an algorithm
 * that the user has not seen yet.
 */
export function judgeHostKey(lines: readonly KnownHostLine[], name: string, key: string): HostKeyVerdict {
  const ours = lines.filter((line) => lineMatches(line, name));
  const revoked = ours.find((line) => line.marker === 'revoked' && line.key === key);
  if (revoked !== undefined) return { kind: 'revoked', line: revoked.line };
  const plain = ours.filter((line) => line.marker === 'none');
  if (plain.some((line) => line.key === key)) return { kind: 'known' };
  const other = plain[0];
  if (other !== undefined) return { kind: 'changed', line: other.line, algorithm: other.algorithm };
  return { kind: 'unknown', certAuthority: ours.some((line) => line.marker === 'cert-authority') };
}

/** The key types a host is known with, so that the server is asked for one of those. */
export function knownKeyTypes(lines: readonly KnownHostLine[], name: string): string[] {
  const types = lines.filter((line) => line.marker === 'none' && lineMatches(line, name)).map((line) => line.algorithm);
  return [...new Set(types)];
}
