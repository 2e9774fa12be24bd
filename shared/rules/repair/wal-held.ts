import type { OperationCheck } from '../../model/operate/operation';
import type { SlotReading } from '../../model/postgres/replication';
import type { RepairChoice, RepairEvidence, RepairLead, RepairPlan, RepairStep } from '../../model/repair/repair';
import type { WalDirectory, WalWord } from '../../model/repair/wal';
import { shellWord } from '../words/shell-words';
import { bytesInWords, momentInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';
import { sqlWord } from './slot-sql';

/** What the repair of a disk that WAL fills rests on. */
export interface WalHeldFacts {
  readonly member: string;
  /** The slot to drop; '': none, null: not chosen yet. */
  readonly slot: string | null;
  readonly wal: WalDirectory;
  /** What its PostgreSQL says; null: it does not answer, for the reason in `why`. */
  readonly word: WalWord | null;
  readonly why: string | null;
  /** Slots that Patroni keeps for members that are in the DCS: the slot with its member. */
  readonly ofMembers: ReadonlyMap<string, string>;
  /** The permanent slots of the dynamic configuration; null: it is not known. */
  readonly permanent: readonly string[] | null;
  /** What the log says of the archiver. */
  readonly archiverSaid: RepairEvidence | null;
  /** The systemd unit of Patroni on the member's server. */
  readonly unit: string | null;
  readonly port: number;
}

/** A slot as it is judged here, whether PostgreSQL told it or its file. */
export interface HeldSlot {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  readonly active: boolean;
  readonly retained: number | null;
  readonly restart: number | null;
  readonly told: SlotReading | null;
}

/** PostgreSQL needs so many segments to recover and to write a checkpoint. */
const SEGMENTS_TO_START = 3;

/** The slots of a member, the one that holds most first. */
export function heldSlots({ wal, word }: Pick<WalHeldFacts, 'wal' | 'word'>): readonly HeldSlot[] {
  const slots: readonly HeldSlot[] =
    word === null
      ? wal.slots.map((slot) => ({ ...slot, active: false, told: null, retained: behindNewest(wal, slot.restart) }))
      : word.slots.map((slot) => ({ ...slot, told: slot }));
  return slots.toSorted((a, b) => (b.retained ?? -1) - (a.retained ?? -1));
}

function behindNewest({ newest, segmentSize }: WalDirectory, restart: number | null): number | null {
  return newest === null || restart === null ? null : Math.max(0, newest + segmentSize - restart);
}

/** Judges what holds the WAL of a member, and whether the slot that was chosen may be dropped. */
export function judgeWalHeld(facts: WalHeldFacts): RepairPlan {
  const { member, slot, wal, word } = facts;
  const slots = heldSlots(facts);
  const chosen = slots.find(({ name }) => name === slot) ?? null;
  return {
    title: slot === null || slot === '' ? `Free ${member} of WAL` : `Drop the slot ${slot} of ${member}`,
    evidence: evidenceOf(facts, slots),
    checks: [...checkChoice(facts, slots, chosen), ...checkStart(facts)],
    steps: stepsOf(facts, chosen),
    consequences: consequencesOf(facts, chosen),
    silent: [],
    asksName: chosen !== null,
    choices: [choiceOf(facts, slots)],
    leads: leadsOf(facts, slots),
    fingerprint: JSON.stringify([
      ...[slot, wal.runs, word === null, chosen?.restart ?? null, chosen?.active ?? null, facts.unit],
      ...[facts.ofMembers.get(slot ?? '') ?? null, facts.permanent?.includes(slot ?? '') ?? null],
    ]),
  };
}

function evidenceOf(facts: WalHeldFacts, slots: readonly HeldSlot[]): readonly RepairEvidence[] {
  const { wal, word, why, member, archiverSaid } = facts;
  const [onServer, source] = [`${wal.server} over SSH`, `PostgreSQL of ${member}`];
  const holding = slots.filter(({ retained }) => (retained ?? 0) > 0);
  return [
    { sentence: roomInWords(wal), source: onServer, at: wal.at },
    word === null
      ? { sentence: `PostgreSQL of ${member} does not answer: ${why ?? 'no reason is known'}`, source, at: wal.at }
      : { sentence: settingsInWords(word), source, at: word.at },
    ...holding.slice(0, 6).map((slot) => ({
      sentence: slotInWords(slot),
      source: word === null ? `${onServer}, the file of the slot` : source,
      at: word?.at ?? wal.at,
    })),
    ...archiverEvidence(facts),
    ...(archiverSaid === null ? [] : [archiverSaid]),
    ...wal.others.map(({ path, size }) => ({
      sentence: `On the same disk ${path} takes ${bytesInWords(size)}.`,
      source: onServer,
      at: wal.at,
    })),
  ];
}

function roomInWords({ size, segments, disk, directory }: WalDirectory): string {
  const held =
    size === null
      ? `How much WAL is in ${directory}/pg_wal could not be read`
      : `${directory}/pg_wal has ${bytesInWords(size)} of WAL in ${segments ?? 0} segments`;
  return disk === null
    ? `${held}; the room on its disk could not be read.`
    : `${held}; ${bytesInWords(disk.free)} of ${bytesInWords(disk.size)} are free on its disk.`;
}

function settingsInWords({ kept, slotLimit, recovery }: WalWord): string {
  const limit =
    slotLimit === null
      ? 'max_slot_wal_keep_size is without limit: a slot may hold WAL until the disk is full.'
      : `max_slot_wal_keep_size is ${bytesInWords(slotLimit)}: a slot that holds more is lost.`;
  const keep = kept === null ? '' : ` wal_keep_size keeps ${bytesInWords(kept)} for everybody.`;
  return `It answers as a ${recovery ? 'standby' : 'primary'}. ${limit}${keep}`;
}

/** A slot in words: what it is, whether it is used, and what it holds. */
function slotInWords({ name, kind, active, retained, told }: HeldSlot): string {
  const status = told?.walStatus == null ? '' : `, wal_status ${told.walStatus}`;
  const since = told?.inactiveSince == null ? '' : ` since ${momentInWords(told.inactiveSince)}`;
  const use = active ? 'is in use' : `is not in use${since}`;
  const place = told?.database == null ? '' : ` in the database ${told.database}`;
  const holds = retained === null ? 'holds no WAL' : `holds ${bytesInWords(retained)} of WAL`;
  return `The ${kind} slot ${name}${place} ${use} and ${holds}${status}.`;
}

function archiverEvidence({ wal, word, member }: WalHeldFacts): readonly RepairEvidence[] {
  const waiting = wal.waiting ?? 0;
  if (waiting > 1 || word?.archiver?.fails === true) {
    const failed =
      word?.archiver?.fails === true
        ? ` Its last failure was ${word.archiver.lastFailed ?? 'a segment that is not told'}` +
          `${word.archiver.lastFailedAt === null ? '' : ` at ${momentInWords(word.archiver.lastFailedAt)}`}.`
        : '';
    return [
      {
        sentence: `${waiting} segments (${bytesInWords(waiting * wal.segmentSize)}) wait for archive_command.${failed}`,
        source: `${wal.server} over SSH, and PostgreSQL of ${member}`,
        at: wal.at,
      },
    ];
  }
  return [];
}

function choiceOf(facts: WalHeldFacts, slots: readonly HeldSlot[]): RepairChoice {
  const free = slots.filter((slot) => whyNotDrop(facts, slot) === null && (slot.retained ?? 0) > 0);
  return {
    field: 'slot',
    legend: 'What may go',
    chosen: facts.slot,
    options: [
      ...free.map((slot) => ({
        value: slot.name,
        label: `Drop the slot ${slot.name}`,
        explain: `${slotInWords(slot)} Whoever receives by it loses its place.`,
      })),
      ...(facts.wal.runs
        ? []
        : [
            {
              value: '',
              label: 'Drop nothing, start PostgreSQL again',
              explain: 'For when room was made on the disk by other means.',
            },
          ]),
    ],
  };
}

/** Why a slot is not dropped here; null when it may be. */
function whyNotDrop(
  { ofMembers, permanent }: Pick<WalHeldFacts, 'ofMembers' | 'permanent'>,
  slot: HeldSlot,
): string | null {
  const { name, active, told } = slot;
  const owner = ofMembers.get(name);
  if (active) return `The slot ${name} is in use.`;
  if (owner !== undefined) return `Patroni keeps the slot ${name} for its member ${owner} and would make it again.`;
  if (permanent === null) return `Whether Patroni keeps the slot ${name} is not known: its configuration was not read.`;
  if (permanent.includes(name))
    return `The slot ${name} is a permanent slot of the configuration: take it out there first.`;
  if (told?.temporary === true) return `The slot ${name} is temporary and belongs to a session.`;
  if (told?.synced === true) return `The slot ${name} is a copy of the primary's.`;
  return null;
}

function checkChoice(
  facts: WalHeldFacts,
  slots: readonly HeldSlot[],
  chosen: HeldSlot | null,
): readonly OperationCheck[] {
  const { slot, member, wal } = facts;
  if (slot === '')
    return wal.runs
      ? [refusesFor('repair.no_evidence', `PostgreSQL of ${member} runs: there is nothing to start.`)]
      : [passes('nothing_dropped', 'No slot is dropped.')];
  if (slot === null) {
    const { options } = choiceOf(facts, slots);
    const kept = slots.filter(({ retained }) => (retained ?? 0) > 0).flatMap((one) => whyNotDrop(facts, one) ?? []);
    return options.length === 0
      ? [refusesFor('repair.no_evidence', ['No slot holds WAL that may be dropped here.', ...kept].join(' '))]
      : [refusesFor('repair.not_chosen', 'Choose what may go.')];
  }
  if (chosen === null) return [refusesFor('repair.no_evidence', `${member} has no slot called ${slot} now.`)];
  const why = whyNotDrop(facts, chosen);
  if (why !== null) return [refusesFor('repair.slot_kept', why)];
  if ((chosen.retained ?? 0) === 0)
    return [refusesFor('repair.no_evidence', `The slot ${slot} holds no WAL: dropping it frees nothing.`)];
  return [
    passes('slot_unused', `Nobody uses the slot ${slot}, and Patroni does not keep it.`),
    ...checkFreed(facts, slots, chosen),
  ];
}

/** What else holds the same WAL, so that dropping the slot would free less than it holds. */
function checkFreed(
  { wal, word }: WalHeldFacts,
  slots: readonly HeldSlot[],
  chosen: HeldSlot,
): readonly OperationCheck[] {
  const held = chosen.retained ?? 0;
  const others = [
    ...slots.filter((one) => one !== chosen).map((one) => ({ who: `the slot ${one.name}`, bytes: one.retained ?? 0 })),
    { who: 'wal_keep_size', bytes: word?.kept ?? 0 },
    { who: 'WAL that waits for archive_command', bytes: (wal.waiting ?? 0) * wal.segmentSize },
  ];
  const [most] = others.toSorted((a, b) => b.bytes - a.bytes);
  const freed = Math.max(0, held - (most?.bytes ?? 0));
  if (most === undefined || freed >= wal.segmentSize)
    return [passes('freed', `About ${bytesInWords(freed)} become free with the next checkpoint.`)];
  return [
    warnsOf('repair.held_twice', `Little becomes free by that: ${most.who} holds ${bytesInWords(most.bytes)}, too.`),
  ];
}

function checkStart({ wal, word, why, unit, member }: WalHeldFacts): readonly OperationCheck[] {
  if (word !== null) return [passes('answers', `PostgreSQL of ${member} answers.`)];
  if (wal.runs)
    return [
      refusesFor(
        'repair.not_known',
        `PostgreSQL of ${member} runs and does not answer: ${why ?? 'no reason is known'}`,
      ),
    ];
  const needed = SEGMENTS_TO_START * wal.segmentSize;
  return [
    ...(unit === null
      ? [refusesFor('repair.no_unit', `No systemd unit of Patroni was found on the server of ${member}.`)]
      : []),
    ...checkRoomToStart(wal, needed),
  ];
}

function checkRoomToStart({ disk }: WalDirectory, needed: number): readonly OperationCheck[] {
  if (disk === null) return [refusesFor('repair.room_not_known', 'The room on the disk of the WAL could not be read.')];
  const words = `PostgreSQL is down and needs ${bytesInWords(needed)} to start; ${bytesInWords(disk.free)} are free.`;
  if (disk.free >= needed) return [passes('room', words)];
  return [
    refusesFor(
      'repair.no_room',
      `${words} Make room first: enlarge the disk, or move away what lies beside the WAL, such as old logs. Nothing in pg_wal ` +
        'may ever be removed by hand.',
    ),
  ];
}

function stepsOf({ wal, word, unit, port }: WalHeldFacts, chosen: HeldSlot | null): readonly RepairStep[] {
  const psql = `sudo -u postgres psql -p ${port} -c`;
  const start: RepairStep = {
    id: 'start',
    label: 'Start Patroni, which starts PostgreSQL',
    server: wal.server,
    commands: [`sudo systemctl start ${shellWord(unit ?? 'patroni.service')}`],
  };
  const drop = (slot: HeldSlot): RepairStep => ({
    id: 'drop',
    label: `Drop the slot ${slot.name}, if nobody uses it still`,
    server: wal.server,
    commands: [`${psql} ${sqlWord(`SELECT pg_drop_replication_slot('${slot.name}')`)}`],
  });
  return [
    ...(word === null ? [start] : []),
    ...(chosen === null ? [] : [drop(chosen)]),
    {
      id: 'checkpoint',
      label: 'Make a checkpoint, by which PostgreSQL itself recycles the WAL that nothing holds any more',
      server: wal.server,
      commands: [`${psql} CHECKPOINT`],
    },
  ];
}

function consequencesOf({ member, word }: WalHeldFacts, chosen: HeldSlot | null): readonly string[] {
  const lost = (slot: HeldSlot): string =>
    slot.kind === 'logical'
      ? `Whoever reads by the slot ${slot.name} misses all changes since it last read, for good: its tables are copied anew by a new slot.`
      : `Whoever receives by the slot ${slot.name} may miss WAL, for good: a standby is copied anew then.`;
  return [
    ...(chosen === null ? [] : [lost(chosen)]),
    'Nothing in pg_wal is touched by this app: PostgreSQL alone knows which of it is still needed.',
    'A checkpoint writes all changed pages at once, so that the disk is busy for a while.',
    ...(word === null ? [`PostgreSQL of ${member} recovers from its WAL when it starts, which takes a while.`] : []),
  ];
}

function leadsOf(facts: WalHeldFacts, slots: readonly HeldSlot[]): readonly RepairLead[] {
  const { permanent, word } = facts;
  const isPermanent = slots.some(({ name, retained }) => (retained ?? 0) > 0 && permanent?.includes(name) === true);
  return [
    ...(isPermanent
      ? [{ text: 'Permanent slots are taken out of the configuration', tab: 'configuration', view: 'slots' } as const]
      : []),
    ...(word?.archiver?.fails === true || (facts.wal.waiting ?? 0) > 1
      ? [
          { text: 'archive_command is mended in the configuration', tab: 'configuration', view: 'form' } as const,
          { text: 'What it says is in the log of PostgreSQL', tab: 'logs', view: 'postgresql' } as const,
        ]
      : []),
    ...(word !== null && word.slotLimit === null
      ? [{ text: 'max_slot_wal_keep_size limits what a slot may hold', tab: 'configuration', view: 'form' } as const]
      : []),
  ];
}
