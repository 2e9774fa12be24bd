import type { Finding } from '../../../model/cluster/cluster-state';
import type { Member, MemberCondition } from '../../../model/cluster/member';
import { isPatroniAtLeast } from '../patroni-version';
import { exceedsLagLimit, isSwitching } from '../member-facts';
import { slotName } from '../slot-name';
import { bytesInWords, namesInWords, spanInWords } from '../../words/wording';
import type { FindingRule, FindingView } from './finding-view';
import { isLeaderTrouble } from './leadership';

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** A replica that Patroni calls running but that gets nothing from anybody, or stands on an old timeline. */
export const brokenReplica: FindingRule = (view) =>
  view.state.members.flatMap((member): Finding[] => {
    if (!isBroken(member, view)) return [];
    const found = member.condition === 'behind_timeline' ? behind(member, view) : absent(member, view);
    if (!exceedsLagLimit(member.lag, view.state.config)) return [found];
    return [{ ...found, evidence: `${found.evidence} It is ${bytesInWords(lagOf(member))} behind the leader.` }];
  });

function isBroken(member: Member, view: FindingView): boolean {
  return member.condition === 'behind_timeline' || (member.condition === 'not_streaming' && isSettled(member, view));
}

function lagOf({ lag }: Member): number {
  return lag?.replay ?? lag?.receive ?? 0;
}

/** A replica that reconnects is absent for some seconds: it is reported once a loop has passed. */
function isSettled(member: Member, { state, absentSince, now }: FindingView): boolean {
  const loopMs = (state.config?.loopWait ?? 10) * 1000;
  return now - (absentSince.get(member.name) ?? now) > loopMs + 3_000;
}

const REPAIR =
  'Rows may be missing on it. Check its PostgreSQL log; restart it, and reinitialize it if that does not help.';

function behind(member: Member, { state, behindSince, now }: FindingView): Finding {
  const leader = state.members.find((one) => one.name === state.leader.holder);
  const span = spanInWords(Math.floor((now - (behindSince.get(member.name) ?? now)) / 1000) * 1000);
  return {
    code: 'member.behind_timeline',
    severity: 'warning',
    member: member.name,
    sentence: `${member.name} runs but is on timeline ${String(member.timeline)}; the leader is on ${String(leader?.timeline ?? '?')}.`,
    evidence: `Seen for ${span}. Last reported state: ${member.stateText}.`,
    advice: REPAIR,
  };
}

function absent(member: Member, { state, absentSince, now }: FindingView): Finding {
  const span = spanInWords(Math.floor((now - (absentSince.get(member.name) ?? now)) / 1000) * 1000);
  return {
    code: 'member.not_streaming',
    severity: 'warning',
    member: member.name,
    sentence: `${member.name} runs but is not streaming.`,
    evidence:
      `Absent from replication[] of ${state.leader.holder ?? 'the leader'} and of every other member that ` +
      `answers, for ${span}. Last reported state: ${member.stateText}.`,
    advice: REPAIR,
  };
}

/** A node of another cluster, or one restored wrongly. */
export const foreignSystem: FindingRule = ({ state }) =>
  state.members.flatMap((member): Finding[] => {
    const expected = state.systemIdentifier;
    if (
      member.systemIdentifier === null ||
      expected === null ||
      expected === '' ||
      member.systemIdentifier === expected
    )
      return [];
    return [
      {
        code: 'member.system_identifier',
        severity: 'critical',
        member: member.name,
        sentence: `${member.name} has the data of another cluster.`,
        evidence: `Its system identifier is ${member.systemIdentifier}; the DCS has ${expected}.`,
        advice: 'It can never replicate here. Check its data directory before you reinitialize it.',
      },
    ];
  });

/** A key that stays whatever becomes of its Patroni: it was put there by hand, or by a restore. */
export const staleKey: FindingRule = ({ state }) =>
  state.members.flatMap((member): Finding[] =>
    member.keyUnleased !== true
      ? []
      : [
          {
            code: 'member.stale_key',
            severity: 'warning',
            member: member.name,
            sentence: `The key of ${member.name} in etcd is kept by no Patroni.`,
            evidence: 'It has no lease, which every Patroni gives its own; it stays until somebody removes it.',
            advice: 'Patroni, patronictl and the leader count it among the members. Remove it when nobody runs there.',
          },
        ],
  );

/** Two Patroni processes under one name, or an address that leads to another member. */
export const wrongName: FindingRule = ({ state, answeredNames }) => {
  const misled = [...answeredNames].flatMap(([name, answered]): Finding[] =>
    name === answered
      ? []
      : [
          {
            code: 'member.wrong_name',
            severity: 'critical',
            member: name,
            sentence: `The REST address of ${name} is answered by ${answered}.`,
            evidence: `api_url ${state.members.find((one) => one.name === name)?.apiUrl ?? '?'}`,
            advice: 'Correct restapi.connect_address, or the server this member is reached through.',
          },
        ],
  );
  const byAddress = groupBy(
    state.members.filter((one) => one.apiUrl !== null && one.inDcs !== false),
    (one) => one.apiUrl,
  );
  const shared = [...byAddress].flatMap(([address, members]): Finding[] =>
    members.length < 2
      ? []
      : [
          {
            code: 'cluster.shared_address',
            severity: 'warning',
            member: null,
            sentence: `${namesInWords(members.map((one) => one.name))} advertise the same REST address.`,
            evidence: address ?? '',
            advice:
              'One of them is a leftover of a renamed member, or the configuration was copied: give each its own name and address.',
          },
        ],
  );
  return [...misled, ...shared];
};

/** Two names that come to one replication slot. */
export const slotCollision: FindingRule = ({ state }) => {
  const bySlot = groupBy(state.members, (member) => slotName(member.name));
  return [...bySlot].flatMap(([slot, members]): Finding[] =>
    members.length < 2
      ? []
      : [
          {
            code: 'cluster.slot_collision',
            severity: 'critical',
            member: null,
            sentence: `${namesInWords(members.map((one) => one.name))} need the same replication slot.`,
            evidence: `Both names come to the slot "${slot}".`,
            advice: 'Rename one of the members in its Patroni configuration.',
          },
        ],
  );
};

/** Lag beyond what Patroni lets win an election. */
export const tooFarBehind: FindingRule = (view) => {
  const { state } = view;
  if (view.calm) return [];
  return state.members.flatMap((member): Finding[] => {
    if (!exceedsLagLimit(member.lag, state.config) || member.role === 'leader' || member.condition === 'creating')
      return [];
    // Its lag follows from what brokenReplica says of it.
    if (isBroken(member, view)) return [];
    const limit = state.config?.maximumLagOnFailover ?? 0;
    const lag = lagOf(member);
    return [
      {
        code: 'member.lag',
        severity: 'warning',
        member: member.name,
        sentence: `${member.name} lags ${bytesInWords(lag)} behind the leader.`,
        evidence:
          `maximum_lag_on_failover is ${bytesInWords(limit)}; based on ` +
          `${member.lag?.basis === 'leader_rest' ? "the leader's own answer" : 'the leader position in etcd (up to 10 s old)'}.`,
        advice:
          'Patroni does not choose it in an automatic failover. Check the network, its disk, and long queries on it.',
      },
    ];
  });
};

const CONDITION_WORDS: Partial<
  Record<
    MemberCondition,
    {
      readonly severity: Finding['severity'];
      /** The sentence about one member, or about the names of several. */
      readonly says: (names: string, many: boolean) => string;
      readonly advice: string;
    }
  >
> = {
  postgres_down: {
    severity: 'warning',
    says: (names) => `PostgreSQL is down on ${names}; Patroni answers.`,
    advice: 'Check the PostgreSQL log of this member.',
  },
  dcs_unreachable: {
    severity: 'warning',
    says: (names, many) => `${names} ${many ? 'are' : 'is'} up but cannot reach etcd.`,
    advice: 'Check the network between this server and etcd.',
  },
  patroni_down: {
    severity: 'warning',
    says: (names, many) =>
      `Patroni is down on ${names}. ${many ? 'The servers themselves are' : 'The server itself is'} reachable.`,
    advice:
      'Check the patroni service there: every failover needs it. A server that has just lost power looks the same for some seconds.',
  },
  not_answering: {
    severity: 'warning',
    says: (names) => `${names} stopped answering.`,
    advice: 'Whether Patroni, the server or the connection to it is down is not known yet.',
  },
  unreachable: {
    severity: 'warning',
    says: (names) => `${names} cannot be reached at all.`,
    advice: 'The server, or the network to it, is down.',
  },
  ssh_lost: {
    severity: 'warning',
    says: (names, many) =>
      many
        ? `The SSH connections to ${names} are lost. Their state is not known; etcd still lists them.`
        : `The SSH connection to ${names} is lost. Its state is not known; etcd still lists it.`,
    advice: 'Restore the SSH connection. The member itself may be working.',
  },
  gone: {
    severity: 'warning',
    says: (names, many) =>
      many
        ? `${names} are known to the app but are no longer members in the DCS.`
        : `${names} is known to the app but is no longer a member in the DCS.`,
    advice: 'Start Patroni there, or take the member out of the inventory.',
  },
};

/** What a switchover that somebody asked for does to its members: PostgreSQL stops and starts. */
function isExpected(member: Member, state: FindingView['state']): boolean {
  return isSwitching(state) && member.condition === 'postgres_down';
}

function portInWords(accepts: boolean | undefined): string {
  if (accepts === undefined) return '';
  return accepts ? ' Its PostgreSQL port accepts connections.' : ' Its PostgreSQL port refuses connections.';
}

/** What is known of one member that is not healthy. */
function conditionEvidence(member: Member, { state, postgresUp }: FindingView): string {
  const error = state.sources.find((source) => source.id === `rest:${member.name}`)?.error?.message ?? '';
  const postgres = portInWords(postgresUp.get(member.name));
  const key =
    member.condition === 'dcs_unreachable' && member.inDcs === false ? 'Its member key has expired in the DCS. ' : '';
  return `Last reported state: ${member.stateText}. ${key}${error}${postgres}`.trim();
}

/** Members that are not healthy; those to which the same happened are one finding, with what is known of each. */
export const memberConditions: FindingRule = (view) => {
  const { state } = view;
  const concerned = state.members.filter(
    (member) =>
      !isExpected(member, state) && !(member.name === state.leader.holder && isLeaderTrouble(member.condition)),
  );
  return [...groupBy(concerned, (member) => member.condition)].flatMap(([condition, members]): Finding[] => {
    const words = CONDITION_WORDS[condition];
    if (words === undefined) return [];
    const [only] = members.length === 1 ? members : [];
    return [
      {
        code: `member.${condition}`,
        severity: words.severity,
        member: only?.name ?? null,
        sentence: words.says(namesInWords(members.map(({ name }) => name)), members.length > 1),
        evidence: members
          .map((member) => `${only === undefined ? `${member.name}: ` : ''}${conditionEvidence(member, view)}`)
          .join(' '),
        advice: words.advice,
      },
    ];
  });
};

/** Restarts that wait; members that wait for the same are one finding. */
export const pendingRestart: FindingRule = ({ state }) => {
  const waiting = state.members.filter((member) => member.pendingRestartFlag);
  const groups = groupBy(waiting, (member) =>
    (member.pendingRestart ?? [])
      .map((one) => `${one.name} ${one.oldValue ?? '?'} -> ${one.newValue ?? '?'}`)
      .join(', '),
  );
  return [...groups].map(([changes, members]): Finding => ({
    code: 'member.pending_restart',
    severity: 'info',
    member: members.length === 1 ? (members[0]?.name ?? null) : null,
    sentence:
      `${namesInWords(members.map((member) => member.name))} must restart to apply ` +
      `${changes === '' ? 'changed parameters' : changes}.`,
    evidence:
      changes === ''
        ? 'This version of Patroni does not tell which parameters.'
        : 'Until then the old value is in use.',
    advice: 'Restart when it suits; replicas first when a limit grows.',
  }));
};

/** The watchdog is required but not active. */
export const watchdog: FindingRule = ({ state }) =>
  state.members.flatMap((member): Finding[] =>
    member.watchdogFailed !== true
      ? []
      : [
          {
            code: 'member.watchdog',
            severity: 'warning',
            member: member.name,
            sentence: `The watchdog of ${member.name} is required but not active: it cannot become leader.`,
            evidence: 'watchdog_failed in its own answer.',
            advice: 'Check the watchdog device and its rights on that server.',
          },
        ],
  );

/** Replay that somebody stopped. */
export const replayPaused: FindingRule = ({ state }) =>
  state.members.flatMap((member): Finding[] =>
    member.replayPaused !== true
      ? []
      : [
          {
            code: 'member.replay_paused',
            severity: 'warning',
            member: member.name,
            sentence: `Replay is paused on ${member.name}: its data gets older.`,
            evidence: 'xlog.paused in its own answer.',
            advice: 'Resume it with pg_wal_replay_resume() when the reason is gone.',
          },
        ],
  );

/** Different versions of Patroni or of PostgreSQL. */
export const versionDrift: FindingRule = ({ state }) => {
  const patroni = distinct(state.members, (member) => member.patroniVersion);
  const postgres = distinct(state.members, (member) =>
    member.postgresVersion === null ? null : String(member.postgresVersion),
  );
  const found = (code: string, what: string, versions: readonly string[]): Finding[] =>
    versions.length < 2
      ? []
      : [
          {
            code,
            severity: 'info',
            member: null,
            sentence: `The members run different versions of ${what}.`,
            evidence: versions.join('; '),
            advice: 'Finish the upgrade on all members.',
          },
        ];
  return [
    ...found('cluster.patroni_versions', 'Patroni', patroni),
    ...found('cluster.postgres_versions', 'PostgreSQL', postgres),
  ];
};

function distinct(members: readonly Member[], pick: (member: Member) => string | null): string[] {
  const groups = groupBy(
    members.filter((member) => pick(member) !== null),
    pick,
  );
  return [...groups].map(([version, group]) => `${version ?? ''}: ${group.map((member) => member.name).join(', ')}`);
}

/**
 * Patroni 3.0.0 to 3.0.2 with etcd3 writes the leader key without a condition, so that an isolated old leader can
 * take the lock back when the network heals (reported upstream as PR 2689, fixed in 3.0.3).
 */
export const lockTakeBack: FindingRule = ({ state }) => {
  const affected = state.members.filter(
    (member) =>
      isPatroniAtLeast(member.patroniVersion, '3.0.0') === true &&
      isPatroniAtLeast(member.patroniVersion, '3.0.3') === false,
  );
  if (affected.length === 0 || state.dcs.kind === 'not_configured') return [];
  return [
    {
      code: 'cluster.lock_take_back',
      severity: 'info',
      member: null,
      sentence: 'With this version of Patroni an isolated old leader can take the lock back when the network heals.',
      evidence: affected.map((member) => `${member.name}: Patroni ${member.patroniVersion ?? ''}`).join('; '),
      advice: 'Upgrade Patroni to 3.0.3 or later; until then watch the leader after a partition.',
    },
  ];
};
