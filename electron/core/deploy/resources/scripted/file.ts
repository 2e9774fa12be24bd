import type { FileResource } from '../../../../../shared/model/deploy/plan';
import type { ScriptContext } from '../script-context';
import { scriptPut } from './put-file';

/** Writes a file with its owner and mode. */
export function scriptFile(file: FileResource, context: ScriptContext): string {
  const { path, owner, group, mode, content, checkedBy } = file;
  return scriptPut(path, owner, group, mode, context.backupOf(path), content, checkedBy);
}
