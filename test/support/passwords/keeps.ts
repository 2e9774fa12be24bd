import type { SecretBook } from '../../../electron/core/deploy/secrets/secret-book';
import type { Secrets } from '../../../electron/core/vault/secrets';
import { clusterEntrySchema, type ClusterEntry } from '../../../shared/model/cluster/cluster-entry';

/** What keeps passwords in the app, in memory: the secrets of a set-up, the vault, and the secrets of a change. */
export function keepsFixture(ofSetUp: Readonly<Record<string, string>>, postgres?: ClusterEntry['postgres']) {
  const book = new Map(Object.entries(ofSetUp));
  const vault = new Map<string, string>();
  const secrets = new Map<string, string>();
  const secretBook: SecretBook = {
    read: (_cluster, name) => Promise.resolve(book.get(name)),
    write: async (_cluster, name, value) => void book.set(name, value),
  };
  const vaultSecrets: Secrets = {
    read: (id) => Promise.resolve(vault.get(id)),
    put: async (purpose, value) => {
      const id = `${purpose} ${vault.size} ${value}`;
      vault.set(id, value);
      return id;
    },
    replace: async (id, value) => void vault.set(id, value),
    remove: async (id) => void vault.delete(id),
    known: () => [...vault.values()],
  };
  const entry = clusterEntrySchema.parse({ ...ENTRY, postgres });
  return {
    book,
    vault,
    store: {
      secrets,
      secret: async (_cluster: string, id: string): Promise<string | null> => secrets.get(id) ?? null,
      keep: async (_cluster: string, purpose: string, value: string): Promise<string> => {
        secrets.set(purpose, value);
        return purpose;
      },
    },
    deps: { inventory: { cluster: () => entry }, vault: vaultSecrets, book: secretBook },
  };
}

const ENTRY = {
  id: 'c',
  title: 'c',
  scope: 'c',
  namespace: '/service/',
  members: [],
  etcd: null,
  rest: { auth: null, tls: { kind: 'off' } },
};
