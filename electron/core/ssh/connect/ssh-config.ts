import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import SSHConfig, { glob } from 'ssh-config';
import { isSshHop, readSshHop, type WrittenHop } from '../../../../shared/model/connect/ssh-address';
import { errnoOf } from '../errors';

/** What ~/.ssh/config says about one host. Absent fields were not named there. */
export interface SshHostConfig {
  readonly hostName?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFiles: readonly string[];
  readonly proxyJump: readonly WrittenHop[];
  /** Why the entry cannot be followed whole, e.g. ProxyCommand. */
  readonly notes: readonly string[];
}

const MAX_INCLUDES = 64;
const MAX_DEPTH = 8;

/** `~` and `~/...` of a path the user wrote. */
export function expandHome(path: string, homeDirectory: string): string {
  if (path === '~') return homeDirectory;
  return path.startsWith('~/') ? join(homeDirectory, path.slice(2)) : path;
}

type Computed = Readonly<Record<string, string | string[]>>;

function first(computed: Computed, name: string): string | undefined {
  const value = computed[name];
  return Array.isArray(value) ? value[0] : value;
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

/** What a config text says about an alias. `Match exec` is never run. A text that cannot be parsed counts as empty, with a note. */
export function lookUpHost(text: string, alias: string, homeDirectory: string): SshHostConfig {
  let computed: Computed;
  try {
    computed = SSHConfig.parse(text).compute({ Host: alias }, { ignoreCase: true, matchExec: false });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { identityFiles: [], proxyJump: [], notes: [`~/.ssh/config cannot be understood: ${why}`] };
  }
  return toHostConfig(computed, alias, homeDirectory);
}

function toHostConfig(computed: Computed, alias: string, homeDirectory: string): SshHostConfig {
  const user = first(computed, 'user');
  const port = parsePort(first(computed, 'port'));
  const named = first(computed, 'hostname');
  const hostName = named === undefined ? undefined : expandTokens(named, alias, alias, user, homeDirectory);
  const jump = parseJump(first(computed, 'proxyjump'));
  const command = first(computed, 'proxycommand');
  const files = [computed.identityfile ?? []].flat().filter((file) => file.toLowerCase() !== 'none');
  return {
    ...(hostName === undefined ? {} : { hostName }),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    identityFiles: files.map((file) =>
      expandHome(expandTokens(file, alias, hostName ?? alias, user, homeDirectory), homeDirectory),
    ),
    proxyJump: jump.hops,
    notes: [
      ...(jump.note === undefined ? [] : [jump.note]),
      ...(command === undefined || command.toLowerCase() === 'none'
        ? []
        : ['ProxyCommand is not run; use ProxyJump or a jump host instead.']),
    ],
  };
}

/** The aliases a config names outright, for a list to choose from. */
export function listAliases(text: string): string[] {
  const aliases = text
    .split('\n')
    .flatMap((line) => /^\s*Host(?:\s+|\s*=\s*)(.+)$/i.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
  return [...new Set(aliases.filter((alias) => !/[*?!"]/.test(alias)))];
}

/** The user's ~/.ssh/config with every `Include` of plain paths and globs put in place; '' when there is none. */
export async function readSshConfig(homeDirectory: string): Promise<string> {
  const budget = { left: MAX_INCLUDES };
  return expandFile(join(homeDirectory, '.ssh', 'config'), homeDirectory, MAX_DEPTH, budget);
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
    for (const file of await includedFiles(patterns, homeDirectory))
      lines.push(await expandFile(file, homeDirectory, depth - 1, budget));
  }
  return lines.join('\n');
}

async function includedFiles(patterns: string, homeDirectory: string): Promise<string[]> {
  const words = patterns.match(/"[^"]*"|\S+/g) ?? [];
  const found = await Promise.all(
    words.map(async (word) => {
      const path = expandHome(word.replaceAll('"', ''), homeDirectory);
      const full = isAbsolute(path) ? path : join(homeDirectory, '.ssh', path);
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
