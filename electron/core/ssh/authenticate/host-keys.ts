import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { appError, type AppError } from '../../../../shared/model/app-error';
import type { HostKeyInfo } from '../../../../shared/model/connect/server';
import { errnoOf } from '../errors';
import {
  indexKnownHosts,
  judgeHostKey,
  jumpedHostName,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
  type KnownAs,
  type KnownHostAddress,
  type KnownHostsIndex,
} from './known-hosts';

/**
 * What all files together say about a key. `where` names the file and line that contradicts it, `elsewhere` the line
 * of the user's file that has another key for the same address as seen from this computer.
 */
export type HostKeyAnswer =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown'; readonly certAuthority: boolean; readonly elsewhere?: string }
  | { readonly kind: 'changed'; readonly where: string }
  | { readonly kind: 'revoked'; readonly where: string };

type Via = readonly KnownHostAddress[];

/**
 * The host keys the app trusts: the user's own known_hosts (never written) and the app's file. `via` are the jump
 * hosts of the route, outermost first: an address behind them is another server than the same address from here.
 */
export interface HostKeys {
  check(host: string, port: number, key: Buffer, via?: Via, knownAs?: KnownAs): Promise<HostKeyAnswer>;
  /** Host key algorithms to offer, the ones this host is known with first. */
  algorithms(host: string, port: number, via?: Via, knownAs?: KnownAs): Promise<ServerHostKeyAlgorithm[]>;
  /** Adds a key to the app's file (0600, replaced atomically). */
  trust(host: string, port: number, key: Buffer, via?: Via, knownAs?: KnownAs): Promise<void>;
}

const ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** `ssh-rsa` names the key; the signature over it may be made with either of the SHA-2 algorithms. */
const keyTypeOf = (algorithm: string): string => (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);

/** The key's type as its blob says it (RFC 4253, 6.6: a length, then the name). */
export function hostKeyAlgorithm(key: Buffer): string {
  if (key.length < 4) return 'unknown';
  const length = key.readUInt32BE(0);
  return length > 64 || length + 4 > key.length ? 'unknown' : key.toString('latin1', 4, 4 + length);
}

/** A host key as the user sees it, with the fingerprint as OpenSSH prints it. */
export function hostKeyInfo(host: string, port: number, key: Buffer): HostKeyInfo {
  const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
  return { host, port, algorithm: hostKeyAlgorithm(key), fingerprint: `SHA256:${digest}` };
}

const unreadable = (path: string, cause: unknown): AppError =>
  appError('ssh.known_hosts_unreadable', `The file of known hosts ${path} cannot be read.`, {
    target: path,
    cause,
    hint: 'Make the file readable for your user: without it no host key can be checked.',
  });

/** The outcome of the work on a file; null where there is no file. Throws `ssh.known_hosts_unreadable`. */
async function ofFile<T>(path: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return null;
    throw unreadable(path, thrown);
  }
}

async function readOptional(path: string): Promise<string> {
  return (await ofFile(path, () => readFile(path, 'utf8'))) ?? '';
}

/** What distinguishes one content of a file from the next: another file in its place, another time or another size. */
async function versionOf(path: string): Promise<string | null> {
  return ofFile(path, async () => {
    const { ino, mtimeNs, ctimeNs, size } = await stat(path, { bigint: true });
    return [ino, mtimeNs, ctimeNs, size].join(' ');
  });
}

/** The lines of one file, read anew when the file has changed: many logins ask for them in a row. */
function watchKnownHosts(path: string): () => Promise<Read> {
  let last: { readonly version: string | null; readonly read: Promise<Read> } | null = null;
  const readNow = async (): Promise<Read> => ({
    path,
    linesOf: indexKnownHosts(parseKnownHosts(await readOptional(path))),
  });
  return async () => {
    const version = await versionOf(path);
    if (last?.version === version) return last.read;
    const read = readNow();
    last = { version, read };
    read.catch(() => {
      if (last?.read === read) last = null;
    });
    return read;
  };
}

async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.new`;
  try {
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/**
 * The files of known hosts that OpenSSH reads: those that its configuration names, and the usual ones where it names none
 * (ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile).
 */
export function knownHostsFiles(
  homeDirectory: string,
  userFiles: readonly string[] = ['known_hosts', 'known_hosts2'].map((name) => join(homeDirectory, '.ssh', name)),
  systemFiles: readonly string[] = process.platform === 'win32'
    ? []
    : ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
): readonly string[] {
  return [...userFiles, ...systemFiles];
}

interface Read {
  readonly path: string;
  readonly linesOf: KnownHostsIndex;
}

/** Host keys from `userFiles` (read only, e.g. ~/.ssh/known_hosts) and `appFile`. */
export function createHostKeys(files: { readonly userFiles: readonly string[]; readonly appFile: string }): HostKeys {
  const readers = new Map<string, () => Promise<Read>>();
  const readOne = (path: string): Promise<Read> => {
    const reader = readers.get(path) ?? watchKnownHosts(path);
    readers.set(path, reader);
    return reader();
  };
  const readAll = (knownAs: KnownAs): Promise<Read[]> =>
    Promise.all([...(knownAs.files ?? files.userFiles), files.appFile].map(readOne));
  let writing: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = writing.then(work);
    writing = result.catch(() => undefined);
    return result;
  };
  return {
    check: async (host, port, key, via = [], knownAs = {}) => {
      const all = await readAll(knownAs);
      if (knownAs.name !== undefined) return judge(all, knownAs.name.toLowerCase(), key);
      const plain = judge(all, knownHostName(host, port), key);
      return via.length === 0 ? plain : behindJump(plain, judge(all, jumpedHostName(host, port, via), key));
    },
    algorithms: async (host, port, via = [], knownAs = {}) => {
      const own = writtenName(host, port, via, knownAs);
      const names = via.length === 0 || knownAs.name !== undefined ? [own] : [own, knownHostName(host, port)];
      const all = await readAll(knownAs);
      const types =
        names
          .map((name) => all.flatMap(({ linesOf }) => knownKeyTypes(linesOf(name), name)))
          .find((found) => found.length > 0) ?? [];
      const known = ALGORITHMS.filter((algorithm) => types.includes(keyTypeOf(algorithm)));
      return [...known, ...ALGORITHMS.filter((algorithm) => !known.includes(algorithm))];
    },
    trust: (host, port, key, via = [], knownAs = {}) =>
      inTurn(async () => {
        const name = writtenName(host, port, via, knownAs);
        if (!namesOneHost(name)) throw notOneHost(knownAs.name ?? host);
        const before = await readOptional(files.appFile);
        const gap = before === '' || before.endsWith('\n') ? '' : '\n';
        await replaceFile(files.appFile, `${before}${gap}${name} ${hostKeyAlgorithm(key)} ${key.toString('base64')}\n`);
      }),
  };
}

/** The name that a key is written under. */
function writtenName(host: string, port: number, via: Via, { name }: KnownAs): string {
  if (name !== undefined) return name.toLowerCase();
  return via.length === 0 ? knownHostName(host, port) : jumpedHostName(host, port, via);
}

/** Whether a name means itself alone in known_hosts: no list, no pattern, no hash, no marker, no comment (sshd(8)). */
function namesOneHost(name: string): boolean {
  return /^(via:[\w.%:>~-]+|\[[\p{L}\p{M}\p{N}._:%-]+\]:\d+|[\p{L}\p{M}\p{N}._:%-]+)$/u.test(name);
}

function notOneHost(host: string): AppError {
  return appError('ssh.bad_address', `The host key of "${host}" is not kept: this is not the name of one host.`, {
    target: host,
    hint: 'Name the server by its host name or its address.',
  });
}

/**
 * The name with its jump hosts decides. The plain name may only confirm or revoke: `ssh -J` writes it whatever the
 * route was, so another key under it says no more than that another network has the same address.
 */
function behindJump(plain: HostKeyAnswer, own: HostKeyAnswer): HostKeyAnswer {
  if (plain.kind === 'revoked' || own.kind !== 'unknown') return plain.kind === 'revoked' ? plain : own;
  switch (plain.kind) {
    case 'known':
      return plain;
    case 'changed':
      return { ...own, elsewhere: plain.where };
    case 'unknown':
      return { ...own, certAuthority: own.certAuthority || plain.certAuthority };
  }
}

/** A revoked key is refused whoever else knows it; a key known to one file is known; a contradiction otherwise counts as changed. */
function judge(all: readonly Read[], name: string, key: Buffer): HostKeyAnswer {
  const text = key.toString('base64');
  const verdicts = all.map(({ path, linesOf }) => ({ path, verdict: judgeHostKey(linesOf(name), name, text) }));
  for (const { path, verdict } of verdicts) {
    if (verdict.kind === 'revoked') return { kind: 'revoked', where: `${path}, line ${verdict.line}` };
  }
  if (verdicts.some(({ verdict }) => verdict.kind === 'known')) return { kind: 'known' };
  for (const { path, verdict } of verdicts) {
    if (verdict.kind === 'changed')
      return { kind: 'changed', where: `${path}, line ${verdict.line} (${verdict.algorithm})` };
  }
  return {
    kind: 'unknown',
    certAuthority: verdicts.some(({ verdict }) => verdict.kind === 'unknown' && verdict.certAuthority),
  };
}
