import { isIP } from 'node:net';
import type { VipView, VrrpInstance, VrrpState } from '../../../shared/model/balancers/vip';
import { sameAddress } from '../../../shared/rules/deploy/network';

/** One `vrrp_instance` of keepalived's configuration. */
interface Instance {
  readonly name: string;
  readonly priority: number | null;
  readonly addresses: readonly string[];
  readonly peers: readonly string[];
}

/** What keepalived's configuration says, and what in it could not be followed. */
interface VrrpConfig {
  readonly instances: readonly Instance[];
  readonly problem: string | null;
}

interface Block {
  readonly words: readonly string[];
  readonly lines: (readonly string[])[];
}

/**
 * Words of a line (keepalived.conf(5)): `#` and `!` begin a comment. `${NAME}`, and `$NAME` as a whole word, is what a line `$NAME=value`
 * gave it.
 */
function wordsOf(line: string, names: ReadonlyMap<string, string>): readonly string[] {
  // A name that stands for nothing is left without braces, which would open a block.
  const valueOf = (_all: string, braced?: string, plain?: string): string => {
    const name = braced ?? plain ?? '';
    return names.get(name) ?? `$${name}`;
  };
  const text = line.replace(/[#!].*$/, '').replaceAll(/\$\{(\w+)\}|\$(\w+)(?=\s|$)/g, valueOf);
  return [...text.matchAll(/[{}]|"[^"]*"|[^\s{}"]+/g)].map(([word]) => word.replaceAll('"', ''));
}

/** The instances of a configuration with the lines of their blocks, those of inner blocks behind the name of the block. */
function blocksOf(config: string): readonly Block[] {
  const names = new Map(
    [...config.matchAll(/^\s*\$(\w+)\s*=\s*(\S+)/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const blocks: Block[] = [];
  let path: string[] = [];
  for (const line of config.split('\n')) {
    let words: string[] = [];
    for (const word of wordsOf(line, names)) {
      if (word === '{') {
        if (path.length === 0) blocks.push({ words, lines: [] });
        path = [...path, words[0] ?? ''];
        words = [];
      } else if (word === '}') {
        if (words.length > 0) blocks.at(-1)?.lines.push([...path.slice(1), ...words]);
        path = path.slice(0, -1);
        words = [];
      } else words.push(word);
    }
    if (words.length > 0 && path.length > 0) blocks.at(-1)?.lines.push([...path.slice(1), ...words]);
  }
  return blocks;
}

function instanceOf({ words, lines }: Block): Instance {
  const behind = (...begin: readonly string[]): readonly string[] =>
    lines
      .filter((line) => line.length > 1 && begin.includes(line[0] ?? ''))
      .map((line) => (line[1] ?? '').replace(/\/\d+$/, ''))
      .filter((address) => isIP(address) !== 0);
  const priority = Number(lines.find(([word]) => word === 'priority')?.[1]);
  return {
    name: words[1] ?? '',
    priority: Number.isInteger(priority) ? priority : null,
    addresses: behind('virtual_ipaddress', 'virtual_ipaddress_excluded'),
    peers: behind('unicast_peer'),
  };
}

function vrrpConfig(config: string): VrrpConfig {
  const instances = blocksOf(config)
    .filter(({ words }) => words[0] === 'vrrp_instance')
    .map(instanceOf);
  if (/^\s*include\S*\s/m.test(config))
    return {
      instances,
      problem: 'Its configuration includes other files, which are not read: it may hold more addresses.',
    };
  if (instances.every(({ addresses }) => addresses.length === 0))
    return { instances, problem: 'Its configuration names no address that can be read from it.' };
  return { instances, problem: null };
}

/** What keepalived last said of an instance since it started; `since` in ms since the epoch. */
interface Said {
  readonly state: VrrpState;
  readonly since: number | null;
  readonly priority: number | null;
}

const states: Readonly<Record<string, VrrpState>> = { MASTER: 'master', BACKUP: 'backup', FAULT: 'fault' };

/** keepalived tells its state in its log alone, in lines as `journalctl -o short-unix` prints them. */
function saidOf(log: string, instance: string): Said {
  let said: Said = { state: 'unknown', since: null, priority: null };
  for (const line of log.split('\n')) {
    const [, at = ''] = /^(\d+(?:\.\d+)?)\s/.exec(line) ?? [];
    if (/Starting Keepalived v/.test(line)) said = { state: 'unknown', since: null, priority: null };
    if (!line.includes(`(${instance})`)) continue;
    const state = states[/Entering (MASTER|BACKUP|FAULT) STATE/.exec(line)?.[1] ?? ''];
    if (state !== undefined) said = { ...said, state, since: at === '' ? null : Number(at) * 1000 };
    const priority = /[Cc]hanging effective priority from \d+ to (\d+)/.exec(line)?.[1];
    if (priority !== undefined) said = { ...said, priority: Number(priority) };
  }
  return said;
}

/**
 * The addresses that a server answers the network on, from `ip -o addr show`; null where it printed none at all. Those of the loopback do
 * not count: a server to which packets are handed on has the virtual address there all the time.
 */
export function addressesOf(text: string): readonly string[] | null {
  const found = [...text.matchAll(/^\d+:\s+(\S+)\s+inet6?\s+([^/\s]+)/gm)];
  return found.length === 0 ? null : found.flatMap(([, device, address = '']) => (device === 'lo' ? [] : [address]));
}

/** What keepalived's configuration, its log and the server's addresses say together. */
export function readVip(
  running: boolean,
  texts: { readonly config: string; readonly log: string; readonly addresses: string },
): VipView {
  const { instances, problem } = vrrpConfig(texts.config);
  const own = addressesOf(texts.addresses);
  const told = instances.map(({ name, priority, addresses, peers }): VrrpInstance => {
    const said = running ? saidOf(texts.log, name) : { state: 'unknown' as const, since: null, priority: null };
    return {
      name,
      state: said.state,
      since: said.since,
      priority,
      effectivePriority: said.priority,
      addresses: addresses.map((address) => ({
        address,
        holds: own === null ? null : own.some((one) => sameAddress(one, address)),
      })),
      peers,
    };
  });
  return { running, problem, instances: told, ownAddresses: own ?? [] };
}
