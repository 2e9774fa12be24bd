import { isIP } from 'node:net';
import type { VipView, VrrpInstance } from '../../../shared/model/balancers/vip';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import { sameAddress } from '../../../shared/rules/deploy/network';
import { addressesOf } from './read-vip';

/** One vip-manager of a server: words of its command line, its variables, and its file, each without any password. */
export interface VipManagerTexts {
  readonly words: string;
  readonly variables: string;
  readonly file: string;
  /** The server's own name, which stands in for a value that is not set. */
  readonly host: string;
}

/** The names of a setting, those of version 1 last (vip-manager, vipconfig/config.go). */
const NAMES = {
  ip: ['ip'],
  key: ['trigger-key', 'key'],
  value: ['trigger-value', 'nodename', 'host'],
  type: ['dcs-type', 'type'],
} as const;

type Setting = keyof typeof NAMES;
type Values = ReadonlyMap<string, string>;

function wordsOf(text: string): Values {
  const words = text.split('\n');
  return new Map(
    words.flatMap((word, at) => {
      const [, name = '', value] = /^--?([a-z-]+)(?:=(.*))?$/.exec(word) ?? [];
      return name === '' ? [] : [[name, value ?? words[at + 1] ?? ''] as const];
    }),
  );
}

function variablesOf(text: string): Values {
  const all = text.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^VIP_([A-Z_]+)=(.*)$/.exec(line) ?? [];
    return name === '' ? [] : [[name.toLowerCase().replaceAll('_', '-'), value] as const];
  });
  return new Map(all);
}

function fileOf(text: string): Values {
  const read = readYaml(text);
  if (read.kind !== 'value' || !isJsonObject(read.value)) return new Map();
  return new Map(
    Object.entries(read.value).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [],
    ),
  );
}

/** What is set: by a word of the command line, else by a variable, else in the file. */
function settingsOf({ words, variables, file }: VipManagerTexts): (setting: Setting) => string | null {
  const sources = [wordsOf(words), variablesOf(variables), fileOf(file)];
  return (setting) => {
    for (const source of sources)
      for (const name of NAMES[setting]) {
        const value = source.get(name) ?? '';
        if (value !== '') return value;
      }
    return null;
  };
}

function instanceOf(texts: VipManagerTexts, own: readonly string[] | null): VrrpInstance | null {
  const setting = settingsOf(texts);
  const address = (setting('ip') ?? '').replace(/\/\d+$/, '');
  if (isIP(address) === 0) return null;
  const key = setting('key') ?? '';
  // With Patroni's own REST API as its source it compares an HTTP status, which names no member.
  const asksPatroni = setting('type') === 'patroni';
  const member = asksPatroni ? null : (setting('value') ?? (texts.host === '' ? null : texts.host));
  return {
    name: key === '' ? address : key,
    state: 'unknown',
    since: null,
    priority: null,
    effectivePriority: null,
    addresses: [{ address, holds: own === null ? null : own.some((one) => sameAddress(one, address)) }],
    peers: [],
    follows: { key, member },
  };
}

/** What the vip-managers of a server are set to, and whether the server has their addresses. */
export function readVipManagers(running: boolean, managers: readonly VipManagerTexts[], addresses: string): VipView {
  const own = addressesOf(addresses);
  const instances = managers.flatMap((texts) => instanceOf(texts, own) ?? []);
  const problem =
    instances.length < managers.length || managers.length === 0
      ? 'Its configuration names no address that can be read from it.'
      : null;
  return { running, problem, instances, ownAddresses: own ?? [] };
}
