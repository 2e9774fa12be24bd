import './repair.css';
import { Button, HTMLSelect } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type { Repair, RepairKind } from '../../../../../shared/model/repair/repair';
import { findingKey } from '../../../../../shared/rules/cluster/findings/finding-key';
import { repairKinds, repairsOfFinding, repairWords } from '../../../../../shared/rules/repair/repair-offers';
import { Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import RepairDialog from './repair-dialog';

const tones = { critical: 'crit', warning: 'warn', info: 'info' } as const;

/** The repairs of a cluster: those that a finding calls for, and all others. */
export default function RepairView({ state }: { readonly state: ClusterState }) {
  const [chosen, setChosen] = useState<Repair | null>(null);
  return (
    <div className="m-stack" data-testid="repair-view">
      <p>
        A repair looks for its evidence first, on the servers and in etcd. It says what it will do, asks once, does it,
        and asks the servers afterwards. Where the evidence is not there or cannot be read, it is refused.
      </p>
      <Called state={state} onChoose={setChosen} />
      <Panel title="All repairs" flush>
        <ul className="m-findings">
          {repairKinds.map((kind) => (
            <RepairRow key={kind} kind={kind} state={state} onChoose={setChosen} />
          ))}
        </ul>
      </Panel>
      {chosen === null ? null : (
        <RepairDialog clusterId={state.clusterId} repair={chosen} onClose={() => setChosen(null)} />
      )}
    </div>
  );
}

/** What the findings of now call for. */
function Called(props: { readonly state: ClusterState; readonly onChoose: (repair: Repair) => void }) {
  const { state, onChoose } = props;
  const called = state.findings.flatMap((finding) => {
    const repairs = repairsOfFinding(state, finding);
    return repairs.length === 0 ? [] : [{ finding, repairs }];
  });
  return called.map(({ finding, repairs }) => (
    <Notice
      key={findingKey(finding)}
      tone={tones[finding.severity]}
      tools={repairs.map((repair) => (
        <Button
          key={JSON.stringify(repair)}
          size="small"
          text={repairWords[repair.kind].name}
          onClick={() => onChoose(repair)}
        />
      ))}
    >
      <div className="m-strong">{printable(finding.sentence)}</div>
      <div className="m-small m-muted">{printable(finding.evidence)}</div>
    </Notice>
  ));
}

/** A row of the list; one that needs another site is there only where one is known. */
function RepairRow(props: {
  readonly kind: RepairKind;
  readonly state: ClusterState;
  readonly onChoose: (repair: Repair) => void;
}) {
  const { kind, state, onChoose } = props;
  const { name, when } = repairWords[kind];
  const names = state.members.map((member) => member.name);
  const [wanted, setWanted] = useState<string | null>(null);
  const member = wanted !== null && names.includes(wanted) ? wanted : (names[0] ?? '');
  const repair = repairFor(kind, member, state);
  if (repair === null) return null;
  return (
    <li className="m-finding m-repair">
      <div className="m-wrap">
        <div className="m-strong">{name}</div>
        <div className="m-small m-muted">{when}</div>
      </div>
      <div className="m-row">
        {repairWords[kind].ofMember ? (
          <HTMLSelect
            aria-label={`Member for: ${name}`}
            value={member}
            options={names.map((one) => ({ value: one, label: printable(one) }))}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        ) : null}
        <Button
          size="small"
          text="Look for it"
          aria-label={`Look for it: ${name}`}
          disabled={repairWords[kind].ofMember && member === ''}
          onClick={() => onChoose(repair)}
        />
      </div>
    </li>
  );
}

/** The cluster from the same initdb that this one does not follow: it may have taken over. */
function siteOf({ pair }: ClusterState): string | null {
  return [...(pair?.related ?? []), ...(pair?.followedBy ?? []).map(({ site }) => site)][0]?.clusterId ?? null;
}

/** null: there is nothing that it could be made of. */
function repairFor(kind: RepairKind, member: string, state: ClusterState): Repair | null {
  switch (kind) {
    case 'stale_member':
    case 'foreign_data':
    case 'broken_file':
      return { kind, member };
    case 'former_primary': {
      const site = siteOf(state);
      return site === null ? null : { kind, site };
    }
    case 'etcd_snapshot':
      return { kind, file: null, server: null };
    case 'certificates':
      return { kind, given: null };
    case 'diverged':
      return { kind, member, way: 'renew' };
    case 'wal_held':
    case 'slot_lost':
      return { kind, member, slot: null };
    case 'stale_scope':
    case 'stuck_bootstrap':
    case 'etcd_space':
    case 'etcd_quorum':
      return { kind };
  }
}
