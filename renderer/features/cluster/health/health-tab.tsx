import { lazy, Suspense } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { isViewOf, type TabView } from '../../../navigation/tab-views';
import { Loading } from '../../../ui/loading';
import { ViewChoice } from '../view-choice';

const AdviceView = lazy(() => import('./advice/advice-view'));
const BundleView = lazy(() => import('./bundle/bundle-view'));
const CertificatesView = lazy(() => import('./certificates/certificates-view'));
const PrometheusView = lazy(() => import('./prometheus/prometheus-view'));
const AvailabilityView = lazy(() => import('./availability/availability-view'));

type View = TabView<'health'>;

/** How well the cluster is prepared, and how it has been: what is looked at when nothing is on fire. */
export default function HealthTab(props: { readonly state: ClusterState; readonly view: string | null }) {
  const { state } = props;
  const view: View = isViewOf('health', props.view) ? props.view : 'advice';
  return (
    <div className="m-stack" data-testid="health-tab">
      <ViewChoice clusterId={state.clusterId} tab="health" view={view} label="Views of the health" />
      <Suspense fallback={<Loading what="Loading." />}>
        <ViewContent view={view} state={state} />
      </Suspense>
    </div>
  );
}

function ViewContent(props: { readonly view: View; readonly state: ClusterState }) {
  switch (props.view) {
    case 'availability':
      return <AvailabilityView state={props.state} />;
    case 'advice':
      return <AdviceView key={props.state.clusterId} state={props.state} />;
    case 'bundle':
      return <BundleView key={props.state.clusterId} state={props.state} />;
    case 'certificates':
      return <CertificatesView key={props.state.clusterId} state={props.state} />;
    case 'prometheus':
      return <PrometheusView key={props.state.clusterId} state={props.state} />;
  }
}
