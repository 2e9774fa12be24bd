import type { BackupConfigFile } from '../../model/backups/backup';

/** A repository of a stanza as the configuration of a server names it. */
export interface ConfiguredRepository {
  readonly number: number;
  /** Where it is, in words. */
  readonly place: string;
  /** The host that holds it, and the user there; null: the server itself or a store. */
  readonly host: string | null;
  readonly hostUser: string;
  /** How long full backups are kept, in words; null: the configuration there does not say. */
  readonly keeps: string | null;
}

type Options = ReadonlyMap<string, string>;

/** pgBackRest reads `/etc/pgbackrest.conf` only where the newer file is not there (doc/xml/release, "configuration file location"). */
function filesInUse(files: readonly BackupConfigFile[]): readonly BackupConfigFile[] {
  const hasNewer = files.some(({ path }) => path === '/etc/pgbackrest/pgbackrest.conf');
  return files.filter(({ path }) => !hasNewer || path !== '/etc/pgbackrest.conf');
}

/** The options that hold for a stanza: its own over those for all. */
function optionsOf(files: readonly BackupConfigFile[], stanza: string): Options {
  const sections = new Map<string, Map<string, string>>();
  for (const { text } of filesInUse(files)) {
    let section = '';
    for (const line of text.split('\n').map((one) => one.trim())) {
      const named = /^\[([^\]]+)\]$/.exec(line)?.[1];
      if (named !== undefined) section = named;
      const [, name, value] = /^([a-z][a-z0-9-]*)\s*=\s*(.*)$/.exec(line) ?? [];
      if (named !== undefined || name === undefined || value === undefined) continue;
      const options = sections.get(section) ?? new Map<string, string>();
      sections.set(section, options.set(name, value));
    }
  }
  const order = ['global', 'global:backup', 'global:expire', stanza, `${stanza}:backup`, `${stanza}:expire`];
  return new Map(order.flatMap((name) => [...(sections.get(name) ?? [])]));
}

/** Whether the configuration of a server has a section for a stanza. */
export function isConfigured(files: readonly BackupConfigFile[], stanza: string): boolean {
  const section = new RegExp(`^\\s*\\[${stanza.replaceAll(/[^\w-]/g, '.')}\\]`, 'm');
  return filesInUse(files).some(({ text }) => section.test(text));
}

/** The repositories of a stanza, by their numbers. pgBackRest has one in /var/lib/pgbackrest where none is named. */
export function repositoriesOf(files: readonly BackupConfigFile[], stanza: string): readonly ConfiguredRepository[] {
  const options = optionsOf(files, stanza);
  const found = [...options.keys()].flatMap((name) => /^repo(\d+)-/.exec(name)?.[1] ?? []).map(Number);
  const numbers = found.length === 0 ? [1] : [...new Set(found)].toSorted((a, b) => a - b);
  return numbers.map((number) => {
    const of = (name: string): string | null => options.get(`repo${number}-${name}`) ?? null;
    const host = of('host');
    return {
      ...{ number, host, place: placeOf(of) },
      hostUser: of('host-user') ?? 'pgbackrest',
      keeps: keepsOf(of('retention-full'), of('retention-full-type')),
    };
  });
}

function placeOf(of: (name: string) => string | null): string {
  const path = of('path') ?? '/var/lib/pgbackrest';
  const host = of('host');
  switch (of('type') ?? 'posix') {
    case 's3':
      return `bucket ${of('s3-bucket') ?? ''} at ${of('s3-endpoint') ?? ''}, in ${path}`;
    case 'azure':
      return `Azure container ${of('azure-container') ?? ''}, in ${path}`;
    case 'gcs':
      return `Google bucket ${of('gcs-bucket') ?? ''}, in ${path}`;
    default:
      // Where only the host is named, it has the path in its own configuration.
      if (host !== null && of('path') === null) return `a directory of ${host}`;
      return host === null ? path : `${path} on ${host}`;
  }
}

function keepsOf(count: string | null, type: string | null): string | null {
  if (count === null) return null;
  return type === 'time' ? `full backups of ${count} days` : `${count} full backups`;
}
