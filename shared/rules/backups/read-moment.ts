const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?\s*(?:Z|UTC|([+-])(\d\d)(?::?(\d\d))?)?$/i;

/**
 * A moment as people and PostgreSQL write it, `2026-11-27 14:05:10.250`, in UTC unless an offset stands behind it (`+01:00`); ms since the
 * epoch. null for anything else, and for a day or an hour that does not exist.
 */
export function readMoment(text: string): number | null {
  const found = MOMENT.exec(text.trim());
  if (found === null) return null;
  const [, ...parts] = found;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  const at = Date.UTC(year, month - 1, day, hour, minute, second, Number((parts[6] ?? '0').padEnd(3, '0')));
  const date = new Date(at);
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  const offset = offsetOf(parts.slice(7));
  return isReal && offset !== null ? at - offset : null;
}

/** Of sign, hours and minutes, ms; null where there is no such offset. */
function offsetOf([sign, hours = '0', minutes = '0']: readonly (string | undefined)[]): number | null {
  if (Number(hours) > 14 || Number(minutes) > 59) return null;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -size : size;
}
