import type { Finding } from '../../../model/cluster/cluster-state';
import type { Member, MemberCondition } from '../../../model/cluster/member';
import { isPatroniAtLeast } from '../patroni-version';
import { slotName } from '../slot-name';
import { bytesInWords, namesInWords, spanInWords } from '../../words/wording';
import type { FindingRule, FindingView } from './finding-view';
import { isLeaderTrouble } from './leadership';

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** A replica that Patroni calls running but that gets nothing from anybody, or stands on an old timeline (O7). */
export const brokenReplica: FindingRule = (view) =>
  view.state.members.flatMap((member): Finding[] => {
    if (member.condition === 'behind_timeline') return [behind(member, view)];
    return member.condition === 'not_streaming' ? [absent(member, view)] : [];
  });

const REPAIR =
  'Rows may be missing on it. Look at its PostgreSQL log; restart it, and reinitialize it when that does not help.';

function behind(member: Member, { state, behindSince, now }: FindingView): Finding {
  const leader = state.members.find((one) => one.name === state.leader.holder);
  const span = spanInWords(Math.floor((now - (behindSince.get(member.name) ?? now)) / 1000) * 1000);
  return {
    code: 'member.behind_timeline',
    severity: 'critical',
    member: member.name,
    sentence: `${member.name} looks healthy but stands on timeline ${String(member.timeline)}; the leader is on ${String(leader?.timeline ?? '?')}.`,
    evidence: `Seen for ${span}. Patroni says "${member.stateText}".`,
    advice: REPAIR,
  };
}

function absent(member: Member, { state, absentSince, now }: FindingView): Finding {
  const span = spanInWords(Math.floor((now - (absentSince.get(member.name) ?? now)) / 1000) * 1000);
  return {
    code: 'member.not_streaming',
    severity: 'critical',
    member: member.name,
    sentence: `${member.name} looks healthy but streams from nobody.`,
    evidence: `Absent from replication[] of ${state.leader.holder ?? 'the leader'} and of every other member that answers, for ${span}. Patroni says "${member.stateText}".`,
    advice: REPAIR,
  };
}

/** A node of another cluster, or one restored wrongly (O8). */
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
export const tooFarBehind: FindingRule = ({ state, calm }) => {
  const limit = state.config?.maximumLagOnFailover;
  if (limit === undefined || limit <= 0 || calm) return [];
  return state.members.flatMap((member): Finding[] => {
    const lag = member.lag?.replay ?? null;
    if (lag === null || lag <= limit || member.role === 'leader' || member.condition === 'creating') return [];
    return [
      {
        code: 'member.lag',
        severity: 'warning',
        member: member.name,
        sentence: `${member.name} lags ${bytesInWords(lag)} behind the leader.`,
        evidence: `maximum_lag_on_failover is ${bytesInWords(limit)}; measured against ${member.lag?.basis === 'leader_rest' ? "the leader's own answer" : 'the DCS, up to a loop old'}.`,
        advice:
          'Patroni does not choose it in an automatic failover. Look at the network, its disk, and long queries on it.',
      },
    ];
  });
};

const CONDITION_WORDS: Partial<
  Record<
    MemberCondition,
    { readonly severity: Finding['severity']; readonly says: (name: string) => string; readonly advice: string }
  >
> = {
  postgres_down: {
    severity: 'critical',
    says: (name) => `PostgreSQL does not run on ${name}; Patroni answers.`,
    advice: 'Look at the PostgreSQL log of this member.',
  },
  dcs_unreachable: {
    severity: 'warning',
    says: (name) => `${name} is up but cannot see the DCS.`,
    advice: 'Look at the network between this node and etcd.',
  },
  patroni_down: {
    severity: 'warning',
    says: (name) => `Patroni does not answer on ${name}; the way to its server is not lost.`,
    advice:
      'Look at the patroni service there: Patroni is needed for every failover. A server that has just lost its power looks the same for some seconds.',
  },
  unreachable: {
    severity: 'critical',
    says: (name) => `${name} cannot be reached at all.`,
    advice: 'The server, or the network to it, is down.',
  },
  ssh_lost: {
    severity: 'warning',
    says: (name) => `The way to the server of ${name} is lost; etcd still has the member.`,
    advice: 'Restore the SSH connection. The member itself may be well.',
  },
  gone: {
    severity: 'warning',
    says: (name) => `${name} is known to the app but is no longer a member in the DCS.`,
    advice: 'Start Patroni there, or take the member out of the inventory.',
  },
};

function portInWords(accepts: boolean | undefined): string {
  if (accepts === undefined) return '';
  return accepts ? ' Its PostgreSQL port accepts connections.' : ' Its PostgreSQL port refuses connections.';
}

/** Members that are not healthy, each with its own words. */
export const memberConditions: FindingRule = ({ state, postgresUp }) =>
  state.members.flatMap((member): Finding[] => {
    const words = CONDITION_WORDS[member.condition];
    if (words === undefined || (member.name === state.leader.holder && isLeaderTrouble(member.condition))) return [];
    const error = state.sources.find((source) => source.id === `rest:${member.name}`)?.error?.message ?? '';
    const postgres = portInWords(postgresUp.get(member.name));
    const key =
      member.condition === 'dcs_unreachable' && member.inDcs === false ? 'Its member key has expired in the DCS. ' : '';
    return [
      {
        code: `member.${member.condition}`,
        severity: words.severity,
        member: member.name,
        sentence: words.says(member.name),
        evidence: `State "${member.stateText}". ${key}${error}${postgres}`.trim(),
        advice: words.advice,
      },
    ];
  });

/** A restart that waits. */
export const pendingRestart: FindingRule = ({ state }) =>
  state.members.flatMap((member): Finding[] => {
    if (!member.pendingRestartFlag) return [];
    const changes = (member.pendingRestart ?? []).map(
      (one) => `${one.name}: ${one.oldValue ?? '?'} -> ${one.newValue ?? '?'}`,
    );
    return [
      {
        code: 'member.pending_restart',
        severity: 'info',
        member: member.name,
        sentence: `${member.name} waits for a restart before changed parameters hold.`,
        evidence: changes.length === 0 ? 'This version of Patroni does not tell which parameters.' : changes.join('; '),
        advice: 'Restart it when it suits; replicas first when a limit grows.',
      },
    ];
  });

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

/** Different versions of Patroni or of PostgreSQL (O8). */
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
