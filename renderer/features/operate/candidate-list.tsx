import { useId } from 'react';
import type { Candidate } from '../../../shared/model/operate/operation';
import { formatBytes, lagInWords } from '../../ui/wording/format';
import { Chip } from '../../ui/mark';
import { Name, printable } from '../../ui/text';

interface CandidateListProps {
  readonly candidates: readonly Candidate[];
  readonly chosen: string | null;
  readonly mayBeBest: boolean;
  /** Who leads now; null where nobody has to be named. */
  readonly leader: string | null;
  readonly onChoose: (candidate: string | null) => void;
}

/** Who may take over, best first, and why another may not. */
export function CandidateList(props: CandidateListProps) {
  const group = useId();
  return (
    <fieldset className="m-fieldset">
      <legend className="m-legend">
        New leader{props.leader === null ? '' : <>, in place of {printable(props.leader)}</>}
      </legend>
      <div className="m-candidates m-candidates-scroll">
        {props.mayBeBest ? (
          <label className="m-candidate">
            <input type="radio" name={group} checked={props.chosen === null} onChange={() => props.onChoose(null)} />
            <span>Let Patroni choose the best</span>
            <span className="m-small m-muted">the smallest lag</span>
          </label>
        ) : null}
        {props.candidates.map((candidate) => (
          <CandidateRow
            key={candidate.member}
            candidate={candidate}
            group={group}
            chosen={props.chosen === candidate.member}
            onChoose={props.onChoose}
          />
        ))}
      </div>
    </fieldset>
  );
}

function CandidateRow(props: {
  readonly candidate: Candidate;
  readonly group: string;
  readonly chosen: boolean;
  readonly onChoose: (candidate: string) => void;
}) {
  const { candidate } = props;
  const refused = candidate.verdict === 'refuses';
  return (
    <label className="m-candidate">
      <input
        type="radio"
        name={props.group}
        checked={props.chosen}
        disabled={refused && !props.chosen}
        onChange={() => props.onChoose(candidate.member)}
      />
      <span className="m-row">
        <Name text={candidate.member} strong />
        <VerdictChip verdict={candidate.verdict} />
      </span>
      <span className="m-small m-muted m-nowrap">{lagInWords(candidate.lag)}</span>
      {candidate.reasons.length === 0 ? null : (
        <span className={`m-candidate-why m-wrap ${refused ? 'm-tone-crit' : 'm-tone-warn'}`}>
          {candidate.reasons.map(printable).join(' ')}
        </span>
      )}
      {candidate.estimatedLoss === null ? null : (
        <span className="m-candidate-why m-muted">
          {candidate.estimatedLoss === 0
            ? 'No known data loss.'
            : `About ${formatBytes(candidate.estimatedLoss)} of WAL would be lost.`}
        </span>
      )}
    </label>
  );
}

function VerdictChip({ verdict }: { readonly verdict: Candidate['verdict'] }) {
  switch (verdict) {
    case 'refuses':
      return <Chip tone="crit" icon word="cannot lead" />;
    case 'warns':
      return <Chip tone="warn" icon word="with a warning" />;
    case 'ok':
      return null;
  }
}
