import type { EtcdMember, Finding } from '../../../model/cluster/cluster-state';
import { ETCD_CLIENT_PORT, hostPortOfUrl } from '../../../model/connect/host-port';
import { answersNow } from '../member-facts';
import { quorumSize } from '../../etcd/quorum';
import { missingTtlSeconds } from '../timing-rule';
import { spanInWords } from '../../words/wording';
import { writeStatusOf } from '../write-status';
import type { FindingRule, FindingView } from './finding-view';

/** Whole seconds: a finding must not change with every fold. */
const span = (ms: number): string => spanInWords(Math.max(0, Math.floor(ms / 1000)) * 1000);

/** What a lost quorum does to the primary, in the tense that the members' own words allow. */
function demotionInWords(state: FindingView['state']): string {
  const writes = writeStatusOf(state);
  switch (writes.kind) {
    case 'yes':
      return `Patroni demotes ${writes.primary} when its lease ends.`;
    case 'no':
      return 'Patroni has demoted the primary: the cluster is read-only.';
    case 'not_known':
      return 'Patroni demotes the primary when its lease ends.';
  }
}

/** The DCS is not usable as the app sees it. */
export const dcsTrouble: FindingRule = ({ state, now }) => {
  const { dcs } = state;
  switch (dcs.kind) {
    case 'no_quorum':
      return [
        {
          code: 'dcs.no_quorum',
          severity: 'critical',
          member: null,
          sentence: `etcd has had no quorum for ${span(now - dcs.since)}.`,
          evidence: `${String(dcs.members.length)} etcd members known; a read could not be confirmed.`,
          advice:
            state.failsafeActive === true
              ? 'Failsafe mode keeps the primary writable meanwhile. Start the missing etcd members.'
              : `${demotionInWords(state)} Start the missing etcd members.`,
        },
      ];
    case 'unreachable':
      return [
        {
          code: 'dcs.unreachable',
          severity: 'warning',
          member: null,
          sentence: `The app has not reached etcd for ${span(now - dcs.since)}.`,
          evidence: dcs.error.message,
          advice: dcs.error.hint ?? 'See whether etcd runs.',
        },
      ];
    case 'refused':
      return [
        {
          code: 'dcs.refused',
          severity: 'warning',
          member: null,
          sentence: 'etcd refuses the app.',
          evidence: dcs.error.message,
          advice: dcs.error.hint ?? 'Correct the etcd user, password and certificates of this cluster.',
        },
      ];
    case 'live':
    case 'connecting':
    case 'not_configured':
      return [];
  }
};

/** Members that are lost to etcd while the others have a quorum, unless their whole server is: that is said of the server. */
function lostEtcdMembers({ state }: FindingView): readonly EtcdMember[] {
  if (state.dcs.kind !== 'live') return [];
  const silentHosts = new Set(
    state.members.filter((member) => !answersNow(state, member.name)).map((member) => member.host),
  );
  const isOnSilentServer = ({ clientUrls }: EtcdMember): boolean =>
    clientUrls.some((url) => silentHosts.has(hostPortOfUrl(url, ETCD_CLIENT_PORT)?.host ?? ''));
  return state.dcs.members.filter(
    (member) => (member.reachable === false || member.seesLeader === false) && !isOnSilentServer(member),
  );
}

/** A member of etcd is lost, and how many more may be. */
export const etcdMemberLost: FindingRule = (view) => {
  const { dcs } = view.state;
  const lost = lostEtcdMembers(view);
  if (dcs.kind !== 'live' || lost.length === 0) return [];
  const of = dcs.members.length;
  const spare = of - lost.length - quorumSize(of);
  const names = lost.map(({ name }) => name).join(', ');
  const isCutOff = lost.every(({ seesLeader }) => seesLeader === false);
  return [
    {
      code: 'dcs.member_lost',
      severity: 'warning',
      member: null,
      sentence: isCutOff ? `etcd on ${names} is cut off from its peers.` : `etcd does not answer on ${names}.`,
      evidence: `${String(of - lost.length)} of ${String(of)} etcd members work together; ${String(quorumSize(of))} are needed.`,
      advice:
        spare > 0
          ? `${String(spare)} more may be lost. Look at the etcd log on ${names}, and start it again.`
          : `If one more is lost, the cluster becomes read-only. Start etcd on ${names} again.`,
    },
  ];
};

/** Patroni does nothing by itself. */
export const paused: FindingRule = ({ state }) =>
  state.paused !== true
    ? []
    : [
        {
          code: 'cluster.paused',
          severity: 'warning',
          member: null,
          sentence: 'The cluster is paused: there is no automatic failover.',
          evidence: 'pause is on in the dynamic configuration.',
          advice: 'Resume it when the maintenance is over.',
        },
      ];

/** Failsafe mode carries the primary. */
export const failsafe: FindingRule = ({ state }) =>
  state.failsafeActive !== true
    ? []
    : [
        {
          code: 'cluster.failsafe',
          severity: 'critical',
          member: null,
          sentence: 'Failsafe mode is active: the primary goes on without the DCS.',
          evidence: "failsafe_mode_is_active in a member's own answer.",
          advice: 'Bring the DCS back. The primary demotes itself as soon as one member does not answer it.',
        },
      ];

/** Patroni's own timing rule (docs/dynamic_configuration.rst); a wrong value is adjusted in memory and stays wrong in the DCS. */
export const timing: FindingRule = ({ state }) => {
  const { config } = state;
  if (config === null) return [];
  const missing = missingTtlSeconds(config);
  if (missing === 0) return [];
  return [
    {
      code: 'config.timing',
      severity: 'warning',
      member: null,
      sentence: `ttl is too short: ${String(config.ttl)} s is less than loop_wait + 2 * retry_timeout.`,
      evidence:
        `loop_wait ${String(config.loopWait)}, retry_timeout ${String(config.retryTimeout)}: ttl must be at ` +
        `least ${String(config.ttl + missing)}.`,
      advice: 'Raise ttl or lower the others: one slow answer of the DCS can otherwise cost the leader its lock.',
    },
  ];
};

/** Synchronous replication that nobody satisfies. */
export const noSyncStandby: FindingRule = ({ state, calm }) => {
  const { sync } = state;
  if (
    sync === null ||
    sync.mode === 'off' ||
    sync.standbys.length > 0 ||
    calm ||
    state.leader.holder === null ||
    state.config?.standbyCluster === true
  )
    return [];
  const strict: Finding = {
    code: 'cluster.no_sync_standby',
    severity: sync.strict ? 'critical' : 'warning',
    member: null,
    sentence: sync.strict
      ? 'There is no synchronous standby and strict mode is on: writes wait.'
      : 'Synchronous mode is on, but there is no synchronous standby now.',
    evidence: 'The sync key names no standby.',
    advice: 'Bring a replica back that may be synchronous (no nosync tag).',
  };
  return [strict];
};
