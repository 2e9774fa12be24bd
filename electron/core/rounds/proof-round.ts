import { findProofTrouble } from '../../../shared/rules/backups/judge-proof';
import type { BackupsService } from '../backups/create-backups';
import type { Round } from './round';

/** What proofs are looked at with. */
export interface ProofRoundDeps {
  readonly backups: Pick<BackupsService, 'lastProof'>;
  /** Whether a server can be asked now without a connection being opened or the user being asked. */
  readonly mayAsk: (serverId: string) => boolean;
  /** How long ago the last proof by a timer may be, days. */
  readonly limitDays: (clusterId: string) => number;
  readonly now: () => number;
}

const EVERY_MS = 10 * 60_000;

/** How the last proof of each cluster's backups came out, every ten minutes; where a timer makes them its server is asked. */
export function proofRound({ backups, mayAsk, limitDays, now }: ProofRoundDeps): Round {
  return {
    source: 'proofs',
    rule: { tellAfter: 1, takeBackAfter: 1 },
    everyMs: () => EVERY_MS,
    look: async ({ id, proofSchedule }) => {
      if (proofSchedule !== undefined && !mayAsk(proofSchedule.serverId)) return null;
      const proof = await backups.lastProof(id);
      return { place: '', findings: findProofTrouble(proof, proofSchedule ?? null, limitDays(id), now()), asOf: now() };
    },
  };
}
