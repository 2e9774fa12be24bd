import type { EtcdNode } from './node';
import { headerOf, rangeOf, toMessage } from './kv';
import type { EventMessage, WatchCreateRequest, WatchRequest, WatchResponse } from './messages';
import { inRange, RevisionError } from '../etcd-store/store';
import type { KeyRange, StoreChange, StoreEvent } from '../etcd-store/store';

interface Watch {
  readonly id: string;
  readonly range: KeyRange;
  readonly request: WatchCreateRequest;
}

const PROGRESS_MS = 600_000;

/** All watches of one Watch stream. `send` writes to the client; call `close` when the stream is over. */
export class SimWatchStream {
  readonly #watches = new Map<string, Watch>();
  #nextId = 0;
  readonly #undo: () => void;
  readonly #progress: NodeJS.Timeout;
  readonly #node: EtcdNode;
  readonly #send: (response: WatchResponse) => void;

  constructor(node: EtcdNode, send: (response: WatchResponse) => void) {
    this.#node = node;
    this.#send = send;
    this.#undo = node.store.onChange((change) => this.#deliver(change));
    this.#progress = setInterval(() => this.#reportProgress(), PROGRESS_MS);
    this.#progress.unref();
  }

  handle(request: WatchRequest): void {
    if (request.create_request) this.#create(request.create_request);
    else if (request.cancel_request) this.#cancel(request.cancel_request.watch_id);
    else if (request.progress_request) this.#send({ header: headerOf(this.#node), watch_id: '-1' });
  }

  close(): void {
    clearInterval(this.#progress);
    this.#undo();
    this.#watches.clear();
  }

  #create(request: WatchCreateRequest): void {
    const id = request.watch_id !== '0' ? request.watch_id : String(this.#nextId++);
    const watch: Watch = { id, range: rangeOf(request), request };
    this.#send({ header: headerOf(this.#node), watch_id: id, created: true });
    if (this.#replay(watch)) this.#watches.set(id, watch);
  }

  /**
   * Sends what happened since start_revision. False when that is compacted: the watch then ends, and as with etcd
   * only compact_revision says why.
   */
  #replay(watch: Watch): boolean {
    const from = Number(watch.request.start_revision);
    if (from <= 0 || from > this.#node.store.revision) return true;
    try {
      for (const change of this.#node.store.since(from)) this.#deliverTo(watch, change);
      return true;
    } catch (error) {
      if (!(error instanceof RevisionError)) throw error;
      this.#send({
        header: headerOf(this.#node),
        watch_id: watch.id,
        canceled: true,
        compact_revision: String(error.compactRevision),
        cancel_reason: '',
      });
      return false;
    }
  }

  #cancel(id: string): void {
    if (this.#watches.delete(id)) this.#send({ header: headerOf(this.#node), watch_id: id, canceled: true });
  }

  #deliver(change: StoreChange): void {
    if (!this.#node.hasQuorum()) return;
    for (const watch of this.#watches.values()) this.#deliverTo(watch, change);
  }

  #deliverTo(watch: Watch, change: StoreChange): void {
    const from = Number(watch.request.start_revision);
    if (change.revision < from) return;
    const events = change.events.filter((event) => inRange(event.kv.key, watch.range) && !filtered(watch, event));
    if (events.length === 0) return;
    this.#send({
      header: { ...headerOf(this.#node), revision: String(change.revision) },
      watch_id: watch.id,
      events: events.map((event) => message(watch, event)),
    });
  }

  #reportProgress(): void {
    for (const watch of this.#watches.values()) {
      if (watch.request.progress_notify) this.#send({ header: headerOf(this.#node), watch_id: watch.id });
    }
  }
}

function filtered(watch: Watch, event: StoreEvent): boolean {
  return watch.request.filters.includes(event.type === 'put' ? 'Noput' : 'Nodelete');
}

function message(watch: Watch, event: StoreEvent): EventMessage {
  const previous = watch.request.prev_kv && event.previous !== null ? toMessage(event.previous) : null;
  return { type: event.type === 'put' ? 'Put' : 'Delete', kv: toMessage(event.kv), prev_kv: previous };
}
