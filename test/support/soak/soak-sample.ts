/** What one server says of itself at one moment, asked by its own psql, curl and etcdctl. */
export interface SoakServer {
  /** Whether the server runs at all. */
  readonly on: boolean;
  readonly postgres: 'primary' | 'replica' | 'silent';
  /** Of a primary the timeline that it writes, of a replica the one that it receives; null: it does neither. */
  readonly timeline: number | null;
  /** Of a primary: who streams from it, with the bytes that each has not replayed. */
  readonly streaming: Readonly<Record<string, number>>;
  /** What its own Patroni answers; null: nothing. */
  readonly patroni: { readonly state: string; readonly timeline: number | null } | null;
  /** `quorum`: its etcd reads with the consent of the others. `alone`: it answers for itself only. */
  readonly etcd: 'quorum' | 'alone' | 'silent';
  /** Who holds the leader key, '' for nobody; null where etcd does not say. */
  readonly holder: string | null;
  /** Whether a switchover or failover is asked for in etcd. */
  readonly switching: boolean;
}

/** What is so at one moment; `at` in ms since the epoch. null: the server could not be asked in time, which says nothing of it. */
export interface SoakSample {
  readonly at: number;
  readonly servers: Readonly<Record<string, SoakServer | null>>;
}

/** A stretch of time, ms since the epoch. */
export interface SoakStretch {
  readonly from: number;
  readonly to: number;
}

/** The servers that take writes, by their own PostgreSQL. */
export function writersOf({ servers }: SoakSample): readonly string[] {
  return Object.entries(servers).flatMap(([name, server]) => (server?.postgres === 'primary' ? [name] : []));
}

/** Whether every server was asked. */
export function isWhole({ servers }: SoakSample): boolean {
  return Object.values(servers).every((server) => server !== null);
}

/** The stretches of time in which samples one after the other are of a kind; each ends with the first that is not. */
export function stretchesOf(
  samples: readonly SoakSample[],
  isOfKind: (sample: SoakSample) => boolean,
): readonly SoakStretch[] {
  const found: SoakStretch[] = [];
  let from: number | null = null;
  for (const sample of samples) {
    const is = isOfKind(sample);
    if (is) from ??= sample.at;
    if (is || from === null) continue;
    found.push({ from, to: sample.at });
    from = null;
  }
  const last = samples.at(-1);
  return from === null || last === undefined ? found : [...found, { from, to: last.at }];
}
