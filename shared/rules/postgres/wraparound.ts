/** After so many transactions without freezing PostgreSQL takes no more of them (documentation, "Preventing Transaction ID Wraparound"). */
export const LAST_XID_AGE = 2 ** 31 - 3_000_000;
/** vacuum_failsafe_age: vacuum leaves everything else aside from here on. */
const FAILSAFE_AGE = 1_600_000_000;

/** How urgent the age of a database is. `due`: PostgreSQL should be freezing it by now, which is nothing unusual. */
export type AgeVerdict = 'fine' | 'due' | 'late' | 'critical';

/** Judges the age of the oldest row that is not frozen by autovacuum_freeze_max_age. Both are transactions. */
export function judgeAge(xidAge: number, freezeAge: number): AgeVerdict {
  if (xidAge >= FAILSAFE_AGE) return 'critical';
  if (xidAge >= Math.min(freezeAge * 2, FAILSAFE_AGE / 2) && xidAge > freezeAge) return 'late';
  return xidAge > freezeAge ? 'due' : 'fine';
}
