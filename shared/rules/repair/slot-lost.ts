import type { OperationCheck } from '../../model/operate/operation';
import type { SlotReading } from '../../model/postgres/replication';
import type { DataDirectory, RepairChoice, RepairEvidence, RepairPlan, RepairStep } from '../../model/repair/repair';
import type { WalWord } from '../../model/repair/wal';
import { shellWord } from '../words/shell-words';
import { bytesInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';
import { positionInWords, type WalFork } from './fork';
import { evidenceOfData } from './renew-member';
import { makeSlotSql, sqlWord, type SlotRecipe } from './slot-sql';

/** The member that receives by a lost slot, and whether it may be copied anew. */
export interface SlotReceiver {
  readonly name: string;
  readonly streams: boolean;
  /** Whether its Patroni answers; it is asked for the copy. */
  readonly answers: boolean;
  /** null: its data could not be read, for the reason in `why`. */
  readonly data: DataDirectory | null;
  readonly why: string | null;
  /** How its WAL stands to the leader's; null: not known. */
  readonly fork: WalFork | null;
  /** How far its WAL goes by its own word, bytes. */
  readonly position: number;
}

/** What the repair of a lost slot rests on. */
export interface SlotLostFacts {
  readonly member: string;
  readonly server: string;
  readonly slot: string | null;
  /** Who holds the leader lock; null: nobody. */
  readonly leader: string | null;
  /** What PostgreSQL of the member says; null: it does not answer, for the reason in `why`. */
  readonly word: WalWord | null;
  readonly why: string | null;
  /** The member whose slot the chosen one is; null: it is of none. */
  readonly receiver: SlotReceiver | null;
  readonly leaders: DataDirectory | null;
  /** How far the leader's WAL goes by its own word, bytes; read after the receiver's. */
  readonly leaderPosition: number;
  readonly permanent: readonly string[] | null;
  /** How the chosen slot was made; null: none is chosen, or it is gone. */
  readonly recipe: SlotRecipe | null;
  readonly port: number;
  readonly at: number;
}

/** A copy needs more room than what it copies: WAL is written meanwhile. */
const ROOM_FACTOR = 1.1;

/** The slots that cannot be used any more. */
export function lostSlots({ word }: Pick<SlotLostFacts, 'word'>): readonly SlotReading[] {
  return (word?.slots ?? []).filter(({ walStatus, invalidation }) => walStatus === 'lost' || invalidation !== null);
}

/** Whether the chosen slot is made again after it was dropped: where Patroni takes it for there, and where its reader expects it. */
export function isMadeAgain({
  receiver,
  permanent,
  recipe,
}: Pick<SlotLostFacts, 'receiver' | 'permanent' | 'recipe'>): boolean {
  if (recipe === null) return false;
  return recipe.kind === 'logical' || receiver !== null || permanent?.includes(recipe.name) === true;
}

/** Judges whether a slot is lost, and whether it and its receiver may be made anew. */
export function judgeSlotLost(facts: SlotLostFacts): RepairPlan {
  const { member, slot } = facts;
  const lost = lostSlots(facts);
  const chosen = lost.find(({ name }) => name === slot) ?? null;
  return {
    title: slot === null ? `Mend a lost slot of ${member}` : `Mend the lost slot ${slot} of ${member}`,
    evidence: evidenceOf(facts, lost),
    checks: [...checkSlot(facts, lost, chosen), ...(chosen === null ? [] : checkReceiver(facts))],
    steps: chosen === null ? [] : stepsOf(facts),
    consequences: chosen === null ? [] : consequencesOf(facts, chosen),
    silent: [],
    asksName: chosen !== null,
    choices: [choiceOf(facts, lost)],
    leads: [
      { text: 'max_slot_wal_keep_size, by which it was lost', tab: 'configuration', view: 'form' },
      { text: 'Replication and slots', tab: 'postgres', view: 'replication' },
    ],
    fingerprint: fingerprintOf(facts, chosen),
  };
}

function fingerprintOf(
  { slot, leader, recipe, receiver, permanent }: SlotLostFacts,
  chosen: SlotReading | null,
): string {
  const reader =
    receiver === null
      ? null
      : [receiver.name, receiver.streams, receiver.answers, receiver.fork, receiver.data?.systemIdentifier ?? null];
  return JSON.stringify([
    slot,
    leader,
    chosen?.walStatus ?? null,
    recipe,
    reader,
    permanent?.includes(slot ?? '') ?? null,
  ]);
}

function evidenceOf(facts: SlotLostFacts, lost: readonly SlotReading[]): readonly RepairEvidence[] {
  const { word, why, member, receiver, leaders, at } = facts;
  const source = `PostgreSQL of ${member}`;
  if (word === null) return [{ sentence: `It does not answer: ${why ?? 'no reason is known'}`, source, at }];
  return [
    ...(lost.length === 0
      ? [{ sentence: `None of its ${word.slots.length} slots is lost.`, source, at: word.at }]
      : lost.map((slot) => ({ sentence: lostInWords(slot), source, at: word.at }))),
    {
      sentence:
        word.slotLimit === null
          ? 'max_slot_wal_keep_size is without limit now.'
          : `max_slot_wal_keep_size is ${bytesInWords(word.slotLimit)}.`,
      source,
      at: word.at,
    },
    ...(receiver === null ? [] : receiverEvidence(receiver, facts)),
    ...(receiver === null || leaders === null ? [] : [evidenceOfData(leaders)]),
  ];
}

function lostInWords({ name, kind, active, database, plugin, invalidation, walStatus }: SlotReading): string {
  const what = kind === 'logical' ? ` (${plugin ?? 'no plugin'} in ${database ?? 'no database'})` : '';
  const why = invalidation ?? `wal_status ${walStatus ?? 'not told'}`;
  return `The ${kind} slot ${name}${what} is lost (${why}), and is ${active ? '' : 'not '}in use.`;
}

function receiverEvidence(receiver: SlotReceiver, { member }: SlotLostFacts): readonly RepairEvidence[] {
  const { name, streams, data, why, position, answers } = receiver;
  const streaming = streams
    ? `${member} streams to ${name}.`
    : `${member} does not stream to ${name}, whose slot it is.`;
  const at = data?.at ?? 0;
  return [
    {
      sentence: `${streaming} ${answers ? `Patroni of ${name} answers` : `Patroni of ${name} does not answer`}${
        position === 0 ? '' : `, and its WAL goes to ${positionInWords(position)}`
      }.`,
      source: `Patroni of ${name}`,
      at,
    },
    data === null
      ? {
          sentence: `The data of ${name} could not be read: ${why ?? 'no reason is known'}`,
          source: `${name} over SSH`,
          at,
        }
      : evidenceOfData(data),
  ];
}

function choiceOf({ slot }: SlotLostFacts, lost: readonly SlotReading[]): RepairChoice {
  return {
    field: 'slot',
    legend: 'Which slot',
    chosen: slot,
    options: lost.map((one) => ({ value: one.name, label: one.name, explain: lostInWords(one) })),
  };
}

function checkSlot(
  facts: SlotLostFacts,
  lost: readonly SlotReading[],
  chosen: SlotReading | null,
): readonly OperationCheck[] {
  const { word, why, member, slot, leader } = facts;
  if (word === null)
    return [refusesFor('repair.not_known', `PostgreSQL of ${member} does not answer: ${why ?? 'no reason is known'}`)];
  if (lost.length === 0) return [refusesFor('repair.no_evidence', `No slot of ${member} is lost.`)];
  if (slot === null) return [refusesFor('repair.not_chosen', 'Choose the slot.')];
  if (chosen === null) return [refusesFor('repair.no_evidence', `The slot ${slot} of ${member} is not lost.`)];
  if (leader !== member || word.recovery)
    return [
      refusesFor(
        'repair.no_leader',
        `${member} does not lead: Patroni keeps the slots of a replica by those of the leader.`,
      ),
    ];
  if (chosen.active) return [refusesFor('repair.slot_used', `The slot ${slot} is in use: nobody has lost it.`)];
  if (facts.permanent === null)
    return [
      refusesFor('repair.not_known', 'Whether it is a permanent slot is not known: the configuration was not read.'),
    ];
  return [passes('slot_lost', `The slot ${slot} is lost, and nobody uses it.`)];
}

function checkReceiver(facts: SlotLostFacts): readonly OperationCheck[] {
  const { receiver, member, recipe } = facts;
  if (recipe === null) return [refusesFor('repair.not_known', 'How the slot was made could not be read.')];
  if (receiver === null)
    return isMadeAgain(facts)
      ? []
      : [
          warnsOf(
            'repair.receiver_unknown',
            'It is the slot of no member: who received by it is not known, and it is dropped without being made again.',
          ),
        ];
  if (receiver.streams)
    return [passes('streams', `${member} streams to ${receiver.name} all the same: no copy is made.`)];
  return [
    ...(receiver.answers
      ? [passes('answers', `Patroni of ${receiver.name} answers and can be asked for a new copy.`)]
      : [
          refusesFor(
            'repair.no_patroni',
            `Patroni of ${receiver.name} does not answer: it is the one that copies anew.`,
          ),
        ]),
    ...checkNothingOfItsOwn(receiver, facts),
    ...checkRoom(receiver, facts),
  ];
}

/** What only the receiver has would be deleted with its data. */
function checkNothingOfItsOwn(receiver: SlotReceiver, facts: SlotLostFacts): readonly OperationCheck[] {
  const { name, data, why, fork, position } = receiver;
  const { leaders, member } = facts;
  if (data === null || leaders === null)
    return [
      refusesFor(
        'repair.not_known',
        `The data of ${data === null ? name : member} could not be read: ${why ?? 'no reason is known'}`,
      ),
    ];
  if (data.content !== 'cluster') return [passes('no_data', `${name} has no data that could be lost.`)];
  if (data.systemIdentifier !== leaders.systemIdentifier)
    return [refusesFor('repair.other_cluster', `The data of ${name} is of another cluster; that is another repair.`)];
  if (fork === null) return [refusesFor('repair.not_known', `Whether ${name} has WAL of its own could not be read.`)];
  const ahead = fork.kind === 'same' && position > facts.leaderPosition;
  if (fork.kind === 'diverged' || ahead)
    return [
      refusesFor(
        'repair.diverged',
        `${name} has WAL that the leader does not have; renew it by the repair for that, which keeps it.`,
      ),
    ];
  return [passes('nothing_own', `${name} has nothing that ${member} does not have.`)];
}

function checkRoom({ data }: SlotReceiver, { leaders }: SlotLostFacts): readonly OperationCheck[] {
  const size = leaders?.size ?? null;
  if (data === null) return [];
  if (size === null || data.free === null)
    return [
      refusesFor('repair.room_not_known', `Whether there is room for a copy on ${data.server} could not be read.`),
    ];
  const room = data.free + (data.size ?? 0);
  const words = `A copy takes ${bytesInWords(size)}; ${bytesInWords(room)} are there on ${data.server} without the old data.`;
  return [room >= size * ROOM_FACTOR ? passes('room', words) : refusesFor('repair.no_room', words)];
}

function stepsOf(facts: SlotLostFacts): readonly RepairStep[] {
  const { recipe, receiver, server, port, member } = facts;
  if (recipe === null) return [];
  const psql = (sql: string): string =>
    `sudo -u postgres psql -p ${port}${recipe.kind === 'logical' ? ' -d DATABASE' : ''} -c ${sqlWord(sql)}`;
  const drop: RepairStep = {
    id: 'drop',
    label: `Drop the lost slot ${recipe.name}, if nobody uses it still`,
    server,
    commands: [psql(`SELECT pg_drop_replication_slot('${recipe.name}')`)],
  };
  const make: RepairStep = { id: 'make', label: 'Make it anew', server, commands: [psql(makeSlotSql(recipe))] };
  const copy: readonly RepairStep[] =
    receiver === null || receiver.streams
      ? []
      : [
          {
            id: 'reinit',
            label: `Ask Patroni of ${receiver.name} for a new copy`,
            server: receiver.data?.server ?? null,
            commands: [`patronictl reinit CLUSTER ${shellWord(receiver.name)}`],
          },
          {
            id: 'copy',
            label: `Patroni deletes the old data and copies that of ${member}`,
            server: null,
            commands: [],
          },
        ];
  return [drop, ...(isMadeAgain(facts) ? [make] : []), ...copy];
}

function consequencesOf(facts: SlotLostFacts, slot: SlotReading): readonly string[] {
  const { receiver, member } = facts;
  if (slot.kind === 'logical')
    return [
      `All changes between what was last read by ${slot.name} and the new slot are missed by its reader, for good: PostgreSQL has ` +
        'recycled them.',
      'The reader has to copy its tables anew: for a subscription, refresh it with copy_data after its tables were ' +
        'emptied, or make it again.',
      'A new logical slot waits until the transactions that run now have ended.',
    ];
  if (receiver === null) return ['Whoever received by it has to be copied anew, whatever is done here.'];
  if (receiver.streams) return [`${receiver.name} goes on as it is, and the new slot holds WAL for it again.`];
  return [
    `All data of ${receiver.name} is deleted by Patroni and copied anew from ${member}, which has to read it.`,
    `Nothing is lost by that: ${member} has all that ${receiver.name} has.`,
    'The cluster goes on meanwhile with one replica less.',
  ];
}
