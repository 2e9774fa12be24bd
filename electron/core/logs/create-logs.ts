import { appError } from '../../../shared/model/app-error';
import type {
  ClockOffset,
  LogGap,
  LogPage,
  LogRecord,
  LogServer,
  LogUpdate,
} from '../../../shared/model/logs/log-record';
import { sortByTime } from '../../../shared/rules/logs/merge-records';
import type { Undo } from '../../../shared/model/undo';
import type { ClusterHub } from '../clusters/hub';
import type { Remote, RemotePool } from '../ssh/remote';
import { followServer, type LogSink } from './follow-server';
import { measureClock } from './measure-clock';
import { readServerPart, type LogWindow } from './read-page';

/** What logs are read with. */
export interface LogsDeps {
  readonly hub: ClusterHub;
  readonly remotes: RemotePool;
  readonly now: () => number;
}

/** The logs of a cluster's servers, over SSH. */
export interface ClusterLogs {
  /**
   * Follows all logs of a cluster. At most four batches go without being acknowledged: then the servers are read no further.
   * Throws `operation.no_ssh` where no server of the cluster is known.
   */
  follow(clusterId: string, push: (update: LogUpdate) => void): Undo;
  /** The reader has taken a batch. An id that is no longer followed is ignored: its reader has left. */
  acknowledge(followId: string, batch: number): void;
  /** The newest entries of a time, of all servers; a server that does not answer leaves a gap. */
  page(clusterId: string, window: LogWindow): Promise<LogPage>;
}

/** Batches on their way to the reader. */
const MOST_ON_THE_WAY = 4;
const MOST_BATCH_RECORDS = 2_000;
const MOST_BATCH_CHARACTERS = 1_000_000;
/** Entries that wait for the reader, for each follower: their servers wait when there are more. */
const MOST_WAITING = 6_000;
const MOST_WAITING_CHARACTERS = 8_000_000;
/** Entries of several servers are gathered for so long, so that they come in order. */
const GATHER_MS = 150;

interface LogPlace {
  readonly serverId: string;
  readonly member: string;
}

/** Makes the service. */
export function createClusterLogs(deps: LogsDeps): ClusterLogs {
  const clocks = new Map<string, ClockOffset>();
  const follows = new Map<string, LogFollow>();
  let lastId = 0;
  return {
    follow: (clusterId, push) => {
      const places = placesOf(deps, clusterId);
      lastId += 1;
      const followId = `logs-${String(lastId)}`;
      const follow = new LogFollow(push);
      follows.set(followId, follow);
      const undos = places.map(({ serverId, member }) =>
        followServer({
          remote: deps.remotes.remote(serverId),
          member,
          now: deps.now,
          sink: follow,
          onClock: (clock) => clocks.set(serverId, clock),
        }),
      );
      push({ kind: 'started', followId, servers: follow.servers() });
      return () => {
        follows.delete(followId);
        follow.close();
        for (const undo of undos) undo();
      };
    },
    acknowledge: (followId, batch) => follows.get(followId)?.acknowledge(batch),
    page: async (clusterId, window) => {
      const places = placesOf(deps, clusterId);
      return joinParts(await Promise.all(places.map((place) => readPlace(deps, clocks, place, window))), window);
    },
  };
}

/** The servers whose logs belong to a cluster: those of its members, and those of its etcd. */
function placesOf({ hub, remotes }: LogsDeps, clusterId: string): readonly LogPlace[] {
  const places = new Map<string, string>();
  for (const { serverId, name } of hub.state(clusterId)?.members ?? [])
    if (serverId !== null) places.set(serverId, name);
  for (const { serverId } of hub.entry(clusterId)?.etcd?.endpoints ?? [])
    if (typeof serverId === 'string' && !places.has(serverId)) places.set(serverId, remotes.remote(serverId).name);
  if (places.size === 0)
    throw appError(
      'operation.no_ssh',
      'No server of this cluster is reached by SSH, so its logs cannot be read from here.',
      {
        target: clusterId,
        hint: "Add the members' servers, and choose them under the cluster's access as the way to its members.",
      },
    );
  return [...places].map(([serverId, member]) => ({ serverId, member }));
}

interface PlacePart {
  readonly records: readonly LogRecord[];
  readonly gap: LogGap | null;
  readonly from: number;
  readonly isCut: boolean;
}

async function readPlace(
  { remotes, now }: LogsDeps,
  clocks: Map<string, ClockOffset>,
  { serverId, member }: LogPlace,
  window: LogWindow,
): Promise<PlacePart> {
  try {
    const remote = remotes.remote(serverId);
    const clock = clocks.get(serverId) ?? (await measured(remote, now, clocks));
    const part = await readServerPart(remote, { member, serverId, now, offsetMs: () => clock.offsetMs }, window);
    return { ...part, gap: null };
  } catch {
    const gap: LogGap = {
      id: `${serverId}:gap:page:${String(window.before)}`,
      member,
      serverId,
      from: window.from ?? window.before,
      to: window.before,
      cause: 'cut_off',
      state: 'lost',
      sentence: `${member} did not answer, so its lines from here are missing.`,
    };
    return { records: [], gap, from: window.from ?? -Infinity, isCut: false };
  }
}

async function measured(remote: Remote, now: () => number, clocks: Map<string, ClockOffset>): Promise<ClockOffset> {
  const clock = await measureClock(remote, now);
  clocks.set(remote.serverId, clock);
  return clock;
}

/** Only what is newer than the oldest entry of every source is whole: the rest comes with the next page. */
function joinParts(parts: readonly PlacePart[], window: LogWindow): LogPage {
  const whole = Math.max(...parts.map((part) => part.from));
  const records = sortByTime(parts.flatMap((part) => part.records)).filter((record) => record.at >= whole);
  const oldest = records[0]?.at ?? window.before;
  return {
    records,
    gaps: parts.flatMap((part) => (part.gap === null ? [] : [part.gap])),
    from: Number.isFinite(whole) ? whole : Math.min(oldest, window.before),
    atEnd: parts.every((part) => !part.isCut) && parts.every((part) => part.gap === null),
  };
}

/** What waits for one reader, bounded. */
class LogFollow implements LogSink {
  readonly #push: (update: LogUpdate) => void;
  readonly #servers = new Map<string, LogServer>();
  #waiting: LogRecord[] = [];
  #characters = 0;
  #gaps: LogGap[] = [];
  #hasNews = false;
  #sent = 0;
  #acknowledged = 0;
  #timer: NodeJS.Timeout | undefined;
  #taken: (() => void)[] = [];
  #closed = false;

  constructor(push: (update: LogUpdate) => void) {
    this.#push = push;
  }

  servers(): readonly LogServer[] {
    return [...this.#servers.values()];
  }

  records(records: readonly LogRecord[]): Promise<void> | undefined {
    if (this.#closed) return undefined;
    this.#waiting.push(...records);
    for (const record of records) this.#characters += record.text.length;
    this.#soon();
    if (this.#waiting.length < MOST_WAITING && this.#characters < MOST_WAITING_CHARACTERS) return undefined;
    return new Promise((resolve) => {
      this.#taken.push(resolve);
    });
  }

  gap(gap: LogGap): void {
    this.#gaps = [...this.#gaps.filter((one) => one.id !== gap.id), gap];
    this.#soon();
  }

  server(server: LogServer): void {
    this.#servers.set(server.serverId, server);
    this.#hasNews = true;
    this.#soon();
  }

  acknowledge(batch: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, batch);
    this.#soon();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#release();
  }

  #soon(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, GATHER_MS);
  }

  #send(): void {
    if (this.#closed || this.#sent - this.#acknowledged >= MOST_ON_THE_WAY) return;
    if (this.#waiting.length === 0 && this.#gaps.length === 0 && !this.#hasNews) return;
    const records = this.#next();
    this.#sent += 1;
    const gaps = this.#gaps;
    this.#gaps = [];
    this.#hasNews = false;
    this.#push({ kind: 'batch', number: this.#sent, records, gaps, servers: this.servers() });
    if (this.#waiting.length < MOST_WAITING / 2 && this.#characters < MOST_WAITING_CHARACTERS / 2) this.#release();
    if (this.#waiting.length > 0) this.#soon();
  }

  /** The oldest of what waits, as much as a batch may have. */
  #next(): readonly LogRecord[] {
    const sorted = sortByTime(this.#waiting);
    let characters = 0;
    let count = 0;
    for (const record of sorted) {
      characters += record.text.length;
      if (count > 0 && (count >= MOST_BATCH_RECORDS || characters > MOST_BATCH_CHARACTERS)) break;
      count += 1;
    }
    this.#waiting = sorted.slice(count);
    this.#characters = this.#waiting.reduce((sum, record) => sum + record.text.length, 0);
    return sorted.slice(0, count);
  }

  #release(): void {
    for (const taken of this.#taken.splice(0)) taken();
  }
}
