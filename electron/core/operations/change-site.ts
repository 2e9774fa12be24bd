import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { isRunning, isStreamingReplica, leaderOf } from '../../../shared/rules/cluster/member-facts';
import { writeStatusOf } from '../../../shared/rules/cluster/write-status';
import { fingerprintOf } from '../../../shared/rules/operate/fingerprint';
import { siteChangePatch, type SiteChange } from '../../../shared/rules/standby/site-change';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobEnd } from '../jobs/job-engine';
import { changeConfig } from './change-config';
import { followUntil, type Missed } from './follow';
import { done, loopMs, refusalBeforeSending, stateOf, ttlMs, unknownEnd, warningEnd, type Run } from './run';

type SiteRun = Run<SiteChange>;

const BEGIN = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Write the configuration' },
  { id: 'see', label: 'See it in the DCS' },
] as const;

/** The steps a user sees of a promotion and of a demotion of a cluster. */
export const SITE_PHASES = {
  promote_cluster: [
    ...BEGIN,
    { id: 'leader', label: 'The standby leader becomes the primary' },
    { id: 'members', label: 'The other members follow it' },
  ],
  demote_cluster: [
    ...BEGIN,
    { id: 'leader', label: 'The leader follows the other cluster' },
    { id: 'members', label: 'The other members follow it' },
  ],
} as const;

/** A rewind, or a copy of the data, may go before a leader follows another cluster. */
const FOLLOW_MS = 20 * 60_000;

/**
 * Makes a standby cluster one that takes writes, or the other way round, by one change of `standby_cluster` in the dynamic configuration,
 * and follows until the leader is what it is to be, and the other members follow it.
 */
export async function changeSite(run: SiteRun): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const refusal = refusalBeforeSending(run);
  if (refusal) return refusal;
  const written = await writeSection(run);
  if (written.status !== 'done' && written.status !== 'warning') return written;
  run.context.phase('leader', 'following');
  const promotes = run.operation.kind === 'promote_cluster';
  const limit = promotes ? loopMs(run.before) * 3 + ttlMs(run.before) + run.timing.patienceMs : FOLLOW_MS;
  const arrived = promotes ? isPromoted : isFollowing;
  const end = await followUntil(run, 'leader', limit, (state) => {
    tell(run, state);
    return arrived(run, state) ? 'arrived' : null;
  });
  if (end !== 'arrived') return notArrived(run, end);
  run.context.phase('members', 'following');
  const left = await followUntil(run, 'members', promotes ? run.timing.rejoinMs : FOLLOW_MS, (state) => {
    tell(run, state);
    return behind(state).length === 0 ? 'all' : null;
  });
  return concluded(run, left === 'all' ? [] : behind(stateOf(run)));
}

/** The section is written as every change of the configuration is: in one step, and not over what somebody else wrote. */
function writeSection(run: SiteRun): Promise<JobEnd> {
  const patch = siteChangePatch(run.operation);
  const operation = { kind: 'change_config', patch: { ...patch } } as const;
  const before = stateOf(run);
  return changeConfig({ ...run, operation, before, fingerprint: fingerprintOf(before, operation) });
}

function isPromoted({ before }: SiteRun, state: ClusterState): boolean {
  const leader = leaderOf(state);
  if (leader === null || state.config?.standbyCluster !== false || writeStatusOf(state).kind !== 'yes') return false;
  const old = leaderOf(before)?.timeline ?? null;
  return old === null || (leader.timeline !== null && leader.timeline > old);
}

/** Its own word where Patroni gives it (from 3.0.4); before, it is on the timeline of the cluster that it follows. */
function isFollowing({ operation, hub }: SiteRun, state: ClusterState): boolean {
  const leader = leaderOf(state);
  if (leader === null || leader.role !== 'standby_leader' || leader.primarySeen === true || !isRunning(leader))
    return false;
  if (leader.replicationState !== null || leader.state === 'streaming') return isStreaming(leader);
  const site = operation.kind === 'demote_cluster' ? hub.state(operation.site) : null;
  const timeline = site === null ? null : (leaderOf(site)?.timeline ?? null);
  return timeline !== null && leader.timeline === timeline && state.pair?.follows?.link.streaming === 'yes';
}

function isStreaming({ replicationState, state }: { replicationState: string | null; state: string }): boolean {
  return (replicationState ?? state) === 'streaming';
}

/** Members beside the leader that do not stream from it yet. */
function behind(state: ClusterState): readonly string[] {
  const leader = state.leader.holder;
  return state.members
    .filter(({ name, inDcs }) => name !== leader && inDcs !== false)
    .map(({ name }) => name)
    .filter((name) => !isStreamingReplica(state, name));
}

function tell(run: SiteRun, state: ClusterState): void {
  const words = state.members.map(({ name, stateText, timeline }) => {
    const at = timeline === null ? '' : `, timeline ${timeline}`;
    return `${name}: ${stateText === '' ? 'state not known' : stateText}${at}`;
  });
  run.context.detail(`${words.join('; ')}.`);
}

function notArrived(run: SiteRun, missed: Missed): JobEnd {
  const leader = leaderOf(stateOf(run));
  const now = leader === null ? 'nobody holds the leader lock' : `${leader.name} is ${leader.stateText || 'silent'}`;
  const why = missed === 'blind' ? 'The cluster could not be seen in time.' : `When last seen, ${now}.`;
  const [what, hint] =
    run.operation.kind === 'promote_cluster'
      ? ['its leader was not seen to become the primary', 'Look at its Patroni log. standby_cluster is taken away.']
      : [
          'its leader was not seen to follow the other cluster',
          'Look at its Patroni and PostgreSQL logs: pg_hba of the other cluster, its roles and passwords, and whether ' +
            'pg_rewind is possible. A member that cannot be rewound has to be reinitialized.',
        ];
  return unknownEnd(`The configuration is changed, but ${what}. ${why}`, hint);
}

function concluded(run: SiteRun, left: readonly string[]): JobEnd {
  const state = stateOf(run);
  const leader = leaderOf(state);
  const [name, timeline] = [leader?.name ?? null, leader?.timeline ?? null];
  const facts = { Leader: name, Timeline: timeline, Took: spanInWords(run.now() - run.startedAt) };
  const warnings = [
    ...(left.length === 0
      ? []
      : [`${namesInWords(left)} ${left.length === 1 ? 'does' : 'do'} not stream from it yet.`]),
    ...otherSide(run),
  ];
  const sentence = endInSentence(run, state.title, name ?? 'its leader', timeline ?? '?');
  return warnings.length === 0 ? done(sentence, facts) : warningEnd([sentence, ...warnings].join(' '), facts);
}

function endInSentence({ operation, hub }: SiteRun, title: string, leader: string, timeline: number | string): string {
  if (operation.kind === 'promote_cluster')
    return `${title} takes writes: ${leader} is the primary on timeline ${timeline}.`;
  const other = hub.state(operation.site)?.title ?? 'the other cluster';
  return `${title} follows ${other}: ${leader} is its standby leader on timeline ${timeline}.`;
}

/** What is to be known of the cluster that was followed, after a promotion. */
function otherSide({ before, operation, hub }: SiteRun): readonly string[] {
  const site = before.pair?.follows?.site ?? null;
  if (operation.kind !== 'promote_cluster' || site === null) return [];
  const other = hub.state(site.clusterId);
  return other !== null && writeStatusOf(other).kind === 'yes'
    ? [`${site.title} takes writes too: the two part with every write there.`]
    : [];
}
