import type { Finding } from '../../../model/cluster/cluster-state';
import { namesInWords, spanInWords } from '../../words/wording';
import { answersNow, isSwitching } from '../member-facts';
import { takeOverInWords, takeOverOf } from '../take-over';
import { writeStatusOf, type WriteStatus } from '../write-status';
import type { FindingRule, FindingView } from './finding-view';

/** What a lock that nobody holds means for applications. */
const NO_LEADER_WRITES: Readonly<Record<WriteStatus['kind'], string>> = {
  yes: ', but a primary goes on without it',
  no: ': the cluster takes no writes',
  not_known: '; whether a primary goes on without it is not known',
};

/** The system identifier of a cluster; the key is there, and empty, while the cluster is being made (dcs/__init__.py, initialize). */
function identifierInWords(identifier: string | null): string {
  if (identifier === null) return 'not initialised';
  return identifier === '' ? 'initialising' : identifier;
}

/** Nobody holds the leader lock. */
export const noLeader: FindingRule = ({ state, now }) => {
  const { leader, paused, systemIdentifier } = state;
  if (!leader.known || leader.holder !== null || state.members.length === 0 || isSwitching(state)) return [];
  const writes = writeStatusOf(state);
  const atLeast = leader.changeUnseen === true ? ' at least' : '';
  const seconds = leader.vacantSince === null ? null : Math.floor((now - leader.vacantSince) / 1000);
  const span = seconds === null ? '' : ` for${atLeast} ${spanInWords(seconds * 1000)}`;
  const pausedAdvice =
    'The cluster is paused, so Patroni chooses no leader by itself: resume it, or fail over by hand.';
  return [
    {
      code: 'cluster.no_leader',
      severity: writes.kind === 'yes' ? 'warning' : 'critical',
      member: null,
      sentence: `Nobody holds the leader lock${span}${NO_LEADER_WRITES[writes.kind]}.`,
      evidence: `The leader key is absent in etcd. System identifier: ${identifierInWords(systemIdentifier)}.`,
      advice:
        paused === true
          ? pausedAdvice
          : 'Patroni chooses a new leader within its loop when a healthy replica is left. If it does not, look ' +
            'at the findings of the members and their logs.',
    },
  ];
};

/** More than one member runs as a primary while it sees the lock held. */
export const twoLeaders: FindingRule = ({ state, primaries, calm }) => {
  const lockTaken =
    primaries.length === 1 &&
    state.leader.known &&
    state.leader.holder !== null &&
    primaries[0] !== state.leader.holder;
  if (primaries.length < 2 && !(lockTaken && !calm)) return [];
  const { holder } = state.leader;
  if (primaries.length >= 2) {
    return [
      {
        code: 'cluster.two_primaries',
        severity: 'critical',
        member: null,
        sentence: `${namesInWords(primaries)} all say that they run as the primary.`,
        evidence: `Each of them answered so within the last polls; the lock is held by ${holder ?? 'nobody'}.`,
        advice:
          'Keep applications away from all but the holder of the lock, and stop PostgreSQL on the others once ' +
          'Patroni does not demote them by itself.',
      },
    ];
  }
  return [
    {
      code: 'cluster.primary_without_lock',
      severity: 'critical',
      member: primaries[0] ?? null,
      sentence: `${primaries[0] ?? ''} runs as the primary, but ${holder ?? 'nobody'} holds the leader lock.`,
      evidence: `The leader key names ${holder ?? 'nobody'}.`,
      advice: 'Look at the log of Patroni on both members.',
    },
  ];
};

/**
 * A former primary that went on where nobody sees it: its last word was that it runs as the primary, somebody else has the lock by now, its
 * Patroni, which alone would have stopped it, says nothing, and its port still lets clients in.
 */
export const silentPrimary: FindingRule = ({ state, calm, postgresUp }) => {
  const { known, holder, heldSince } = state.leader;
  if (!known || holder === null || calm) return [];
  return state.members
    .filter(
      ({ name, primarySeen, restAsOf }) =>
        name !== holder &&
        primarySeen === true &&
        postgresUp.get(name) === true &&
        !answersNow(state, name) &&
        (restAsOf ?? Infinity) < (heldSince ?? -Infinity),
    )
    .map(({ name }) => ({
      code: 'cluster.silent_primary',
      severity: 'critical',
      member: name,
      sentence: `${name} may still take writes beside ${holder}: its Patroni says nothing, and its PostgreSQL lets clients in.`,
      evidence: `It last said that it runs as the primary. The leader key names ${holder} now, and the port of its PostgreSQL is open.`,
      advice:
        `Keep applications away from it: what it takes is lost once it follows ${holder}. ` +
        'Bring its Patroni back, which makes it follow, or stop its PostgreSQL.',
    }));
};

/** The leader key names a member that has no member key: a stale leader. */
export const leaderWithoutMember: FindingRule = ({ state }) => {
  const { holder, known } = state.leader;
  const member = state.members.find((one) => one.name === holder);
  if (!known || holder === null || member?.inDcs !== false) return [];
  return [
    {
      code: 'cluster.leader_without_member',
      severity: 'warning',
      member: holder,
      sentence: `${holder} holds the leader lock but has no member key.`,
      evidence: 'The key under members/ is absent while the leader key is present.',
      advice: 'Look whether Patroni still runs on it; the lock is released when its lease ends.',
    },
  ];
};

/** Whether the leader's own finding tells of this condition already. */
export function isLeaderTrouble(condition: string): boolean {
  return LEADER_TROUBLE[condition] !== undefined;
}

const LEADER_TROUBLE: Readonly<Record<string, string>> = {
  postgres_down: 'PostgreSQL is down on leader NAME',
  unreachable: 'leader NAME cannot be reached',
  patroni_down: 'Patroni is down on leader NAME',
  dcs_unreachable: 'leader NAME cannot reach etcd',
  not_answering: 'leader NAME stopped answering',
  ssh_lost: 'the SSH connection to leader NAME is lost',
};

/** The next failure would leave the cluster without a primary. */
export const nobodyCanTakeOver: FindingRule = ({ state, calm }) => {
  const takeOver = takeOverOf(state);
  if (calm || writeStatusOf(state).kind !== 'yes' || isSwitching(state)) return [];
  if (takeOver.kind !== 'nobody') return [];
  return [
    {
      code: 'cluster.nobody_can_take_over',
      severity: 'critical',
      member: null,
      sentence: takeOverInWords(takeOver, state.leader.holder, state.paused),
      evidence: takeOver.reasons.join(' '),
      advice: 'Repair a replica: until then the loss of the leader stops all writes.',
    },
  ];
};

/** What Patroni will do about a leader in trouble. */
function inWordsAfter(state: FindingView['state']): string {
  if (state.dcs.kind === 'no_quorum') return 'No failover is possible while etcd has no quorum. Repair etcd first.';
  if (state.paused === true) return 'The cluster is paused: Patroni does not fail over by itself.';
  return 'Patroni fails over when the lease ends. Check the server and its logs.';
}

/** Here only the app does not see the leader; whether the leader is down is not known. */
const UNSURE: ReadonlySet<string> = new Set(['not_answering', 'ssh_lost']);

function portInWords(accepts: boolean | undefined): string {
  if (accepts === undefined) return '';
  return accepts ? '; its PostgreSQL port still accepts connections' : '; its PostgreSQL port refuses connections';
}

/** The holder of the lock is in trouble itself. */
export const leaderInTrouble: FindingRule = ({ state, postgresUp }) => {
  const holder = state.members.find((one) => one.name === state.leader.holder);
  const trouble = holder === undefined ? undefined : LEADER_TROUBLE[holder.condition];
  if (holder === undefined || trouble === undefined || isSwitching(state)) return [];
  const failsafe = state.failsafeActive === true && holder.condition === 'dcs_unreachable';
  const found: Finding = {
    code: 'cluster.leader_in_trouble',
    severity: failsafe || UNSURE.has(holder.condition) ? 'warning' : 'critical',
    member: holder.name,
    sentence: `${capital(trouble.replace('NAME', () => holder.name))}.`,
    evidence: `Last reported state: ${holder.stateText}${portInWords(postgresUp.get(holder.name))}.`,
    advice: failsafe
      ? 'Failsafe mode keeps it writable while all members see each other: bring the DCS back.'
      : inWordsAfter(state),
  };
  return [found];
};

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
