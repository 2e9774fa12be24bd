/** A time that was asked for, or Patroni's answer to one that cannot be (patroni/api.py, parse_schedule). */
export type ParsedSchedule = { readonly at: number } | { readonly code: 400 | 422; readonly text: string };

/** Reads an ISO 8601 time with a time zone that lies in the future of `now` (ms). `action` names what is planned, for the texts. */
export function parseSchedule(
  text: unknown,
  action: 'restart' | 'switchover' | 'failover',
  now: number,
): ParsedSchedule {
  const at = typeof text === 'string' ? Date.parse(text) : NaN;
  if (typeof text !== 'string' || Number.isNaN(at)) {
    return {
      code: 422,
      text: 'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601',
    };
  }
  if (!/(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text.trim()))
    return { code: 400, text: `Timezone information is mandatory for the scheduled ${action}` };
  if (at < now) return { code: 422, text: `Cannot schedule ${action} in the past` };
  return { at };
}
