import type { EtcdAlarmKind, EtcdReading } from '../../model/etcd/etcd-view';
import type { Finding } from '../../model/cluster/cluster-state';
import { namesInWords } from '../words/wording';
import { etcdMemberName } from './etcd-members';
import { quorumInWords, quorumNow } from './etcd-quorum';
import { indexLag, isNearlyFull, sizeInWords } from './etcd-sizes';

/** A learner that is so many entries behind has not nearly all of the leader's log. */
const LEARNER_LAG = 5_000;

const finding = (
  code: string,
  severity: Finding['severity'],
  words: Pick<Finding, 'sentence' | 'evidence' | 'advice'>,
): Finding => ({
  code,
  severity,
  member: null,
  ...words,
});

/** An alarm that an etcd member has raised, as a finding. */
export function findingOfAlarm(kind: EtcdAlarmKind, name: string): Finding {
  return kind === 'nospace'
    ? finding('etcd.nospace', 'critical', {
        sentence: `etcd is out of space on ${name}: it takes no writes, only reads and deletions.`,
        evidence: 'The NOSPACE alarm is raised.',
        advice:
          'Choose "Free space" on the page etcd: it compacts, defragments member by member, and disarms the alarm.',
      })
    : finding('etcd.corrupt', 'critical', {
        sentence: `etcd found that the data of ${name} differ from those of the others.`,
        evidence: 'The CORRUPT alarm is raised.',
        advice: 'Save a snapshot of a member that is right, then remove this member and add it again without its data.',
      });
}

/** A database that takes nearly all of its quota, as a finding. `evidence` has the sizes. */
export function findingOfSpace(name: string, evidence: string): Finding {
  return finding('etcd.nearly_full', 'warning', {
    sentence: `The database of etcd on ${name} takes over 80 % of its quota.`,
    evidence,
    advice:
      'Choose "Free space" on the page etcd, and look at what else writes into this etcd. At its quota it takes no writes.',
  });
}

/** Members of different versions, as a finding; none while all have one. */
export function findingsOfVersions(versions: readonly string[]): readonly Finding[] {
  const found = [...new Set(versions)];
  if (found.length < 2) return [];
  return [
    finding('etcd.versions', 'info', {
      sentence: 'The members of etcd have different versions.',
      evidence: namesInWords(found.toSorted()),
      advice:
        'Finish the upgrade, one member at a time. A difference of one minor version is meant for an upgrade only.',
    }),
  ];
}

function alarms({ alarms: raised, members }: EtcdReading): readonly Finding[] {
  return (raised ?? []).map(({ kind, memberId }) => {
    const member = members.find(({ id }) => id === memberId);
    return findingOfAlarm(kind, member === undefined ? memberId : etcdMemberName(member));
  });
}

function margin(reading: EtcdReading): readonly Finding[] {
  const quorum = quorumNow(reading);
  if (quorum.mayFail !== 0 || quorum.voters < 2) return [];
  return [
    finding('etcd.no_margin', 'warning', {
      sentence: 'etcd loses its quorum with the next failure.',
      evidence: quorumInWords(quorum),
      advice: 'Bring the members that are lost back, or replace them; an etcd of two tolerates no loss at all.',
    }),
  ];
}

function space({ members }: EtcdReading): readonly Finding[] {
  return members.flatMap((member) =>
    member.status === null || !isNearlyFull(member.status)
      ? []
      : [findingOfSpace(etcdMemberName(member), sizeInWords(member.status))],
  );
}

function learners(reading: EtcdReading): readonly Finding[] {
  return reading.members.flatMap((member) => {
    const lag = indexLag(reading, member.id);
    if (!member.learner || lag === null || lag < LEARNER_LAG) return [];
    return [
      finding('etcd.learner_lags', 'warning', {
        sentence: `The learner ${etcdMemberName(member)} is ${lag} entries behind the log.`,
        evidence: `Applied ${member.status?.raftApplied ?? 0}, raft term ${member.status?.raftTerm ?? 0}.`,
        advice:
          'Wait until it has caught up, then promote it. When the lag does not fall, look at its disk and network.',
      }),
    ];
  });
}

function versions({ members }: EtcdReading): readonly Finding[] {
  return findingsOfVersions(members.flatMap(({ status }) => (status === null ? [] : [status.version])));
}

/** What is not as it should be in an etcd, worst first. */
export function findEtcdTrouble(reading: EtcdReading): readonly Finding[] {
  return [alarms, margin, space, learners, versions].flatMap((rule) => rule(reading));
}
