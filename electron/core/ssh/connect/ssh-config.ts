import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { glob } from 'ssh-config';
import { isSshHop, readSshHop, type WrittenHop } from '../../../../shared/model/connect/ssh-address';
import { errnoOf } from '../errors';
import { configWords, evaluateConfig, INCLUDE_BEGIN, INCLUDE_END } from './evaluate-config';

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
  readonly proxyJump: readonly WrittenHop[];
  /** Why the entry cannot be followed whole, e.g. ProxyCommand. */
  readonly notes: readonly string[];
}

/** The configuration of the whole workstation, which OpenSSH reads after the user's. */
export const SYSTEM_SSH_CONFIG = '/etc/ssh/ssh_config';

const MAX_INCLUDES = 64;
const MAX_DEPTH = 8;

/** `~` and `~/...` of a path the user wrote. */
export function expandHome(path: string, homeDirectory: string): string {
  if (path === '~') return homeDirectory;
  return path.startsWith('~/') ? join(homeDirectory, path.slice(2)) : path;
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

/** The tokens of ssh_config(5) that make sense for a key's path and a host name. */
function expandTokens(
  text: string,
  alias: string,
  host: string,
  user: string | undefined,
  homeDirectory: string,
): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: homeDirectory,
    h: host,
    n: alias,
    r: user ?? '',
    u: userInfo().username,
  };
  return text.replace(/%([%dhnru])/g, (whole, token: string) => values[token] ?? whole);
}

/**
 * What a config text says about an alias, by OpenSSH's rules. The command of a `Match exec` is never run: it counts as not
 * matching, with a note.
 */
export function lookUpHost(text: string, alias: string, homeDirectory: string): SshHostConfig {
  const { first, identityFiles, metExec } = evaluateConfig(text, alias);
  const user = first.get('user');
  const port = parsePort(first.get('port'));
  const named = first.get('hostname');
  const hostName = named === undefined ? undefined : expandTokens(named, alias, alias, user, homeDirectory);
  const jump = parseJump(first.get('proxyjump'));
  const command = first.get('proxycommand');
  const expand = (path: string): string =>
    expandHome(expandTokens(path, alias, hostName ?? alias, user, homeDirectory), homeDirectory);
  return {
    ...(hostName === undefined ? {} : { hostName }),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...agentOf(first.get('identityagent'), expand),
    ...(/^(?:yes|true)$/i.test(first.get('identitiesonly') ?? '') ? { identitiesOnly: true as const } : {}),
    identityFiles: identityFiles.filter((file) => file.toLowerCase() !== 'none').map(expand),
    proxyJump: jump.hops,
    notes: [
      ...(jump.note === undefined ? [] : [jump.note]),
      ...(command === undefined || command.toLowerCase() === 'none'
        ? []
        : ['ProxyCommand is not run; use ProxyJump or a jump host instead.']),
      ...(metExec ? ['The command of a "Match exec" is not run; its block does not count.'] : []),
    ],
  };
}

/** `none`, SSH_AUTH_SOCK, the name of a variable after a dollar sign, or a path (ssh_config(5), IdentityAgent). */
function agentOf(written: string | undefined, expand: (path: string) => string): Pick<SshHostConfig, 'identityAgent'> {
  if (written === undefined || written === 'SSH_AUTH_SOCK') return {};
  if (written.toLowerCase() === 'none') return { identityAgent: null };
  const variable = /^\$(\w+)$/.exec(written)?.[1];
  if (variable !== undefined) return { identityAgent: process.env[variable] ?? null };
  return {
    identityAgent: expand(written.replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole)),
  };
}

/** The aliases a config names outright, for a list to choose from. */
export function listAliases(text: string): string[] {
  const aliases = text
    .split('\n')
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
  for (const line of text.split('\n')) {
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
      const full = isAbsolute(path) ? path : join(base, path);
      if (!/[*?]/.test(full)) return [full];
      const names = await readdir(dirname(full)).catch(() => []);
      return names
        .filter((name) => glob(basename(full), name))
        .sort()
        .map((name) => join(dirname(full), name));
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
