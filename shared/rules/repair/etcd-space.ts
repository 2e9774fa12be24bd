import type { EtcdAction, EtcdActionPreview } from '../../model/etcd/etcd-action';
import type { EtcdMemberView, EtcdReading } from '../../model/etcd/etcd-view';
import type { OperationCheck } from '../../model/operate/operation';
import type { RepairEvidence, RepairPlan, RepairStep } from '../../model/repair/repair';
import { defragmentOrder, etcdMemberName } from '../etcd/etcd-members';
import { etcdctlCommand } from '../etcd/etcd-words';
import { bytesInWords, namesInWords } from '../words/wording';
import { refusesFor } from './check-places';

/** So many of the last revisions stay; Patroni needs none of them. */
const KEPT_REVISIONS = 100;

/** What frees the space of an etcd that is full. */
export const FREE_ETCD: Extract<EtcdAction, { kind: 'free_space' }> = { kind: 'free_space', keep: KEPT_REVISIONS };

/** Judges whether etcd is freed: only when it has raised NOSPACE, and when nothing forbids the work on it. */
export function judgeEtcdSpace(found: EtcdActionPreview): RepairPlan {
  const { reading } = found;
  return {
    title: 'Free space in etcd so that it takes writes again',
    evidence: [alarmEvidence(reading), ...reading.members.map((member) => sizeEvidence(member, reading.asOf))],
    checks: [...checkAlarm(reading), ...found.checks],
    steps: stepsOf(reading),
    consequences: found.consequences,
    silent: [],
    asksName: found.typeToConfirm !== null,
    fingerprint: found.fingerprint,
  };
}

function raisedBy({ alarms, members }: EtcdReading): readonly string[] | null {
  if (alarms === null) return null;
  return alarms
    .filter(({ kind }) => kind === 'nospace')
    .map(({ memberId }) => {
      const member = members.find(({ id }) => id === memberId);
      return member === undefined ? memberId : etcdMemberName(member);
    });
}

function alarmEvidence(reading: EtcdReading): RepairEvidence {
  const raised = raisedBy(reading);
  const sentence =
    raised === null
      ? 'Which alarms are raised could not be read.'
      : `NOSPACE is raised by ${raised.length === 0 ? 'no member' : namesInWords(raised)}.`;
  return { sentence, source: 'etcd', at: reading.asOf };
}

function sizeEvidence(member: EtcdMemberView, at: number): RepairEvidence {
  const { status, error } = member;
  const name = etcdMemberName(member);
  if (status === null)
    return { sentence: `${name} does not say how large it is. ${error?.message ?? ''}`.trim(), source: 'etcd', at };
  const quota = status.quota === null ? 'a quota that it does not tell' : `a quota of ${bytesInWords(status.quota)}`;
  return {
    sentence:
      `The database of ${name} has ${bytesInWords(status.dbSize)}, of which ${bytesInWords(status.dbInUse)} are used, ` +
      `with ${quota}.`,
    source: `etcd on ${name}`,
    at,
  };
}

function checkAlarm(reading: EtcdReading): readonly OperationCheck[] {
  const raised = raisedBy(reading);
  if (raised === null)
    return [refusesFor('repair.not_known', 'Whether NOSPACE is raised could not be read, so nothing is done.')];
  if (raised.length > 0) return [];
  return [refusesFor('repair.no_evidence', 'No member has raised NOSPACE: etcd takes writes.')];
}

/** The steps carry the ids of the phases of the work on etcd, which carries them out. */
function stepsOf(reading: EtcdReading): readonly RepairStep[] {
  const step = (id: string, label: string, action: EtcdAction): RepairStep => ({
    ...{ id, label, server: null },
    commands: [etcdctlCommand(reading, action)],
  });
  return [
    step('compact', 'Compact', { kind: 'compact', keep: KEPT_REVISIONS }),
    ...defragmentOrder(reading).map((member) =>
      step(`defragment ${member.id}`, `Defragment ${etcdMemberName(member)}`, {
        kind: 'defragment',
        member: member.id,
      }),
    ),
    step('disarm', 'Disarm', { kind: 'disarm' }),
  ];
}
