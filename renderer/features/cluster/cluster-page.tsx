import './cluster.css';
import { Button } from '@blueprintjs/core';
import { lazy, Suspense, type ComponentType } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { clusterTabNames, clusterTabs, goTo, hrefOf, type ClusterTab, type LogMoment } from '../../navigation/route';
import { useClusterFeed } from '../../rpc/hooks';
import type { ClusterView } from '../../rpc/live/cluster-feed';
import { Loading } from '../../ui/loading';
import { ErrorNotice } from '../../ui/notice';
import { GroupSwitch } from './citus/group-switch';
import { ClusterHeader } from './cluster-header';
import { ClusterNotices } from './cluster-notices';
import { Overview } from './overview/overview';

const EventsTab = lazy(() => import('./events/events-tab'));
const LogsTab = lazy(() => import('./logs/logs-tab'));
const Balancers = lazy(() => import('./balancers/balancers-tab'));
const ServersTab = lazy(() => import('./servers/servers-tab'));
const PostgresTab = lazy(() => import('./postgres/postgres-tab'));
const ChartsTab = lazy(() => import('./charts/charts-tab'));
const EtcdTab = lazy(() => import('./etcd/etcd-tab'));
const HealthTab = lazy(() => import('./health/health-tab'));
const MaintenanceTab = lazy(() => import('./maintenance/maintenance-tab'));
const Access = lazy(() => import('./access'));

/** Tabs that are features of their own; the frame of the page hands them in. */
export interface ClusterTabParts {
  readonly Configuration: ComponentType<{ readonly state: ClusterState; readonly view: string | null }>;
}

/** The page of one cluster. */
export default function ClusterPage(props: {
  readonly clusterId: string;
  readonly tab: ClusterTab;
  /** The view of the tab; null: its first. */
  readonly part: string | null;
  /** The moment whose logs are shown; null: the present. */
  readonly at: LogMoment | null;
  /** The only member whose logs are shown; null: all of them. */
  readonly member: string | null;
  readonly parts: ClusterTabParts;
}) {
  const view = useClusterFeed(props.clusterId);
  if (view.state === null)
    return (
      <div className="m-page">
        {view.problem === null ? <Loading what="Loading the state of this cluster." /> : <NoCluster view={view} />}
      </div>
    );
  return (
    <div className="m-page m-cluster">
      <GroupSwitch state={view.state} tab={props.tab} />
      <ClusterHeader state={view.state} />
      <ClusterNotices state={view.state} events={view.events} problem={view.problem} />
      <Tabs clusterId={props.clusterId} at={props.tab} state={view.state} />
      <Suspense fallback={<Loading what="Loading." />}>
        <TabContent
          tab={props.tab}
          part={props.part}
          at={props.at}
          member={props.member}
          state={view.state}
          view={view}
          parts={props.parts}
        />
      </Suspense>
    </div>
  );
}

function NoCluster({ view }: { readonly view: ClusterView }) {
  return view.problem === null ? null : (
    <div className="m-stack">
      <h1>This cluster cannot be shown</h1>
      <ErrorNotice
        error={view.problem}
        tools={<Button size="small" text="Back to the fleet" onClick={() => goTo({ page: 'fleet' })} />}
      />
    </div>
  );
}

function Tabs(props: { readonly clusterId: string; readonly at: ClusterTab; readonly state: ClusterState }) {
  return (
    <nav className="m-tabs" aria-label="Parts of this cluster">
      {clusterTabs.map((tab) => (
        <a
          key={tab}
          href={hrefOf({ page: 'cluster', clusterId: props.clusterId, tab })}
          aria-current={tab === props.at ? 'page' : undefined}
          className={tab === props.at ? 'm-tab m-tab-here' : 'm-tab'}
        >
          {clusterTabNames[tab]}
        </a>
      ))}
    </nav>
  );
}

function TabContent(props: {
  readonly tab: ClusterTab;
  readonly part: string | null;
  readonly at: LogMoment | null;
  readonly member: string | null;
  readonly state: ClusterState;
  readonly view: ClusterView;
  readonly parts: ClusterTabParts;
}) {
  const { state, part } = props;
  switch (props.tab) {
    case 'overview':
      return <Overview state={state} events={props.view.events} />;
    case 'events':
      return <EventsTab state={state} events={props.view.events} view={part} />;
    case 'logs':
      return <LogsTab state={state} events={props.view.events} at={props.at} member={props.member} view={part} />;
    case 'configuration':
      return <props.parts.Configuration key={state.clusterId} state={state} view={part} />;
    case 'postgres':
      return <PostgresTab key={state.clusterId} state={state} view={part} />;
    case 'charts':
      return <ChartsTab key={state.clusterId} state={state} events={props.view.events} view={part} />;
    case 'balancers':
      return <Balancers state={state} />;
    case 'servers':
      return <ServersTab state={state} />;
    case 'etcd':
      return <EtcdTab state={state} view={part} />;
    case 'health':
      return <HealthTab key={state.clusterId} state={state} view={part} />;
    case 'maintenance':
      return <MaintenanceTab key={state.clusterId} state={state} view={part} />;
    case 'access':
      return <Access state={state} />;
  }
}
