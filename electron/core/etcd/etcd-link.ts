import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { Channel, credentials as channelCredentials } from '@grpc/grpc-js';
import type { ChannelCredentials, ChannelInterface, connectivityState } from '@grpc/grpc-js';
import { CompareResult, CompareTarget, Etcd3 } from 'etcd3';
import type {
  IAlarmMember,
  IDuplexStream,
  IKeyValue,
  IMember,
  IResponseStream,
  ISnapshotResponse,
  IStatusResponse,
  IWatchRequest,
  IWatchResponse,
} from 'etcd3';
import { noop } from 'cockatiel';
import type { ClientTls } from '../platform/http/tls-stream';
import type { EtcdKey, KeyOrPrefix } from './etcd-client';
import type { AppError } from '../../../shared/model/app-error';
import { appError } from '../../../shared/model/app-error';
import { etcdError } from './errors';
import { readQuota } from './metrics';

/** What a connection to one etcd member needs; secrets are already read. */
export interface LinkOptions {
  /** `unix:/path`, or host:port. */
  readonly target: string;
  /** For people and errors: the member's own address. */
  readonly label: string;
  /** Why the connection was closed, where gRPC cannot know it; null otherwise. */
  readonly why: () => unknown;
  /** The name to verify in TLS: the member's own host, never the tunnel's. */
  readonly tls: (ClientTls & { readonly serverName: string }) | null;
  readonly auth: { readonly username: string; readonly password: string } | null;
}

/** The raw watch stream; the caller owns it and must end it with `cancel()`. */
export type WatchStream = IDuplexStream<IWatchRequest, IWatchResponse>;

const CALL_DEADLINE_MS = 5_000;
/** etcd itself gives a change of its members up after seven seconds. */
const CHANGE_DEADLINE_MS = 7_000;
const changeOptions = (): { deadline: number } => ({ deadline: Date.now() + CHANGE_DEADLINE_MS });
/** A large database takes minutes to be written anew, and its member answers nothing else meanwhile. */
const DEFRAGMENT_DEADLINE_MS = 15 * 60_000;
const COMPACT_DEADLINE_MS = 5 * 60_000;
const QUOTA_KEEPS_MS = 30_000;
const LARGEST_REPLY = 64 * 1024 * 1024;
/** A server that takes a token as invalid again and again would be asked for ever. */
const MOST_LOGINS = 3;
const LOGIN_WINDOW_MS = 2_000;

/** The end of the range that a prefix is: its last byte grown by one. */
export function rangeEnd(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let index = end.length - 1; index >= 0; index -= 1) {
    const byte = end[index] ?? 0xff;
    if (byte < 0xff) {
      end[index] = byte + 1;
      return end.subarray(0, index + 1);
    }
  }
  return Buffer.from([0]);
}

/**
 * The one HTTP/2 connection to a member. Its subchannels are its own: the pool that gRPC shares among all channels
 * of a process is searched whenever a channel is closed, which takes longer with each cluster, and it keeps every
 * address it has ever seen.
 */
function openChannel({ target, tls }: LinkOptions): Channel {
  return new Channel(target, tls === null ? channelCredentials.createInsecure() : ownNameVerified(tls), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.max_receive_message_length': LARGEST_REPLY,
    'grpc.initial_reconnect_backoff_ms': 300,
    'grpc.max_reconnect_backoff_ms': 2_000,
    ...(tls === null || isIP(tls.serverName) !== 0
      ? {}
      : { 'grpc.ssl_target_name_override': tls.serverName, 'grpc.default_authority': tls.serverName }),
  });
}

/**
 * Checks the certificate against the member's own name or address (an address is no TLS server name, RFC 6066),
 * or nothing on the user's word.
 */
function ownNameVerified(tls: NonNullable<LinkOptions['tls']>): ChannelCredentials {
  return channelCredentials.createSsl(toBuffer(tls.ca), toBuffer(tls.key), toBuffer(tls.cert), {
    rejectUnauthorized: tls.insecure !== true,
    checkServerIdentity: (_host, certificate) =>
      tls.insecure === true ? undefined : checkServerIdentity(tls.serverName, certificate),
  });
}

const toBuffer = (pem: string | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem));

/**
 * A channel as it is lent to the library, which closes every channel it has when one of its calls times out:
 * that must not end the watches.
 */
class LentChannel implements ChannelInterface {
  readonly #own: Channel;
  readonly createCall: ChannelInterface['createCall'];
  readonly watchConnectivityState: ChannelInterface['watchConnectivityState'];

  constructor(own: Channel) {
    this.#own = own;
    this.createCall = own.createCall.bind(own);
    this.watchConnectivityState = own.watchConnectivityState.bind(own);
  }

  close(): void {
    // Its owner closes it.
  }

  getTarget(): string {
    return this.#own.getTarget();
  }

  getConnectivityState(tryToConnect: boolean): connectivityState {
    return this.#own.getConnectivityState(tryToConnect);
  }

  getChannelzRef(): ReturnType<ChannelInterface['getChannelzRef']> {
    return this.#own.getChannelzRef();
  }
}

function makeClient(channel: ChannelInterface, options: Pick<LinkOptions, 'target' | 'auth'>): Etcd3 {
  return new Etcd3({
    hosts: [options.target],
    // The library's own breaker would block every call for 5 s after three errors. The session decides when to try again;
    // the library wants that said as a policy of cockatiel.
    faultHandling: { host: () => noop, global: noop },
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + CALL_DEADLINE_MS }),
    grpcOptions: { channelOverride: channel },
    ...(options.auth === null ? {} : { auth: options.auth }),
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * The library logs in through a channel of its own that forgets the channel options (so the TLS name would be
 * wrong behind a tunnel): a second client on the same channel and without a user does it instead.
 */
function logInWith(client: Etcd3, login: () => Promise<string>): void {
  const pool: unknown = Reflect.get(client, 'pool');
  const authenticator: unknown = isObject(pool) ? Reflect.get(pool, 'authenticator') : undefined;
  if (!isObject(authenticator))
    throw appError('etcd.client', 'The etcd client library has changed: its login cannot be set.');
  Reflect.set(authenticator, 'getCredentialsFromHost', login);
}

interface MaintenancePool {
  withConnection<T>(
    service: 'Maintenance',
    work: (connection: { readonly client: SnapshotClient; readonly metadata: object }) => T,
  ): Promise<T>;
}

interface SnapshotClient {
  snapshot(request: object, metadata: object): IResponseStream<ISnapshotResponse>;
}

function isMaintenancePool(value: unknown): value is MaintenancePool {
  return isObject(value) && typeof Reflect.get(value, 'withConnection') === 'function';
}

/** The library's own call puts the token where the request belongs, so that an etcd with users sees none. */
async function openSnapshot(client: Etcd3): Promise<IResponseStream<ISnapshotResponse>> {
  const pool: unknown = Reflect.get(client, 'pool');
  if (!isMaintenancePool(pool))
    throw appError('etcd.client', 'The etcd client library has changed: a snapshot cannot be read.');
  return pool.withConnection('Maintenance', (connection) => {
    const stream = connection.client.snapshot({}, connection.metadata);
    // Whoever reads it is told by it; until then an error must not end the process.
    stream.on('error', () => undefined);
    return stream;
  });
}

/** One entry as the rest of the core sees it; keys and values are read as UTF-8. */
export function toKey(kv: IKeyValue): EtcdKey {
  return {
    key: kv.key.toString('utf8'),
    value: kv.value.toString('utf8'),
    modRevision: kv.mod_revision,
    createRevision: kv.create_revision,
    lease: kv.lease,
  };
}

/** The connection to one etcd member. Every call has a deadline and rejects with an `etcd.*` error. */
export class EtcdLink {
  readonly label: string;
  readonly #channel: Channel;
  readonly #client: Etcd3;
  readonly #login: Etcd3 | null;
  readonly #logins: number[] = [];
  readonly #why: () => unknown;
  readonly #options: LinkOptions;
  #quota: Promise<number | null> = Promise.resolve(null);
  #quotaAt = -Infinity;

  constructor(options: LinkOptions) {
    this.label = options.label;
    this.#options = options;
    this.#why = options.why;
    this.#channel = openChannel(options);
    const lent = new LentChannel(this.#channel);
    const { target, auth } = options;
    this.#client = makeClient(lent, { target, auth });
    this.#login = auth === null ? null : makeClient(lent, { target, auth: null });
    if (auth !== null) logInWith(this.#client, () => this.#logIn(auth.username, auth.password));
  }

  async range(
    prefix: string,
    options: { readonly keysOnly?: boolean; readonly limit?: number; readonly timeoutMs?: number } = {},
  ): Promise<{ entries: EtcdKey[]; revision: string }> {
    const key = Buffer.from(prefix, 'utf8');
    const request = { key, range_end: rangeEnd(key), keys_only: options.keysOnly ?? false, limit: options.limit ?? 0 };
    const reply = await this.#guard(
      this.#client.kv.range(request, { deadline: Date.now() + (options.timeoutMs ?? CALL_DEADLINE_MS) }),
    );
    return { entries: reply.kvs.map(toKey), revision: reply.header.revision };
  }

  /** The value of one key, or null when it does not exist. */
  async read(key: string): Promise<string | null> {
    const [found] = (await this.#guard(this.#client.kv.range({ key: Buffer.from(key, 'utf8') }))).kvs;
    return found === undefined ? null : toKey(found).value;
  }

  /** Deletes a key, or all that begin with a prefix, when `guard` still has this value; false when it has another. */
  async deleteIf(guard: { readonly key: string; readonly value: string }, what: KeyOrPrefix): Promise<boolean> {
    const key = Buffer.from('key' in what ? what.key : what.prefix, 'utf8');
    const reply = await this.#guard(
      this.#client.kv.txn({
        compare: [
          {
            key: Buffer.from(guard.key, 'utf8'),
            target: CompareTarget.Value,
            result: CompareResult.Equal,
            value: Buffer.from(guard.value, 'utf8'),
          },
        ],
        success: [{ request_delete_range: 'key' in what ? { key } : { key, range_end: rangeEnd(key) } }],
      }),
    );
    return reply.succeeded;
  }

  /** Deletes a key, or all that begin with a prefix, when none of it was written after this revision; false when something was. */
  async deleteUnchanged(what: KeyOrPrefix, revision: string): Promise<boolean> {
    const key = Buffer.from('key' in what ? what.key : what.prefix, 'utf8');
    const range = 'key' in what ? { key } : { key, range_end: rangeEnd(key) };
    const next = String(BigInt(revision) + 1n);
    const reply = await this.#guard(
      this.#client.kv.txn({
        compare: [{ ...range, target: CompareTarget.Mod, result: CompareResult.Less, mod_revision: next }],
        success: [{ request_delete_range: range }],
      }),
    );
    return reply.succeeded;
  }

  /** Writes when the key still has this mod revision; false when it has another. */
  async compareAndSet(key: string, value: string, modRevision: string): Promise<boolean> {
    const bytes = Buffer.from(key, 'utf8');
    const reply = await this.#guard(
      this.#client.kv.txn({
        compare: [{ key: bytes, target: CompareTarget.Mod, result: CompareResult.Equal, mod_revision: modRevision }],
        success: [{ request_put: { key: bytes, value: Buffer.from(value, 'utf8') } }],
      }),
    );
    return reply.succeeded;
  }

  async leaseTime(lease: string): Promise<{ leftMs: number; ttlMs: number } | null> {
    const reply = await this.#guard(this.#client.leaseClient.leaseTimeToLive({ ID: lease, keys: false }));
    const left = Number(reply.TTL);
    return left < 0 ? null : { leftMs: left * 1000, ttlMs: Number(reply.grantedTTL) * 1000 };
  }

  status(timeoutMs: number): Promise<IStatusResponse> {
    return this.#guard(this.#client.maintenance.status({ deadline: Date.now() + timeoutMs }));
  }

  async memberList(): Promise<IMember[]> {
    return (await this.#guard(this.#client.cluster.memberList({}))).members;
  }

  /** Adds a member that does not vote until it is promoted. */
  async addLearner(peerUrl: string): Promise<void> {
    await this.#guard(this.#client.cluster.memberAdd({ peerURLs: [peerUrl], isLearner: true }, changeOptions()));
  }

  /** Lets a learner vote; etcd rejects it until the learner has nearly all that the leader has. */
  async promoteMember(id: string): Promise<void> {
    await this.#guard(this.#client.cluster.memberPromote({ ID: id }, changeOptions()));
  }

  async removeMember(id: string): Promise<void> {
    await this.#guard(this.#client.cluster.memberRemove({ ID: id }, changeOptions()));
  }

  async alarms(): Promise<IAlarmMember[]> {
    return (await this.#guard(this.#client.maintenance.alarm({ action: 'Get', memberID: '0', alarm: 'None' }))).alarms;
  }

  async disarm({ memberID, alarm }: IAlarmMember): Promise<void> {
    await this.#guard(this.#client.maintenance.alarm({ action: 'Deactivate', memberID, alarm }));
  }

  /** Asked of the leader alone; resolves when the other member leads. */
  async moveLeader(id: string): Promise<void> {
    await this.#guard(this.#client.maintenance.moveLeader({ targetID: id }, changeOptions()));
  }

  /** Writes the database of this member anew; it answers nothing else meanwhile. */
  async defragment(): Promise<void> {
    await this.#guard(this.#client.maintenance.defragment({ deadline: Date.now() + DEFRAGMENT_DEADLINE_MS }));
  }

  /** Resolves when the old revisions are gone from the database. */
  async compact(revision: string): Promise<void> {
    await this.#guard(
      this.#client.kv.compact({ revision, physical: true }, { deadline: Date.now() + COMPACT_DEADLINE_MS }),
    );
  }

  /** How many keys there are, of everybody. */
  async countKeys(): Promise<number> {
    const all = Buffer.from([0]);
    return Number((await this.#guard(this.#client.kv.range({ key: all, range_end: all, count_only: true }))).count);
  }

  async snapshotStream(): Promise<IResponseStream<ISnapshotResponse>> {
    // A stream is not begun again with a new token, as a call is: this one sees to it that the token is good.
    if (this.#login !== null) await this.range('/', { keysOnly: true, limit: 1 }).catch(() => undefined);
    return this.#guard(openSnapshot(this.#client));
  }

  /**
   * The quota that this member was started with, bytes; null when it does not say. Kept for a while and then asked again: a restart
   * may have changed it, and a connection outlives that.
   */
  quota(): Promise<number | null> {
    if (performance.now() - this.#quotaAt > QUOTA_KEEPS_MS) {
      this.#quotaAt = performance.now();
      this.#quota = readQuota(this.#options);
    }
    return this.#quota;
  }

  /** What the stream of a call of this link was ended by, as an error of the app. */
  errorOf(thrown: unknown): AppError {
    return etcdError(thrown, this.label);
  }

  watchStream(): Promise<WatchStream> {
    return this.#guard(this.#client.watchClient.watch());
  }

  close(): void {
    for (const client of [this.#client, this.#login]) client?.close();
    this.#channel.close();
  }

  async #logIn(name: string, password: string): Promise<string> {
    const now = Date.now();
    while ((this.#logins[0] ?? now) < now - LOGIN_WINDOW_MS) this.#logins.shift();
    if (this.#logins.length >= MOST_LOGINS)
      throw appError('etcd.auth_failed', 'etcd keeps refusing the token it has just given.', { target: this.label });
    this.#logins.push(now);
    if (this.#login === null) throw appError('etcd.auth_failed', 'No etcd user is set.', { target: this.label });
    return (await this.#login.auth.authenticate({ name, password })).token;
  }

  async #guard<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (thrown) {
      const error = etcdError(thrown, this.label);
      const why = this.#why();
      throw why === null || error.code !== 'etcd.unreachable' ? error : etcdError(why, this.label);
    }
  }
}
