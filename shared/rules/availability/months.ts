import type { Month } from '../../model/availability/availability';

/** By how much a zone's clock is ahead of UTC at a moment, ms. Throws a RangeError for a zone that is not known. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const local = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return local - Math.floor(at / 1000) * 1000;
}

/** Whether a name is a time zone. */
export function isZone(zone: string): boolean {
  try {
    offsetAt(0, zone);
    return true;
  } catch {
    return false;
  }
}

/** The first moment of a month in its zone, ms since the epoch. Its offset may be another one than at the same time in UTC. */
function startOfMonth({ year, month, zone }: Month): number {
  const asUtc = Date.UTC(year, month - 1, 1);
  const once = asUtc - offsetAt(asUtc, zone);
  return asUtc - offsetAt(once, zone);
}

/** The bounds of a month, ms since the epoch: the first moment, and the first one after it. */
export function boundsOfMonth(month: Month): { readonly from: number; readonly to: number } {
  const next = month.month === 12 ? { ...month, year: month.year + 1, month: 1 } : { ...month, month: month.month + 1 };
  return { from: startOfMonth(month), to: startOfMonth(next) };
}

/** The month of a moment in a zone. */
export function monthOf(at: number, zone: string): Month {
  const local = new Date(at + offsetAt(at, zone));
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, zone };
}

/** The months from one moment to another, newest first. */
export function monthsBetween(from: number, to: number, zone: string): readonly Month[] {
  const months: Month[] = [];
  const first = monthOf(from, zone);
  for (let at = monthOf(to, zone); isNotBefore(at, first) && months.length < 240; at = monthBefore(at)) months.push(at);
  return months;
}

function isNotBefore(one: Month, other: Month): boolean {
  return one.year > other.year || (one.year === other.year && one.month >= other.month);
}

function monthBefore(month: Month): Month {
  return month.month === 1 ? { ...month, year: month.year - 1, month: 12 } : { ...month, month: month.month - 1 };
}

const NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** A month in words: `October 2026`. */
export function monthInWords({ year, month }: Pick<Month, 'year' | 'month'>): string {
  return `${NAMES[month - 1] ?? ''} ${year}`;
}

/** A moment by the clock of a zone, with its distance to UTC: `2026-10-25 02:30:00 +01:00`. */
export function momentInZone(at: number, zone: string): string {
  const offset = offsetAt(at, zone);
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  const clock = new Date(at + offset).toISOString().slice(0, 19).replace('T', ' ');
  return `${clock} ${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
