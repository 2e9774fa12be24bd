import { setMaxListeners } from 'node:events';
import { toErrorData } from '../../../shared/model/app-error';
import type { DrillWay, DrillWayKind } from '../../../shared/model/drill/drill';
import type { DrillWrite } from '../../../shared/rules/drill/measure-gaps';
import type { Dial } from '../platform/dial';
import { settleWithin, sleep } from '../platform/wait';
import { openPgClient, type LoggedIn, type PgLogin } from '../postgres/pg-session';
import { MOST_TRIES, TRY_EVERY_MS, WRITE_EVERY_MS, WRITE_GIVES_UP_MS, type NotedWrites } from './writer-script';

/** How this computer writes: through the SSH connection of a server, so that it sees the ways as that server does. */
export interface WorkstationOrder {
  readonly dial: Dial;
  /** Whether that SSH connection is up; what is not acknowledged while it is not says nothing of the cluster. */
  readonly isConnected: () => boolean;
  readonly ways: readonly DrillWay[];
  readonly name: string;
  readonly password: string;
  readonly now: () => number;
}

/** This computer at work. */
export interface WorkstationWriter {
  /** How many writes of a way were acknowledged so far. */
  acknowledged(way: DrillWayKind): number;
  /** Since when every write of a way was acknowledged, ms since the epoch; null where the last one was not. */
  acknowledgedSince(way: DrillWayKind): number | null;
  /** The last refusal of a way in its own words; null where nothing was refused. */
  lastRefusal(way: DrillWayKind): string | null;
  /** Whether the SSH connection was lost while it wrote. */
  wasCutOff(): boolean;
  stop(): Promise<NotedWrites>;
}

const STOP_MS = 6000;
/** Each try of each way listens for the end. */
const MOST_LISTENERS = 100;

/** Begins to write by each way ten times a second. */
export function startWorkstationWriter(order: WorkstationOrder): WorkstationWriter {
  const ending = new AbortController();
  setMaxListeners(MOST_LISTENERS, ending.signal);
  const writers = order.ways.map((way) => new WayWriter(order, way, ending.signal));
  const running = writers.map((writer) => writer.run());
  const find = (kind: DrillWayKind): WayWriter | undefined => writers.find((writer) => writer.way.kind === kind);
  return {
    acknowledged: (kind) => find(kind)?.acknowledged ?? 0,
    acknowledgedSince: (kind) => find(kind)?.acknowledgedSince ?? null,
    lastRefusal: (kind) => find(kind)?.refusal() ?? null,
    wasCutOff: () => writers.some((writer) => writer.wasCutOff),
    stop: async () => {
      ending.abort();
      await settleWithin(STOP_MS, Promise.all(running));
      return new Map(writers.map((writer) => [writer.way.kind, writer.writes]));
    },
  };
}

class WayWriter {
  readonly writes: DrillWrite[] = [];
  wasCutOff = false;
  acknowledged = 0;
  acknowledgedSince: number | null = null;
  #client: LoggedIn | null = null;

  constructor(
    readonly order: WorkstationOrder,
    readonly way: DrillWay,
    readonly signal: AbortSignal,
  ) {}

  refusal(): string | null {
    return this.writes.findLast(({ refusal }) => refusal !== null)?.refusal ?? null;
  }

  async run(): Promise<void> {
    const { now } = this.order;
    const tries = new Set<Promise<void>>();
    for (let n = 1; !this.signal.aborted; n += 1) {
      const sentAt = now();
      if (this.#client === null) {
        const one: Promise<void> = this.#try(n, sentAt).finally(() => tries.delete(one));
        tries.add(one);
        await sleep(TRY_EVERY_MS, this.signal);
        while (tries.size >= MOST_TRIES) await Promise.race(tries);
      } else {
        await this.#write(this.#client, n, sentAt);
        await sleep(Math.max(0, sentAt + WRITE_EVERY_MS - now()), this.signal);
      }
    }
    await Promise.all(tries);
    this.#drop();
  }

  /** Writes by the connection that is there. One that refuses is not used again. */
  async #write(opened: LoggedIn, n: number, sentAt: number): Promise<void> {
    const refusal = await this.#insert(opened, n);
    if (refusal !== null) this.#drop();
    this.#end(n, sentAt, refusal);
  }

  /** Writes by a new connection, which is kept where it is the first that was let in. */
  async #try(n: number, sentAt: number): Promise<void> {
    try {
      const opened = await this.#connect();
      const refusal = await this.#insert(opened, n);
      this.#end(n, sentAt, refusal);
      if (refusal === null && this.#client === null && !this.signal.aborted) this.#client = opened;
      else opened.drop();
    } catch (thrown) {
      this.#end(n, sentAt, wordsOf(thrown));
    }
  }

  /** What was under way when the drill ended is neither acknowledged nor refused. */
  #end(n: number, sentAt: number, refusal: string | null): void {
    if (refusal !== null && this.signal.aborted) return;
    this.#note({ n, sentAt, endedAt: this.order.now(), acknowledged: refusal === null, refusal });
  }

  #note(write: DrillWrite): void {
    this.writes.push(write);
    if (write.acknowledged) {
      this.acknowledged += 1;
      this.acknowledgedSince ??= write.endedAt;
    } else {
      this.acknowledgedSince = null;
      this.wasCutOff ||= !this.order.isConnected();
    }
  }

  /** Null where it was acknowledged, else why not. */
  async #insert({ client }: LoggedIn, n: number): Promise<string | null> {
    try {
      await client.query(`INSERT INTO public.written VALUES ('workstation', '${this.way.kind}', ${n})`);
      return null;
    } catch (thrown) {
      return wordsOf(thrown);
    }
  }

  /** One after the other, as libpq does; of several the first that takes writes (target_session_attrs=read-write). */
  async #connect(): Promise<LoggedIn> {
    let last: unknown = new Error('there is nowhere to connect to');
    for (const target of this.way.targets) {
      this.signal.throwIfAborted();
      try {
        return await this.#connectTo(target);
      } catch (thrown) {
        last = thrown;
      }
    }
    throw last;
  }

  async #connectTo(target: DrillWay['targets'][number]): Promise<LoggedIn> {
    const { dial, name, password } = this.order;
    const login: PgLogin = { username: name, password: () => Promise.resolve(password) };
    const opened = await openPgClient(dial, { name: target.host, ...target }, login, {
      database: name,
      dialMs: WRITE_GIVES_UP_MS,
      loginMs: WRITE_GIVES_UP_MS,
      queryMs: WRITE_GIVES_UP_MS,
      signal: this.signal,
    });
    if (this.way.kind !== 'direct' || (await isWritable(opened))) return opened;
    opened.drop();
    throw new Error(`${target.host} takes no writes`);
  }

  #drop(): void {
    this.#client?.drop();
    this.#client = null;
  }
}

function wordsOf(thrown: unknown): string {
  return toErrorData(thrown).message.slice(0, 300);
}

async function isWritable(opened: LoggedIn): Promise<boolean> {
  try {
    const { rows } = await opened.client.query<[string]>({ text: 'SHOW transaction_read_only', rowMode: 'array' });
    return rows[0]?.[0] === 'off';
  } catch (thrown) {
    opened.drop();
    throw thrown;
  }
}
