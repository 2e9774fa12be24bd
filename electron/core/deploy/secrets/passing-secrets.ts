import type { SecretBook } from './secret-book';

/** A book of secrets that can forget those of the clusters that pass. */
export interface PassingSecretBook extends SecretBook {
  forgetPassing(): void;
}

/**
 * A book that keeps the secrets of passing clusters (those of the demo) in memory, and all others in `lasting`: nobody is
 * asked for the vault because of a password that opens nothing.
 */
export function withPassingSecrets(lasting: SecretBook, isPassing: (clusterId: string) => boolean): PassingSecretBook {
  const passing = new Map<string, string>();
  const keyOf = (clusterId: string, name: string): string => JSON.stringify([clusterId, name]);
  return {
    read: (clusterId, name) =>
      isPassing(clusterId) ? Promise.resolve(passing.get(keyOf(clusterId, name))) : lasting.read(clusterId, name),
    write: (clusterId, name, value) => {
      if (!isPassing(clusterId)) return lasting.write(clusterId, name, value);
      passing.set(keyOf(clusterId, name), value);
      return Promise.resolve();
    },
    forgetPassing: () => passing.clear(),
  };
}
