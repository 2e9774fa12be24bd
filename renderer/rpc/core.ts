import type { ContractRouterClient } from '@orpc/contract';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Contract } from '../../shared/contract';
import { appError } from '../../shared/model/app-error';
import type { Undo } from '../../shared/model/undo';
import { toPageError } from './errors';

/** The contract as the page calls it. */
export type CoreClient = ContractRouterClient<Contract>;

/** One open connection to the core. `closed` resolves when it is gone. */
export interface Channel {
  readonly client: CoreClient;
  readonly closed: Promise<void>;
}

/** Opens a connection to the core; rejects when it does not answer. */
export type OpenCoreChannel = (signal: AbortSignal) => Promise<Channel>;

/** Whether the core answers. `attempt` counts the tries since it last answered. */
export type CoreStatus =
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number; readonly attempt: number };

/** The page's connection to the core: calls, subscriptions that outlive a lost connection, and whether it answers. */
export interface CoreConnection {
  readonly status: StoreApi<CoreStatus>;
  /** Runs one call; rejects with an AppError. A call never waits longer than ten seconds for a connection. */
  call<T>(send: (client: CoreClient) => Promise<T>): Promise<T>;
  /** Reads a stream until undone; opens it again after the connection or the stream was lost. */
  listen<T>(
    open: (client: CoreClient, signal: AbortSignal) => Promise<AsyncIterable<T>>,
    onItem: (item: T) => void,
    onProblem?: (problem: unknown) => void,
  ): Undo;
  close(): void;
}

/** How the core is reached; `now` in ms. */
export interface CoreDeps {
  readonly dial: OpenCoreChannel;
  readonly now: () => number;
}

const WAIT_FOR_CONNECTION_MS = 10_000;
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8_000;
const STREAM_RETRY_MS = 1_500;

/** Connects to the core and stays connected until closed. */
export function connectCore(deps: CoreDeps): CoreConnection {
  const status = createStore<CoreStatus>(() => ({ kind: 'connecting', attempt: 1 }));
  const ending = new AbortController();
  let channel: Channel | null = null;
  const hold = (next: Channel | null) => {
    channel = next;
  };
  const present = () => channel;
  void keepConnected({ deps, status, signal: ending.signal, hold });
  return {
    status,
    call: (send) => callOnce({ status, present }, send),
    listen: (open, onItem, onProblem) => {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, ending.signal]);
      void readForEver({ status, present, signal }, open, onItem, onProblem);
      return () => stop.abort();
    },
    close: () => ending.abort(),
  };
}

interface Keeper {
  readonly deps: CoreDeps;
  readonly status: StoreApi<CoreStatus>;
  readonly signal: AbortSignal;
  readonly hold: (channel: Channel | null) => void;
}

async function keepConnected(keeper: Keeper): Promise<void> {
  const { deps, status, signal, hold } = keeper;
  let attempt = 1;
  let lostAt = deps.now();
  while (!signal.aborted) {
    try {
      const channel = await deps.dial(signal);
      hold(channel);
      status.setState({ kind: 'open' }, true);
      attempt = 1;
      await Promise.race([channel.closed, aborted(signal)]);
      lostAt = deps.now();
    } catch {
      attempt += 1;
    }
    hold(null);
    if (signal.aborted) return;
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
    status.setState({ kind: 'lost', since: lostAt, retryAt: deps.now() + wait, attempt }, true);
    await sleep(wait, signal);
  }
}

interface Connection {
  readonly status: StoreApi<CoreStatus>;
  readonly present: () => Channel | null;
}

async function callOnce<T>(connection: Connection, send: (client: CoreClient) => Promise<T>): Promise<T> {
  const channel = await opened(connection, AbortSignal.timeout(WAIT_FOR_CONNECTION_MS));
  if (channel === null) {
    throw appError('app.core_unreachable', 'The background process of Matriarch does not respond.', {
      hint: 'Nothing was sent. The page keeps trying to reconnect; if that does not help, restart the app.',
      retryable: true,
    });
  }
  try {
    return await send(channel.client);
  } catch (thrown) {
    throw toPageError(thrown);
  }
}

async function readForEver<T>(
  connection: Connection & { readonly signal: AbortSignal },
  open: (client: CoreClient, signal: AbortSignal) => Promise<AsyncIterable<T>>,
  onItem: (item: T) => void,
  onProblem: ((problem: unknown) => void) | undefined,
): Promise<void> {
  const { signal } = connection;
  while (!signal.aborted) {
    const channel = await opened(connection, signal);
    if (channel === null) return;
    const lost = new AbortController();
    void channel.closed.then(() => lost.abort());
    try {
      for await (const item of await open(channel.client, AbortSignal.any([signal, lost.signal]))) {
        if (!signal.aborted) onItem(item);
        if (signal.aborted) return;
      }
    } catch (thrown) {
      if (!signal.aborted && connection.present() === channel) onProblem?.(toPageError(thrown));
    }
    // A stream that ends at once must not be opened again without a pause.
    await sleep(STREAM_RETRY_MS, signal, () => connection.present() !== channel);
  }
}

/** The open channel, as soon as there is one; null when the signal ends the wait. */
function opened(connection: Connection, signal: AbortSignal): Promise<Channel | null> {
  const now = connection.present();
  if (now !== null || signal.aborted) return Promise.resolve(signal.aborted ? null : now);
  return new Promise((resolve) => {
    const done = () => {
      undo();
      signal.removeEventListener('abort', done);
      resolve(signal.aborted ? null : connection.present());
    };
    const undo = connection.status.subscribe((state) => {
      if (state.kind === 'open') done();
    });
    signal.addEventListener('abort', done, { once: true });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function sleep(ms: number, signal: AbortSignal, skip: () => boolean = () => false): Promise<void> {
  if (signal.aborted || skip()) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
