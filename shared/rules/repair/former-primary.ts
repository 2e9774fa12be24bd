import type { OperationCheck } from '../../model/operate/operation';
import type { DataDirectory, RepairEvidence, RepairPlan, RepairStep } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';
import { bytesInWords, namesInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';
import { forkEvidence, lostEvidence, type LostWal } from './diverged';
import type { WalFork } from './fork';
import { checkMovable, checkRoom, evidenceOfData } from './renew-member';
import { KEEP_STEP, etcdctl } from './repair-steps';

/** A member of the former primary cluster with what lies on its server. `keptAs`: what its data is called when it has been moved aside. */
export interface FormerMember {
  readonly member: string;
  readonly own: DataDirectory;
  readonly unit: string | null;
  readonly keptAs: string;
}

/** The cluster that took over. */
export interface NewPrimary {
  readonly title: string;
  readonly writes: 'yes' | 'no' | 'not_known';
  readonly writesSentence: string;
  readonly isStandby: boolean | null;
  readonly leader: string | null;
  readonly leaders: DataDirectory | null;
  /** As standby_cluster will say it; '': none of its members is known. */
  readonly host: string;
  readonly port: string;
  readonly slot: string;
  readonly hasSlot: boolean;
}

/** What copying a former primary cluster anew rests on. */
export interface FormerPrimaryFacts {
  readonly title: string;
  /** Below which its keys are in etcd. */
  readonly prefix: string;
  readonly isPaused: boolean | null;
  readonly isStandby: boolean | null;
  readonly hasConfig: boolean;
  readonly members: readonly FormerMember[];
  /** Members whose servers could not be read, and why. */
  readonly unread: readonly { readonly member: string; readonly why: string }[];
  /** The one that led, or has the most WAL: it is copied first, and what it holds is told. */
  readonly first: string;
  readonly site: NewPrimary | null;
  readonly fork: WalFork | null;
  readonly lost: LostWal | null;
  readonly lostWhy: string | null;
  readonly lostAt: number;
}

/** Keys of the old primary. The configuration stays: it says from then on whom the cluster follows. */
export const OLD_KEYS = [
  'initialize',
  'leader',
  'status',
  'optime/leader',
  'history',
  'sync',
  'failover',
  'failsafe',
] as const;

/** Judges whether a cluster may be set aside and copied anew from the one that took over. */
export function judgeFormerPrimary(facts: FormerPrimaryFacts): RepairPlan {
  const { title, members, site, first, fork } = facts;
  const theirs = site?.title ?? 'the other cluster';
  return {
    title: `Copy ${title} anew as the standby cluster of ${theirs}`,
    evidence: evidenceOf(facts),
    checks: [...siteChecks(facts), ...memberChecks(facts), ...forkChecks(facts)],
    steps: stepsOf(facts),
    consequences: [
      `Patroni and PostgreSQL of all members of ${title} stop: applications that still use it lose their connections.`,
      `Each member keeps its data in a directory beside the old place, and copies all of ${theirs}, which has to read it ` +
        `${members.length === 1 ? 'once' : 'for the first member; the others copy from that one'}.`,
      `What only ${title} has is in the data that is kept, and in no other place: look there for what is missed.`,
      'Nothing is deleted on a server. The keys of the old primary leave etcd, and a file on this computer has them.',
    ],
    silent: [],
    asksName: true,
    fingerprint: JSON.stringify([
      members.map(({ member, own: data, unit }) => [member, unit, data.content, data.directory, data.kept, data.links]),
      ...[
        first,
        fork,
        site?.leader ?? null,
        site?.host ?? '',
        site?.slot ?? '',
        site?.leaders?.systemIdentifier ?? null,
      ],
    ]),
  };
}

/** What lies on each side, where the two part, and what is behind that. */
function evidenceOf(facts: FormerPrimaryFacts): readonly RepairEvidence[] {
  const { members, site, first, fork } = facts;
  const own = members.find(({ member }) => member === first)?.own;
  const leaders = site?.leaders ?? null;
  const parted =
    own?.content === 'cluster' && site !== null
      ? [forkEvidence({ member: first, leader: site.leader, fork, own, leaders }), ...lostEvidence({ ...facts, own })]
      : [];
  return [
    ...members.map((one) => evidenceOfData(one.own)),
    ...(leaders === null ? [] : [evidenceOfData(leaders)]),
    ...parted,
  ];
}

function siteChecks({ site, isStandby, isPaused, title, hasConfig }: FormerPrimaryFacts): readonly OperationCheck[] {
  const own = [
    ...(hasConfig
      ? []
      : [
          refusesFor(
            'repair.not_known',
            `etcd has no dynamic configuration of ${title} that could say whom it follows.`,
          ),
        ]),
    ...(isStandby === true && site !== null
      ? [warnsOf('repair.is_standby', `${title} is configured as a standby cluster already; that is written anew.`)]
      : []),
    ...(isPaused === true
      ? [
          refusesFor(
            'repair.paused',
            `Automatic failover of ${title} is paused: Patroni would not copy. Resume it first.`,
          ),
        ]
      : []),
  ];
  if (site === null)
    return [
      ...own,
      refusesFor('repair.no_site', 'The cluster that took over is not in the app, or nothing is known of it.'),
    ];
  return [...own, ...primaryChecks(site)];
}

function primaryChecks(site: NewPrimary): readonly OperationCheck[] {
  const { title, writes, writesSentence, leader, leaders, host, slot, hasSlot, isStandby } = site;
  if (writes !== 'yes' || isStandby !== false)
    return [refusesFor('repair.no_site', `${title} is not known to take writes. ${writesSentence}`)];
  if (leader === null || leaders === null)
    return [refusesFor('repair.not_known', `The data of the leader of ${title} could not be read.`)];
  if (leaders.content !== 'cluster' || !leaders.runs)
    return [
      refusesFor('repair.no_site', `No PostgreSQL runs in ${leaders.directory} of ${leader}, which leads ${title}.`),
    ];
  return [
    passes('site', `${title} takes writes: ${leader} leads, and PostgreSQL runs there.`),
    host === ''
      ? refusesFor('repair.not_known', `No address of a member of ${title} is known.`)
      : passes('source', `It will be followed by ${host}, port ${site.port}.`),
    hasSlot
      ? passes('slot', `${slot} is a permanent physical slot of ${title}.`)
      : refusesFor('repair.no_slot', `${title} has no permanent physical slot ${slot}. Make it there first.`),
  ];
}

function memberChecks({ members, unread, site }: FormerPrimaryFacts): readonly OperationCheck[] {
  return [
    ...unread.map(({ member, why }) =>
      refusesFor(
        'repair.not_known',
        `The data of ${member} could not be read: ${why} It must not start with it again.`,
      ),
    ),
    ...(members.length === 0 ? [refusesFor('repair.no_evidence', 'No member of this cluster is known.')] : []),
    ...members.flatMap(({ member, own, unit }) => [
      ...(unit === null
        ? [refusesFor('repair.no_unit', `No systemd unit of Patroni was found on the server of ${member}.`)]
        : []),
      ...(own.content === 'none' && own.kept.length > 0
        ? [passes('moved_before', `The data of ${member} was moved aside before; the copy is still to come.`)]
        : []),
      ...(own.content === 'files'
        ? [refusesFor('repair.no_evidence', `${own.directory} of ${member} has files that are no data of a cluster.`)]
        : []),
      ...checkMovable(own),
      ...checkRoom({ own, leaders: site?.leaders ?? null }),
      ...systemChecks(own, site),
    ]),
  ];
}

function systemChecks(
  { content, systemIdentifier, member }: DataDirectory,
  site: NewPrimary | null,
): readonly OperationCheck[] {
  const theirs = site?.leaders?.systemIdentifier ?? null;
  if (content !== 'cluster' || site === null || theirs === systemIdentifier) return [];
  return [
    refusesFor(
      'repair.other_cluster',
      `The data of ${member} is not of one origin with ${site.title} (the system identifiers differ): it is another cluster.`,
    ),
  ];
}

function forkChecks({ fork, site, title, lost, members }: FormerPrimaryFacts): readonly OperationCheck[] {
  if (site === null || members.every(({ own }) => own.content !== 'cluster')) return [];
  if (fork === null)
    return [
      warnsOf(
        'repair.fork_not_known',
        `What ${title} holds that ${site.title} lacks could not be read. It is kept as it is.`,
      ),
    ];
  if (fork.kind === 'behind')
    return [
      refusesFor(
        'repair.no_evidence',
        `${title} has nothing that ${site.title} lacks. Make it its standby without a copy (Standby, Make this its standby).`,
      ),
    ];
  if (fork.kind === 'same')
    return [
      warnsOf(
        'repair.same_timeline',
        `Both are on timeline ${fork.timeline}: what ${title} holds beyond the other is not told apart.`,
      ),
    ];
  const own =
    lost === null
      ? `${title} has WAL that ${site.title} lacks.`
      : `${lost.commits} transactions that were committed are only in ${title}.`;
  return [warnsOf('repair.commits_set_aside', `${own} They are set aside.`)];
}

function stepsOf({ members, site, prefix, first }: FormerPrimaryFacts): readonly RepairStep[] {
  const firsts = members.filter(({ member }) => member === first);
  const others = members.filter(({ member }) => member !== first);
  const section = {
    host: site?.host ?? '',
    port: Number(site?.port) || site?.port,
    primary_slot_name: site?.slot ?? '',
  };
  const perMember = (
    id: string,
    label: string,
    list: readonly FormerMember[],
    commands: (one: FormerMember) => readonly string[],
  ) =>
    list.map((one): RepairStep => ({
      id: `${id} ${one.member}`,
      label: `${label} ${one.member}`,
      server: one.own.server,
      commands: commands(one),
    }));
  const service = ({ unit }: FormerMember): string => shellWord(unit ?? 'patroni.service');
  return [
    ...perMember('stop', 'Stop Patroni of', [...others, ...firsts], (one) => [`sudo systemctl stop ${service(one)}`]),
    ...perMember(
      'aside',
      'Keep the data of',
      members.filter(({ own }) => own.content === 'cluster'),
      ({ own, keptAs }) => [
        `sudo mv -T ${shellWord(own.directory)} ${shellWord(keptAs)}${own.size === null ? '' : `  # ${bytesInWords(own.size)}`}`,
        `sudo install -d -o postgres -g postgres -m 700 ${shellWord(own.directory)}`,
      ],
    ),
    KEEP_STEP,
    {
      id: 'configure',
      label: `Say in the dynamic configuration that it follows ${site?.title ?? 'the other cluster'}`,
      server: null,
      commands: [`patronictl edit-config --apply - <<< ${shellWord(JSON.stringify({ standby_cluster: section }))}`],
    },
    {
      id: 'remove',
      label: 'Remove the keys of the old primary',
      server: null,
      commands: OLD_KEYS.map((key) => etcdctl(['del', `${prefix}${key}`])),
    },
    ...perMember('start', 'Start and copy', firsts, (one) => [`sudo systemctl start ${service(one)}`]),
    {
      id: 'prove',
      label: `See by psql that ${first} follows: one empty transaction there arrives here`,
      server: null,
      commands: [],
    },
    ...perMember('start', 'Start and copy', others, (one) => [`sudo systemctl start ${service(one)}`]),
  ];
}

/** What both sides say by psql once a standby leader runs. Positions are bytes. */
export interface FollowProof {
  readonly primary: {
    readonly system: string;
    readonly timeline: number;
    readonly lsn: number;
    readonly inRecovery: boolean;
  };
  readonly standby: {
    readonly system: string;
    /** Of what the receiver gets; null: nothing is received. */
    readonly timeline: number | null;
    readonly received: number | null;
    readonly replayed: number | null;
    readonly inRecovery: boolean;
    readonly status: string | null;
  };
}

/** Why a standby leader cannot be said to follow yet; null when both sides agree. `streaming` alone proves nothing. */
export function whyNotFollowing({ primary, standby }: FollowProof): string | null {
  if (primary.inRecovery) return 'the other side is no primary any more';
  if (!standby.inRecovery) return 'it takes writes by itself';
  if (primary.system !== standby.system) return 'the system identifiers differ';
  if (standby.status !== 'streaming') return `its receiver is ${standby.status ?? 'not there'}`;
  if (standby.timeline !== primary.timeline)
    return `it receives timeline ${standby.timeline ?? 'not known'}, the other side is on ${primary.timeline}`;
  if (standby.received === null || standby.received < primary.lsn)
    return 'it has not received what was just written there';
  return standby.replayed === null || standby.replayed < primary.lsn
    ? 'it has not replayed what was just written there'
    : null;
}

/** The members in words, for the end of the job. */
export function keptInWords(members: readonly FormerMember[]): string {
  return namesInWords(
    members.filter(({ own }) => own.content === 'cluster').map(({ member, keptAs }) => `${keptAs} of ${member}`),
  );
}
