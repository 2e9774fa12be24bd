const LOCAL = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?/;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The offset that a zone's text says, in minutes east of UTC; null where only its place could tell, as with "CET". */
function zoneMinutes(zone: string): number | null {
  if (/^(Z|UTC|GMT)$/.test(zone)) return 0;
  const found = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (found === null) return null;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  return found[1] === '-' ? -minutes : minutes;
}

/**
 * "2026-11-26 21:00:00.123" with or without a zone, as ms since the epoch. `serverZone`: minutes east of UTC of a server
 * that writes no zone, or one by a name. null: it is no time.
 */
export function readLogTime(text: string, zone: string, serverZone: number): number | null {
  const found = LOCAL.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const ms = Math.floor(Number(`0.${found[7] ?? '0'}`) * 1000);
  const utc = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms);
  return utc - (zoneMinutes(zone) ?? serverZone) * 60_000;
}

/** "Nov 26 21:00:00" of a traditional syslog, which has no year: the latest such time that is not after `now`. */
export function readSyslogTime(text: string, serverZone: number, now: number): number | null {
  const found = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)/.exec(text);
  const month = MONTHS.indexOf(found?.[1] ?? '');
  if (found === null || month < 0) return null;
  const [day, hour, minute, second] = found.slice(2).map(Number);
  const inYear = (year: number): number => Date.UTC(year, month, day, hour, minute, second) - serverZone * 60_000;
  const year = new Date(now).getUTCFullYear();
  const dayMs = 86_400_000;
  return inYear(year) > now + dayMs ? inYear(year - 1) : inYear(year);
}
