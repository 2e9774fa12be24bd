import './postgres.css';
import { HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { isViewOf, type TabView } from '../../../navigation/tab-views';
import { Empty } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { ViewChoice } from '../view-choice';
import { ActivityPanels } from './activity-view';
import { LocksView } from './locks-view';
import { QueryView } from './query-view';
import { ReplicationPanels } from './replication-view';
import { StatementsPanel } from './statements-view';
import { StoragePanels } from './storage-view';
import { WayChoice } from './way-choice';

type View = TabView<'postgres'>;

/** What PostgreSQL itself says on each member: replication, slots, sessions and locks. */
export default function PostgresTab(props: { readonly state: ClusterState; readonly view: string | null }) {
  const { state } = props;
  const view: View = isViewOf('postgres', props.view) ? props.view : 'replication';
  const [chosen, setChosen] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const member = state.members.find(({ name }) => name === chosen) ?? leaderOf(state);
  if (member === undefined)
    return (
      <Empty title="No member is known">
        <p>There is no PostgreSQL to ask until a member of this cluster is seen.</p>
      </Empty>
    );
  return (
    <div className="m-stack" data-testid="postgres-tab">
      <div className="m-row m-row-wrap">
        <ViewChoice clusterId={state.clusterId} tab="postgres" view={view} label="Views of PostgreSQL" />
        <span className="m-grow" />
        {view === 'replication' ? null : <MemberChoice state={state} member={member.name} onMember={setChosen} />}
      </div>
      <WayChoice clusterId={state.clusterId} onChange={() => setTurn((before) => before + 1)} />
      <ViewContent
        key={`${turn} ${view} ${view === 'replication' ? '' : member.name}`}
        view={view}
        state={state}
        member={member.name}
      />
    </div>
  );
}

function leaderOf({ members, leader }: ClusterState): ClusterState['members'][number] | undefined {
  return members.find(({ name }) => name === leader.holder) ?? members[0];
}

function ViewContent(props: { readonly view: View; readonly state: ClusterState; readonly member: string }) {
  const { view, state, member } = props;
  switch (view) {
    case 'replication':
      return <ReplicationPanels state={state} />;
    case 'activity':
      return <ActivityPanels state={state} member={member} />;
    case 'locks':
      return <LocksView state={state} member={member} />;
    case 'storage':
      return <StoragePanels clusterId={state.clusterId} member={member} />;
    case 'statements':
      return <StatementsPanel clusterId={state.clusterId} member={member} />;
    case 'query':
      return <QueryView state={state} member={member} />;
  }
}

function MemberChoice(props: {
  readonly state: ClusterState;
  readonly member: string;
  readonly onMember: (name: string) => void;
}) {
  const id = useId();
  return (
    <label className="m-row" htmlFor={id}>
      Member
      <HTMLSelect id={id} value={props.member} onChange={(event) => props.onMember(event.currentTarget.value)}>
        {props.state.members.map(({ name }) => (
          <option key={name} value={name}>
            {printable(name)}
            {name === props.state.leader.holder ? ' (leader)' : ''}
          </option>
        ))}
      </HTMLSelect>
    </label>
  );
}
