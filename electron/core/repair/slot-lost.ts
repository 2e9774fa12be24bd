import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import type { DataDirectory } from '../../../shared/model/repair/repair';
import { isStreamingReplica } from '../../../shared/rules/cluster/member-facts';
import { lockHolder } from '../../../shared/rules/repair/scope-keys';
import {
  isMadeAgain,
  judgeSlotLost,
  lostSlots,
  type SlotLostFacts,
  type SlotReceiver,
} from '../../../shared/rules/repair/slot-lost';
import { makeSlotSql, type SlotRecipe } from '../../../shared/rules/repair/slot-sql';
import type { WalWord } from '../../../shared/model/repair/wal';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { askMember, forkOf, positionSaid } from './diverged';
import { dataOfLeader } from './foreign-data';
import { readDataDirectory, siteOf, type MemberSite } from './read-data';
import { etcdSceneOf, readScope } from './read-scope';
import { askWal } from './read-wal';
import { copied, streams } from './renew-member';
import { repaired, repairedWith, type LookForRepair, type RepairScene } from './repair-work';
import { dropLostSlot, hasSlot, makeSlot, slotFlags } from './slot-work';
import { portOf, slotKeepers } from './wal-held';

const REINIT_MS = 30_000;
const PAUSE_MS = 2_000;
/** A replica that tries in vain uses the slot for a moment every few seconds. */
const DROP_MS = 30_000;
/** How long the new slot is given to be used. */
const USED_MS = 60_000;

/** A slot of the leader that has lost WAL which its receiver needs. */
export const lookForSlotLost: LookForRepair<'slot_lost'> = async (given, { member, slot }) => {
  const scene = etcdSceneOf(given);
  const [keys, asked, server] = await Promise.all([readScope(scene), askWal(scene, member), serverName(scene, member)]);
  const leader = lockHolder(keys);
  const { ofMembers, permanent } = slotKeepers(scene);
  const owner = slot === null ? undefined : ofMembers.get(slot);
  const reads = owner !== undefined && leader === member;
  const leaders = reads ? await dataOfLeader(scene, leader) : null;
  const looked = reads ? await receiverOf(scene, owner, leaders) : null;
  const facts: SlotLostFacts = {
    ...{ member, server, slot, leader, leaders, permanent },
    ...{ word: asked.word, why: asked.why },
    receiver: looked?.receiver ?? null,
    leaderPosition: reads ? positionSaid(await askMember(scene, member)) : 0,
    recipe: await recipeOf(scene, member, asked.word, slot),
    port: portOf(scene, member),
    at: scene.deps.now(),
  };
  return {
    plan: judgeSlotLost(facts),
    carryOut: (context) => mendSlot({ scene, facts, site: looked?.site ?? null }, context),
  };
};

async function serverName(scene: RepairScene, member: string): Promise<string> {
  return scene.deps.postgresPlace(scene.entry.id, member).remote.name;
}

async function recipeOf(
  scene: RepairScene,
  member: string,
  word: WalWord | null,
  slot: string | null,
): Promise<SlotRecipe | null> {
  const found = lostSlots({ word }).find(({ name }) => name === slot);
  if (found === undefined) return null;
  const { name, kind, plugin } = found;
  if (kind === 'physical') return { name, kind, plugin: null, twoPhase: false, failover: false };
  const flags = await slotFlags(scene.deps.postgresPlace(scene.entry.id, member), name);
  return { name, kind, plugin, ...flags };
}

async function receiverOf(
  scene: RepairScene,
  name: string,
  leaders: DataDirectory | null,
): Promise<{ readonly receiver: SlotReceiver; readonly site: MemberSite | null }> {
  const answer = await askMember(scene, name);
  const position = positionSaid(answer);
  const base = { name, streams: isStreamingReplica(scene.state, name), answers: 'state' in answer, position };
  try {
    const site = await siteOf(scene, name);
    const data = await readDataDirectory(site, scene.deps.now);
    const fork = await forkOf(site, data, leaders, position);
    return { receiver: { ...base, data, fork, why: null }, site };
  } catch (thrown) {
    return { receiver: { ...base, data: null, fork: null, why: toErrorData(thrown).message }, site: null };
  }
}

interface Mending {
  readonly scene: RepairScene;
  readonly facts: SlotLostFacts;
  /** Of the receiver; null: there is none, or it needs no copy. */
  readonly site: MemberSite | null;
}

async function mendSlot(mending: Mending, context: JobContext): Promise<JobEnd> {
  const { scene, facts } = mending;
  const { member, recipe, receiver } = facts;
  if (recipe === null) throw appError('repair.unread', 'How the slot was made could not be read.', {});
  context.phase('drop', 'running');
  await dropOnceUnused(mending, recipe.name, context);
  if (isMadeAgain(facts)) {
    context.phase('make', 'running');
    const place = scene.deps.postgresPlace(scene.entry.id, member);
    const database = facts.word?.slots.find(({ name }) => name === recipe.name)?.database ?? null;
    await makeSlot(place, { ...recipe, database, sql: makeSlotSql(recipe) }, context);
  }
  if (receiver !== null && !receiver.streams) return copyAnew(mending, receiver, recipe.name, context);
  context.phase('verify', 'following');
  return seenMade(mending, recipe.name);
}

async function copyAnew(mending: Mending, receiver: SlotReceiver, slot: string, context: JobContext): Promise<JobEnd> {
  const { scene, facts, site } = mending;
  if (site === null) throw appError('repair.unread', `The server of ${receiver.name} cannot be looked at.`, {});
  context.phase('reinit', 'running');
  await askForCopy(scene, receiver.name, context);
  context.phase('copy', 'following');
  const before = receiver.data ?? (await readDataDirectory(site, scene.deps.now));
  const expected = facts.leaders?.systemIdentifier ?? null;
  const renewal = { scene, site, leader: facts.member, keptAs: null, before, expected };
  const end = await copied(renewal, context, () => streams(renewal));
  if (end !== null) return end;
  context.phase('verify', 'following');
  return seenUsed(mending, slot, context);
}

/** A statement that dropped nothing may be sent again: PostgreSQL said that it did not. */
async function dropOnceUnused({ scene, facts }: Mending, slot: string, context: JobContext): Promise<void> {
  const { now, pause } = scene.deps;
  const place = scene.deps.postgresPlace(scene.entry.id, facts.member);
  for (const since = now(); ;) {
    if (await dropLostSlot(place, slot, context)) return;
    if (!(await hasSlot(place, slot)) || now() - since > DROP_MS)
      throw appError(
        'repair.slot_moved',
        `The slot ${slot} is in use, or is not lost any more, or is gone. Nothing was dropped.`,
        {
          target: facts.member,
          hint: 'Look at the slots as they are now.',
        },
      );
    await pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

/** Sent once; where the answer is lost, what becomes of the member decides. */
async function askForCopy({ deps, entry }: RepairScene, member: string, context: JobContext): Promise<void> {
  const client = deps.hub.rest(entry.id, member);
  if (client === null)
    throw appError('rest.not_sent', `${member} has no REST API that is known here. No copy was asked for.`, {
      target: member,
    });
  try {
    const { status, body } = await client.write({
      method: 'POST',
      path: '/reinitialize',
      body: { force: false },
      timeoutMs: REINIT_MS,
    });
    context.answer(`${member}: ${status} ${body.trim().slice(0, 200)}`);
    if (status < 300) return;
    throw appError('repair.copy_refused', `Patroni of ${member} refused the copy: ${body.trim().slice(0, 200)}`, {
      target: member,
      hint: 'The slot is made anew already. Reinitialize the member when Patroni lets you.',
    });
  } catch (thrown) {
    if (!hasCode(thrown, 'rest.no_answer')) throw thrown;
    context.log('warning', 'The answer was lost. What becomes of the member is followed instead of asking again.');
  }
}

async function seenMade({ scene, facts }: Mending, slot: string): Promise<JobEnd> {
  const place = scene.deps.postgresPlace(scene.entry.id, facts.member);
  const there = await hasSlot(place, slot);
  if (!isMadeAgain(facts))
    return there
      ? repairedWith(`A slot called ${slot} is there again: somebody makes it anew.`)
      : repaired(`The lost slot ${slot} is gone. Whoever received by it has to be copied anew.`);
  const { word } = await askWal(scene, facts.member);
  if (!there || lostSlots({ word }).some(({ name }) => name === slot))
    return repairedWith(`The slot ${slot} was made, and is not as it should be now. Look at the slots.`);
  return repaired(
    facts.recipe?.kind === 'logical'
      ? `The slot ${slot} is there anew and holds WAL from now on. Its reader has to copy its tables anew.`
      : `The slot ${slot} is there anew and holds WAL from now on.`,
  );
}

/** The leader itself says that the new slot is used, and not lost. */
async function seenUsed({ scene, facts }: Mending, slot: string, context: JobContext): Promise<JobEnd> {
  const { now, pause } = scene.deps;
  const receiver = facts.receiver?.name ?? '';
  for (const since = now(); now() - since < USED_MS;) {
    const { word } = await askWal(scene, facts.member);
    const found = word?.slots.find(({ name }) => name === slot);
    if (found?.active === true && found.walStatus !== 'lost')
      return repaired(`${receiver} has a new copy and streams from ${facts.member} by the slot ${slot}.`, {
        Member: receiver,
        wal_status: found.walStatus,
      });
    await pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
  return repairedWith(`${receiver} has a new copy and streams, but the slot ${slot} is not in use.`);
}
