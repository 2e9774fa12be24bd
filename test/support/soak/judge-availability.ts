import type { AvailabilityReport } from '../../../shared/model/availability/availability';
import { isWhole, stretchesOf, writersOf, type SoakSample, type SoakStretch } from './soak-sample';

/** How far the ends of the app's spans and the referee's may be apart, ms: the app looks every two seconds, the referee as often. */
const APART_MS = 5_000;

/** What the report says and the servers contradict, for longer than the bound at both ends. Pure. */
export function judgeAvailability(
  samples: readonly SoakSample[],
  { led, outages }: Pick<AvailabilityReport, 'led' | 'outages'>,
): readonly string[] {
  const gaps = gapsOf(samples);
  const served = stretchesOf(samples, (sample) => writersOf(sample).length > 0);
  return [
    ...gaps.flatMap((gap) =>
      led.flatMap((span) => contradiction(gap, span, `${span.member} is said to lead while nobody takes writes`)),
    ),
    ...served.flatMap((span) =>
      outages.flatMap((outage) => {
        const slack = outage.slackMs ?? 0;
        return contradiction(
          span,
          { from: outage.from + slack, to: outage.to - slack },
          'nobody is said to take writes while somebody does',
        );
      }),
    ),
  ];
}

/** The times without anybody who takes writes, as the servers themselves say. */
export function gapsOf(samples: readonly SoakSample[]): readonly SoakStretch[] {
  return stretchesOf(samples, (sample) => isWhole(sample) && writersOf(sample).length === 0);
}

function contradiction(one: SoakStretch, other: SoakStretch, words: string): readonly string[] {
  const from = Math.max(one.from, other.from);
  const length = Math.min(one.to, other.to) - from;
  return length <= APART_MS ? [] : [`${words}: ${(length / 1000).toFixed(1)} s from ${new Date(from).toISOString()}`];
}
