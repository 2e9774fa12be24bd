import { Button } from '@blueprintjs/core';
import type { BackupsView } from '../../../../../shared/model/backups/backup';
import { findProofTrouble } from '../../../../../shared/rules/backups/judge-proof';
import { Mark } from '../../../../ui/mark';
import { Notice } from '../../../../ui/notice';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { formatDateTime } from '../../../../ui/wording/format';

/** How the last proof came out and how old it is, what is wrong with that, and the timer that makes them. */
export function ProofPart({ view, onTimer }: { readonly view: BackupsView; readonly onTimer: () => void }) {
  const { proof, schedule, proofLimitDays, asOf } = view;
  const tooOld = findProofTrouble(proof, schedule, proofLimitDays, asOf).find(
    ({ code }) => code === 'backup.proof_too_old',
  );
  return (
    <>
      {proof === null ? (
        <p className="m-small m-muted" data-testid="backup-proof">
          No restore of a backup was tried from here: whether one works is not known.
        </p>
      ) : (
        <p data-testid="backup-proof">
          <Mark tone={proof.good ? 'good' : 'crit'} word={proof.good ? 'Proved' : 'Not proved'} /> on{' '}
          {formatDateTime(proof.at)} (<Ago at={proof.at} />
          ): {printable(proof.sentence)}
        </p>
      )}
      {tooOld === undefined ? null : (
        <Notice tone="warn">
          <div className="m-strong">{printable(tooOld.sentence)}</div>
          <div className="m-small m-muted">{printable(tooOld.evidence)}</div>
          <div>{printable(tooOld.advice)}</div>
        </Notice>
      )}
      <div className="m-row m-row-wrap" data-testid="proof-timer">
        <span className="m-small">
          {schedule === null
            ? 'No timer proves backups.'
            : `A timer on ${printable(schedule.server)} proves the newest backup every ${schedule.day} at ${schedule.time}; ` +
              `an alert is raised when a proof fails or none was made for ${proofLimitDays} days.`}
        </span>
        <Button size="small" text={schedule === null ? 'Prove by a timer' : 'Change the timer'} onClick={onTimer} />
      </div>
    </>
  );
}
