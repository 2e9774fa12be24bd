import { appError, toErrorData } from '../../../shared/model/app-error';
import type { DataDirectory, ScopeKeys } from '../../../shared/model/repair/repair';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { slotName } from '../../../shared/rules/cluster/slot-name';
import { writesInWords, writeStatusOf } from '../../../shared/rules/cluster/write-status';
import { isJsonObject, valueAt } from '../../../shared/rules/configure/config-patch';
import {
  judgeFormerPrimary,
  keptInWords,
  OLD_KEYS,
  whyNotFollowing,
  type FormerMember,
  type FormerPrimaryFacts,
  type NewPrimary,
} from '../../../shared/rules/repair/former-primary';
import { lockHolder, memberKeys, scopeKey } from '../../../shared/rules/repair/scope-keys';
import { spanInWords } from '../../../shared/rules/words/wording';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { KEPT_INFIX } from './data-scripts';
import { forkOf, readLost } from './diverged';
import { keepKeys, stampOf } from './keep-keys';
import { knownMembers } from './look-at-places';
import { askStandby, touchPrimary, type ProofPlace } from './prove-follows';
import { readDataDirectory, siteOf, type MemberSite } from './read-data';
import { etcdSceneOf, readScope } from './read-scope';
import { moveAside, startAndCopy, stopMember, type Renewal } from './renew-member';
import { repaired, repairedWith, type EtcdScene, type LookForRepair, type RepairScene } from './repair-work';

const PAUSE_MS = 2_000;
const PROOF_MS = 180_000;

/** A member that could be read, with its server. */
interface ReadMember {
  readonly site: MemberSite;
  readonly facts: FormerMember;
}

/** A cluster that led before another site took over. */
export const lookForFormerPrimary: LookForRepair<'former_primary'> = async (given, { site: siteId }) => {
  const scene = etcdSceneOf(given);
  const keys = await readScope(scene);
  const names = knownMembers(
    scene,
    memberKeys(keys).map(({ member }) => member),
  );
  const [read, other] = await Promise.all([readMembers(scene, names), readNewPrimary(scene, siteId)]);
  const members = read.flatMap(({ member }) => member ?? []);
  const first = firstOf(members, lockHolder(keys));
  const fork = await readFork(members, first, other?.leaders ?? null);
  const facts: FormerPrimaryFacts = {
    title: clusterName(scene.entry),
    prefix: keys.prefix,
    isPaused: scene.state.paused,
    isStandby: scene.state.config?.standbyCluster ?? null,
    hasConfig: configOf(keys) !== null,
    members: members.map((one) => one.facts),
    unread: read.flatMap(({ name, why }) => (why === null ? [] : [{ member: name, why }])),
    first,
    site: other,
    lostAt: scene.deps.now(),
    ...fork,
  };
  return {
    plan: judgeFormerPrimary(facts),
    carryOut: (context) => copyAnew({ scene, siteId, facts, members, keys }, context),
  };
};

async function readMembers(
  scene: EtcdScene,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly member: ReadMember | null; readonly why: string | null }[]> {
  return Promise.all(
    names.map(async (name) => {
      try {
        const site = await siteOf(scene, name);
        const own = await readDataDirectory(site, scene.deps.now);
        const keptAs = `${own.directory}${KEPT_INFIX}${stampOf(scene.at)}`;
        return { name, member: { site, facts: { member: name, own, unit: site.unit, keptAs } }, why: null };
      } catch (thrown) {
        return { name, member: null, why: toErrorData(thrown).message };
      }
    }),
  );
}

/** The member that leads, or the one whose data goes furthest. */
function firstOf(members: readonly ReadMember[], holder: string | null): string {
  if (holder !== null && members.some(({ facts }) => facts.member === holder)) return holder;
  const reach = ({ facts: { own } }: ReadMember): number => (own.timeline ?? 0) * 2 ** 44 + (own.checkpoint ?? 0);
  return members.toSorted((one, other) => reach(other) - reach(one))[0]?.facts.member ?? '';
}

async function readFork(
  members: readonly ReadMember[],
  first: string,
  leaders: DataDirectory | null,
): Promise<Pick<FormerPrimaryFacts, 'fork' | 'lost' | 'lostWhy'>> {
  const one = members.find(({ facts }) => facts.member === first);
  if (one === undefined) return { fork: null, lost: null, lostWhy: null };
  const fork = await forkOf(one.site, one.facts.own, leaders, 0).catch(() => null);
  const lost = fork?.kind === 'diverged' ? await readLost(one.site, one.facts.own, fork) : { wal: null, why: null };
  return { fork, lost: lost.wal, lostWhy: lost.why };
}

/** The scene of the other cluster, whose servers are only read. */
function sceneOfSite(scene: RepairScene, siteId: string): RepairScene | null {
  const { hub } = scene.deps;
  const [entry, state] = [hub.entry(siteId), hub.state(siteId)];
  return entry === null || state === null || siteId === scene.entry.id ? null : { ...scene, entry, state };
}

async function readNewPrimary(scene: RepairScene, siteId: string): Promise<NewPrimary | null> {
  const other = sceneOfSite(scene, siteId);
  if (other === null) return null;
  const { state } = other;
  const writes = writeStatusOf(state);
  const places = state.members.flatMap(({ host, port }) => (host === null || port === null ? [] : [{ host, port }]));
  const slot = slotName(scene.entry.scope);
  const leader = state.leader.holder;
  return {
    title: clusterName(other.entry),
    writes: writes.kind,
    writesSentence: writesInWords(writes, scene.deps.now()),
    isStandby: state.config?.standbyCluster ?? null,
    leader,
    leaders: leader === null ? null : await dataOf(other, leader),
    host: places.map(({ host }) => host).join(','),
    port:
      new Set(places.map(({ port }) => port)).size === 1
        ? String(places[0]?.port)
        : places.map(({ port }) => port).join(','),
    slot,
    hasSlot: state.config !== null && valueAt(state.config.raw, ['slots', slot, 'type']) === 'physical',
  };
}

async function dataOf(scene: RepairScene, member: string): Promise<DataDirectory | null> {
  try {
    return await readDataDirectory(await siteOf(scene, member), scene.deps.now);
  } catch {
    return null;
  }
}

/** The dynamic configuration as etcd has it; null: there is none that reads. */
function configOf(keys: ScopeKeys): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(scopeKey(keys, 'config')?.value ?? '');
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

interface Copying {
  readonly scene: EtcdScene;
  readonly siteId: string;
  readonly facts: FormerPrimaryFacts;
  readonly members: readonly ReadMember[];
  readonly keys: ScopeKeys;
}

/**
 * All members stop before anything is moved, and all data is moved before the configuration says whom to follow: a Patroni that starts in
 * between finds no data, and waits.
 */
async function copyAnew(work: Copying, context: JobContext): Promise<JobEnd> {
  await setAside(work, context);
  const file = await writeKeys(work, context);
  const [first, others] = [firstsOf(work), othersOf(work)];
  for (const one of first) {
    const end = await copyOne(work, one, context);
    if (end !== null) return end;
  }
  context.phase('prove', 'following');
  const doubt = await prove(work, context);
  for (const one of others) {
    const end = await copyOne(work, one, context);
    if (end !== null) return end;
  }
  context.phase('verify', 'following');
  return concluded(work, doubt, file);
}

async function setAside(work: Copying, context: JobContext): Promise<void> {
  for (const one of [...othersOf(work), ...firstsOf(work)]) {
    context.phase(`stop ${one.facts.member}`, 'running');
    await stopMember(renewalOf(work, one), context);
  }
  for (const one of work.members) {
    if (one.facts.own.content !== 'cluster') continue;
    context.phase(`aside ${one.facts.member}`, 'running');
    await moveAside(renewalOf(work, one), context, one.facts.keptAs);
  }
}

/** The first member copies the other site, the others copy the first. */
function copyOne(work: Copying, one: ReadMember, context: JobContext): Promise<JobEnd | null> {
  const { member } = one.facts;
  context.phase(`start ${member}`, 'following');
  const isThere = member === work.facts.first ? () => leadsAsStandby(work, member) : null;
  return startAndCopy(renewalOf(work, one), context, isThere);
}

function concluded({ facts, members }: Copying, doubt: string | null, file: string): JobEnd {
  const kept = keptInWords(facts.members);
  const sentence = `${facts.title} has a new copy and follows ${facts.site?.title ?? 'the other cluster'}.`;
  const told = kept === '' ? sentence : `${sentence} Its old data is kept in ${kept}.`;
  const end = { 'Keys kept in': file, Members: members.length };
  return doubt === null
    ? repaired(told, end)
    : repairedWith(`${told} It could not be shown by psql that it follows: ${doubt}.`, end);
}

function othersOf({ members, facts }: Copying): readonly ReadMember[] {
  return members.filter(({ facts: one }) => one.member !== facts.first);
}

function firstsOf({ members, facts }: Copying): readonly ReadMember[] {
  return members.filter(({ facts: one }) => one.member === facts.first);
}

function renewalOf({ scene, facts }: Copying, { site, facts: one }: ReadMember): Renewal {
  return {
    ...{ scene, site, before: one.own, keptAs: one.own.content === 'cluster' ? one.keptAs : null },
    leader: facts.first,
    expected: facts.site?.leaders?.systemIdentifier ?? null,
    stopsPostgres: true,
  };
}

/** Writes whom the cluster follows, and removes what the old primary left, each only where nobody has written it since. */
async function writeKeys({ scene, facts }: Copying, context: JobContext): Promise<string> {
  context.phase('keep', 'running');
  const keys = await readScope(scene);
  const config = configOf(keys);
  const key = scopeKey(keys, 'config');
  const held = scopeKey(keys, 'leader');
  if (held !== null && (held.lease?.leftMs ?? 0) > 0 && (await isKept(scene, held.value)))
    throw appError(
      'repair.still_runs',
      `${held.value} holds the leader lock again: a Patroni runs that could not be seen.`,
      {
        hint: 'Find it before you go on. The data was moved aside, and the configuration is as it was.',
      },
    );
  if (config === null || key === null || facts.site === null)
    throw appError('repair.unread', 'The dynamic configuration could not be read again.', { retryable: true });
  const old = keys.keys.filter(({ name }) => OLD_KEYS.some((one) => one === name));
  const file = await keepKeys(scene, keys, [key, ...old]);
  context.answer(`kept: ${file}`);
  context.phase('configure');
  const { host, port, slot } = facts.site;
  const section = { host, port: /^\d+$/.test(port) ? Number(port) : port, primary_slot_name: slot };
  await scene.etcd.compareAndSet(
    `${keys.prefix}config`,
    JSON.stringify({ ...config, standby_cluster: section }),
    key.modRevision,
  );
  context.answer(`standby_cluster: ${JSON.stringify(section)}`);
  context.phase('remove');
  for (const { name } of old) await scene.etcd.removeUnchanged({ key: `${keys.prefix}${name}` }, keys.revision);
  return file;
}

/** Whether somebody renews the leader lock: its lease lives on for a while after the Patroni that held it was stopped. */
async function isKept(scene: EtcdScene, holder: string): Promise<boolean> {
  const answer = await scene.deps.hub
    .rest(scene.entry.id, holder)
    ?.get('/patroni', 4000)
    .catch(() => undefined);
  return answer !== undefined;
}

async function leadsAsStandby({ scene }: Copying, member: string): Promise<boolean> {
  const answer = await scene.deps.hub
    .rest(scene.entry.id, member)
    ?.get('/patroni', 4000)
    .catch(() => undefined);
  return isJsonObject(answer) && answer['role'] === 'standby_leader' && answer['state'] === 'running';
}

/** Asks both sides by psql until they agree; what is in doubt when the time is over, null when nothing is. */
async function prove(work: Copying, context: JobContext): Promise<string | null> {
  const { scene, siteId, facts } = work;
  const other = sceneOfSite(scene, siteId);
  const leader = other?.state.leader.holder ?? null;
  const own = firstsOf(work)[0];
  if (other === null || leader === null || own === undefined) return 'the leader of the other side is not known';
  const there: ProofPlace = { remote: (await siteOf(other, leader)).remote, port: portOf(other, leader) };
  const here: ProofPlace = { remote: own.site.remote, port: portOf(scene, facts.first) };
  const since = scene.deps.now();
  let doubt: string | null = 'nobody answered';
  while (scene.deps.now() - since < PROOF_MS) {
    doubt = await askBoth(there, here, context);
    if (doubt === null) return null;
    context.detail(`${facts.first}: ${doubt}, ${spanInWords(scene.deps.now() - since)} since it runs.`);
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
  return doubt;
}

async function askBoth(there: ProofPlace, here: ProofPlace, context: JobContext): Promise<string | null> {
  try {
    const primary = await touchPrimary(there);
    const standby = await askStandby(here);
    const doubt = whyNotFollowing({ primary, standby });
    if (doubt === null)
      context.answer(
        `psql: system identifier ${standby.system}, timeline ${primary.timeline} on both sides; the standby leader has received ` +
          'and replayed what was just written there',
      );
    return doubt;
  } catch (thrown) {
    return toErrorData(thrown).message;
  }
}

function portOf({ state, entry }: RepairScene, member: string): number {
  const known = state.members.find(({ name }) => name === member)?.port;
  return known ?? entry.members.find(({ name }) => name === member)?.postgresPort ?? 5432;
}
