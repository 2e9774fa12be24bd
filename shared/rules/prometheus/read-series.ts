import type { ChartLine } from '../../model/statistics/charts';
import type { Metric } from '../../model/statistics/metrics';

/** A member as a Prometheus may name it. */
export interface NamedMember {
  readonly name: string;
  /** Its host names and addresses. */
  readonly hosts: readonly string[];
}

/** One series of an answer: its labels, and pairs of a time in seconds and a number as text. */
export interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** Whose series it is: by Patroni's own label, else by the address that it was collected from; null where neither is a member. */
export function memberOfSeries(labels: PrometheusSeries['metric'], members: readonly NamedMember[]): string | null {
  const { name, instance } = labels;
  // Patroni tells the name of the member since 3.2.
  if (name !== undefined) return members.find((member) => member.name === name)?.name ?? null;
  const host = hostOfInstance(instance ?? '');
  return members.find((member) => member.hosts.includes(host))?.name ?? null;
}

/** The host of a label such as `10.0.0.11:9100` or `[fd00::1]:9100`. */
function hostOfInstance(instance: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(instance);
  if (bracketed !== null) return bracketed[1] ?? '';
  return /^[^:]*:\d+$/.test(instance) ? instance.slice(0, instance.lastIndexOf(':')) : instance;
}

/** Lays the series of a figure on the times that were asked for. What is no number is a gap; the first series of a member counts. */
export function seriesLines(
  metric: Metric,
  series: readonly PrometheusSeries[],
  members: readonly NamedMember[],
  times: readonly number[],
): readonly ChartLine[] {
  const places = new Map(times.map((time, index) => [time, index]));
  const lines = new Map<string, ChartLine>();
  for (const { metric: labels, values } of series) {
    const member = memberOfSeries(labels, members);
    if (member === null || lines.has(member)) continue;
    const placed = new Array<number | null>(times.length).fill(null);
    for (const [time, text] of values) {
      const place = places.get(Math.round(time));
      const value = Number(text);
      if (place !== undefined && text.trim() !== '' && Number.isFinite(value)) placed[place] = value;
    }
    lines.set(member, { member, metric, values: placed });
  }
  return [...lines.values()].filter(({ values }) => values.some((value) => value !== null));
}

/** The times (whole seconds) for a span in ms: at most about `most`, evenly apart, and the same ones while time goes on. */
export function queryTimes(
  span: { readonly from: number; readonly to: number },
  most: number,
): { readonly times: readonly number[]; readonly stepSeconds: number } {
  const stepSeconds = Math.max(10, Math.ceil(Math.max(0, span.to - span.from) / 1000 / most));
  const first = Math.ceil(span.from / 1000 / stepSeconds) * stepSeconds;
  const count = Math.max(1, Math.floor((span.to / 1000 - first) / stepSeconds) + 1);
  return { times: Array.from({ length: count }, (_, index) => first + index * stepSeconds), stepSeconds };
}
