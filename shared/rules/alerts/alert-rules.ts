import type { AlertSeverity, RuleSettings } from '../../model/alerts/alert';
import type { EtcdMember, Finding } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import { BACKUP_LIMIT_HOURS } from '../backups/judge-backups';
import { PROOF_LIMIT_DAYS } from '../backups/judge-proof';
import { WARNING_DAYS } from '../certificates/find-certificate-trouble';
import { takeOverOf } from '../cluster/take-over';
import { writeStatusOf } from '../cluster/write-status';
import { namesInWords, spanInWords } from '../words/wording';
import type { AlertRule, AlertSights, AlertView } from './alert-rule';
import { isSourceSilent, sources } from './alert-sources';
import { byFigure, judgeAgeOfTransactions, judgeCertificate, judgeFilling, judgeFree } from './figure-rules';
import { byReplica, LAG_ADVICE, lagInBytes, lagInTime } from './lag-rules';
import { leaderTakesNoWrites, nobodyTakesWrites, orElse } from './write-rules';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Whether a code is one of these; one that ends in a dot or a low line stands for all that begin with it. */
function isOneOf(codes: readonly string[], code: string): boolean {
  return codes.some((one) => (/[._]$/.test(one) ? code.startsWith(one) : code === one));
}

/** Findings by their codes; `isHidden` tells whether the condition cannot be seen now. */
function byFinding(
  codes: readonly string[],
  isHidden: (view: AlertView) => boolean,
  severityOf: (finding: Finding) => AlertSeverity = ({ severity }) =>
    severity === 'critical' ? 'critical' : 'warning',
): AlertRule['look'] {
  return (view) => {
    const found = view.state.findings
      .filter(({ code }) => isOneOf(codes, code))
      .map((finding) => ({
        subject: subjectOf(finding),
        severity: severityOf(finding),
        sentence: finding.sentence,
        advice: finding.advice,
      }));
    return { found, hidden: isHidden(view) ? 'all' : [] };
  };
}

/** Findings about load balancers; what an address is on may be a server that was not read. */
function byBalancer(view: AlertView): AlertSights {
  const unread = view.unreadBy(sources.balancers.name);
  const sights = byFinding(['balancer.'], isSourceSilent(sources.balancers))(view);
  return unread.length === 0 ? sights : { ...sights, hiddenPlaces: [...unread, 'virtual address'] };
}

function subjectOf({ member, subject }: Finding): string | null {
  const parts = [member, subject].filter((part) => part !== null && part !== undefined);
  return parts.length === 0 ? null : parts.join(' ');
}

/** Members by their own condition; those that are not heard are hidden. */
function byMember(
  meets: (member: Member, view: AlertView) => string | null,
  advice: string,
  severity: AlertSeverity = 'warning',
): AlertRule['look'] {
  return (view) => ({
    found: view.state.members
      .filter(({ stale }) => !stale)
      .flatMap((member) => {
        const sentence = meets(member, view);
        return sentence === null ? [] : [{ subject: member.name, severity, sentence, advice }];
      }),
    hidden: view.state.members.filter(({ stale }) => stale).map(({ name }) => name),
  });
}

const leaderIsHidden = ({ state: { leader } }: AlertView): boolean => !leader.known;
/** Who runs as a primary is each member's own word: while one is not heard, a second primary may be there. */
const someMemberIsHidden = ({ state: { members } }: AlertView): boolean => members.some(({ stale }) => stale);
/** Whether somebody could take over is not known while those who could are not heard. */
const takeOverIsHidden = ({ state }: AlertView): boolean => {
  const { kind } = takeOverOf(state);
  return !state.leader.known || kind === 'unsure' || kind === 'not_known' || writeStatusOf(state).kind === 'not_known';
};
const failsafeIsHidden = ({ state }: AlertView): boolean => state.failsafeActive === null;
const etcdIsHidden = ({ state: { dcs } }: AlertView): boolean => dcs.kind !== 'live' && dcs.kind !== 'no_quorum';
const DOWN: Readonly<Partial<Record<Member['condition'], string>>> = {
  postgres_down: 'PostgreSQL on it does not run',
  patroni_down: 'its Patroni does not run',
  not_answering: 'its Patroni does not answer',
  unreachable: 'its server does not answer',
  gone: 'it is no longer in the DCS',
  dcs_unreachable: 'its Patroni does not reach the DCS',
};

/**
 * Where only the way of this app is lost, nobody here knows how the member is; and one that starts may be up or down in the next
 * moment: one that fails at each start would never be down for long.
 */
const UNSURE: ReadonlySet<Member['condition']> = new Set(['ssh_lost', 'unknown', 'starting', 'stopping']);

const lookAtMembers: AlertRule['look'] = ({ state }) => ({
  found: state.members.flatMap(({ name, condition }) => {
    const what = DOWN[condition];
    if (what === undefined) return [];
    const finding = state.findings.find(({ member, code }) => member === name && code === `member.${condition}`);
    return [
      {
        subject: name,
        severity: 'warning' as const,
        sentence: finding?.sentence ?? `${name} is down: ${what}.`,
        advice: finding?.advice ?? 'Look at its row on the overview, and at the log there.',
      },
    ];
  }),
  hidden: state.members.filter(({ condition }) => UNSURE.has(condition)).map(({ name }) => name),
});

const lookAtPause: AlertRule['look'] = ({ state }) => ({
  found:
    state.paused === true
      ? [
          {
            subject: null,
            severity: 'warning',
            sentence: 'Automatic failover is paused: nobody takes over if the leader fails.',
            advice: 'Resume it when the work is done.',
          },
        ]
      : [],
  hidden: state.paused === null ? 'all' : [],
});

const lookAtQuorum: AlertRule['look'] = ({ state: { dcs } }) => {
  const members = dcs.kind === 'live' ? dcs.members : [];
  const isLost = ({ reachable, seesLeader }: EtcdMember): boolean => reachable === false || seesLeader === false;
  const answering = members.filter((member) => !isLost(member));
  const quorum = Math.floor(members.length / 2) + 1;
  const lost = members.filter(isLost).map(({ name }) => name);
  const isNear = lost.length > 0 && answering.length === quorum;
  return {
    found: isNear
      ? [
          {
            subject: null,
            severity: 'warning',
            sentence:
              `${namesInWords(lost)} of etcd ${lost.length === 1 ? 'does' : 'do'} not work with the others: ` +
              'if one more is lost, the cluster takes no writes.',
            advice: 'Bring the member back, or replace it on the etcd tab.',
          },
        ]
      : [],
    // Before all were asked one member of etcd speaks for all: of the others nobody knows.
    hidden: dcs.kind === 'live' && members.every(({ reachable }) => reachable !== null) ? [] : 'all',
  };
};

const lookAtSources: AlertRule['look'] = ({ state, now }) => {
  const live = state.sources.some(({ status }) => status === 'live');
  if (live || state.sources.length === 0) return { found: [], hidden: [] };
  const last = Math.max(...state.sources.map(({ asOf }) => asOf ?? 0));
  const ago = last === 0 ? 'Nothing has answered yet' : `The last answer is ${spanInWords(now - last)} old`;
  return {
    found: [
      {
        subject: null,
        severity: 'warning',
        sentence: `Nothing of this cluster answers, neither etcd nor a member. ${ago}.`,
        advice: 'Check whether this computer reaches the servers, or whether all of them are down.',
      },
    ],
    hidden: [],
  };
};

/** Every rule, the gravest first. */
export const alertRules: readonly AlertRule[] = [
  {
    id: 'two_primaries',
    name: 'More than one primary',
    explain:
      'Two members take writes at the same time, or one may that cannot be asked: what one of them takes is lost.',
    afterMs: 0,
    threshold: null,
    look: byFinding(
      ['cluster.two_primaries', 'cluster.primary_without_lock', 'cluster.silent_primary'],
      someMemberIsHidden,
    ),
  },
  {
    id: 'no_leader',
    name: 'No leader',
    explain: 'Nobody holds the leader lock and no switchover is under way, or no member is the primary.',
    afterMs: 10 * SECOND,
    threshold: null,
    look: orElse(byFinding(['cluster.no_leader'], leaderIsHidden), nobodyTakesWrites),
  },
  {
    id: 'leader_in_trouble',
    name: 'Leader in trouble',
    explain: 'The holder of the leader lock does not serve.',
    afterMs: 10 * SECOND,
    threshold: null,
    look: orElse(
      byFinding(['cluster.leader_in_trouble', 'cluster.leader_without_member'], leaderIsHidden),
      leaderTakesNoWrites,
    ),
  },
  {
    id: 'etcd_no_quorum',
    name: 'etcd without quorum',
    explain: 'Most members of etcd are lost: no leader can be chosen or keep its lock.',
    afterMs: 5 * SECOND,
    threshold: null,
    look: byFinding(['dcs.no_quorum'], etcdIsHidden, () => 'critical'),
  },
  {
    id: 'etcd_alarm',
    name: 'etcd raises an alarm',
    explain: 'Its database is full (NOSPACE) or damaged (CORRUPT), or about to be full.',
    afterMs: 0,
    threshold: null,
    look: byFinding(['etcd.nospace', 'etcd.corrupt', 'etcd.nearly_full'], etcdIsHidden),
  },
  {
    id: 'failsafe',
    name: 'Failsafe mode is active',
    explain: 'The primary goes on without the DCS: no failover is possible now.',
    afterMs: 10 * SECOND,
    threshold: null,
    look: byFinding(['cluster.failsafe'], failsafeIsHidden),
  },
  {
    id: 'etcd_one_failure_left',
    name: 'etcd is one failure away from losing its quorum',
    explain: 'A member of etcd is lost, and no other may be. Off the screen every member is asked within some minutes.',
    afterMs: MINUTE,
    threshold: null,
    look: lookAtQuorum,
  },
  {
    id: 'nobody_can_take_over',
    name: 'Nobody can take over',
    explain: 'The cluster takes writes, but no replica could lead if the leader failed.',
    afterMs: MINUTE,
    threshold: null,
    look: byFinding(['cluster.nobody_can_take_over'], takeOverIsHidden, () => 'warning'),
  },
  {
    id: 'member_down',
    name: 'Member down',
    explain: 'A member does not serve: its server, its Patroni or its PostgreSQL is down.',
    afterMs: MINUTE,
    threshold: null,
    look: lookAtMembers,
  },
  {
    id: 'not_streaming',
    name: 'Not streaming',
    explain: 'A replica runs, but receives no WAL.',
    afterMs: MINUTE,
    threshold: null,
    look: byMember(
      ({ name, condition }) =>
        condition === 'not_streaming' ? `${name} runs as a replica, and does not stream from anybody.` : null,
      'Look at the log of its PostgreSQL, under Logs.',
    ),
  },
  {
    id: 'behind_timeline',
    name: 'On an old timeline',
    explain: 'A replica did not follow the last change of the leader.',
    afterMs: MINUTE,
    threshold: null,
    look: byMember(
      ({ name, condition }) =>
        condition === 'behind_timeline' ? `${name} is on an older timeline than the leader.` : null,
      'Reinitialize it if it does not catch up by itself.',
    ),
  },
  {
    id: 'lag',
    name: 'Replication lag',
    explain: 'A replica has not replayed what the leader has written.',
    afterMs: MINUTE,
    threshold: { unit: 'MB', initial: 64, name: 'More than' },
    look: byReplica(lagInBytes, LAG_ADVICE),
  },
  {
    id: 'lag_seconds',
    name: 'Replication lag in time',
    explain: 'A replica has not replayed for too long what the leader has written; an idle leader counts for nothing.',
    afterMs: MINUTE,
    threshold: { unit: 's', initial: 60, name: 'More than' },
    look: byReplica(lagInTime, LAG_ADVICE),
  },
  {
    id: 'etcd_slow',
    name: 'etcd member is slow',
    explain: 'A member of etcd answers late again and again: the leader may lose its lock for that alone.',
    afterMs: MINUTE,
    threshold: null,
    look: byFinding(['etcd.slow_member'], isSourceSilent(sources.etcd), () => 'warning'),
  },
  {
    id: 'balancer',
    name: 'Load balancer disagrees',
    explain: 'HAProxy or PgBouncer sends clients elsewhere than Patroni says, or does not run.',
    afterMs: MINUTE,
    threshold: null,
    look: byBalancer,
  },
  {
    id: 'slot',
    name: 'Replication slot',
    explain: 'A slot retains so much WAL that the disk fills, or has lost WAL that its receiver needs.',
    afterMs: MINUTE,
    threshold: null,
    look: byFinding(['postgres.slot_'], isSourceSilent(sources.slots)),
  },
  {
    id: 'archiver',
    name: 'WAL is not archived',
    explain: 'archive_command fails: WAL piles up, and backups do not reach the present.',
    afterMs: 5 * MINUTE,
    threshold: null,
    look: byFinding(['postgres.archiver_fails'], isSourceSilent(sources.slots)),
  },
  {
    id: 'certificate',
    name: 'Certificate ends',
    explain: 'A certificate that Patroni, PostgreSQL, etcd, HAProxy or PgBouncer shows ends soon, or has ended.',
    afterMs: 0,
    threshold: { unit: 'days', initial: WARNING_DAYS, name: 'Fewer days left than' },
    look: byFigure(sources.certificates, judgeCertificate),
  },
  {
    id: 'disk_filling',
    name: 'Disk fills',
    explain:
      'At the rate of the last minutes and hours a disk of the data directory, WAL, etcd, the logs or the root is soon full.',
    afterMs: 2 * MINUTE,
    threshold: { unit: 'h', initial: 24, name: 'Full in less than' },
    look: byFigure(sources.vitals, judgeFilling),
  },
  {
    id: 'disk',
    name: 'Disk nearly full',
    explain: 'Little is free on a disk of the data directory, WAL, etcd, the logs or the root.',
    afterMs: 2 * MINUTE,
    threshold: { unit: '%', initial: 10, name: 'Free, less than' },
    look: byFigure(sources.vitals, judgeFree),
  },
  {
    id: 'wraparound',
    name: 'Wraparound near',
    explain: 'The oldest rows were not frozen for so many transactions that PostgreSQL may soon refuse new ones.',
    afterMs: 5 * MINUTE,
    threshold: { unit: 'million', initial: 1000, name: 'Transactions, more than' },
    look: byFigure(sources.vitals, judgeAgeOfTransactions),
  },
  {
    id: 'backup_old',
    name: 'Backup too old',
    explain: 'The newest backup is older than it may be. Looked at every ten minutes.',
    afterMs: 0,
    threshold: { unit: 'h', initial: BACKUP_LIMIT_HOURS, name: 'Older than' },
    look: byFinding(['backup.too_old'], isSourceSilent(sources.backups)),
  },
  {
    id: 'backup_none',
    name: 'No backup',
    explain: 'Every server of the cluster was looked at, and none knows a backup of it.',
    afterMs: HOUR,
    threshold: null,
    look: byFinding(['backup.none'], isSourceSilent(sources.backups)),
  },
  {
    id: 'backup_proof_failed',
    name: 'Backup cannot be restored',
    explain:
      'The last restore that was tried of a backup, by its timer or by hand, failed. Looked at every ten minutes.',
    afterMs: 0,
    threshold: null,
    look: byFinding(['backup.proof_failed'], isSourceSilent(sources.proofs)),
  },
  {
    id: 'backup_proof_old',
    name: 'No backup proved for long',
    explain: 'A timer is set that proves backups by a restore, and none was proved for too long.',
    afterMs: 0,
    threshold: { unit: 'days', initial: PROOF_LIMIT_DAYS, name: 'Longer than' },
    look: byFinding(['backup.proof_too_old'], isSourceSilent(sources.proofs)),
  },
  {
    id: 'paused',
    name: 'Paused for long',
    explain: 'Automatic failover is off, as after maintenance that somebody forgot to end.',
    afterMs: HOUR,
    threshold: null,
    look: lookAtPause,
  },
  {
    id: 'pending_restart',
    name: 'Restart pending for long',
    explain: 'A changed parameter waits for a restart of PostgreSQL.',
    afterMs: 24 * HOUR,
    threshold: null,
    look: byMember(
      ({ name, pendingRestartFlag }) => (pendingRestartFlag ? `${name} waits for a restart of PostgreSQL.` : null),
      'Restart it from the menu of its row, replicas first.',
    ),
  },
  {
    id: 'not_seen',
    name: 'Cluster not seen',
    explain: 'Nothing of the cluster answers this computer, so that no other alert can be raised or end.',
    afterMs: 2 * MINUTE,
    threshold: null,
    look: lookAtSources,
  },
];

/** What holds for a rule on a cluster: the rule's own values where the user set none. */
export function ruleInForce(
  rule: AlertRule,
  set: RuleSettings | undefined,
): { readonly on: boolean; readonly afterMs: number; readonly threshold: number } {
  return {
    on: set?.on ?? true,
    afterMs: set?.afterMs ?? rule.afterMs,
    threshold: set?.threshold ?? rule.threshold?.initial ?? 0,
  };
}
