import { lazy, Suspense, useDeferredValue } from 'react';
import type { ClusterEvent, ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { hrefOf } from '../../../navigation/route';
import { plural } from '../../../ui/wording/format';
import { Loading } from '../../../ui/loading';
import { Panel } from '../../../ui/panel';
import { EventRows } from '../events/event-rows';
import { GroupsPanel } from '../citus/groups-panel';
import { DcsPanel } from './dcs-panel';
import { Findings } from './findings';
import { LeaderPanel } from './leader-panel';
import { MemberTable } from './member-table';
import { SourcesPanel } from './sources-panel';

const Topology = lazy(() => import('./topology'));
const EVENTS_SHOWN = 8;

/** The overview: what is wrong first, then the members to act on, then who follows whom and what that rests on. */
export function Overview({
  state,
  events,
}: {
  readonly state: ClusterState;
  readonly events: readonly ClusterEvent[];
}) {
  // Drawing takes as long as all the rest of the page: what is said in words does not wait for it.
  const drawn = useDeferredValue(state);
  const urgent = state.findings.some((finding) => finding.severity !== 'info');
  return (
    <>
      {urgent ? <Findings state={state} /> : null}
      <GroupsPanel state={state} />
      <MemberTable state={state} events={events} />
      {urgent ? null : <Findings state={state} />}
      <div className="m-overview-top">
        <Panel title="Topology" note={topologyNote(state)} flush>
          <Suspense fallback={<Loading what="Drawing the topology." />}>
            <Topology state={drawn} />
          </Suspense>
        </Panel>
        <div className="m-stack">
          <LeaderPanel state={state} />
          <DcsPanel state={state} />
        </div>
      </div>
      <div className="m-overview-bottom">
        <Panel
          title="Recent events"
          flush
          tools={
            <a className="m-small" href={hrefOf({ page: 'cluster', clusterId: state.clusterId, tab: 'events' })}>
              All events
            </a>
          }
        >
          <EventRows events={events.slice(-EVENTS_SHOWN).reverse()} />
        </Panel>
        <SourcesPanel state={state} />
      </div>
    </>
  );
}

function topologyNote(state: ClusterState): string {
  const unknown = state.members.filter((member) => !member.upstreamKnown && member.name !== state.leader.holder).length;
  return unknown === 0 ? 'as observed on the members' : `the upstream of ${plural(unknown, 'member')} is not known`;
}
