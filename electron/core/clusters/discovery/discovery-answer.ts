import { appError } from '../../../../shared/model/app-error';

/** A configuration as the script found it. */
export interface FoundConfig {
  readonly source: 'debian' | 'etc-patroni' | 'systemd-unit' | 'process';
  readonly path: string;
  readonly text: string;
}

/** The script's answer, decoded. Contents hold secrets: they never leave the discovery. */
export interface DiscoveryAnswer {
  readonly configs: readonly FoundConfig[];
  readonly templates: readonly string[];
  /** PATRONI_* of the running process, by the path of its configuration. */
  readonly env: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** PEM files by path. */
  readonly pems: ReadonlyMap<string, string>;
  readonly denied: readonly string[];
  /** etcd's own configuration files by path. */
  readonly etcd: ReadonlyMap<string, string>;
  readonly version: string | null;
}

const SOURCES: readonly FoundConfig['source'][] = ['debian', 'etc-patroni', 'systemd-unit', 'process'];

function decode(word: string | undefined): string {
  return word === undefined || word === '-' ? '' : Buffer.from(word, 'base64').toString('utf8');
}

function variables(text: string): Readonly<Record<string, string>> {
  const pairs = text.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return Object.fromEntries(pairs);
}

/** Reads what the discovery script printed; an answer without its first or last line is refused with `discover.incomplete`. */
export function parseDiscoveryAnswer(output: string, serverName: string): DiscoveryAnswer {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const first = lines.findIndex((line) => line === 'matriarch-discover 1');
  if (first < 0 || lines.at(-1) !== 'end') {
    throw appError('discover.incomplete', `${serverName} did not answer the search for Patroni completely.`, {
      target: serverName,
      retryable: true,
      hint: 'A login script that prints or ends early, or a restricted shell, can be the cause.',
    });
  }
  const words = lines.slice(first + 1).map((line) => line.split(' '));
  const all = (keyword: string): string[][] => words.filter((one) => one[0] === keyword).map((one) => one.slice(1));
  return {
    configs: all('config').flatMap(([source, path, text]): FoundConfig[] => {
      const known = SOURCES.find((one) => one === source);
      return known === undefined ? [] : [{ source: known, path: decode(path), text: decode(text) }];
    }),
    templates: all('template').map(([path]) => decode(path)),
    env: new Map(all('env').map(([path, text]) => [decode(path), variables(decode(text))])),
    pems: new Map(all('pem').map(([path, text]) => [decode(path), decode(text)])),
    denied: all('denied').map(([path]) => decode(path)),
    etcd: new Map(all('etcd').map(([path, text]) => [decode(path), decode(text)])),
    version:
      all('version')
        .map(([text]) => decode(text))
        .map((text) => /\d+(\.\d+)+\S*/.exec(text)?.[0] ?? null)[0] ?? null,
  };
}
