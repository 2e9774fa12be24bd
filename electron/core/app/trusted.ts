import type { HostKeys } from '../ssh/authenticate/host-keys';
import type { Secrets } from '../vault/secrets';

/** What the app knows without asking, for servers that it simulates itself: their host keys and passwords, in memory only. */
export interface Trusted {
  /** `key` is the blob of the host key. */
  trustHost(host: string, port: number, key: Buffer): void;
  addSecret(secretId: string, value: string): void;
  clear(): void;
  hostKeys(base: HostKeys): HostKeys;
  secrets(base: Pick<Secrets, 'read'>): Pick<Secrets, 'read'>;
}

/** Makes an empty one. */
export function createTrusted(): Trusted {
  const keys = new Map<string, Buffer>();
  const secrets = new Map<string, string>();
  const name = (host: string, port: number): string => `${host} ${port}`;
  return {
    trustHost: (host, port, key) => {
      keys.set(name(host, port), key);
    },
    addSecret: (secretId, value) => {
      secrets.set(secretId, value);
    },
    clear: () => {
      keys.clear();
      secrets.clear();
    },
    hostKeys: (base) => ({
      ...base,
      check: async (host, port, key, via = [], knownAs = {}) => {
        const trusted = via.length > 0 ? undefined : keys.get(name(host, port));
        if (trusted === undefined) return base.check(host, port, key, via, knownAs);
        return trusted.equals(key) ? { kind: 'known' } : { kind: 'changed', where: 'the running demo' };
      },
    }),
    secrets: (base) => ({ read: async (secretId) => secrets.get(secretId) ?? base.read(secretId) }),
  };
}
