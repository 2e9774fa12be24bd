import { appError } from '../../../shared/model/app-error';
import type { InstalledPackage, ServerPackages, UpgradePart } from '../../../shared/model/upgrade/upgrade';
import { partOfPackage } from '../../../shared/rules/upgrade/package-versions';

/** What one server said of its packages. */
export type PackagesReading = Pick<ServerPackages, 'packages' | 'outdatedProcesses' | 'listsAgeMs'>;

const programs: Readonly<Record<string, UpgradePart>> = {
  postgres: 'postgresql',
  patroni: 'patroni',
  etcd: 'etcd',
  haproxy: 'haproxy',
  pgbouncer: 'pgbouncer',
};

/**
 * Reads what the script printed. Throws `upgrade.not_debian` for a server without dpkg, and `upgrade.not_read` where the answer does not
 * come to its end.
 */
export function readPackages(server: string, output: string): PackagesReading {
  const rows = output.split('\n').map((line) => line.split('\t'));
  if (rows.some(([kind]) => kind === 'none'))
    throw appError('upgrade.not_debian', `${server} has no dpkg: its packages are not those of Debian.`, {
      target: server,
      hint: 'Upgrade this server with its own package manager.',
    });
  if (!rows.some(([kind]) => kind === 'end'))
    throw appError('upgrade.not_read', `${server} did not answer the whole question about its packages.`, {
      target: server,
      retryable: true,
      hint: 'Read it again.',
    });
  const offered = new Map(rows.flatMap(([kind, name, version]) => entryOf(kind, 'offered', name, version)));
  const held = new Set(rows.flatMap(([kind, name]) => (kind === 'held' && name !== undefined ? [name] : [])));
  const lists = rows.find(([kind]) => kind === 'lists')?.[1];
  return {
    packages: rows.flatMap((row) => packageOf(row, offered, held)),
    outdatedProcesses: outdated(rows),
    listsAgeMs: lists === undefined || !/^-?\d+$/.test(lists) ? null : Math.max(0, Number(lists)) * 1000,
  };
}

function entryOf(
  kind: string | undefined,
  wanted: string,
  name: string | undefined,
  version: string | undefined,
): readonly (readonly [string, string])[] {
  return kind === wanted && name !== undefined && version !== undefined ? [[name, version]] : [];
}

/** Names and versions become words of a command, so that one which Debian does not allow is no package. */
function packageOf(
  [kind, name = '', installed = '']: readonly string[],
  offered: ReadonlyMap<string, string>,
  held: ReadonlySet<string>,
): readonly InstalledPackage[] {
  const part = kind === 'package' ? partOfPackage(name) : null;
  if (part === null || !isVersion(installed)) return [];
  const candidate = offered.get(name);
  const isKnown = candidate !== undefined && isVersion(candidate);
  return [{ part, name, installed, offered: isKnown ? candidate : null, held: held.has(name) }];
}

/** What Debian allows in a version (Debian Policy, 5.6.12). */
function isVersion(text: string): boolean {
  return /^(\d+:)?\d[A-Za-z0-9.+~-]*$/.test(text) && text.length <= 200;
}

/** null where a process was there that could not be looked at, and none was found to be old. */
function outdated(rows: readonly (readonly string[])[]): readonly UpgradePart[] | null {
  const processes = rows.filter(([kind]) => kind === 'process');
  const old = processes.flatMap(([, name = '', state]) => {
    const part = Object.hasOwn(programs, name) ? programs[name] : undefined;
    return part !== undefined && state === 'old' ? [part] : [];
  });
  const isHidden = processes.some(([, , state]) => state === 'unknown');
  return old.length === 0 && isHidden ? null : old;
}
