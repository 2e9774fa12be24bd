import type { Duplex } from 'node:stream';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type {
  ConnectionInjector,
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerUnaryCall,
  ServiceError,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { deleteRange, headerOf, LeaseNotFound, put, range, txn } from './kv';
import type {
  AlarmRequest,
  DeleteRangeRequest,
  LeaseGrantRequest,
  LeaseIdRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
  WatchRequest,
  WatchResponse,
} from './messages';
import { SimMaintenance } from './maintenance';
import { SimMembers } from './members';
import type { EtcdNode } from './node';
import { etcdServices } from './protocol';
import { RevisionError } from '../etcd-store/store';
import { grpcFailure, Tokens } from './tokens';
import { SimWatchStream } from './watch';

/** The gRPC server of one simulated etcd process. It listens nowhere: connections are handed to it. */
export class EtcdServer {
  readonly #server = new Server();
  readonly #injector: ConnectionInjector;
  readonly #tokens: Tokens;
  readonly #node: EtcdNode;
  readonly #maintenance: SimMaintenance;

  constructor(node: EtcdNode) {
    this.#node = node;
    this.#maintenance = new SimMaintenance(node);
    this.#tokens = new Tokens(node.users);
    const services = etcdServices();
    this.#server.addService(services.KV, this.#kv());
    this.#server.addService(services.Watch, { Watch: this.#watch() });
    this.#server.addService(services.Lease, this.#lease());
    this.#server.addService(services.Cluster, this.#cluster());
    this.#server.addService(services.Maintenance, {
      Status: this.#late(this.#unary(() => this.#maintenance.status())),
      Alarm: this.#unary((request: AlarmRequest) => this.#maintenance.alarm(request), always, this.#tokens),
      Defragment: this.#unary(() => this.#maintenance.defragment(), never, this.#tokens),
      MoveLeader: this.#unary(
        (request: { targetID: string }) => this.#maintenance.moveLeader(request),
        always,
        this.#tokens,
      ),
      Snapshot: this.#snapshot(),
    });
    this.#server.addService(services.Auth, this.#auth());
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /** Serves one connection. */
  accept(stream: Duplex): void {
    this.#injector.injectConnection(stream);
  }

  close(): void {
    this.#injector.destroy();
    this.#server.forceShutdown();
  }

  #kv(): UntypedServiceImplementation {
    const node = this.#node;
    return {
      Range: this.#unary(
        (request: RangeRequest) => range(node, request),
        (request) => !request.serializable,
        this.#tokens,
      ),
      Put: this.#unary((request: PutRequest) => put(withSpace(node), request), always, this.#tokens),
      DeleteRange: this.#unary((request: DeleteRangeRequest) => deleteRange(node, request), always, this.#tokens),
      Txn: this.#unary(
        (request: TxnRequest) => txn(writes(request) ? withSpace(node) : node, request),
        always,
        this.#tokens,
      ),
      Compact: this.#unary((request: { revision: string }) => {
        node.store.compact(Number(request.revision));
        return { header: headerOf(node) };
      }, always),
    };
  }

  #cluster(): UntypedServiceImplementation {
    const members = new SimMembers(this.#node);
    return {
      MemberList: this.#unary(() => members.list()),
      MemberAdd: this.#unary((request: { peerURLs: string[]; isLearner: boolean }) => members.add(request), always),
      MemberRemove: this.#unary((request: { ID: string }) => members.remove(request), always),
      MemberUpdate: this.#unary((request: { ID: string }) => members.update(request), always),
      MemberPromote: this.#unary((request: { ID: string }) => members.promote(request), always),
    };
  }

  #lease(): UntypedServiceImplementation {
    const node = this.#node;
    const { leases } = node.store;
    return {
      LeaseGrant: this.#unary((request: LeaseGrantRequest) => {
        const lease = leases.grant(Number(request.TTL), withSpace(node).now(), 1, request.ID);
        if (lease === null) throw grpcFailure(status.FAILED_PRECONDITION, 'etcdserver: lease already exists');
        node.leasesChanged();
        return { header: headerOf(node), ID: lease.id, TTL: String(lease.ttlSeconds), error: '' };
      }, always),
      LeaseRevoke: this.#unary((request: LeaseIdRequest) => {
        if (!node.store.revoke(request.ID)) throw new LeaseNotFound();
        return { header: headerOf(node) };
      }, always),
      LeaseKeepAlive: this.#keepAlive(),
      LeaseTimeToLive: this.#unary((request: LeaseIdRequest) => {
        const lease = leases.get(request.ID);
        const keys =
          request.keys && lease !== undefined ? [...lease.keys].map((key) => Buffer.from(key, 'latin1')) : [];
        return {
          header: headerOf(node),
          ID: request.ID,
          TTL: String(leases.secondsLeft(request.ID, node.now())),
          grantedTTL: String(lease?.ttlSeconds ?? 0),
          keys,
        };
      }, always),
      LeaseLeases: this.#unary(
        () => ({ header: headerOf(node), leases: leases.all().map(({ id }) => ({ ID: id })) }),
        always,
      ),
    };
  }

  #keepAlive(): handleBidiStreamingCall<LeaseIdRequest, object> {
    const node = this.#node;
    return (call) => {
      call.on('data', ({ ID }: LeaseIdRequest) => {
        if (!node.hasQuorum()) return void call.destroy(noLeader());
        const lease = node.store.leases.keepAlive(ID, node.now()) ? node.store.leases.get(ID) : undefined;
        call.write({ header: headerOf(node), ID, TTL: String(lease?.ttlSeconds ?? 0) });
      });
      call.on('end', () => call.end());
      call.on('error', () => undefined);
    };
  }

  #watch(): handleBidiStreamingCall<WatchRequest, WatchResponse> {
    const node = this.#node;
    return (call: ServerDuplexStream<WatchRequest, WatchResponse>) => {
      const refusal = this.#tokens.refusal(call.metadata);
      if (refusal !== null) return void call.destroy(refusal);
      const stream = new SimWatchStream(node, (response) => void call.write(response));
      // A client that says `hasleader` is notified when the leader is gone; the others receive nothing more, as with the real one.
      const undo = node.onQuorum((quorum) => {
        if (!quorum && call.metadata.get('hasleader').length > 0) call.destroy(noLeader());
      });
      const close = (): void => {
        undo();
        stream.close();
      };
      call.on('data', (request: WatchRequest) => stream.handle(request));
      call.on('end', () => call.end());
      call.on('cancelled', close);
      call.on('close', close);
      call.on('error', close);
    };
  }

  #snapshot(): handleServerStreamingCall<object, object> {
    return (call) => {
      const refusal = this.#tokens.refusal(call.metadata);
      if (refusal !== null) return void call.destroy(refusal);
      call.on('error', () => undefined);
      for (const part of this.#maintenance.snapshot()) call.write(part);
      call.end();
    };
  }

  #auth(): UntypedServiceImplementation {
    return {
      AuthStatus: this.#unary(() => ({
        header: headerOf(this.#node),
        enabled: this.#node.users !== undefined,
        authRevision: '1',
      })),
      Authenticate: this.#unary((request: { name: string; password: string }) => ({
        header: headerOf(this.#node),
        token: this.#tokens.grant(request.name, request.password),
      })),
    };
  }

  /** A slow member says what it says late. */
  #late<Q, A>(handler: handleUnaryCall<Q, A>): handleUnaryCall<Q, A> {
    return (call, callback) => {
      if (this.#node.isSlow?.() !== true) return handler(call, callback);
      setTimeout(() => handler(call, callback), SLOW_MS);
    };
  }

  #unary<Q, A>(
    answer: (request: Q) => A,
    needsQuorum: (request: Q) => boolean = never,
    guard: Tokens | null = null,
  ): handleUnaryCall<Q, A> {
    return (call: ServerUnaryCall<Q, A>, callback) => {
      const refusal = guard?.refusal(call.metadata) ?? null;
      if (refusal !== null) return callback(refusal);
      if (needsQuorum(call.request) && !this.#node.hasQuorum()) return callback(noLeader());
      try {
        callback(null, answer(call.request));
      } catch (error) {
        callback(toServiceError(error));
      }
    };
  }
}

/** How late a slow member answers, ms. */
const SLOW_MS = 800;

/** The node, unless an alarm for space holds: then what would take more of it is refused (server/etcdserver/apply.go, applierV3Capped). */
function withSpace(node: EtcdNode): EtcdNode {
  if (node.store.alarms.all().some(({ alarm }) => alarm === 'Nospace'))
    throw grpcFailure(status.RESOURCE_EXHAUSTED, 'etcdserver: mvcc: database space exceeded');
  return node;
}

/** Whether a transaction could put a key. */
function writes({ success, failure }: TxnRequest): boolean {
  return [...success, ...failure].some(
    ({ request_put, request_txn }) => Boolean(request_put) || (request_txn ? writes(request_txn) : false),
  );
}

const always = (): boolean => true;
const never = (): boolean => false;

function noLeader(): ServiceError {
  return grpcFailure(status.UNAVAILABLE, 'etcdserver: no leader');
}

function toServiceError(error: unknown): ServiceError {
  if (error instanceof RevisionError) return grpcFailure(status.OUT_OF_RANGE, error.message);
  if (error instanceof LeaseNotFound) return grpcFailure(status.NOT_FOUND, error.message);
  if (error instanceof Error && 'code' in error && 'details' in error) return error as ServiceError;
  return grpcFailure(status.INTERNAL, error instanceof Error ? error.message : 'unknown failure');
}
