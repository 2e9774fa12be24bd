import { lazy, Suspense } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { isViewOf, type TabView } from '../../../navigation/tab-views';
import { Loading } from '../../../ui/loading';
import { ViewChoice } from '../view-choice';

const Backups = lazy(() => import('./backups/backups-view'));
const UpgradesView = lazy(() => import('./upgrade/upgrades-view'));
const RepairView = lazy(() => import('./repair/repair-view'));
const StandbyView = lazy(() => import('./standby/standby-view'));
const DrillView = lazy(() => import('./drill/drill-view'));

type View = TabView<'maintenance'>;

/** The larger work on a cluster: what is rehearsed, repaired, saved and renewed. */
export default function MaintenanceTab(props: { readonly state: ClusterState; readonly view: string | null }) {
  const { state } = props;
  const view: View = isViewOf('maintenance', props.view) ? props.view : 'drill';
  return (
    <div className="m-stack" data-testid="maintenance-tab">
      <ViewChoice clusterId={state.clusterId} tab="maintenance" view={view} label="Views of the maintenance" />
      <Suspense fallback={<Loading what="Loading." />}>
        <ViewContent view={view} state={state} />
      </Suspense>
    </div>
  );
}

function ViewContent(props: { readonly view: View; readonly state: ClusterState }) {
  switch (props.view) {
    case 'backups':
      return <Backups key={props.state.clusterId} state={props.state} />;
    case 'drill':
      return <DrillView state={props.state} />;
    case 'upgrade':
      return <UpgradesView state={props.state} />;
    case 'repair':
      return <RepairView state={props.state} />;
    case 'standby':
      return <StandbyView state={props.state} />;
  }
}
