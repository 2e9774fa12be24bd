import type { ServerFacts } from '../../../model/deploy/facts';
import type { ArchiveResource, VirtualenvResource } from '../../../model/deploy/plan';
import { toChange, create, refuse, settled, type Verdict } from './verdict';

/** An unpacked archive against the sum that was noted when it was complete. */
export function checkArchive(resource: ArchiveResource, facts: ServerFacts): Verdict {
  return checkTree(resource.directory, resource.stamp, `${resource.sha256}\n`, facts);
}

/** A virtual environment against what was asked of pip when it was complete. */
export function checkVirtualenv(resource: VirtualenvResource, facts: ServerFacts): Verdict {
  return checkTree(resource.directory, resource.stamp.path, resource.stamp.content, facts);
}

/** A directory that is wholly ours: one of somebody else's is never written into. */
function checkTree(directory: string, stamp: string, wanted: string, facts: ServerFacts): Verdict {
  const found = facts.paths[directory];
  if (found === undefined || found.kind === 'absent') return create();
  const ours = facts.manifest?.files.some((file) => file.path === directory && file.before === 'absent') ?? false;
  if (!ours)
    return refuse(`${directory} is there, and this deployment did not make it. It will not be touched: move it away.`);
  const content = facts.paths[stamp]?.content ?? null;
  if (content === null) return toChange('It is not complete.');
  return content === wanted ? settled : toChange(`It was made for ${content.trim()}.`);
}
