import {
  CogIcon,
  GridViewIcon,
  HistoryIcon,
  NewLayersIcon,
  NotificationsIcon,
  PlusIcon,
  ServerIcon,
} from '@blueprintjs/icons';
import { memo, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { ClusterSummary } from '../../../shared/model/cluster/cluster-state';
import { usePage } from '../../rpc/hooks';
import { ToneIcon } from '../../ui/mark';
import { Name } from '../../ui/text';
import { healthWords } from '../../ui/wording/words';
import { hrefOf, type Route } from '../../navigation/route';
import { Logo } from '../../ui/logo';
import { fleetRows, type FleetRow } from '../../../shared/rules/citus/citus-clusters';

const MOST_SHOWN = 40;

/** The side bar: the pages, and the clusters worst first. */
export function Sidebar({ route }: { readonly route: Route }) {
  const clusters = fleetRows(useStore(usePage().fleet, (fleet) => fleet.clusters));
  const here = route.page === 'cluster' ? route.clusterId : null;
  return (
    <nav className="m-side" aria-label="Pages">
      <a className="m-brand" href={hrefOf({ page: 'fleet' })}>
        <Logo size={22} />
        <span>Matriarch</span>
      </a>
      <ul className="m-side-list">
        <Item to={{ page: 'fleet' }} at={route} icon={<GridViewIcon />} text="Fleet" />
        <AlertsItem at={route} />
        <Item to={{ page: 'servers' }} at={route} icon={<ServerIcon />} text="Servers" />
        <Item to={{ page: 'history' }} at={route} icon={<HistoryIcon />} text="History" />
        <Item to={{ page: 'settings' }} at={route} icon={<CogIcon />} text="Settings" />
      </ul>
      <div className="m-side-title" id="side-clusters">
        Clusters
      </div>
      <ul className="m-side-list m-side-clusters" aria-labelledby="side-clusters">
        {clusters.slice(0, MOST_SHOWN).map((cluster) => (
          <ClusterItem key={cluster.clusterId} cluster={cluster} here={isOrHas(cluster, here)} />
        ))}
        {clusters.length > MOST_SHOWN ? (
          <li>
            <a className="m-side-item m-muted" href={hrefOf({ page: 'fleet' })}>
              {clusters.length - MOST_SHOWN} more in the fleet
            </a>
          </li>
        ) : null}
        {clusters.length === 0 ? <li className="m-side-none">None yet</li> : null}
      </ul>
      <ul className="m-side-list m-side-foot">
        <Item to={{ page: 'connect', serverId: null }} at={route} icon={<PlusIcon />} text="Connect to a cluster" />
        <Item to={{ page: 'deploy' }} at={route} icon={<NewLayersIcon />} text="Set up a cluster" />
      </ul>
    </nav>
  );
}

/** The page of the alerts, with how many last that nobody has acknowledged. */
function AlertsItem({ at }: { readonly at: Route }) {
  const update = useStore(usePage().alerts, (view) => view.update);
  const open = (update?.alerts ?? []).filter(({ endedAt, acknowledged }) => endedAt === null && acknowledged === null);
  const tone = open.some(({ severity }) => severity === 'critical') ? 'crit' : 'warn';
  const badge =
    open.length === 0 ? null : (
      <span className={`m-side-badge m-tone-${tone}`} title={`${open.length} not acknowledged`}>
        {open.length}
      </span>
    );
  return <Item to={{ page: 'alerts' }} at={at} icon={<NotificationsIcon />} text="Alerts" badge={badge} />;
}

interface ItemProps {
  readonly to: Route;
  readonly at: Route;
  readonly icon: ReactNode;
  readonly text: string;
  readonly badge?: ReactNode;
}

function Item(props: ItemProps) {
  const current = props.to.page === props.at.page;
  return (
    <li>
      <a
        className={`m-side-item ${current ? 'm-side-here' : ''}`}
        href={hrefOf(props.to)}
        aria-current={current ? 'page' : undefined}
      >
        <span className="m-side-icon" aria-hidden>
          {props.icon}
        </span>
        <span className="m-clip">{props.text}</span>
        {props.badge}
      </a>
    </li>
  );
}

/** Whether a row is the cluster of this id, or has it as a group. */
function isOrHas(row: FleetRow, clusterId: string | null): boolean {
  return row.clusterId === clusterId || (row.groups ?? []).some((group) => group.clusterId === clusterId);
}

/** Drawn anew only when its own row changed: with a large fleet some row changes all the time. */
const ClusterItem = memo(function ClusterItem({
  cluster,
  here,
}: {
  readonly cluster: ClusterSummary;
  readonly here: boolean;
}) {
  const { tone, word } = healthWords[cluster.health.level];
  return (
    <li>
      <a
        className={`m-side-item ${here ? 'm-side-here' : ''}`}
        href={hrefOf({ page: 'cluster', clusterId: cluster.clusterId, tab: 'overview' })}
        aria-current={here ? 'page' : undefined}
        title={`${cluster.title}: ${cluster.health.sentence}`}
      >
        <span className={`m-side-icon m-tone-${tone}`}>
          <ToneIcon tone={tone} size={13} />
        </span>
        <Name text={cluster.title} />
        <span className="m-hidden">{word}</span>
      </a>
    </li>
  );
});
