import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isSshHop, readSshHop, type WrittenHop } from '../../../../shared/model/connect/ssh-address';
import { errnoOf } from '../errors';
import { configWords, evaluateConfig, INCLUDE_BEGIN, INCLUDE_END, type ConfigValues } from './evaluate-config';
import { globPaths } from './glob-paths';
import { homeOfUser } from './home-of-user';
import { jumpOfProxyCommand } from './proxy-command';

/** What ~/.ssh/config says about one host. Absent fields were not named there. */
export interface SshHostConfig {
  readonly hostName?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFiles: readonly string[];
  /** The agent to ask: a path, or null for none at all. Absent: the one of the environment. */
  readonly identityAgent?: string | null;
  /** True: of the agent's keys only those of the key files are offered. */
  readonly identitiesOnly?: true;
  /** True: the configuration names `none`, so that not even the usual key files are tried. */
  readonly noIdentityFiles?: true;
  readonly proxyJump: readonly WrittenHop[];
  /** The name that the host key stands under in the files of known hosts, instead of that of its address. */
  readonly hostKeyAlias?: string;
  /** Files of known hosts in place of the usual ones: the user's, and those of the whole workstation. */
  readonly userKnownHosts?: readonly string[];
  readonly systemKnownHosts?: readonly string[];
  /** Why the entry cannot be followed whole, e.g. ProxyCommand. */
  readonly notes: readonly string[];
}

/** The configuration of the whole workstation, which OpenSSH reads after the user's. */
export const SYSTEM_SSH_CONFIG = '/etc/ssh/ssh_config';

const MAX_INCLUDES = 64;
const MAX_DEPTH = 8;

/** `~`, `~/...` and `~user/...` of a path the user wrote; that of a user who is not known stays as it is written. */
export function expandHome(path: string, homeDirectory: string): string {
  const [, user, rest = ''] = /^~([^/]*)(?:\/(.*))?$/s.exec(path) ?? [];
  if (user === undefined) return path;
  const home = user === '' ? homeDirectory : homeOfUser(user);
  return home === null ? path : join(home, rest);
}

function parsePort(text: string | undefined): number | undefined {
  const port = Number(text);
  return text !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}

function parseJump(text: string | undefined): { readonly hops: readonly WrittenHop[]; readonly note?: string } {
  if (text === undefined || text.toLowerCase() === 'none') return { hops: [] };
  const hops = text.split(',');
  return hops.every(isSshHop)
    ? { hops: hops.map(readSshHop) }
    : { hops: [], note: `ProxyJump "${text}" cannot be understood.` };
}

type Tokens = Readonly<Record<string, string>>;

function expandTokens(text: string, tokens: Tokens): string {
  return text.replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole);
}

/** `${NAME}` of the environment; one that is not set stays as it is written. */
function expandVariables(text: string): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole);
}

/** The tokens of ssh_config(5) that a path may hold. */
function tokensOf(
  alias: string,
  found: { readonly [K in 'hostName' | 'user' | 'port' | 'knownAs' | 'jump']: string | undefined },
  homeDirectory: string,
): Tokens {
  const me = userInfo();
  const [here, host, port, user] = [hostname(), found.hostName ?? alias, found.port ?? '22', found.user ?? me.username];
  // The jump host is part of it since OpenSSH 9.6; without one it is the same in every version (ssh.c, ssh_connection_hash).
  const connection = createHash('sha1').update([here, host, port, user, found.jump ?? ''].join(''));
  return {
    '%': '%',
    C: connection.digest('hex'),
    d: homeDirectory,
    h: host,
    i: String(me.uid),
    j: found.jump ?? '',
    k: found.knownAs ?? alias,
    L: here.split('.')[0] ?? '',
    l: here,
    n: alias,
    p: port,
    r: user,
    u: me.username,
  };
}

const isNamed = (file: string): boolean => file.toLowerCase() !== 'none';

type Expand = (path: string) => string;

function keyFilesOf(
  identityFiles: readonly string[],
  expand: Expand,
): Pick<SshHostConfig, 'identityFiles' | 'noIdentityFiles'> {
  const files = identityFiles.filter(isNamed).map(expand);
  return files.length === 0 && identityFiles.length > 0
    ? { identityFiles: files, noIdentityFiles: true }
    : { identityFiles: files };
}

/** Where the host key stands: under which name, and in which files. */
function hostKeyOf(
  { first, firstWords }: ConfigValues,
  expand: Expand,
): Pick<SshHostConfig, 'hostKeyAlias' | 'userKnownHosts' | 'systemKnownHosts'> {
  const name = first.get('hostkeyalias');
  const [user, system] = [firstWords.get('userknownhostsfile'), firstWords.get('globalknownhostsfile')];
  return {
    ...(name === undefined ? {} : { hostKeyAlias: name }),
    ...(user === undefined ? {} : { userKnownHosts: user.filter(isNamed).map(expand) }),
    ...(system === undefined ? {} : { systemKnownHosts: system.filter(isNamed).map(expand) }),
  };
}

/** The jump hosts as they are written, by ProxyJump or by the command that stands for it, and what of a command is not followed. */
function writtenJumpOf({ first }: ConfigValues): {
  readonly jump: string | undefined;
  readonly notes: readonly string[];
} {
  const [jump, command] = [first.get('proxyjump'), first.get('proxycommand')];
  if (command === undefined || !isNamed(command)) return { jump, notes: [] };
  const commandJump = jumpOfProxyCommand(command);
  return commandJump === null
    ? { jump, notes: ['ProxyCommand is not run; use ProxyJump or a jump host instead.'] }
    : { jump: jump ?? commandJump, notes: [] };
}

/** What of a configuration is not followed, for the hint of a connection that fails. */
function notesOn({ first, unknownCriteria }: ConfigValues, paths: readonly string[]): readonly string[] {
  const others = [...unknownCriteria].filter((criterion) => criterion !== 'exec');
  const users = paths.flatMap((path) => /^~([^/]+)/.exec(path)?.[1] ?? []);
  return [
    ...(unknownCriteria.has('exec') ? ['The command of a "Match exec" is not run; its block does not count.'] : []),
    ...others.map((criterion) => `A "Match ${criterion}" is not understood; its block does not count.`),
    ...(first.has('canonicalizepermittedcnames')
      ? ['CanonicalizePermittedCNAMEs is not followed; write the name that the server has itself.']
      : []),
    ...[...new Set(users)].map((user) => `~${user} is not followed: this workstation's /etc/passwd has no such user.`),
  ];
}

/**
 * What a config text says about an alias, by OpenSSH's rules; `canonical` is its full name, where one was found (`canonicalNameOf`). The
 * command of a `Match exec` is never run: it counts as not matching, with a note.
 */
export function lookUpHost(
  text: string,
  alias: string,
  homeDirectory: string,
  canonical: string | null = null,
): SshHostConfig {
  const values = evaluateConfig(text, alias, canonical);
  const { first } = values;
  const user = first.get('user');
  const port = parsePort(first.get('port'));
  const named = first.get('hostname');
  const hostName = named === undefined ? undefined : values.hostName();
  const written = writtenJumpOf(values);
  const found = { hostName, user, port: port?.toString(), knownAs: first.get('hostkeyalias'), jump: written.jump };
  const tokens = tokensOf(alias, found, homeDirectory);
  const jump = parseJump(written.jump === undefined ? undefined : expandTokens(written.jump, tokens));
  const expand: Expand = (path) => expandHome(expandTokens(expandVariables(path), tokens), homeDirectory);
  const keys = keyFilesOf(values.identityFiles, expand);
  const hostKey = hostKeyOf(values, expand);
  const paths = [...keys.identityFiles, ...(hostKey.userKnownHosts ?? []), ...(hostKey.systemKnownHosts ?? [])];
  return {
    ...(hostName === undefined ? {} : { hostName }),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...agentOf(first.get('identityagent'), expand),
    ...(/^(?:yes|true)$/i.test(first.get('identitiesonly') ?? '') ? { identitiesOnly: true as const } : {}),
    ...keys,
    proxyJump: jump.hops,
    ...hostKey,
    notes: [...(jump.note === undefined ? [] : [jump.note]), ...written.notes, ...notesOn(values, paths)],
  };
}

/** `none`, SSH_AUTH_SOCK, the name of a variable after a dollar sign, or a path (ssh_config(5), IdentityAgent). */
function agentOf(written: string | undefined, expand: (path: string) => string): Pick<SshHostConfig, 'identityAgent'> {
  if (written === undefined || written === 'SSH_AUTH_SOCK') return {};
  if (written.toLowerCase() === 'none') return { identityAgent: null };
  const variable = /^\$(\w+)$/.exec(written)?.[1];
  if (variable !== undefined) return { identityAgent: process.env[variable] ?? null };
  return { identityAgent: expand(written) };
}

/** The aliases a config names outright, for a list to choose from. */
export function listAliases(text: string): string[] {
  const aliases = text
    .split(/\r?\n/)
    .flatMap((line) => /^\s*Host(?:\s+|\s*=\s*)(.+)$/i.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
  return [...new Set(aliases.filter((alias) => !/[*?!"]/.test(alias)))];
}

/**
 * The user's ~/.ssh/config, then the workstation's where `systemConfig` names it, with every file of an `Include` in its place
 * between two marks; '' when there is none.
 */
export async function readSshConfig(homeDirectory: string, systemConfig?: string): Promise<string> {
  const budget = { left: MAX_INCLUDES };
  const own = await expandFile(join(homeDirectory, '.ssh', 'config'), homeDirectory, MAX_DEPTH, budget);
  if (systemConfig === undefined) return own;
  const system = await expandFile(systemConfig, homeDirectory, MAX_DEPTH, budget);
  return [own, 'Match all', system].join('\n');
}

async function expandFile(
  path: string,
  homeDirectory: string,
  depth: number,
  budget: { left: number },
): Promise<string> {
  if (depth === 0 || budget.left === 0) return '';
  budget.left -= 1;
  const text = await readText(path);
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const patterns = /^\s*Include(?:\s+|\s*=\s*)(.+)$/i.exec(line)?.[1];
    if (patterns === undefined) {
      lines.push(line);
      continue;
    }
    const base = path.startsWith('/etc/ssh/') ? '/etc/ssh' : join(homeDirectory, '.ssh');
    for (const file of await includedFiles(patterns, base, homeDirectory))
      lines.push(INCLUDE_BEGIN, await expandFile(file, homeDirectory, depth - 1, budget), INCLUDE_END);
  }
  return lines.join('\n');
}

async function includedFiles(patterns: string, base: string, homeDirectory: string): Promise<string[]> {
  const words = configWords(patterns);
  const found = await Promise.all(
    words.map(async (word) => {
      const path = expandHome(word, homeDirectory);
      return globPaths(isAbsolute(path) ? path : join(base, path));
    }),
  );
  return found.flat();
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    // As with OpenSSH, a file that is missing or not readable is passed over; a directory too.
    if (errnoOf(thrown) !== undefined) return '';
    throw thrown;
  }
}
