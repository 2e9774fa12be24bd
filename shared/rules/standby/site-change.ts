import type { ClusterPair, FollowedSite, PairedSite } from '../../model/cluster/cluster-pair';
import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Operation, OperationCheck } from '../../model/operate/operation';
import { isSameHost } from '../../model/connect/host-port';
import { clusterName } from '../citus/citus-names';
import { answersNow, isRunning, leaderOf } from '../cluster/member-facts';
import { bytesInWords } from '../words/wording';
import { divergenceOf, type TimelinePath } from './divergence';
import { linkLagInWords, lossInSentences, sourceInWords } from './pair-words';
import { readStandbySource } from './read-standby-source';

/** A change of which site takes writes. */
export type SiteChange = Extract<Operation, { kind: 'promote_cluster' | 'demote_cluster' }>;
type Promotion = Extract<SiteChange, { kind: 'promote_cluster' }>;
type Demotion = Extract<SiteChange, { kind: 'demote_cluster' }>;

const ok = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'ok', sentence });
const warns = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'warns', sentence });
const refuses = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'refuses', sentence });

/** The checks of a promotion or a demotion of a whole cluster. `now` in ms since the epoch. */
export function checkSiteChange(state: ClusterState, change: SiteChange, now: number): readonly OperationCheck[] {
  if (state.config === null)
    return [refuses('config.unknown', 'The dynamic configuration is not known now, so this cannot be checked.')];
  const own = change.kind === 'promote_cluster' ? promotionChecks(state, change, now) : demotionChecks(state, change);
  return [...readyChecks(state), ...own];
}

/** What Patroni needs to carry the change out at once. */
function readyChecks(state: ClusterState): readonly OperationCheck[] {
  const leader = leaderOf(state);
  const paused =
    state.paused === false
      ? []
      : [refuses('patroni.paused', 'Automatic failover is paused, or whether it is is not known. Resume it first.')];
  if (leader === null) return [...paused, refuses('patroni.no_leader', 'The cluster has no leader that could do it.')];
  if (!answersNow(state, leader.name))
    return [...paused, refuses('patroni.leader_silent', `Patroni on leader ${leader.name} does not answer now.`)];
  if (!isRunning(leader))
    return [
      ...paused,
      refuses('standby.leader_down', `PostgreSQL on leader ${leader.name} is not running (${leader.stateText}).`),
    ];
  return [...paused, ok('leader', `${leader.name} holds the leader lock, and its PostgreSQL runs.`)];
}

function promotionChecks(state: ClusterState, change: Promotion, now: number): readonly OperationCheck[] {
  if (state.config?.standbyCluster !== true)
    return [refuses('standby.not_standby', `${clusterName(state)} is no standby cluster: it follows no other one.`)];
  const follows = state.pair?.follows ?? null;
  const loss =
    follows === null
      ? [warns('standby.loss', 'How far behind it is is not known yet.')]
      : [lossCheck(follows, lossInSentences(follows.link, now).join(' '))];
  return [otherSideCheck(follows, change), ...loss];
}

function lossCheck({ link }: FollowedSite, sentence: string): OperationCheck {
  const isAll = link.receive === 0 && link.current;
  return isAll ? ok('standby.loss', sentence) : warns('standby.loss', sentence);
}

/** Two clusters that both take writes from the same data cannot be brought together again. */
function otherSideCheck(follows: FollowedSite | null, { cutOff }: Promotion): OperationCheck {
  if (follows === null)
    return warns('standby.other_unknown', 'Whether the cluster that it follows takes writes is not known yet.');
  const { site, source } = follows;
  if (site === null || site.system === 'different') {
    const why = site === null ? 'is not in the app' : `is shared by ${site.title}, which has other data`;
    return warns(
      'standby.other_unknown',
      `The address ${sourceInWords(source)} ${why}, so that whether the cluster that it follows takes writes is not known. ` +
        'If it does, both will, and nothing brings their data together again.',
    );
  }
  const { title, writes } = site;
  switch (writes.kind) {
    case 'no':
      return ok('standby.other_gone', `${title} takes no writes now. ${writes.sentence}`);
    case 'not_known':
      return warns(
        'standby.other_unknown',
        `Whether ${title} takes writes is not known. ${writes.sentence} It may be cut off from here alone. ` +
          'Be sure that applications cannot reach it, or both take writes and nothing brings their data together again.',
      );
    case 'yes':
      return cutOff
        ? warns(
            'standby.other_writes',
            `${title} takes writes. You say that applications cannot reach it: what they still write there is lost.`,
          )
        : refuses(
            'standby.other_writes',
            `${title} takes writes. With two primaries the data of the two would part. Stop it first, or say that ` +
              'applications cannot reach it.',
          );
  }
}

/** The cluster that a former primary is to follow, from what is known of its counterparts; null: none of them is it. */
function siteToFollow(pair: ClusterPair | null | undefined, clusterId: string): PairedSite | null {
  const followers = pair?.followedBy.map(({ site }) => site) ?? [];
  return [...(pair?.related ?? []), ...followers].find((site) => site.clusterId === clusterId) ?? null;
}

/** The path of a cluster through its timelines, from its own state. */
function pathOf(state: ClusterState): TimelinePath {
  const leader = leaderOf(state);
  return { history: state.history, timeline: leader?.timeline ?? null, lsn: leader?.lsn ?? null };
}

function demotionChecks(state: ClusterState, change: Demotion): readonly OperationCheck[] {
  if (state.config?.standbyCluster === true)
    return [refuses('standby.is_standby', `${clusterName(state)} is a standby cluster already.`)];
  const site = siteToFollow(state.pair, change.site);
  if (site === null)
    return [
      refuses(
        'standby.no_site',
        'The cluster that it is to follow is not in the app, or is not known to come from the same initdb.',
      ),
    ];
  return [sitesCheck(site), sourceCheck(site, change), slotCheck(site, change), divergenceCheck(state, site, change)];
}

function sitesCheck(site: PairedSite): OperationCheck {
  if (site.system !== 'same')
    return refuses('standby.other_system', `${site.title} is not known to come from the same initdb.`);
  if (site.isStandby !== false)
    return refuses(
      'standby.other_standby',
      `${site.title} is a standby cluster, or whether it is is not known: nobody would take writes. Promote it first.`,
    );
  return site.writes.kind === 'yes'
    ? ok('standby.other_writes', `${site.title} takes writes. ${site.writes.sentence}`)
    : refuses('standby.other_no_writes', `${site.title} is not known to take writes. ${site.writes.sentence}`);
}

function sourceCheck(site: PairedSite, { host, port }: Demotion): OperationCheck {
  const places = readStandbySource({ standby_cluster: { host, port } })?.places ?? [];
  if (places.length === 0 || places.length !== host.split(',').length)
    return refuses('config.bad_value', 'Name a host or hosts parted by commas, with one port or one for each.');
  const isKnown = places.every((place) =>
    site.places.some((one) => isSameHost(one.host, place.host) && one.port === place.port),
  );
  return isKnown
    ? ok('standby.source', `All addresses are those of members of ${site.title}.`)
    : warns(
        'standby.source',
        `Not all addresses are those of members of ${site.title}. A virtual address or a load balancer has to lead to its primary.`,
      );
}

function slotCheck(site: PairedSite, { slot }: Demotion): OperationCheck {
  if (slot === null)
    return warns(
      'standby.slot',
      `Without a slot ${site.title} keeps no WAL for this cluster: after a longer interruption it has to be copied anew.`,
    );
  if (!/^[a-z0-9_]{1,63}$/.test(slot))
    return refuses('config.bad_value', 'The name of a slot consists of lower case letters, digits and underscores.');
  return site.slots.includes(slot)
    ? ok('standby.slot', `${slot} is a permanent physical slot of ${site.title}.`)
    : refuses(
        'standby.slot',
        `${site.title} has no permanent physical slot ${slot}, and nothing would be streamed. Make it there first.`,
      );
}

function divergenceCheck(state: ClusterState, site: PairedSite, { lose }: Demotion): OperationCheck {
  const found = divergenceOf(pathOf(state), site);
  const title = clusterName(state);
  switch (found.kind) {
    case 'none':
      return ok('standby.divergence', `${title} has nothing that ${site.title} lacks.`);
    case 'own': {
      const what =
        `${title} has ${bytesInWords(found.bytes)} of WAL that ${site.title} lacks, written since the two parted on ` +
        `timeline ${found.timeline} at ${lsnInWords(found.lsn)}.`;
      if (!found.rewound)
        return refuses(
          'standby.divergence',
          `${what} Patroni compares timelines by their numbers alone: it would take it for a copy of ${site.title}, not rewind ` +
            'it, and its data would be damaged. Its members have to be copied anew.',
        );
      return lose
        ? warns('standby.divergence', `${what} Patroni rewinds it, and that is gone.`)
        : refuses('standby.divergence', `${what} Say that it may be lost, or save it first.`);
    }
    case 'not_known':
      return refuses(
        'standby.divergence',
        `Whether ${title} has written what ${site.title} lacks is not known: their timelines cannot be compared.`,
      );
  }
}

/** A position as PostgreSQL writes it. */
function lsnInWords(lsn: number): string {
  const hex = (value: number): string => value.toString(16).toUpperCase();
  return `${hex(Math.floor(lsn / 2 ** 32))}/${hex(lsn % 2 ** 32)}`;
}

/** The merge patch of the dynamic configuration that carries the change out. */
export function siteChangePatch(change: SiteChange): Readonly<Record<string, unknown>> {
  if (change.kind === 'promote_cluster') return { standby_cluster: null };
  const port = /^\d+$/.test(change.port) ? Number(change.port) : change.port;
  const slot = change.slot === null ? {} : { primary_slot_name: change.slot };
  return { standby_cluster: { host: change.host, port, ...slot } };
}

/** What the change is called. */
export function siteChangeTitle(state: ClusterState, change: SiteChange): string {
  const title = clusterName(state);
  if (change.kind === 'promote_cluster') return `Promote standby cluster ${title}`;
  const site = siteToFollow(state.pair, change.site)?.title ?? change.site;
  return `Make ${title} the standby cluster of ${site}`;
}

/** What applications and people will see of it, as sentences. */
export function siteChangeConsequences(state: ClusterState, change: SiteChange): readonly string[] {
  const title = clusterName(state);
  const leader = leaderOf(state)?.name ?? 'Its leader';
  if (change.kind === 'promote_cluster') {
    const follows = state.pair?.follows ?? null;
    const other = follows?.site?.title ?? 'the cluster that it followed';
    const lag =
      follows === null ? [] : [`${title} has ${linkLagInWords(follows.link)} as last read; what it lacks is lost.`];
    return [
      `Patroni takes standby_cluster away and promotes ${leader} on a new timeline: ${title} takes writes.`,
      ...lag,
      `Applications have to be led to ${title}: the addresses and load balancers of ${other} do not follow.`,
      `If ${other} comes back, it takes writes of its own. Make it the standby cluster of ${title} before applications reach it.`,
    ];
  }
  const site = siteToFollow(state.pair, change.site)?.title ?? change.site;
  return [
    `${title} takes no writes any more: Patroni stops ${leader}, and applications lose their connections.`,
    `${leader} then follows ${site}, and the other members follow ${leader}. Patroni rewinds those that cannot, or copies them anew.`,
    `The roles and passwords for replication and rewind have to be valid on ${site}, and its pg_hba has to let this cluster in.`,
  ];
}

/** What of the other cluster would make the decision a different one; null where nothing is known of it. */
export function siteFact(state: ClusterState, change: SiteChange): string | null {
  const site = change.kind === 'promote_cluster' ? state.pair?.follows?.site : siteToFollow(state.pair, change.site);
  if (site == null) return null;
  // Where nobody is seen to take writes, what was last heard of the timeline fades without another decision to be made.
  const timeline = site.writes.kind === 'yes' ? `, timeline ${site.timeline ?? ''}` : '';
  return `${site.title}: takes writes ${site.writes.kind}${timeline}`;
}
