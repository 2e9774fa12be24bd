import { mergeConfig, type MergedConfig } from '../../patroni/config/environment';
import type { Remote } from '../../ssh/remote';
import { parseDiscoveryAnswer, type DiscoveryAnswer, type FoundConfig } from './discovery-answer';
import { DISCOVERY_SCRIPT } from './discovery-script';

/** How long a server may take for a script of the discovery, ms. */
export const DISCOVERY_TIMEOUT_MS = 45_000;
/** The longest answer of a script of the discovery, bytes. */
export const DISCOVERY_MAX_OUTPUT = 32 * 1024 * 1024;

/** Runs the discovery script on a server, as root where `sudo` says so. Rejects with `ssh.*` or `discover.incomplete`. */
export async function askForConfigs(
  remote: Pick<Remote, 'script'>,
  serverName: string,
  sudo: boolean,
): Promise<DiscoveryAnswer> {
  const answer = await remote.script(DISCOVERY_SCRIPT, [], {
    timeoutMs: DISCOVERY_TIMEOUT_MS,
    sudo,
    maxOutputBytes: DISCOVERY_MAX_OUTPUT,
  });
  return parseDiscoveryAnswer(answer.stdout, serverName);
}

/** A found configuration merged: as Patroni's own loader gives it, else by its rules. */
export function mergeFound({ loaded, files, path, env }: FoundConfig): MergedConfig {
  if (loaded === null) return mergeConfig(files, env);
  if ('value' in loaded) return { kind: 'config', config: loaded.value };
  const [only] = files.length === 1 ? files : [];
  return { kind: 'refused', file: { path: only?.path ?? path, ...loaded.refused } };
}
