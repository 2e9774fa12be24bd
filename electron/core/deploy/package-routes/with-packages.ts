import type { Sources } from '../../../../shared/model/deploy/spec/source-spec';
import type { Remote } from '../../ssh/remote';
import { outside } from './outside';
import { openThroughWorkstation } from './through-workstation';

/**
 * Runs something that fetches lists or packages, by the spec's route to them; `work` gets further words for apt.
 * A bundle lies on a server during an installation alone, so that here the server's own sources are asked.
 */
export async function withPackages<T>(
  remote: Remote,
  sources: Sources,
  work: (options: readonly string[]) => Promise<T>,
): Promise<T> {
  if (sources.route.kind !== 'through_workstation') return work([]);
  const open = await openThroughWorkstation(remote, sources, outside, () => undefined);
  try {
    return await work(open.route.options);
  } finally {
    await open.close();
  }
}
