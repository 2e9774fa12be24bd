import type { OperationCheck } from '../../model/operate/operation';
import type { RepairStep } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';
import { bytesInWords } from '../words/wording';
import { passes, refusesFor } from './check-places';
import { checkCopySource, checkMovable, checkPatroniUnit, type RenewFacts } from './renew-member';

/** What a rewind of a member rests on: a copy of its data is kept first. */
export interface RewindFacts extends RenewFacts {
  /** Whether Patroni may rewind it (use_pg_rewind); null: not known. */
  readonly rewinds: boolean | null;
}

/** The copy takes as much room as the data; pg_rewind fetches WAL and changed pages beside it. */
const ROOM_FACTOR = 1.1;

/** Whether a copy can be kept and Patroni may rewind: all data in one place, room for it twice, and a cluster that is not paused. */
export function checkRewind(facts: RewindFacts): readonly OperationCheck[] {
  const { own, paused, rewinds } = facts;
  return [
    ...checkCopySource(facts),
    ...checkPatroniUnit(facts),
    ...(own.content === 'cluster' ? [] : [refusesFor('repair.no_data', 'There is no data to rewind: copy it anew.')]),
    ...checkMovable(own),
    ...(rewinds === true
      ? []
      : [
          refusesFor(
            'repair.no_rewind',
            'use_pg_rewind is off or not known: Patroni rewinds nothing. Copy all of it anew.',
          ),
        ]),
    ...(paused === true
      ? [refusesFor('repair.paused', 'The cluster is paused: Patroni rewinds nothing until it is resumed.')]
      : []),
    ...checkRoomForCopy(facts),
  ];
}

function checkRoomForCopy({ own }: RewindFacts): readonly OperationCheck[] {
  if (own.content !== 'cluster') return [];
  if (own.size === null || own.free === null)
    return [
      refusesFor(
        'repair.room_not_known',
        `Whether there is room for a copy of the data on ${own.server} could not be read.`,
      ),
    ];
  const words = `A copy of the data takes ${bytesInWords(own.size)}; ${bytesInWords(own.free)} are free on ${own.server}`;
  return own.free >= own.size * ROOM_FACTOR
    ? [passes('room', `${words}.`)]
    : [
        refusesFor(
          'repair.no_room',
          `${words}. The data is kept before it is rewound, so that there is not room for both.`,
        ),
      ];
}

/** The steps of a rewind. */
export function rewindSteps({ own, unit, keptAs, leader }: RewindFacts): readonly RepairStep[] {
  const server = own.server;
  const service = shellWord(unit ?? 'patroni.service');
  const size = own.size === null ? '' : ` (${bytesInWords(own.size)})`;
  return [
    { id: 'stop', label: 'Stop Patroni', server, commands: [`sudo systemctl stop ${service}`] },
    {
      id: 'aside',
      label: `Keep a copy of the data as ${keptAs}${size}`,
      server,
      commands: [`sudo cp -a --reflink=auto ${shellWord(own.directory)} ${shellWord(keptAs)}`],
    },
    { id: 'start', label: 'Start Patroni', server, commands: [`sudo systemctl start ${service}`] },
    { id: 'copy', label: `Patroni rewinds it to the data of ${leader ?? 'the leader'}`, server, commands: [] },
  ];
}

/** What follows from a rewind. */
export function rewindConsequences({ member, keptAs, leader }: RewindFacts): readonly string[] {
  return [
    `Patroni and PostgreSQL of ${member} stop while its data is copied.`,
    `A copy of its data as it is stays in ${keptAs} until somebody removes it there.`,
    `pg_rewind overwrites what differs from ${leader ?? 'the leader'}. Where it fails, Patroni copies all of it anew if it may ` +
      '(remove_data_directory_on_rewind_failure).',
    'The cluster goes on meanwhile with one replica less.',
  ];
}
