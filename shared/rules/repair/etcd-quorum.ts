import type { OperationCheck } from '../../model/operate/operation';
import type { EtcdPlace, EtcdSurvivor, RepairEvidence, RepairPlan } from '../../model/repair/repair';
import { quorumInWords, quorumOf, type EtcdQuorum } from '../etcd/etcd-quorum';
import { shellWord } from '../words/shell-words';
import { bytesInWords, namesInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';

/** What the rescue of an etcd that has lost its majority rests on. */
export interface EtcdQuorumFacts {
  readonly quorum: EtcdQuorum;
  /** All members of etcd, learners too, as they were last known. */
  readonly members: readonly EtcdPlace[];
  /** The only member that answers; null: none or several do. */
  readonly survivor: EtcdSurvivor | null;
  /** The survivor's data directory when it has been copied. */
  readonly keptAs: string;
  /** Other clusters of the app that use this etcd. */
  readonly others: readonly { readonly title: string; readonly readOnly: boolean }[];
  readonly gone: readonly string[];
  readonly at: number;
}

/** The copy takes as much room as the original. */
const ROOM_FACTOR = 1.1;

/** The file by which the survivor's unit is told to go on alone; it is gone with the next boot, and removed before. */
export function forceDropIn(unit: string): string {
  return `/run/systemd/system/${unit}.d/90-matriarch-force-new-cluster.conf`;
}

/**
 * Judges whether a surviving member of etcd may go on alone: only when the majority is lost for good, each lost member is named as gone,
 * and none of them could still come back with its data.
 */
export function judgeEtcdQuorum(facts: EtcdQuorumFacts): RepairPlan {
  const { members, survivor, gone, keptAs } = facts;
  const name = survivor?.name ?? 'the surviving member';
  return {
    title: `Let etcd go on with ${name} alone`,
    evidence: evidenceOf(facts),
    checks: [
      ...checkLost(facts),
      ...members.filter((member) => !member.answers).flatMap((member) => checkLostMember(member, gone)),
      ...checkNames(facts),
      ...(survivor === null ? [] : checkSurvivor(survivor)),
      ...checkOthers(facts),
    ],
    steps: survivor === null ? [] : stepsOf(survivor, keptAs),
    consequences: [
      `Every key that ${name} has stays. What it had not received from the others before they were lost is gone.`,
      'No lost member may ever be started again with its old data: two of them could make a second etcd. Remove their data first.',
      `A single member tolerates no failure: add members again one by one on the tab etcd, when ${name} leads.`,
      'Patroni takes up its leader lock again within its loop.',
    ],
    silent: members.filter((member) => !member.answers).map((member) => member.name),
    asksName: true,
    fingerprint: JSON.stringify([
      facts.quorum.working,
      members.map((member) => [member.name, member.answers, member.reach.kind]),
      ...[survivor?.unit, survivor?.directory, survivor?.hasConfigFile, gone],
    ]),
  };
}

function evidenceOf({ quorum, members, survivor, at }: EtcdQuorumFacts): readonly RepairEvidence[] {
  return [
    { sentence: quorumInWords(quorum), source: 'etcd', at },
    ...members.map((member) => ({
      sentence: member.answers
        ? `etcd of ${member.name} answers.`
        : `etcd of ${member.name} does not answer. ${reachInWords(member)}`,
      source: member.server === null ? 'etcd' : `etcd, and ${member.server} over SSH`,
      at,
    })),
    ...(survivor === null
      ? []
      : [
          {
            sentence:
              `${survivor.directory === '' ? 'Where its data is could not be read' : `Its data is in ${survivor.directory}`}` +
              `${survivor.size === null ? '' : ` (${bytesInWords(survivor.size)})`}, and its unit is ${survivor.unit ?? 'not known'}.`,
            source: `${survivor.server} over SSH`,
            at,
          },
        ]),
  ];
}

function reachInWords({ reach }: EtcdPlace): string {
  switch (reach.kind) {
    case 'no_server':
      return 'Its server is not known to this app.';
    case 'unreachable':
      return `Its server cannot be reached: ${reach.why}`;
    case 'reached':
      return reach.hasData
        ? `Its server answers, and the data of etcd is there (${reach.directory}).`
        : 'Its server answers, and has no data of etcd.';
  }
}

function checkLost({ quorum, members }: EtcdQuorumFacts): readonly OperationCheck[] {
  if (quorum.mayFail >= 0) return [refusesFor('repair.no_evidence', `${quorumInWords(quorum)} The majority is there.`)];
  const voters = members.filter(({ answers, learner }) => answers && !learner);
  if (voters.length === 1) return [passes('one_survivor', quorumInWords(quorumOf(quorum.voters, quorum.working)))];
  return voters.length === 0
    ? [refusesFor('repair.no_survivor', 'No member of etcd answers: start the etcd of the one that is to go on first.')]
    : [
        refusesFor(
          'repair.several_survivors',
          `${namesInWords(voters.map(({ name }) => name))} answer: bring one more of the others back, and the majority is there.`,
        ),
      ];
}

function checkLostMember(member: EtcdPlace, gone: readonly string[]): readonly OperationCheck[] {
  const { name, reach } = member;
  if (reach.kind === 'reached' && reach.hasData)
    return [
      refusesFor(
        'repair.may_come_back',
        `The server of ${name} answers and has the data of its etcd: start it there. With it the majority may be back.`,
      ),
    ];
  if (gone.includes(name))
    return [warnsOf('repair.said_to_be_gone', `You say that ${name} is gone for good. ${reachInWords(member)}`)];
  return [
    refusesFor(
      'repair.not_known',
      `${name} does not answer and may come back. ${reachInWords(member)} That is enough to refuse, unless you say by its ` +
        'name that it is gone for good.',
    ),
  ];
}

function checkNames({ members, gone }: EtcdQuorumFacts): readonly OperationCheck[] {
  const wrong = gone.filter((name) => !members.some((member) => member.name === name && !member.answers));
  return wrong.length === 0
    ? []
    : [refusesFor('repair.not_gone', `${namesInWords(wrong)} is not among the members that do not answer.`)];
}

function checkSurvivor(survivor: EtcdSurvivor): readonly OperationCheck[] {
  const { unit, directory, hasConfigFile, size, free, name, server } = survivor;
  if (unit === null || directory === '')
    return [refusesFor('repair.not_known', `How etcd of ${name} is started on ${server} could not be read.`)];
  if (hasConfigFile)
    return [
      refusesFor(
        'repair.config_file',
        `etcd of ${name} is started with a configuration file, which keeps it from reading its environment. Set ` +
          'force-new-cluster there by hand, for one start.',
      ),
    ];
  if (size === null || free === null)
    return [refusesFor('repair.room_not_known', `Whether there is room for a copy of ${directory} could not be read.`)];
  const words = `A copy of ${directory} takes ${bytesInWords(size)}; ${bytesInWords(free)} are free on ${server}`;
  return free >= size * ROOM_FACTOR
    ? [passes('room', `${words}.`)]
    : [refusesFor('repair.no_room', `${words}: not enough to keep it first.`)];
}

function checkOthers({ others }: EtcdQuorumFacts): readonly OperationCheck[] {
  return others.map(({ title, readOnly }) =>
    readOnly
      ? refusesFor('operation.read_only', `${title}, which uses this etcd too, is set to read-only in this app.`)
      : warnsOf('repair.shared', `${title} uses this etcd too.`),
  );
}

function stepsOf({ server, unit, directory }: EtcdSurvivor, keptAs: string): RepairPlan['steps'] {
  const service = unit ?? 'etcd.service';
  const file = shellWord(forceDropIn(service));
  return [
    { id: 'stop', label: 'Stop etcd', server, commands: [`sudo systemctl stop ${shellWord(service)}`] },
    {
      id: 'keep',
      label: `Keep a copy of its data as ${keptAs}`,
      server,
      commands: [`sudo cp -a ${shellWord(directory)} ${shellWord(keptAs)}`],
    },
    {
      id: 'force',
      label: 'Start it once as a cluster of its own',
      server,
      commands: [
        `sudo install -D -m 644 /dev/stdin ${file} <<< $'[Service]\\nEnvironment=ETCD_FORCE_NEW_CLUSTER=true'`,
        `sudo systemctl daemon-reload && sudo systemctl start ${shellWord(service)}`,
        `sudo rm ${file} && sudo systemctl daemon-reload`,
      ],
    },
  ];
}
