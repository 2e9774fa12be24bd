import type { Member } from '../../../model/cluster/member';
import { isPatroniAtLeast } from '../../cluster/patroni-version';
import { slotName } from '../../cluster/slot-name';
import type { ConfigIssue } from '../config-issue';
import { isJsonObject, valueAt } from '../config-patch';

type Json = Readonly<Record<string, unknown>>;

/** A slot that Patroni keeps whoever leads. `kind` is what Patroni takes it for (patroni/dcs/__init__.py). */
export interface PermanentSlot {
  readonly name: string;
  readonly kind: 'physical' | 'logical' | 'unknown';
  readonly database: string | null;
  readonly plugin: string | null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The permanent slots of a dynamic configuration, by their names. */
export function readPermanentSlots(config: Json): readonly PermanentSlot[] {
  const { slots } = config;
  if (!isJsonObject(slots)) return [];
  return Object.entries(slots)
    .map(([name, value]) => permanentSlot(name, isJsonObject(value) ? value : {}))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

function permanentSlot(name: string, value: Json): PermanentSlot {
  const [database, plugin] = [textOf(value['database']), textOf(value['plugin'])];
  const said = textOf(value['type']) ?? (database !== null && plugin !== null ? 'logical' : 'physical');
  return { name, kind: said === 'physical' || said === 'logical' ? said : 'unknown', database, plugin };
}

/** What becomes of a permanent slot when another member takes over, by the release of Patroni. */
export function slotOnFailover(kind: PermanentSlot['kind'], version: string | null): string {
  switch (kind) {
    case 'logical':
      return 'It is copied to the replicas and moved forward there, so that it is on the new leader; what was read last may be read again.';
    case 'physical':
      return isPatroniAtLeast(version, '3.2.0') === false
        ? `Patroni ${version} makes it anew on the new leader: WAL from before that may be missing. Patroni 3.2 keeps it on the replicas.`
        : 'It is kept on every member that may take over, and moved forward there, so that no WAL is missing on the new leader.';
    case 'unknown':
      return 'Patroni makes no slot of this kind.';
  }
}

/** What becomes of the slots that Patroni makes for its members, by its release. */
export function memberSlotsLife(version: string | null): string {
  return isPatroniAtLeast(version, '4.0.0') === false
    ? `Patroni ${version} makes a slot for each member on the leader, and removes it as soon as the member's key is gone from the DCS. ` +
        'A permanent slot with the name of a member keeps its WAL for longer.'
    : 'Patroni makes a slot for each member on all members, and keeps it for member_slots_ttl after the member was last seen.';
}

/** What the judgement of slots rests on. */
export interface SlotsContext {
  readonly members: readonly Pick<Member, 'name'>[];
}

/** What is wrong with the permanent slots beyond what each line says by itself. */
export function judgePermanentSlots(config: Json, { members }: SlotsContext): readonly ConfigIssue[] {
  const ofMembers = new Map(members.map(({ name }) => [slotName(name), name]));
  const walLevel = valueAt(config, ['postgresql', 'parameters', 'wal_level']);
  return readPermanentSlots(config).flatMap((slot) => {
    const member = ofMembers.get(slot.name);
    const found: ConfigIssue[] = [];
    if (slot.kind === 'unknown')
      found.push(
        issueOf(
          slot,
          'error',
          `The type of the slot ${slot.name} is neither physical nor logical.`,
          'Correct the type.',
        ),
      );
    if (slot.kind === 'logical' && member !== undefined)
      found.push(
        issueOf(
          slot,
          'error',
          `${slot.name} is the slot of the member ${member}, which is physical.`,
          'Choose another name.',
        ),
      );
    if (slot.kind === 'logical' && walLevel !== 'logical')
      found.push(
        issueOf(
          slot,
          'warning',
          `The logical slot ${slot.name} cannot be made as long as wal_level is not logical.`,
          'Set wal_level to logical in the same change; it needs a restart.',
        ),
      );
    return found;
  });
}

function issueOf(
  { name }: PermanentSlot,
  severity: ConfigIssue['severity'],
  sentence: string,
  advice: string,
): ConfigIssue {
  return { path: ['slots', name], severity, sentence, advice };
}

/** Why a slot cannot be added as it is written; null where it can. */
export function whyNotAddSlot(
  config: Json,
  slot: {
    readonly name: string;
    readonly kind: 'physical' | 'logical';
    readonly database: string;
    readonly plugin: string;
  },
): string | null {
  if (slot.name === '') return 'Give it a name.';
  if (!/^[a-z0-9_]{1,63}$/.test(slot.name)) return 'Use lower-case letters, digits and underscores, at most 63.';
  if (readPermanentSlots(config).some(({ name }) => name === slot.name)) return `There is a slot ${slot.name} already.`;
  if (slot.kind === 'physical') return null;
  return slot.database === '' || slot.plugin === '' ? 'A logical slot needs a database and a plugin.' : null;
}

/** Whose slot it is, as Patroni sees it: one that is nobody's is removed by Patroni from the leader. */
export type SlotOwner =
  | { readonly kind: 'permanent' }
  | { readonly kind: 'member'; readonly member: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'nobody' };

/** Says whose a slot of a server is (patroni/postgresql/slots.py). */
export function slotOwner(
  slot: {
    readonly name: string;
    readonly kind: 'physical' | 'logical';
    readonly database: string | null;
    readonly plugin: string | null;
  },
  config: Json,
  members: readonly Pick<Member, 'name'>[],
): SlotOwner {
  if (readPermanentSlots(config).some(({ name }) => name === slot.name)) return { kind: 'permanent' };
  const member = members.find(({ name }) => slotName(name) === slot.name);
  if (member !== undefined) return { kind: 'member', member: member.name };
  const ignored = Array.isArray(config['ignore_slots']) ? config['ignore_slots'] : [];
  const fields: Json = { name: slot.name, type: slot.kind, database: slot.database, plugin: slot.plugin };
  const isIgnored = ignored.some(
    (one: unknown) =>
      isJsonObject(one) &&
      Object.keys(one).length > 0 &&
      Object.entries(one).every(([key, value]) => value === undefined || fields[key] === value),
  );
  return isIgnored ? { kind: 'ignored' } : { kind: 'nobody' };
}
