import { randomUUID } from 'node:crypto';
import type { Secrets } from '../../../electron/core/vault/secrets';

/** A vault in memory; `entries` holds what is there by id. */
export function memorySecrets(
  entries: Map<string, string> = new Map(),
): Secrets & { readonly entries: Map<string, string> } {
  return {
    entries,
    read: (id) => Promise.resolve(entries.get(id)),
    put: (_purpose, value) => {
      const id = randomUUID();
      entries.set(id, value);
      return Promise.resolve(id);
    },
    replace: (id, value) => {
      entries.set(id, value);
      return Promise.resolve();
    },
    remove: (id) => {
      entries.delete(id);
      return Promise.resolve();
    },
    known: () => [...entries.values()],
  };
}
