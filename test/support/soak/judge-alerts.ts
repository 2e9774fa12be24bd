import { alertRuleIds, type AlertRuleId } from '../../../shared/model/alerts/alert';
import { alertCauses } from './alert-causes';
import type { AlertSpan } from './alert-spans';
import { stretchesOf, type SoakSample, type SoakStretch } from './soak-sample';

/** An alert must be gone for so long before the app says that it has ended; then it says since when, ms. */
const CLEAR_MS = 15_000;

/**
 * An alert that the servers contradict.
 *
 * - `wrong`: it was raised, and its cause had not been there for as long as its rule says.
 * - `missing`: its cause lasted for longer, and nothing was raised.
 * - `late`: it was said to last when its cause was gone.
 */
export interface AlertFault {
  readonly kind: 'wrong' | 'missing' | 'late';
  readonly rule: AlertRuleId;
  readonly subject: string | null;
  /** ms since the epoch. */
  readonly at: number;
  readonly words: string;
}

/** What is compared: the servers' words, the app's alerts, and how long each rule waits, ms. */
export interface JudgedSoak {
  readonly samples: readonly SoakSample[];
  readonly spans: readonly AlertSpan[];
  readonly afterMs: (rule: AlertRuleId) => number;
}

/** Every alert that was wrong, that lasted for too long, and that is missing. Pure. */
export function judgeAlerts(soak: JudgedSoak): readonly AlertFault[] {
  return [
    ...soak.spans.flatMap((span) => [...wrongOf(soak, span), ...lateOf(soak, span)]),
    ...alertRuleIds.flatMap((rule) => missingOf(soak, rule)),
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;

function wrongOf({ samples, afterMs }: JudgedSoak, { rule, subject, raisedAt, sentence }: AlertSpan): AlertFault[] {
  const { boundMs, holds } = alertCauses[rule];
  const may = joinedWithin(
    stretchesOf(samples, (sample) => holds(sample, subject) !== 'no'),
    boundMs,
  );
  const hasCause = may.some(
    ({ from, to }) =>
      from <= Math.max(raisedAt - afterMs(rule), firstOf(samples)) + boundMs && to >= raisedAt - boundMs,
  );
  if (hasCause) return [];
  const near = may.findLast(({ from }) => from <= raisedAt);
  const words =
    near === undefined
      ? `"${sentence}" without a cause`
      : `"${sentence}" after ${seconds(Math.min(raisedAt, near.to) - near.from)} of its cause`;
  return [{ kind: 'wrong', rule, subject, at: raisedAt, words }];
}

/** When the servers contradicted an alert that was said to last, for longer than the bound. */
function lateOf({ samples }: JudgedSoak, span: AlertSpan): AlertFault[] {
  const { rule, subject, raisedAt, sentence } = span;
  const { boundMs, holds } = alertCauses[rule];
  const until = span.endedAt ?? lastOf(samples) - CLEAR_MS;
  const gone = stretchesOf(samples, (sample) => holds(sample, subject) === 'no');
  return gone.flatMap(({ from, to }) => {
    const said = withoutHidden({ from: Math.max(from, raisedAt), to: Math.min(to, until) }, span);
    const length = said.to - said.from;
    if (length <= boundMs) return [];
    return [
      { kind: 'late', rule, subject, at: said.from, words: `"${sentence}" for ${seconds(length)} after its cause` },
    ];
  });
}

/** What is left of a stretch once the app no longer says that it cannot see. */
function withoutHidden({ from, to }: SoakStretch, { hidden, hiddenSince }: AlertSpan): SoakStretch {
  const seen = hidden.reduce(
    (latest, one) => (one.from < to && one.to > from ? Math.max(latest, one.to) : latest),
    from,
  );
  return { from: seen, to: hiddenSince === null ? to : Math.min(to, hiddenSince) };
}

function missingOf({ samples, spans, afterMs }: JudgedSoak, rule: AlertRuleId): AlertFault[] {
  const { boundMs, subjects, holds, ofAnybody = false } = alertCauses[rule];
  const names = Object.keys(samples[0]?.servers ?? {});
  return subjects(names).flatMap((subject) =>
    stretchesOf(samples, (sample) => holds(sample, subject) === 'yes').flatMap(({ from, to }): AlertFault[] => {
      const due = from + afterMs(rule) + boundMs;
      if (to <= due) return [];
      const isTold = spans.some(
        (span) =>
          span.rule === rule &&
          (ofAnybody || span.subject === subject) &&
          span.raisedAt <= due &&
          (span.endedAt === null || span.endedAt >= from + afterMs(rule)),
      );
      return isTold
        ? []
        : [{ kind: 'missing', rule, subject, at: from, words: `its cause lasted ${seconds(to - from)}` }];
    }),
  );
}

function joinedWithin(stretches: readonly SoakStretch[], apartMs: number): readonly SoakStretch[] {
  return stretches.reduce<readonly SoakStretch[]>((joined, stretch) => {
    const last = joined.at(-1);
    if (last === undefined || stretch.from - last.to > apartMs) return [...joined, stretch];
    return [...joined.slice(0, -1), { from: last.from, to: stretch.to }];
  }, []);
}

const firstOf = (samples: readonly SoakSample[]): number => samples[0]?.at ?? 0;
const lastOf = (samples: readonly SoakSample[]): number => samples.at(-1)?.at ?? 0;
