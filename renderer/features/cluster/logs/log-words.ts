import type { LogLevel, LogRecord, LogService } from '../../../../shared/model/logs/log-record';
import { tabViews } from '../../../navigation/tab-views';
import type { Tone } from '../../../ui/wording/words';

/** The programs by their names. */
export const logServiceWords: Readonly<Record<LogService, string>> = tabViews.logs;

/** The tone of a level. */
export const levelTones: Readonly<Record<LogLevel, Tone>> = {
  debug: 'idle',
  info: 'idle',
  notice: 'info',
  warning: 'warn',
  error: 'crit',
  fatal: 'crit',
};

/** An entry as a line of a file. */
export function logLineText(record: LogRecord): string {
  const cut = record.cutBytes === 0 ? '' : ` (cut, ${String(record.cutBytes)} bytes more)`;
  const time = new Date(record.at).toISOString();
  return `${time} ${record.member} ${record.service} ${record.level}: ${record.text.replaceAll('\n', '\n    ')}${cut}`;
}

/** Local time of day to the millisecond: "12:00:03.123". */
export function formatLogTime(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
