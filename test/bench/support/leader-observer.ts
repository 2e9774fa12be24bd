import { Etcd3 } from 'etcd3';

/** A change of a leader key: the new holder, '' when the key is gone; `at` is when etcd told, ms since the epoch. */
export interface LeaderChange {
  readonly what: string;
  readonly holder: string;
  readonly at: number;
}

/** A watch of its own on a leader key, beside the app's. A renewed key with the same holder is no change. */
export interface LeaderObserver {
  readonly changes: readonly LeaderChange[];
  holder(): string;
  close(): Promise<void>;
}

/** Watches the key directly, without SSH. `what` is put on each change. */
export async function observeLeader(what: string, hosts: readonly string[], key: string): Promise<LeaderObserver> {
  const client = new Etcd3({ hosts: [...hosts] });
  const changes: LeaderChange[] = [];
  let holder = (await client.get(key).string()) ?? '';
  const note = (next: string): void => {
    if (next === holder) return;
    holder = next;
    changes.push({ what, holder, at: Date.now() });
  };
  const watcher = await client.watch().key(key).create();
  watcher.on('put', (entry) => {
    note(entry.value.toString('utf8'));
  });
  watcher.on('delete', () => {
    note('');
  });
  return {
    changes,
    holder: () => holder,
    close: async () => {
      await watcher.cancel().catch(() => undefined);
      client.close();
    },
  };
}
