import { z } from 'zod';
import { appError } from '../../../../shared/model/app-error';
import type { PatroniEnvironment } from '../../patroni/config/environment';

/** A configuration as the script found it. */
export interface FoundConfig {
  readonly source: 'debian' | 'etc-patroni' | 'systemd-unit' | 'process';
  /** The file or directory that the service is started with; '' for one that is configured by its environment alone. */
  readonly path: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** PATRONI_* of the service. */
  readonly env: PatroniEnvironment;
  /** What Patroni's own loader makes of it; null where it could not be asked. */
  readonly loaded: LoadedConfig | null;
  /** Whom the service runs as; null where it is not known. */
  readonly user: string | null;
}

const loadedSchema = z.union([
  z.object({ value: z.record(z.string(), z.json()) }),
  z.object({ refused: z.object({ line: z.number().nullable(), reason: z.string() }) }),
]);
/** What Patroni's own loader says: the configuration, or where and why PyYAML refuses the file. */
export type LoadedConfig = z.infer<typeof loadedSchema>;

/** The script's answer, decoded. Contents hold secrets: they never leave the discovery. */
export interface DiscoveryAnswer {
  readonly configs: readonly FoundConfig[];
  readonly templates: readonly string[];
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
    return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1).replaceAll('\u0001', '\n')]];
  });
  return Object.fromEntries(pairs);
}

function readLoaded(text: string | undefined): LoadedConfig | null {
  if (text === undefined) return null;
  try {
    return loadedSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** PEM texts by path, as the script for PEM files printed them. */
export function parsePems(output: string): ReadonlyMap<string, string> {
  const words = output.split('\n').map((line) => line.trim().split(' '));
  return new Map(words.filter(([word]) => word === 'pem').map(([, path, text]) => [decode(path), decode(text)]));
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
  const byPath = (keyword: string): ReadonlyMap<string, string> =>
    new Map(all(keyword).map(([path, text]) => [decode(path), decode(text)]));
  const [env, loaded, parts] = [byPath('env'), byPath('loaded'), all('part')];
  const partsOf = (directory: string): FoundConfig['files'] =>
    parts
      .filter(([of]) => decode(of) === directory)
      .map(([, path, text]) => ({ path: decode(path), text: decode(text) }));
  return {
    configs: all('config').flatMap(([source, word, text, user]): FoundConfig[] => {
      const known = SOURCES.find((one) => one === source);
      if (known === undefined) return [];
      const path = decode(word);
      const own = text === undefined || text === '-' ? partsOf(path) : [{ path, text: decode(text) }];
      return [
        {
          source: known,
          path,
          files: own,
          env: variables(env.get(path) ?? ''),
          loaded: readLoaded(loaded.get(path)),
          user: decode(user) === '' ? null : decode(user),
        },
      ];
    }),
    templates: all('template').map(([path]) => decode(path)),
    denied: all('denied').map(([path]) => decode(path)),
    etcd: byPath('etcd'),
    version:
      all('version')
        .map(([text]) => decode(text))
        .map((text) => /\d+(\.\d+)+\S*/.exec(text)?.[0] ?? null)[0] ?? null,
  };
}
