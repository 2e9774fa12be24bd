import type { ServiceLog } from '../../model/operate/service';
import { classify } from '../deploy/causes/classify';

/** So many of a log's last lines may be about what is so now: what an older one means may long be over. */
const LINES_OF_NOW = 30;

/** What the end of a service's log is known to mean, with the line that says so; null where nothing is recognized. */
export function causeOfLog(lines: readonly string[]): ServiceLog['cause'] {
  const cause = classify(lines.slice(-LINES_OF_NOW).join('\n'));
  return cause === null ? null : { sentence: cause.sentence, line: cause.line };
}
