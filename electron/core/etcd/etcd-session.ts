import { ETCD_CLIENT_PORT, hostPortOfUrl, printHostPort, type HostPort } from '../../../shared/model/connect/host-port';
import type { IMember } from 'etcd3';
import type { AppError } from '../../../shared/model/app-error';
import { appError } from '../../../shared/model/app-error';
import type { EtcdEndpoint } from '../../../shared/model/cluster/cluster-entry';
import type { Undo } from '../../../shared/model/undo';
import type { EtcdWatchEvent } from './etcd-client';
import type { EtcdLink } from './etcd-link';
import { etcdError, lossReason } from './errors';
import { PROBE_DEADLINE_MS, PROBE_INTERVAL_MS, probe, worstNews } from './probe';
import { LATE, Wakeup, settleWithin } from '../platform/wait';
import { WatchLoop } from './watch-loop';

/** A link with the connection it uses. */
export interface OpenLink {
  readonly link: EtcdLink;
  close(): Promise<void>;
}

/** What a session works with. */
export interface SessionOptions {
  readonly endpoints: readonly EtcdEndpoint[];
  readonly connect: (endpoint: EtcdEndpoint) => Promise<OpenLink>;
  readonly now: () => number;
}

interface Route {
  readonly endpoint: EtcdEndpoint;
  readonly address: string;
  open: OpenLink | null;
  opening: Promise<OpenLink> | null;
  /** Rounds in a row in which nothing came back over it. */
  silent: number;
}

/** How long one round waits for a route that is being opened (a login may ask the user); the opening itself goes on. */
const ROUND_WAIT_MS = 1_500;
/** A caller of `live` waits this long for the first answer. */
const CALLER_WAIT_MS = 10_000;
/** Before this has passed and while routes are still being opened, silence is called connecting, not lost. */
const PATIENCE_MS = 15_000;
/**
 * At the start a member is asked when those before it had this time or failed: a hundred clusters then need a hundred
 * connections, not three hundred.
 */
const HEAD_START_MS = { awaited: 800, other: 3_000 } as const;
/** While nobody waits for what etcd reports, a proof of its quorum lasts this long, ms. */
const UNAWAITED_PROOF_MS = 3_000;
/** Routes beside the live one are closed when nobody has waited for so long. */
const KEEP_ROUTES_MS = 30_000;
/** A route without any answer for so many rounds is opened again. */
const SILENT_ROUNDS = 4;

type Health =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly route: Route }
  | { readonly kind: 'lost'; readonly error: AppError };

/**
 * One connection to one etcd cluster, over the first of its members that answers with a quorum behind it.
 *
 *     connecting --a member is live--> live --the probe fails--> (all members asked) --> live on another, or lost
 *     lost --a member is live--> live (every watch begins again with a snapshot)
 */
export class EtcdSession {
  readonly #options: SessionOptions;
  readonly #routes: readonly Route[];
  readonly #loops = new Set<WatchLoop>();
  readonly #verdicts = new Wakeup();
  #probeKey = '/';
  #health: Health = { kind: 'connecting' };
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  /** When the live link last proved that it has a quorum behind it, by the monotonic clock. */
  #provenAt = -Infinity;
  /** When somebody last waited for what etcd reports, by the monotonic clock. */
  #awaitedAt = -Infinity;
  #closed = false;
  #startedAt = 0;
  #members: IMember[] = [];
  /** Ways to members that nobody entered: etcd itself named their addresses. Asked about themselves, never watched over. */
  readonly #learned = new Map<string, Route>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#routes = options.endpoints.map(routeTo);
  }

  watch(prefix: string, listener: (event: EtcdWatchEvent) => void, isAwaited: () => boolean): Undo {
    const onEvent = (event: EtcdWatchEvent): void => {
      if (event.kind === 'changes') this.#provenAt = performance.now();
      listener(event);
    };
    const loop = new WatchLoop(prefix, onEvent, this.#options.now, isAwaited);
    this.#loops.add(loop);
    this.#probeKey = prefix;
    if (this.#health.kind === 'live') this.#startLoop(loop, this.#health.route);
    if (this.#health.kind === 'lost') loop.lost(lossReason(this.#health.error), this.#health.error.data);
    this.#ensureRunning();
    return () => {
      loop.stop();
      this.#loops.delete(loop);
    };
  }

  /** The link with a quorum behind it; waits for the first verdict, then rejects with why there is none. */
  async live(): Promise<EtcdLink> {
    this.#ensureRunning();
    if (this.#health.kind === 'connecting') await this.#verdicts.wait(CALLER_WAIT_MS);
    if (this.#health.kind === 'live' && this.#health.route.open !== null) return this.#health.route.open.link;
    if (this.#health.kind === 'lost') throw this.#health.error;
    throw appError('etcd.timeout', 'The connection to etcd is still being made.', {
      retryable: true,
      hint: 'See whether a question about a server is waiting for an answer.',
    });
  }

  /** The live link, or any open one: for questions that need no quorum. */
  async answering(): Promise<EtcdLink> {
    try {
      return await this.live();
    } catch (thrown) {
      const open = this.#routes.find((route) => route.open !== null)?.open;
      if (open === undefined || open === null) throw thrown;
      return open.link;
    }
  }

  addresses(): readonly string[] {
    return this.#allRoutes().map((route) => route.address);
  }

  /**
   * Makes known where a member is whose address nobody entered, such as one that was just added. The way leads through the server
   * of the address in use: members of an etcd reach each other. An address that is known stays as it is.
   */
  learnAddress(address: HostPort): void {
    const place = this.#health.kind === 'live' ? this.#health.route : this.#routes[0];
    if (place === undefined || this.addresses().includes(printHostPort(address))) return;
    this.#learned.set(printHostPort(address), routeTo({ ...address, serverId: place.endpoint.serverId }));
  }

  /**
   * The link to one member, opened when it is not yet; null for an address that is not known and while it is still being
   * opened. Rejects with why it cannot be opened: the way to the member, or the member itself.
   */
  async linkTo(address: string): Promise<EtcdLink | null> {
    const route = this.#allRoutes().find((one) => one.address === address);
    if (route === undefined || this.#closed) return null;
    if (route.open !== null) return route.open.link;
    route.opening ??= this.#open(route);
    const open = await settleWithin(ROUND_WAIT_MS + PROBE_DEADLINE_MS, route.opening);
    return open === LATE ? null : open.link;
  }

  lastMembers(): IMember[] {
    return this.#members;
  }

  /** What was learned of members that are not among these any more is forgotten. */
  rememberMembers(members: IMember[]): void {
    this.#members = members;
    const addresses = new Set(members.flatMap(({ clientURLs }) => clientURLs.map(clientAddress)));
    for (const [address, route] of this.#learned) {
      if (addresses.has(address)) continue;
      this.#learned.delete(address);
      void this.#close(route);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const loop of this.#loops) loop.stop();
    this.#loops.clear();
    this.#verdicts.wake();
    await Promise.all(this.#allRoutes().map((route) => this.#close(route)));
  }

  #allRoutes(): readonly Route[] {
    return [...this.#routes, ...this.#learned.values()];
  }

  #ensureRunning(): void {
    if (this.#running || this.#closed) return;
    this.#running = true;
    this.#startedAt = this.#options.now();
    void this.#round();
  }

  /** One round: the present link is asked; when it does not answer, all are. The next round is set only when this one is over. */
  async #round(): Promise<void> {
    if (this.#isAwaited()) this.#awaitedAt = performance.now();
    if (!this.#isProven()) await this.#ask();
    if (this.#closed) return;
    this.#closeUnused();
    this.#timer = setTimeout(() => void this.#round(), PROBE_INTERVAL_MS * (0.8 + Math.random() * 0.2));
  }

  /** A change that etcd reports was agreed on by its quorum: while nobody waits, it proves as much as an answer does. */
  #isProven(): boolean {
    return (
      this.#health.kind === 'live' && !this.#isAwaited() && performance.now() - this.#provenAt < UNAWAITED_PROOF_MS
    );
  }

  /** Routes that were opened to ask every member, or in search of a quorum, are not kept when nobody has waited for long. */
  #closeUnused(): void {
    if (this.#health.kind !== 'live' || performance.now() - this.#awaitedAt < KEEP_ROUTES_MS) return;
    for (const route of this.#allRoutes())
      if (route !== this.#health.route && route.open !== null) void this.#close(route);
  }

  async #ask(): Promise<void> {
    const present = this.#health.kind === 'live' ? this.#health.route : null;
    const verdict = present?.open ? await probe(present.open.link, this.#probeKey) : null;
    if (this.#closed) return;
    if (verdict?.kind !== 'live') return this.#elect();
    this.#provenAt = performance.now();
    for (const loop of this.#loops) loop.alive();
  }

  /** Whether somebody waits for what etcd reports: a page that shows it, an operation, a question of its own. */
  #isAwaited(): boolean {
    return this.#verdicts.isAwaited || [...this.#loops].some((loop) => loop.isAwaited());
  }

  async #elect(): Promise<void> {
    const errors: AppError[] = [];
    const headStartMs = this.#isAwaited() ? HEAD_START_MS.awaited : HEAD_START_MS.other;
    const attempts: Promise<Route>[] = [];
    for (const route of this.#routes)
      attempts.push(this.#attempt(route, attempts.at(-1), attempts.length * headStartMs, errors));
    try {
      this.#becomeLive(await Promise.any(attempts));
    } catch {
      this.#becomeLost(worstNews(errors));
    }
  }

  /** Asks one member. At the start those before it have a head start; once something was lost all are asked at once. */
  async #attempt(
    route: Route,
    before: Promise<Route> | undefined,
    headStartMs: number,
    errors: AppError[],
  ): Promise<Route> {
    if (before !== undefined && this.#health.kind === 'connecting') {
      const succeeded = before.then(
        () => true,
        () => false,
      );
      if ((await settleWithin(headStartMs, succeeded)) === true || this.#closed || !this.#isConnecting())
        throw notNeeded(route.address);
    }
    try {
      const open = await this.#opened(route);
      const verdict = await probe(open.link, this.#probeKey);
      if (verdict.kind === 'lost') throw verdict.error;
      route.silent = 0;
      return route;
    } catch (thrown) {
      await this.#noteFailure(route, thrown);
      errors.push(etcdError(thrown, route.address));
      throw thrown;
    }
  }

  /** Asked through a method: the state may be another one after a wait. */
  #isConnecting(): boolean {
    return this.#health.kind === 'connecting';
  }

  async #noteFailure(route: Route, thrown: unknown): Promise<void> {
    const silent = lossReason(etcdError(thrown, route.address)) === 'unreachable';
    route.silent = silent ? route.silent + 1 : 0;
    if (route.silent < SILENT_ROUNDS) return;
    route.silent = 0;
    await this.#close(route);
  }

  /** The route's link: opened once, waited for only so long in this round. */
  async #opened(route: Route): Promise<OpenLink> {
    if (route.open !== null) return route.open;
    route.opening ??= this.#open(route);
    const open = await settleWithin(ROUND_WAIT_MS + PROBE_DEADLINE_MS, route.opening);
    if (open !== LATE) return open;
    throw appError('etcd.unreachable', 'The connection to this etcd member is still being opened.', {
      target: route.address,
      retryable: true,
    });
  }

  async #open(route: Route): Promise<OpenLink> {
    try {
      const open = await this.#options.connect(route.endpoint);
      if (this.#closed) {
        open.link.close();
        await open.close();
        throw appError('etcd.closed', 'The connection to etcd was closed.', { target: route.address });
      }
      route.open = open;
      return open;
    } finally {
      route.opening = null;
    }
  }

  async #close(route: Route): Promise<void> {
    const { open } = route;
    route.open = null;
    open?.link.close();
    await open?.close().catch(() => undefined);
  }

  #startLoop(loop: WatchLoop, route: Route): void {
    if (route.open !== null) loop.start(route.open.link);
  }

  #becomeLive(route: Route): void {
    if (this.#closed) return;
    this.#health = { kind: 'live', route };
    this.#provenAt = performance.now();
    for (const loop of this.#loops) this.#startLoop(loop, route);
    this.#verdicts.wake();
  }

  #becomeLost(error: AppError): void {
    if (this.#closed) return;
    const young = this.#options.now() - this.#startedAt < PATIENCE_MS;
    if (this.#health.kind === 'connecting' && young && this.#routes.some((route) => route.opening !== null)) return;
    const known = this.#health.kind === 'lost' && this.#health.error.code === error.code;
    this.#health = { kind: 'lost', error };
    if (!known) for (const loop of this.#loops) loop.lost(lossReason(error), error.data);
    this.#verdicts.wake();
  }
}

function routeTo(endpoint: EtcdEndpoint): Route {
  return { endpoint, address: printHostPort(endpoint), open: null, opening: null, silent: 0 };
}

/** The host and port of a member's client URL as one text; what is no URL stays as it is. */
export function clientAddress(url: string): string {
  const address = hostPortOfUrl(url, ETCD_CLIENT_PORT);
  return address === null ? url : printHostPort(address);
}

function notNeeded(address: string): AppError {
  return appError('etcd.closed', 'Another member answered first.', { target: address });
}
