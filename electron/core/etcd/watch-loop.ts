import type { IWatchResponse } from 'etcd3';
import type { AppErrorData } from '../../../shared/model/app-error';
import type { Undo } from '../../../shared/model/undo';
import type { EtcdChange, EtcdWatchEvent } from './etcd-client';
import { backoffMs } from '../platform/backoff';
import type { EtcdLink, WatchStream } from './etcd-link';
import { rangeEnd, toKey } from './etcd-link';
import type { LossReason } from './errors';
import { etcdError } from './errors';

const RETRY = { minMs: 200, maxMs: 3_000 };

/**
 * Watches one prefix over whatever link is current: lists, watches from the revision after the list, and lists
 * again after every gap (a lost link, a compacted revision, a cancelled watch), so that no change is missed.
 */
export class WatchLoop {
  readonly #prefix: Buffer;
  readonly #prefixText: string;
  readonly #listener: (event: EtcdWatchEvent) => void;
  readonly #now: () => number;
  /** Whether somebody waits for news of this prefix now. */
  readonly isAwaited: () => boolean;
  #stream: WatchStream | null = null;
  /** Grows with each start and stop; what an older one still delivers is dropped. */
  #generation = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(prefix: string, listener: (event: EtcdWatchEvent) => void, now: () => number, isAwaited: () => boolean) {
    this.#prefixText = prefix;
    this.#prefix = Buffer.from(prefix, 'utf8');
    this.#listener = listener;
    this.#now = now;
    this.isAwaited = isAwaited;
  }

  /** Begins on this link, from the whole. */
  start(link: EtcdLink): void {
    this.stop();
    void this.#run(link, this.#generation);
  }

  stop(): void {
    this.#generation += 1;
    clearTimeout(this.#retryTimer);
    this.#stream?.cancel();
    this.#stream = null;
  }

  alive(): void {
    this.#listener({ kind: 'alive', at: this.#now() });
  }

  lost(reason: LossReason, error: AppErrorData): void {
    this.stop();
    this.#listener({ kind: 'lost', reason, error, at: this.#now() });
  }

  async #run(link: EtcdLink, generation: number): Promise<void> {
    try {
      const { entries, revision } = await link.range(this.#prefixText);
      if (generation !== this.#generation) return;
      this.#listener({ kind: 'snapshot', entries, revision, at: this.#now() });
      const stream = await link.watchStream();
      if (generation !== this.#generation) return void stream.cancel();
      this.#follow(stream, link, generation, BigInt(revision) + 1n);
    } catch (thrown) {
      this.#retry(link, generation, thrown);
    }
  }

  #follow(stream: WatchStream, link: EtcdLink, generation: number, from: bigint): void {
    this.#stream = stream;
    const undo = this.#listen(stream, link, generation);
    stream.on('error', (error: Error) => {
      undo();
      this.#retry(link, generation, error);
    });
    stream.on('end', () => {
      undo();
      this.#retry(link, generation, new Error('The watch ended.'));
    });
    stream.write({
      create_request: {
        key: this.#prefix,
        range_end: rangeEnd(this.#prefix),
        start_revision: from.toString(),
        progress_notify: true,
      },
    });
  }

  #listen(stream: WatchStream, link: EtcdLink, generation: number): Undo {
    let open = true;
    stream.on('data', (reply: IWatchResponse) => {
      if (!open || generation !== this.#generation) return;
      if (reply.canceled) {
        open = false;
        return this.#retry(
          link,
          generation,
          new Error(reply.cancel_reason === '' ? 'The watched revision was compacted.' : reply.cancel_reason),
        );
      }
      this.#failures = 0;
      this.#deliver(reply);
    });
    return () => {
      open = false;
    };
  }

  #deliver(reply: IWatchResponse): void {
    if (reply.events.length === 0) return;
    const changes = reply.events.map((event): EtcdChange =>
      String(event.type).toLowerCase() === 'delete'
        ? { kind: 'delete', key: event.kv.key.toString('utf8') }
        : { kind: 'put', entry: toKey(event.kv) },
    );
    this.#listener({ kind: 'changes', changes, revision: reply.header.revision, at: this.#now() });
  }

  /** Lists and watches again; a missing permission is reported at once, the rest is for the probe to judge. */
  #retry(link: EtcdLink, generation: number, thrown: unknown): void {
    if (generation !== this.#generation) return;
    this.stop();
    const error = etcdError(thrown, link.label);
    if (error.code === 'etcd.permission_denied')
      this.#listener({ kind: 'lost', reason: 'refused', error: error.data, at: this.#now() });
    this.#failures += 1;
    const next = this.#generation;
    this.#retryTimer = setTimeout(
      () => void this.#run(link, next),
      this.#failures === 1 ? 0 : backoffMs(this.#failures, RETRY),
    );
  }
}
