import { bytesInWords } from '../../../shared/rules/words/wording';

/** A size in words, as the core says it too; "not known" where it is not. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return 'not known';
  return bytes < 0 ? `-${bytesInWords(-bytes)}` : bytesInWords(bytes);
}

/** How far a member is behind, in bytes of WAL: "no lag", "1.2 MB behind". */
export function lagInWords(bytes: number | null): string {
  if (bytes === null) return 'lag not known';
  return bytes === 0 ? 'no lag' : `${formatBytes(bytes)} behind`;
}

/** How long ago something was, coarse enough not to flicker: "now", "7 s ago", "3 min ago". */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** Local date and time to the second: "2025-03-01 12:00:03". */
export function formatDateTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatClock(at)}`;
}

/** Local time of day: "12:00:03"; with `tenths` "12:00:03.4". */
export function formatClock(at: number, tenths = false): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return tenths ? `${clock}.${Math.floor(date.getMilliseconds() / 100)}` : clock;
}

/** Local time of day where it is today, the date where it is not: "12:00:03", "2025-03-01". */
export function formatMoment(at: number, now: number): string {
  const [date = '', clock = ''] = formatDateTime(at).split(' ');
  return formatDateTime(now).startsWith(date) ? clock : date;
}

/** The name of the local time zone with its offset at a time: "Europe/Berlin (UTC+02:00)", "UTC". */
export function formatZone(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  const hours = `${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  const offset = minutes === 0 ? 'UTC' : `UTC${sign}${hours}`;
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name === 'UTC' || name === '' ? offset : `${name} (${offset})`;
}

/** A WAL position as PostgreSQL writes it: 50331648 is "0/3000000". */
export function formatLsn(lsn: number | null): string {
  if (lsn === null) return 'not known';
  return `${Math.floor(lsn / 2 ** 32)
    .toString(16)
    .toUpperCase()}/${(lsn % 2 ** 32).toString(16).toUpperCase()}`;
}

/** A server_version_num in words: 170005 is "17.5", 90624 is "9.6.24". */
export function formatPostgresVersion(version: number | null): string {
  if (version === null) return 'not known';
  if (version >= 100_000) return `${Math.floor(version / 10_000)}.${version % 10_000}`;
  return `${Math.floor(version / 10_000)}.${Math.floor(version / 100) % 100}.${version % 100}`;
}

/** A count with its word: plural(1, 'member') is "1 member". */
export function plural(count: number, word: string, many = `${word}s`): string {
  return `${count} ${count === 1 ? word : many}`;
}
