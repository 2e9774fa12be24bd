/** The day on which the tables were last compared with what the projects publish, as YYYY-MM-DD. */
export const VERSIONS_AS_OF = '2026-08-19';

/** A line of releases that gets fixes together, and until when. `supportedUntil` is YYYY-MM-DD; null: not announced. */
export interface ReleaseLine {
  readonly line: string;
  readonly supportedUntil: string | null;
  /** The newest release on the day of the table that is known for certain; there may be newer ones. */
  readonly newest: string;
}

/** Releases with a fault that costs data or availability: from `from` on, up to and without `fixedIn`. */
export interface FaultyReleases {
  readonly from: string;
  readonly fixedIn: string;
  readonly severity: 'critical' | 'warning';
  readonly fault: string;
}

/** What is known of the versions of one program. */
export interface KnownVersions {
  readonly lines: readonly ReleaseLine[];
  readonly faults: readonly FaultyReleases[];
}

/** PostgreSQL (www.postgresql.org/support/versioning, release notes). The line is the major version. */
export const knownPostgres: KnownVersions = {
  lines: [
    { line: '9.6', supportedUntil: '2021-11-11', newest: '9.6.24' },
    { line: '10', supportedUntil: '2022-11-10', newest: '10.23' },
    { line: '11', supportedUntil: '2023-11-09', newest: '11.22' },
    { line: '12', supportedUntil: '2024-11-21', newest: '12.22' },
    { line: '13', supportedUntil: '2025-11-13', newest: '13.23' },
    { line: '14', supportedUntil: '2026-11-12', newest: '14.23' },
    { line: '15', supportedUntil: '2027-11-11', newest: '15.18' },
    { line: '16', supportedUntil: '2028-11-09', newest: '16.15' },
    { line: '17', supportedUntil: '2029-11-08', newest: '17.11' },
    { line: '18', supportedUntil: '2030-11-14', newest: '18.6' },
  ],
  faults: [
    {
      from: '14.0',
      fixedIn: '14.4',
      severity: 'critical',
      fault: 'CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY may leave rows out of the index',
    },
    ...['18.2-18.3', '17.8-17.9', '16.12-16.13', '15.16-15.17', '14.21-14.22'].map((range) => {
      const [from = '', fixedIn = ''] = range.split('-');
      return {
        from,
        fixedIn,
        severity: 'warning' as const,
        fault: 'a standby may halt while it replays, and substring() may fail on text that is not ASCII',
      };
    }),
    ...['17.1-17.2', '16.5-16.6', '15.9-15.10', '14.14-14.15', '13.17-13.18', '12.21-12.22'].map((range) => {
      const [from = '', fixedIn = ''] = range.split('-');
      return {
        from,
        fixedIn,
        severity: 'warning' as const,
        fault:
          'extensions that were built for another minor version may crash, and ALTER ROLE ... SET ROLE has no effect',
      };
    }),
  ],
};

/** Patroni (its release notes). The project announces no end of support; the lines here are those that still get fixes. */
export const knownPatroni: KnownVersions = {
  lines: [
    { line: '3.3', supportedUntil: null, newest: '3.3.11' },
    { line: '4.0', supportedUntil: null, newest: '4.0.10' },
    { line: '4.1', supportedUntil: null, newest: '4.1.4' },
  ],
  faults: [
    {
      from: '3.0.0',
      fixedIn: '3.0.3',
      severity: 'warning',
      fault: 'with etcd3 a leader that was cut off may take the leader key back when the network heals',
    },
  ],
};

/** etcd (etcd.io/docs, its change logs and post-mortems). A line is supported until the second next one is there. */
export const knownEtcd: KnownVersions = {
  lines: [
    { line: '3.3', supportedUntil: '2021-06-15', newest: '3.3.27' },
    { line: '3.4', supportedUntil: '2025-05-15', newest: '3.4.42' },
    { line: '3.5', supportedUntil: null, newest: '3.5.28' },
    { line: '3.6', supportedUntil: null, newest: '3.6.9' },
  ],
  faults: [
    {
      from: '3.5.0',
      fixedIn: '3.5.3',
      severity: 'critical',
      fault: 'the data of members may differ after a crash under load',
    },
  ],
};

/**
 * etcd from these versions on answers nobody who has not logged in, and Patroni before those does not log in everywhere (its pull request
 * 3580). By line.
 */
export const ETCD_LOGIN_SINCE: readonly string[] = ['3.4.42', '3.5.28', '3.6.9'];
/** The first versions of Patroni that log in as such an etcd wants it. By line. */
export const PATRONI_LOGIN_SINCE: readonly string[] = ['3.3.11', '4.0.8', '4.1.1'];

function partsOf(version: string): readonly number[] | null {
  const found = /^v?(\d+(?:\.\d+)*)/.exec(version.trim())?.[1];
  return found === undefined ? null : found.split('.').map(Number);
}

/** Orders two versions: below 0 where `a` is older; null where one of them is no version. */
export function compareVersions(a: string, b: string): number | null {
  const [left, right] = [partsOf(a), partsOf(b)];
  if (left === null || right === null) return null;
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The line that a version belongs to; null where the table does not have it. */
export function lineOf({ lines }: KnownVersions, version: string): ReleaseLine | null {
  const parts = partsOf(version);
  return (
    lines.find(({ line }) => {
      const wanted = partsOf(line);
      return parts !== null && wanted !== null && wanted.every((part, index) => parts[index] === part);
    }) ?? null
  );
}

/** The faults that a version has. */
export function faultsOf({ faults }: KnownVersions, version: string): readonly FaultyReleases[] {
  return faults.filter(({ from, fixedIn }) => {
    const [atLeast, before] = [compareVersions(version, from), compareVersions(version, fixedIn)];
    return atLeast !== null && before !== null && atLeast >= 0 && before < 0;
  });
}

/** Whether a version is at least that of its own line in a list by lines; versions of lines after the last are. null: no version. */
export function hasSince(list: readonly string[], version: string): boolean | null {
  const parts = partsOf(version);
  if (parts === null) return null;
  const ofLine = list.find((one) => {
    const wanted = partsOf(one);
    return wanted?.[0] === parts[0] && wanted?.[1] === parts[1];
  });
  const bound = ofLine ?? list.at(-1) ?? '0';
  return (compareVersions(version, bound) ?? -1) >= 0;
}
