import type { ReplicationConnection } from '../../../../shared/model/cluster/member';
import { slotName } from '../../../../shared/rules/cluster/slot-name';
import { isRunningState } from './condition';
import type { MemberView } from './view';

/** Whom a member streams from, and whether everybody who could list it has reported. */
export interface Upstream {
  readonly from: string | null;
  readonly known: boolean;
}

const STREAMS = new Set(['streaming', 'catchup', 'startup']);

/** Patroni sets application_name to the member's name; the slot's form of it is seen where recovery_conf overrides it. */
function isFrom(connection: ReplicationConnection, view: MemberView): boolean {
  const { applicationName, clientAddress } = connection;
  if (applicationName === view.name || applicationName === slotName(view.name)) return true;
  const host = view.key?.host ?? view.entry?.postgresHost ?? null;
  return applicationName === 'walreceiver' && clientAddress !== null && clientAddress === host;
}

/** Who lists whom in `replication[]`, as observed: the tree of cascading replication. */
export function observeUpstreams(views: readonly MemberView[]): ReadonlyMap<string, Upstream> {
  const parents = views.filter((view) => view.fresh !== null);
  const found = new Map<string, Upstream>();
  for (const view of views) {
    const others = parents.filter((parent) => parent.name !== view.name);
    const from = others.find((parent) =>
      parent.fresh?.connections?.some((connection) => STREAMS.has(connection.state) && isFrom(connection, view)),
    );
    const leaderReported = others.some(
      (parent) =>
        (parent.holdsLock || parent.fresh?.role === 'primary') &&
        parent.fresh !== null &&
        isRunningState(parent.fresh.state),
    );
    // A replica can stream from another one: absence is known only when all that answer now, the leader among them, were asked.
    found.set(view.name, { from: from?.name ?? null, known: from !== undefined || leaderReported });
  }
  return found;
}
