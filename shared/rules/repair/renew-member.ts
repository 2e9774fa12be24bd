import type { OperationCheck } from '../../model/operate/operation';
import type { DataDirectory, RepairEvidence, RepairStep } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';
import { bytesInWords, namesInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';

/** What a new copy of a member's data rests on: its own data is moved aside, and Patroni copies anew. */
export interface RenewFacts {
  readonly member: string;
  /** Who leads; null: nobody, or not known. */
  readonly leader: string | null;
  readonly paused: boolean | null;
  readonly own: DataDirectory;
  /** The leader's data; null: it could not be read. */
  readonly leaders: DataDirectory | null;
  /** The systemd unit of Patroni on the member's server. */
  readonly unit: string | null;
  /** What the member's data directory is called when it has been moved aside. */
  readonly keptAs: string;
}

/** A new copy needs more room than what it copies: WAL is written meanwhile. */
const ROOM_FACTOR = 1.1;

/** A data directory as evidence. */
export function evidenceOfData(data: DataDirectory): RepairEvidence {
  const source = `${data.server} over SSH`;
  const kept = data.kept.length === 0 ? '' : ` Beside it an earlier repair has kept ${namesInWords(data.kept)}.`;
  if (data.content !== 'cluster') {
    const what = data.content === 'none' ? 'is empty' : 'has files, but no control file of PostgreSQL';
    return { sentence: `${data.directory} of ${data.member} ${what}.${kept}`, source, at: data.at };
  }
  const size = data.size === null ? 'a size that could not be read' : bytesInWords(data.size);
  const runs = data.runs ? 'PostgreSQL runs in it.' : 'No PostgreSQL runs in it.';
  return {
    sentence:
      `${data.directory} of ${data.member} has the system identifier ${data.systemIdentifier ?? 'not known'}, timeline ` +
      `${data.timeline ?? 'not known'}, and ${size}. ${runs}${kept}`,
    source,
    at: data.at,
  };
}

/** Whether what is needed for a new copy is there: a leader to copy from, room, and data that can be moved aside. */
export function checkRenewal(facts: RenewFacts): readonly OperationCheck[] {
  return [
    ...checkCopySource(facts),
    ...checkPatroniUnit(facts),
    ...checkMovable(facts.own),
    ...checkRoom(facts),
    ...(facts.paused === true
      ? [warnsOf('repair.paused', 'The cluster is paused: Patroni may not copy by itself until it is resumed.')]
      : []),
  ];
}

/** Whether there is a leader whose data can be read. */
export function checkCopySource({ member, leader, leaders }: RenewFacts): readonly OperationCheck[] {
  if (leader === null)
    return [
      refusesFor('repair.no_leader', 'Nobody leads, or it is not known who does: there is nothing to copy from.'),
    ];
  if (leader === member)
    return [refusesFor('repair.leads', `${member} holds the leader lock: its data is what the others copy.`)];
  if (leaders === null)
    return [refusesFor('repair.not_known', `The data of ${leader}, which leads, could not be read.`)];
  if (leaders.content !== 'cluster' || !leaders.runs)
    return [refusesFor('repair.no_leader', `No PostgreSQL runs in ${leaders.directory} of ${leader}, which leads.`)];
  return [passes('leader', `${leader} leads, and PostgreSQL runs there.`)];
}

/** Whether Patroni of the member can be stopped and started. */
export function checkPatroniUnit({ unit, member }: RenewFacts): readonly OperationCheck[] {
  return unit === null
    ? [refusesFor('repair.no_unit', `No systemd unit of Patroni was found on the server of ${member}.`)]
    : [];
}

/** Whether a data directory can be moved aside as a whole. */
export function checkMovable({ content, links, isMount, directory }: DataDirectory): readonly OperationCheck[] {
  if (content !== 'cluster') return [];
  return [
    ...(links.length === 0
      ? []
      : [
          refusesFor(
            'repair.data_elsewhere',
            `Part of the data lies outside ${directory}: ${namesInWords(links)}. It would have to be moved by hand.`,
          ),
        ]),
    ...(isMount
      ? [refusesFor('repair.data_mounted', `${directory} is a file system of its own and cannot be moved aside.`)]
      : []),
  ];
}

/** Whether a copy of the leader's data fits beside the old data. */
export function checkRoom({ own, leaders }: Pick<RenewFacts, 'own' | 'leaders'>): readonly OperationCheck[] {
  const size = leaders?.size ?? null;
  if (size === null || own.free === null)
    return [
      refusesFor(
        'repair.room_not_known',
        `Whether there is room for a new copy beside the old data on ${own.server} could not be read.`,
      ),
    ];
  const words = `A new copy takes ${bytesInWords(size)}; ${bytesInWords(own.free)} are free on ${own.server}`;
  // Data that an earlier repair has moved is still there, and what is free is what it leaves.
  return own.free >= size * ROOM_FACTOR
    ? [passes('room', `${words}, beside the old data.`)]
    : [refusesFor('repair.no_room', `${words}. The old data is kept, so that there is not room for both.`)];
}

/** The steps of a new copy; what an earlier repair has done already is left out. */
export function renewSteps({ own, unit, keptAs, leader }: RenewFacts): readonly RepairStep[] {
  const on = own.server;
  const service = shellWord(unit ?? 'patroni.service');
  const [data, kept] = [shellWord(own.directory), shellWord(keptAs)];
  const aside: readonly RepairStep[] =
    own.content === 'cluster'
      ? [
          { id: 'stop', label: 'Stop Patroni', server: on, commands: [`sudo systemctl stop ${service}`] },
          {
            id: 'aside',
            label: `Keep the data as ${keptAs}${own.size === null ? '' : ` (${bytesInWords(own.size)})`}`,
            server: on,
            commands: [`sudo mv -T ${data} ${kept}`, `sudo install -d -o postgres -g postgres -m 700 ${data}`],
          },
        ]
      : [];
  return [
    ...aside,
    { id: 'start', label: 'Start Patroni', server: on, commands: [`sudo systemctl start ${service}`] },
    { id: 'copy', label: `Patroni copies the data of ${leader ?? 'the leader'}`, server: on, commands: [] },
  ];
}

/** What follows from a new copy. */
export function renewConsequences({ member, own, keptAs, leader }: RenewFacts): readonly string[] {
  return [
    `Patroni and PostgreSQL of ${member} stop, and it copies all data of ${leader ?? 'the leader'}, which has to read it.`,
    own.content === 'cluster'
      ? `Nothing is deleted: the old data stays in ${keptAs} until somebody removes it there.`
      : 'The data directory is empty already; nothing is moved.',
    'The cluster goes on meanwhile with one replica less.',
  ];
}
