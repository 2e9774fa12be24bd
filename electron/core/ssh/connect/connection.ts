import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { AppError, toErrorData } from '../../../../shared/model/app-error';
import type { SshState } from '../../../../shared/model/connect/server';
import type { Undo } from '../../../../shared/model/undo';
import type { AuthSources } from '../authenticate/auth';
import { settleWithin, sleep } from '../../platform/wait';
import { openClient } from './connect';
import { closedError, connectError, lostError, withNotes, type ConnectionTarget } from '../errors';
import { RemoteForwards } from '../tunnel/forwards';
import type { HostKeys } from '../authenticate/host-keys';
import { Slots } from '../../platform/slots';
import { backoffDelay, type SshTiming } from './timing';

/** sshd allows 10 session channels (MaxSessions); two are left for others. */
const SESSION_CHANNELS = 8;

/** sshd drops logins at random when many are half done (MaxStartups): this often a login is tried anew at once. */
const TURNED_AWAY_TRIES = 4;

/** A connection that is up. */
export interface Session {
  readonly client: Client;
  readonly to: ConnectionTarget;
  /** Session channels in use; forwards do not count. */
  readonly channels: Slots;
  readonly forwards: RemoteForwards;
}

/** What one attempt needs, worked out anew each time so that a changed inventory counts. */
export interface SshRoute {
  readonly sources: AuthSources;
  /** What of the SSH configuration is not followed; said where the connection fails. */
  readonly notes: readonly string[];
  /** The stream through the jump host; absent for a direct connection. */
  readonly openSock?: () => Promise<Duplex>;
}

/** What a connection needs from its pool. */
export interface ConnectionDeps {
  readonly route: () => Promise<SshRoute>;
  readonly hostKeys: HostKeys;
  readonly timing: SshTiming;
  readonly now: () => number;
  readonly random: () => number;
  /** Limits logins at the same time per host; resolves to the release. */
  readonly enterHost: (to: ConnectionTarget) => Promise<() => void>;
}

/**
 * The one connection to a server: made when first needed, shared, made again when needed after a loss.
 *
 *   idle -> connecting <-> waiting_for_answer -> connected -> lost -> connecting ...
 *                 \-> lost (retryAt: a time after a passing failure, null when only the user can mend it)
 */
export class SshConnection {
  readonly #deps: ConnectionDeps;
  #closing = new AbortController();
  readonly #listeners = new Set<(state: SshState) => void>();
  readonly #keepers = new Set<(session: Session) => Promise<void>>();
  #state: SshState = { kind: 'idle' };
  #session: Session | undefined;
  #opening: Promise<Session> | undefined;
  #failure: AppError | undefined;
  #failures = 0;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  get state(): SshState {
    return this.#state;
  }

  onState(listener: (state: SshState) => void): Undo {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The open connection, made now if need be. Everybody who waits shares one attempt and its error. */
  session(): Promise<Session> {
    if (this.#session !== undefined) return Promise.resolve(this.#session);
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#open(this.#closing.signal).finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    // Its failure is in the state too: a caller that stopped waiting (the app closes) needs no second report.
    opening.catch(() => undefined);
    return opening;
  }

  /** Forgets the last failure so that the next call connects at once: for the user's own "connect again". */
  forgetFailure(): void {
    this.#failure = undefined;
    this.#failures = 0;
  }

  /** Keeps the connection up by itself: `restore` runs on each new session until the undo is called. */
  keep(restore: (session: Session) => Promise<void>): Undo {
    this.#keepers.add(restore);
    return () => {
      this.#keepers.delete(restore);
    };
  }

  /** Closes and forgets, and can be used again: the server was changed in the inventory. Listeners stay. */
  reset(): void {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#session?.client.end();
    this.#session?.client.destroy();
    this.#session = undefined;
    this.#opening = undefined;
    this.forgetFailure();
    this.#setState({ kind: 'idle' });
  }

  /** Closes for good; every later use is refused with `ssh.cancelled`. */
  close(): void {
    this.reset();
    this.#closing.abort();
    this.#listeners.clear();
    this.#keepers.clear();
  }

  async #open(closing: AbortSignal): Promise<Session> {
    await this.#respectLastFailure(closing);
    try {
      const session = await this.#attempts(closing);
      this.#accept(session, closing);
      return session;
    } catch (thrown) {
      throw this.#reject(thrown, closing);
    }
  }

  /** A failure that only the user can mend is answered again without a new login, which could lock the account. */
  async #respectLastFailure(closing: AbortSignal): Promise<void> {
    const failure = this.#failure;
    if (failure === undefined) return;
    if (!failure.data.retryable) throw failure;
    const retryAt = this.#state.kind === 'lost' ? this.#state.retryAt : null;
    const waitMs = (retryAt ?? 0) - this.#deps.now();
    if (waitMs > this.#deps.timing.patienceMs) throw failure;
    if (waitMs > 0) await sleep(waitMs, closing);
  }

  async #attempts(closing: AbortSignal): Promise<Session> {
    for (let attempt = 1; ; attempt += 1) {
      if (!closing.aborted)
        this.#setState({ kind: 'connecting', since: this.#deps.now(), attempt: this.#failures + attempt });
      try {
        return await this.#attempt(closing);
      } catch (thrown) {
        const turnedAway = thrown instanceof AppError && thrown.code === 'ssh.turned_away';
        if (!turnedAway || attempt >= TURNED_AWAY_TRIES || closing.aborted) throw thrown;
        await sleep(200 * attempt + 400 * this.#deps.random(), closing);
      }
    }
  }

  async #attempt(closing: AbortSignal): Promise<Session> {
    const route = await this.#deps.route();
    const { to } = route.sources;
    const leave = await this.#deps.enterHost(to);
    try {
      if (closing.aborted) throw closedError(to);
      const sock = await route.openSock?.();
      const client = await openClient({
        sources: route.sources,
        hostKeys: this.#deps.hostKeys,
        timing: this.#deps.timing,
        signal: closing,
        onQuestion: (question) => {
          if (!closing.aborted) this.#onQuestion(question);
        },
        ...(sock === undefined ? {} : { sock }),
      });
      const session: Session = {
        client,
        to,
        channels: new Slots(SESSION_CHANNELS),
        forwards: new RemoteForwards(client, to),
      };
      this.#watch(session);
      void wakeUp(session, this.#deps.timing.connectTimeoutMs);
      return session;
    } catch (thrown) {
      throw withNotes(thrown, route.notes);
    } finally {
      leave();
    }
  }

  #onQuestion(question: string | null): void {
    const since = this.#deps.now();
    this.#setState(
      question === null
        ? { kind: 'connecting', since, attempt: this.#failures + 1 }
        : { kind: 'waiting_for_answer', since, question },
    );
  }

  /** Client errors after the login are always followed by 'close'; the first one says why. */
  #watch(session: Session): void {
    let why: unknown;
    session.client.once('close', () => {
      closedClients.add(session.client);
    });
    session.client.on('error', (error) => {
      why ??= error;
    });
    session.client.on('close', () => {
      if (this.#session !== session) return;
      this.#session = undefined;
      this.#lose(lostError(session.to, 'after it was made', why));
      this.#reconnect(1);
    });
  }

  #accept(session: Session, closing: AbortSignal): void {
    if (closing.aborted || isClosed(session.client)) {
      session.client.destroy();
      throw lostError(session.to, 'right after the login');
    }
    this.#session = session;
    this.#failure = undefined;
    this.#failures = 0;
    this.#setState({ kind: 'connected', since: this.#deps.now() });
    for (const restore of this.#keepers)
      void restore(session).catch(() => {
        session.client.end();
      });
  }

  #reject(thrown: unknown, closing: AbortSignal): AppError {
    const error =
      thrown instanceof AppError
        ? thrown
        : connectError({ name: 'the server', host: '?', port: 0, user: '?' }, 'login', thrown);
    if (closing.aborted) return error;
    if (error !== this.#failure) this.#lose(error);
    return error;
  }

  #lose(error: AppError): void {
    this.#failure = error;
    this.#failures += 1;
    const now = this.#deps.now();
    const retryAt = error.data.retryable
      ? now + backoffDelay(this.#failures, this.#deps.timing, this.#deps.random())
      : null;
    this.#setState({ kind: 'lost', since: now, retryAt, error: toErrorData(error) });
  }

  /** With somebody listening through it, a lost connection is made again without being asked, a bounded number of times. */
  #reconnect(attempt: number): void {
    if (this.#keepers.size === 0 || attempt > this.#deps.timing.reconnectAttempts || this.#closing.signal.aborted)
      return;
    const state = this.#state;
    if (state.kind !== 'lost' || state.retryAt === null) return;
    sleep(Math.max(0, state.retryAt - this.#deps.now()), this.#closing.signal)
      .then(() => this.session())
      .catch(() => {
        this.#reconnect(attempt + 1);
      });
  }

  #setState(state: SshState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

/** ssh2 says nothing of a socket that closed between two ticks; asking for a channel would throw, so ask for nothing. */
function isClosed(client: Client): boolean {
  return closedClients.has(client);
}

const closedClients = new WeakSet<Client>();

/**
 * A first command. Until one runs, sshd leaves Nagle's algorithm on at its side and every tunnel loses 40 ms per exchange.
 * Tunnels need not wait for its end; it holds one of the sessions, so that commands wait for it where only one is allowed.
 * A host that forbids commands (a jump host) may refuse; that is no failure.
 */
async function wakeUp({ client, channels, to }: Session, timeoutMs: number): Promise<void> {
  const release = await channels.acquire(timeoutMs, () => closedError(to));
  const woken = new Promise<void>((done) => {
    client.once('close', done);
    try {
      client.exec('true', (error, channel) => {
        if (error !== undefined) {
          done();
          return;
        }
        channel.on('error', done).on('close', done).resume();
        channel.stderr.on('error', done).resume();
        channel.end();
      });
    } catch {
      done();
    }
  });
  await settleWithin(timeoutMs, woken).finally(release);
}
