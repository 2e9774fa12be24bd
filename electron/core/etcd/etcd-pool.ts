import type { EtcdAccess } from '../../../shared/model/cluster/cluster-entry';
import type { EtcdClient } from './etcd-client';

/** One connection for each etcd, however many clusters live in it; closed when the last of them lets go. */
export class EtcdPool {
  readonly #connect: (access: EtcdAccess) => EtcdClient;
  readonly #open = new Map<string, { readonly client: EtcdClient; users: number }>();

  constructor(connect: (access: EtcdAccess) => EtcdClient) {
    this.#connect = connect;
  }

  /** The client for this access; `close` of the answer lets go of it. */
  take(access: EtcdAccess): EtcdClient {
    const key = JSON.stringify([
      access.endpoints.map((one) => `${one.serverId ?? ''} ${one.host} ${String(one.port)}`).toSorted(),
      access.tls,
      access.auth,
    ]);
    const present = this.#open.get(key) ?? { client: this.#connect(access), users: 0 };
    this.#open.set(key, present);
    present.users += 1;
    let held = true;
    const letGo = async (): Promise<void> => {
      if (!held) return;
      held = false;
      present.users -= 1;
      if (present.users > 0) return;
      this.#open.delete(key);
      await present.client.close();
    };
    return { ...present.client, close: letGo };
  }

  async close(): Promise<void> {
    const clients = [...this.#open.values()].map((one) => one.client.close());
    this.#open.clear();
    await Promise.all(clients);
  }
}
