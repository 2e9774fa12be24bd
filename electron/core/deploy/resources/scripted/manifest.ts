import type { ManifestResource } from '../../../../../shared/model/deploy/plan';
import type { ScriptContext } from '../script-context';
import { scriptPut } from './put-file';

/** What /etc holds is noted with the manifest, before the first step writes there: an undo keeps the directories that were there. */
export function scriptManifest(resource: ManifestResource, context: ScriptContext): string {
  const text = `${JSON.stringify(resource.manifest, null, 2)}\n`;
  return `note_etc\n${scriptPut(context.manifestPath, 'root', 'root', 0o600, '', text)}`;
}
