import type { Source, SourceStatus } from '../../../../shared/model/cluster/cluster-state';
import type { ClusterFacts, RestFacts } from './facts';
import { EMPTY_REST, freshFor } from './facts';
import type { MemberView } from './view';
import { dcsIsLive, hasKeysElsewhere, countUnfollowed } from './view';
import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';

/** etcd reports every 1.2 s, or about every 4 s for a cluster that nobody views; silence for longer than this is no longer "now". */
const ETCD_FRESH_MS = 6_000;

function etcdSource(facts: ClusterFacts, now: number): Source {
  const { state, asOf } = facts.dcs;
  const base = { id: 'etcd', kind: 'etcd', label: 'etcd', asOf } as const;
  switch (state.kind) {
    case 'not_configured':
      return { ...base, status: 'off', error: null };
    case 'connecting':
      return { ...base, status: 'connecting', error: null };
    case 'live':
      return { ...base, status: asOf !== null && now - asOf <= ETCD_FRESH_MS ? 'live' : 'stale', error: null };
    case 'no_quorum':
      return {
        ...base,
        status: 'lost',
        error: { code: 'etcd.no_quorum', message: 'etcd has no quorum.', retryable: true },
      };
    case 'unreachable':
    case 'refused':
      return { ...base, status: 'lost', error: state.error };
  }
}

function restStatus(rest: RestFacts, fresh: boolean): SourceStatus {
  if (rest.error !== null && (rest.failures > 1 || rest.error.code === 'rest.refused' || rest.asOf === null))
    return 'lost';
  if (rest.asOf === null) return 'connecting';
  return fresh ? 'live' : 'stale';
}

function restSource(facts: ClusterFacts, view: MemberView, now: number): Source {
  const rest = facts.rest.get(view.name) ?? EMPTY_REST;
  const fresh = rest.asOf !== null && now - rest.asOf <= freshFor(facts);
  return {
    id: `rest:${view.name}`,
    kind: 'rest',
    label: `REST of ${view.name}`,
    status: restStatus(rest, fresh),
    asOf: rest.asOf,
    error: rest.error,
  };
}

function sshSources(facts: ClusterFacts): Source[] {
  return [...facts.ssh].map(([serverId, state]): Source => {
    const users = facts.entry.members.filter((member) => member.serverId === serverId).map((member) => member.name);
    const base = {
      id: `ssh:${serverId}`,
      kind: 'ssh',
      label: `SSH to ${users.length === 0 ? serverId : users.join(', ')}`,
    } as const;
    switch (state.kind) {
      case 'idle':
        return { ...base, status: 'connecting', asOf: null, error: null };
      case 'connecting':
      case 'waiting_for_answer':
        return { ...base, status: 'connecting', asOf: null, error: null };
      case 'connected':
        return { ...base, status: 'live', asOf: null, error: null };
      case 'lost':
        return { ...base, status: 'lost', asOf: state.since, error: state.error };
    }
  });
}

function listingSource(facts: ClusterFacts, now: number): Source[] {
  const { asOf, error, from } = facts.listing;
  if (asOf === null && error === null) return [];
  const fresh = asOf !== null && now - asOf <= Math.max(freshFor(facts), 30_000);
  const old = error === null ? 'stale' : 'lost';
  return [
    {
      id: 'cluster',
      kind: 'cluster',
      label: `member list of ${from ?? 'a member'}`,
      status: fresh ? 'live' : old,
      asOf,
      error,
    },
  ];
}

/** Every source of this cluster's state, with how fresh it is. */
export function foldSources(facts: ClusterFacts, views: readonly MemberView[], now: number): readonly Source[] {
  return [
    etcdSource(facts, now),
    ...views.map((view) => restSource(facts, view, now)),
    ...listingSource(facts, now),
    ...sshSources(facts),
  ];
}

/** What the present access cannot show, as sentences. */
export function foldBlindSpots(facts: ClusterFacts, views: readonly MemberView[]): readonly string[] {
  const spots: string[] = [];
  if (facts.dcs.state.kind === 'not_configured') {
    spots.push(
      'There is no access to etcd: the leader lock, its lease, a running failover and the state of the DCS cannot be seen, ' +
        'and changes only when a member is asked.',
    );
  } else if (hasKeysElsewhere(facts)) {
    const { namespace, scope, citusGroup } = facts.entry;
    spots.push(
      `etcd has no keys below ${scopePrefix(namespace, scope, citusGroup)}, though a member says that it leads: the cluster has ` +
        'its keys elsewhere, so the leader lock and the state of the DCS are not known. Compare the namespace, the scope and ' +
        "the Citus group with Patroni's configuration.",
    );
  } else if (!dcsIsLive(facts) && facts.dcs.state.kind !== 'connecting') {
    spots.push('etcd does not answer now: the leader lock and the member keys are not known.');
  }
  const unfollowed = countUnfollowed(facts, views);
  if (unfollowed > 0)
    spots.push(
      `${String(views.length + unfollowed)} members are named, far more than a Patroni cluster has. ` +
        `${String(unfollowed)} of them are not shown. See who writes below the keys of this cluster in etcd.`,
    );
  const silent = views.filter((view) => view.rest.asOf === null && view.rest.failures > 1).map((view) => view.name);
  if (silent.length > 0)
    spots.push(
      `The REST API of ${silent.join(', ')} has not answered yet: replication, pending restarts and the system identifier ` +
        'there are not known.',
    );
  const withoutServer = facts.entry.members.filter((member) => member.serverId === null).map((member) => member.name);
  if (withoutServer.length > 0)
    spots.push(
      `There is no SSH connection for ${withoutServer.join(', ')}: logs, files and commands there are out of reach.`,
    );
  spots.push(...[...facts.reported.values()].flatMap(({ blindSpots = [] }) => blindSpots));
  return spots;
}
