import type { FileResource } from '../../../../../shared/model/deploy/plan';
import type { ScriptContext } from '../script-context';
import { scriptPut } from './put-file';

/** Writes a file with its owner and mode. */
export function scriptFile(file: FileResource, context: ScriptContext): string {
  return scriptPut(file.path, file.owner, file.group, file.mode, context.backupOf(file.path), file.content);
}
