import { formatDateTime } from '../../../ui/wording/format';

const DAY_SECONDS = 86_400;

/** Local times of day, with the date where a day begins; dates alone where marks are days apart. Seconds since the epoch. */
export function timeLabels(times: readonly number[], stepSeconds: number): string[] {
  return times.map((time, index) => {
    const [date = '', clock = ''] = formatDateTime(time * 1000).split(' ');
    if (stepSeconds >= DAY_SECONDS) return date.slice(5);
    const before = times[index - 1];
    const isNewDay = before !== undefined && !formatDateTime(before * 1000).startsWith(date);
    const short = stepSeconds < 60 ? clock : clock.slice(0, 5);
    return isNewDay ? `${short}\n${date.slice(5)}` : short;
  });
}
