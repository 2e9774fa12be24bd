import type { ClusterState, Finding } from '../../../../shared/model/cluster/cluster-state';
import { plural } from '../../../ui/wording/format';
import { ToneIcon } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import type { Tone } from '../../../ui/wording/words';

const tones: Readonly<Record<Finding['severity'], Tone>> = { critical: 'crit', warning: 'warn', info: 'info' };
const words: Readonly<Record<Finding['severity'], string>> = { critical: 'Critical', warning: 'Warning', info: 'Note' };

/** What is not as it should be, with its evidence and what to do; and what cannot be seen. Nothing is shown when there is neither. */
export function Findings({ state }: { readonly state: ClusterState }) {
  if (state.findings.length === 0 && state.blindSpots.length === 0) return null;
  return (
    <Panel title="Findings" note={plural(state.findings.length, 'finding')} flush>
      <ul className="m-findings">
        {state.findings.map((finding) => (
          <FindingRow key={`${finding.code} ${finding.member ?? ''}`} finding={finding} />
        ))}
        {state.blindSpots.map((sentence) => (
          <li key={sentence} className="m-finding">
            <span className="m-tone-unknown">
              <ToneIcon tone="unknown" />
            </span>
            <div>
              <span className="m-strong">Not visible.</span> {printable(sentence)}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function FindingRow({ finding }: { readonly finding: Finding }) {
  const tone = tones[finding.severity];
  return (
    <li className="m-finding">
      <span className={`m-tone-${tone}`}>
        <ToneIcon tone={tone} />
        <span className="m-hidden">{words[finding.severity]}</span>
      </span>
      <div className="m-wrap">
        <div className="m-strong">{printable(finding.sentence)}</div>
        <div className="m-small m-muted">{printable(finding.evidence)}</div>
        <div className="m-small">{printable(finding.advice)}</div>
      </div>
    </li>
  );
}
