import type { Finding } from '../../../model/cluster/cluster-state';

/** How often something has to be seen, and not to be seen, before a finding begins and ends. Numbers of readings in a row. */
export interface SettleRule {
  readonly tellAfter: number;
  readonly takeBackAfter: number;
}

/** What the last readings of one source found, and what is told of it. */
export interface SettledFindings {
  /** By what they are about; the newest last, null where a reading did not find it. */
  readonly readings: ReadonlyMap<string, readonly (Finding | null)[]>;
  readonly told: ReadonlyMap<string, Finding>;
  /** How many readings were taken in. */
  readonly taken: number;
}

/** Before the first reading. */
export const nothingSettled: SettledFindings = { readings: new Map(), told: new Map(), taken: 0 };

/** What a finding is about, whatever is said of it: a slot may fill the disk in one reading and only be unused in the next. */
function aboutOf({ code, member, subject }: Finding): string {
  const topic = subject === undefined ? code : code.split('.')[0];
  return [topic, member ?? '', subject ?? ''].join(' ');
}

/**
 * Takes a reading in, so that no finding comes and goes with each of them. A finding is told once `tellAfter` readings in a row had it,
 * and taken back once `takeBackAfter` in a row had not. Meanwhile the worst of these last readings is told, in the newest words for it: it
 * becomes worse at once, and better only when none of them was as bad. What is equally bad keeps its name. Of `unseen` this reading says
 * nothing: who would have told it did not answer.
 */
export function settleFindings(
  before: SettledFindings,
  found: readonly Finding[],
  { tellAfter, takeBackAfter }: SettleRule,
  unseen: readonly Finding[] = [],
): SettledFindings {
  const now = new Map(found.map((finding) => [aboutOf(finding), finding]));
  const open = new Set(unseen.map(aboutOf).filter((about) => !now.has(about)));
  const kept = Math.max(tellAfter, takeBackAfter);
  const readings = new Map(
    [...new Set([...before.readings.keys(), ...now.keys()])]
      .map((about) => {
        const earlier = before.readings.get(about) ?? [];
        return [about, open.has(about) ? earlier : [...earlier, now.get(about) ?? null].slice(-kept)] as const;
      })
      .filter(([, last]) => last.some((one) => one !== null)),
  );
  const told = new Map(
    [...readings].flatMap(([about, last]) => {
      const present = before.told.get(about);
      const seen = last.slice(-(present === undefined ? tellAfter : takeBackAfter));
      const isTold =
        present === undefined
          ? seen.length === tellAfter && seen.every((one) => one !== null)
          : seen.some((one) => one !== null);
      const shown = isTold ? worstOf(last.slice(-takeBackAfter), present) : undefined;
      return shown === undefined ? [] : [[about, shown] as const];
    }),
  );
  return { readings, told, taken: before.taken + 1 };
}

/** Whether so many readings were taken in that what is not told is not there: before, nothing can be told at all. */
export function isSettled({ taken }: SettledFindings, { tellAfter }: SettleRule): boolean {
  return taken >= tellAfter;
}

const rank: Readonly<Record<Finding['severity'], number>> = { critical: 0, warning: 1, info: 2 };

function worstOf(last: readonly (Finding | null)[], present: Finding | undefined): Finding | undefined {
  const found = last.filter((one) => one !== null).toReversed();
  const worst = Math.min(...found.map(({ severity }) => rank[severity]));
  const asBad = found.filter(({ severity }) => rank[severity] === worst);
  return asBad.find(({ code }) => code === present?.code) ?? asBad[0];
}
