import type { ClusterEvent, ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { isViewOf, type TabView } from '../../../navigation/tab-views';
import { ViewChoice } from '../view-choice';
import { EventRecorder } from './event-recorder';
import { Timelines } from './timelines';

type View = TabView<'events'>;

/** What happened to the cluster: as the app saw it, and as Patroni's history of timelines has it. */
export default function EventsTab(props: {
  readonly state: ClusterState;
  readonly events: readonly ClusterEvent[];
  readonly view: string | null;
}) {
  const { state } = props;
  const view: View = isViewOf('events', props.view) ? props.view : 'recorder';
  return (
    <div className="m-stack">
      <ViewChoice clusterId={state.clusterId} tab="events" view={view} label="Views of the events" />
      {view === 'recorder' ? (
        <EventRecorder events={props.events} clusterId={state.clusterId} />
      ) : (
        <Timelines history={state.history} clusterId={state.clusterId} />
      )}
    </div>
  );
}
