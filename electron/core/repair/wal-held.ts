import { appError } from '../../../shared/model/app-error';
import type { WalDirectory, WalWord } from '../../../shared/model/repair/wal';
import { readPermanentSlots } from '../../../shared/rules/configure/slots/permanent-slots';
import { slotName } from '../../../shared/rules/cluster/slot-name';
import { heldSlots, judgeWalHeld, type HeldSlot } from '../../../shared/rules/repair/wal-held';
import { bytesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { lineOfLog } from './foreign-data';
import { siteOf, type MemberSite } from './read-data';
import { askWal, readWalDirectory } from './read-wal';
import { askSystemd } from './renew-member';
import { repaired, repairedWith, type LookForRepair, type RepairScene } from './repair-work';
import { dropUnusedSlot, hasSlot, runCheckpoint } from './slot-work';

const PAUSE_MS = 2_000;
/** Recovery of what was written since the last checkpoint takes a while. */
const START_MS = 15 * 60_000;
/** How long the WAL is given to shrink after the checkpoint. */
const SHRINK_MS = 60_000;
const SAYS_ARCHIVER = /archive command (failed|was terminated)|archiv\w+ .*(could not|failed)/i;
const DEFAULT_PORT = 5432;

/** A disk that WAL fills: what holds it, and the slot that may go. */
export const lookForWalHeld: LookForRepair<'wal_held'> = async (scene, { member, slot }) => {
  const site = await siteOf(scene, member);
  const [wal, asked] = await Promise.all([readWalDirectory(site, scene.deps.now), askWal(scene, member)]);
  const archiverSaid =
    (wal.waiting ?? 0) > 1 || asked.word?.archiver?.fails === true ? await lineOfLog(scene, site, SAYS_ARCHIVER) : null;
  const chosen = heldSlots({ wal, word: asked.word }).find(({ name }) => name === slot) ?? null;
  return {
    plan: judgeWalHeld({
      ...{ member, slot, wal, archiverSaid, unit: site.unit },
      ...{ word: asked.word, why: asked.why },
      ...slotKeepers(scene),
      port: portOf(scene, member),
    }),
    carryOut: (context) => freeWal({ scene, site, before: wal, chosen, starts: asked.word === null }, context),
  };
};

/** The port of a member's PostgreSQL. */
export function portOf({ state }: RepairScene, member: string): number {
  return state.members.find(({ name }) => name === member)?.port ?? DEFAULT_PORT;
}

/** The slots that Patroni itself keeps: those of the members in the DCS, and the permanent ones. */
export function slotKeepers({ state }: RepairScene): {
  readonly ofMembers: ReadonlyMap<string, string>;
  readonly permanent: readonly string[] | null;
} {
  const present = state.members.filter(({ inDcs }) => inDcs !== false);
  return {
    ofMembers: new Map(present.map(({ name }) => [slotName(name), name])),
    permanent: state.config === null ? null : readPermanentSlots(state.config.raw).map(({ name }) => name),
  };
}

interface Freeing {
  readonly scene: RepairScene;
  readonly site: MemberSite;
  readonly before: WalDirectory;
  readonly chosen: HeldSlot | null;
  /** Whether PostgreSQL is started first. */
  readonly starts: boolean;
}

async function freeWal(freeing: Freeing, context: JobContext): Promise<JobEnd> {
  const { scene, site, chosen, starts } = freeing;
  if (starts) {
    context.phase('start', 'running');
    await askSystemd({ site }, context, 'start');
    await untilAnswers(freeing, context);
  }
  const place = scene.deps.postgresPlace(scene.entry.id, site.member);
  if (chosen !== null) {
    context.phase('drop', 'running');
    await dropChosen(freeing, chosen, context);
  }
  context.phase('checkpoint', 'running');
  await runCheckpoint(place, context);
  context.phase('verify', 'following');
  return seenFree(freeing, context);
}

/** Patroni drops a slot that it does not know when it starts its PostgreSQL (patroni/postgresql/slots.py): then nothing is left to do. */
async function dropChosen({ scene, site, starts }: Freeing, chosen: HeldSlot, context: JobContext): Promise<void> {
  const place = scene.deps.postgresPlace(scene.entry.id, site.member);
  if (await dropUnusedSlot(place, chosen, context)) return;
  if (starts && !(await hasSlot(place, chosen.name))) {
    context.log(
      'info',
      `The slot ${chosen.name} is gone already: Patroni drops slots that it does not know when it starts.`,
    );
    return;
  }
  throw appError(
    'repair.slot_moved',
    `The slot ${chosen.name} is in use, or was moved on, or is gone. Nothing was dropped.`,
    {
      target: site.member,
      hint: 'Look at the slots as they are now.',
    },
  );
}

async function untilAnswers({ scene, site }: Freeing, context: JobContext): Promise<void> {
  const { now, pause } = scene.deps;
  for (const since = now(); ;) {
    const { word, why } = await askWal(scene, site.member);
    if (word !== null) return;
    context.detail(`PostgreSQL does not answer yet, ${spanInWords(now() - since)} since the start.`);
    if (now() - since > START_MS)
      throw appError(
        'repair.not_started',
        `PostgreSQL of ${site.member} was not seen to start: ${why ?? 'no reason is known'}`,
        {
          target: site.member,
          hint: 'Look at its log. No slot was dropped.',
        },
      );
    await pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

/** What the server itself says afterwards: the slot is gone, PostgreSQL answers, and there is less WAL than before. */
async function seenFree(freeing: Freeing, context: JobContext): Promise<JobEnd> {
  const { scene, site, before, chosen } = freeing;
  const { now, pause } = scene.deps;
  const place = scene.deps.postgresPlace(scene.entry.id, site.member);
  if (chosen !== null && (await hasSlot(place, chosen.name)))
    return repairedWith(`A slot called ${chosen.name} is there again: somebody makes it anew.`);
  let after = await readWalDirectory(site, now);
  for (const since = now(); !isLess(before, after) && now() - since < SHRINK_MS;) {
    await pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
    after = await readWalDirectory(site, now);
  }
  const { word } = await askWal(scene, site.member);
  context.answer(`${site.remote.name}: ${inWords(after.size)} of WAL, ${inWords(after.disk?.free ?? null)} free`);
  return endOfFreeing(freeing, after, word);
}

function endOfFreeing({ site, before, chosen }: Freeing, after: WalDirectory, word: WalWord | null): JobEnd {
  const facts = {
    'WAL before': inWords(before.size),
    'WAL now': inWords(after.size),
    'Free before': inWords(before.disk?.free ?? null),
    'Free now': inWords(after.disk?.free ?? null),
  };
  const what = chosen === null ? 'PostgreSQL runs' : `The slot ${chosen.name} is gone`;
  if (word === null) return repairedWith(`${what}, but PostgreSQL of ${site.member} does not answer now.`, facts);
  if (isLess(before, after))
    return repaired(
      `${what}: PostgreSQL of ${site.member} serves, with ${facts['WAL now']} of WAL in place of ${facts['WAL before']}, and ` +
        `${facts['Free now']} free on its disk.`,
      facts,
    );
  if (chosen === null) return repaired(`PostgreSQL of ${site.member} serves. Its WAL has not become less.`, facts);
  return repairedWith(
    word.recovery
      ? `${what}. A standby recycles its WAL with the next checkpoint that it receives.`
      : `${what}, but there is not less WAL: something else holds it. Look again.`,
    facts,
  );
}

function isLess(before: WalDirectory, after: WalDirectory): boolean {
  return before.size !== null && after.size !== null && after.size < before.size;
}

function inWords(bytes: number | null): string {
  return bytes === null ? 'not known' : bytesInWords(bytes);
}
