import type { DirectoryResource } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';

/**
 * Makes a directory. What a service fills it may also move away or make anew, as Patroni does after a copy that failed: the directory above
 * is the service's, too.
 */
export function scriptDirectory({ path, owner, group, mode, holds }: DirectoryResource): string {
  return `directory ${[path, owner, group, mode.toString(8).padStart(4, '0'), holds].map(quoteWord).join(' ')}`;
}
