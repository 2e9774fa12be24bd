import { CERTIFICATES_SOURCE } from '../certificates/find-certificate-trouble';
import { VITALS_SOURCE } from '../vitals/vitals-figures';
import type { AlertView } from './alert-rule';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A source that is asked now and then, and for how long its last word counts, ms: some of its rounds. */
export const sources = {
  slots: { name: 'slots', countsMs: 6 * MINUTE },
  balancers: { name: 'balancers', countsMs: 4 * MINUTE },
  etcd: { name: 'etcd', countsMs: MINUTE },
  backups: { name: 'backups', countsMs: 35 * MINUTE },
  proofs: { name: 'proofs', countsMs: 35 * MINUTE },
  certificates: { name: CERTIFICATES_SOURCE, countsMs: DAY },
  vitals: { name: VITALS_SOURCE, countsMs: 10 * MINUTE },
} as const;

/** One of these sources. */
export type AlertSource = (typeof sources)[keyof typeof sources];

/** Whether what such a source finds is not known now. */
export function isSourceSilent({ name, countsMs }: AlertSource): (view: AlertView) => boolean {
  return ({ now, reportedAt }) => {
    const at = reportedAt(name);
    return at === null || now - at > countsMs;
  };
}
