import { Button } from '@blueprintjs/core';
import { lazy, Suspense, useState } from 'react';
import type { ClusterState, Finding } from '../../../../shared/model/cluster/cluster-state';
import type { Repair } from '../../../../shared/model/repair/repair';
import { findingKey } from '../../../../shared/rules/cluster/findings/finding-key';
import { repairsOfFinding, repairWords } from '../../../../shared/rules/repair/repair-offers';
import { logOfFinding, serviceWords } from '../../../../shared/rules/operate/service-rules';
import { ServiceLogCause, ServiceLogView } from '../../../actions/service-log';
import { useOpen } from '../../../navigation/overlays';
import { clusterTabNames, hrefOf } from '../../../navigation/route';
import { plural } from '../../../ui/wording/format';
import { ToneIcon } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { Ago, useSettled } from '../../../ui/time';
import type { Tone } from '../../../ui/wording/words';
import { tabOfFinding } from './finding-tab';

const RepairDialog = lazy(() => import('../maintenance/repair/repair-dialog'));

const tones: Readonly<Record<Finding['severity'], Tone>> = { critical: 'crit', warning: 'warn', info: 'info' };
const words: Readonly<Record<Finding['severity'], string>> = { critical: 'Critical', warning: 'Warning', info: 'Note' };

/** What the notices at the top of the page say, with the buttons that go with it. */
const SAID_BY_NOTICES: ReadonlySet<string> = new Set(['cluster.paused', 'cluster.failsafe', 'dcs.refused']);

/** What is not as it should be, with its evidence and what to do; and what cannot be seen. Nothing is shown when there is neither. */
export function Findings({ state }: { readonly state: ClusterState }) {
  const findings = state.findings.filter((finding) => !SAID_BY_NOTICES.has(finding.code));
  if (findings.length === 0 && state.blindSpots.length === 0) return null;
  return (
    <Panel title="Findings" note={plural(findings.length, 'finding')} flush>
      <ul className="m-findings">
        {findings.map((finding) => (
          <FindingRow key={findingKey(finding)} state={state} finding={finding} />
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

function FindingRow({ state, finding }: { readonly state: ClusterState; readonly finding: Finding }) {
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
        <FindingRepair state={state} finding={finding} />
        <FindingPlace state={state} finding={finding} />
        <FindingLog state={state} finding={finding} />
      </div>
    </li>
  );
}

/** The guided repairs that a finding may call for. */
function FindingRepair({ state, finding }: { readonly state: ClusterState; readonly finding: Finding }) {
  const [chosen, setChosen] = useState<Repair | null>(null);
  const repairs = repairsOfFinding(state, finding);
  if (repairs.length === 0) return null;
  return (
    <div className="m-row m-row-wrap m-finding-log">
      {repairs.map((repair) => (
        <Button
          key={JSON.stringify(repair)}
          size="small"
          text={`${repairWords[repair.kind].name} ...`}
          onClick={() => setChosen(repair)}
        />
      ))}
      {chosen === null ? null : (
        <Suspense>
          <RepairDialog clusterId={state.clusterId} repair={chosen} onClose={() => setChosen(null)} />
        </Suspense>
      )}
    </div>
  );
}

/** Where more of it is shown, and when it was read where that is not all the time. */
function FindingPlace({ state, finding }: { readonly state: ClusterState; readonly finding: Finding }) {
  const tab = tabOfFinding(finding.code);
  if (tab === null && finding.asOf === undefined) return null;
  return (
    <div className="m-row m-small">
      {tab === null ? null : (
        <a href={hrefOf({ page: 'cluster', clusterId: state.clusterId, tab })}>Show under {clusterTabNames[tab]}</a>
      )}
      {finding.asOf === undefined ? null : (
        <span className="m-muted">
          As of <Ago at={finding.asOf} />
        </span>
      )}
    </div>
  );
}

/** Only for a finding that lasts is the log read unasked, ms: a restart is over by then. */
const LASTING_MS = 8_000;

/** The log that most likely says why a finding is so, and the services behind it; both over SSH, so also without Patroni. */
function FindingLog({ state, finding }: { readonly state: ClusterState; readonly finding: Finding }) {
  const open = useOpen();
  const [isShown, setShown] = useState(false);
  const member = state.members.find((one) => one.name === finding.member);
  const log = logOfFinding(finding.code);
  const isLasting = useSettled(findingKey(finding), LASTING_MS);
  if (member === undefined || member.serverId === null || log === null || member.condition === 'unreachable')
    return null;
  return (
    <div className="m-stack-tight m-finding-log">
      {isLasting && finding.severity !== 'info' ? (
        <ServiceLogCause clusterId={state.clusterId} member={member.name} service={log} />
      ) : null}
      <div className="m-row">
        <Button
          size="small"
          text={isShown ? 'Hide the log' : `Show the log of ${serviceWords[log]}`}
          aria-expanded={isShown}
          onClick={() => setShown(!isShown)}
        />
        <Button
          size="small"
          text="Services"
          aria-label={`Services on ${printable(member.name)}`}
          onClick={() => open.services({ clusterId: state.clusterId, member: member.name, log })}
        />
      </div>
      {isShown ? <ServiceLogView clusterId={state.clusterId} member={member.name} service={log} /> : null}
    </div>
  );
}
