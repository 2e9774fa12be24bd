import { appError, toErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { isJsonObject, valueAt } from '../../../shared/rules/configure/config-patch';
import { setTag } from '../../../shared/rules/configure/member-file/edit-tags';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext } from '../jobs/job-engine';
import { memberFileChanges, reloadMember } from '../member-files/change-member-file';
import { putInPlace } from '../member-files/put-in-place';
import { asRootOrSelf, findMemberConfig, shaOf, type MemberFilePlace } from '../member-files/read-member-file';
import { sleep } from '../platform/wait';
import { placeOfMember } from '../postgres/member-place';
import { KEPT_SUFFIX } from './install-script';
import type { DrainedMember } from './upgrade-store';
import type { UpgradeRun, UpgradeWorkDeps } from './upgrade-run';

/** Tags that take a member out of load balancing, synchronous replication and elections (Patroni's documentation, "tags"). */
const DRAIN_TAGS = ['noloadbalance', 'nosync', 'nofailover'] as const;

const MOST_FILE_BYTES = 1_048_576;
const FILE_PAUSE_MS = 1000;

type Tags = DrainedMember['tags'];

function filePlace(deps: UpgradeWorkDeps, clusterId: string, member: string): MemberFilePlace {
  const place = placeOfMember(deps, clusterId, member);
  return { state: place.state, member, remote: place.remote, asRoot: deps.hasRoot(place.member.serverId ?? '') };
}

/** The file that has the tags: the last with such a section, in the order in which Patroni reads them, else the last. */
function fileWithTags({ files }: FoundConfig): { readonly path: string; readonly text: string } | null {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.findLast(({ text }) => tagsOf(text) !== null) ?? sorted.at(-1) ?? null;
}

function tagsOf(text: string): Readonly<Record<string, unknown>> | null {
  const answer = readYaml(text);
  const tags = answer.kind === 'value' && isJsonObject(answer.value) ? valueAt(answer.value, ['tags']) : undefined;
  return isJsonObject(tags) ? tags : null;
}

function withTags(text: string, tags: Readonly<Record<string, string | number | boolean | null>>): string | null {
  const changed = Object.entries(tags).reduce<string | null>(
    (now, [name, value]) => (now === null ? null : setTag(now, name, value ?? undefined)),
    text,
  );
  if (changed === null) return null;
  return memberFileChanges({ former: text, text: changed }).every(({ path }) => path[0] === 'tags') ? changed : null;
}

/**
 * Takes a member out of load balancing, synchronous replication and elections, and sees that its Patroni has taken it. What was there is
 * recorded before, and kept beside the file. Rejects with `upgrade.not_drained`, `config.*` and `ssh.*`.
 */
export async function drainByTags(run: UpgradeRun, member: string): Promise<void> {
  const { deps, acting: context, clusterId } = run;
  const place = filePlace(deps, clusterId, member);
  const found = await findMemberConfig(place);
  const file = fileWithTags(found);
  const wanted = Object.fromEntries(DRAIN_TAGS.map((name) => [name, true]));
  const text = file === null ? null : withTags(file.text, wanted);
  if (file === null || text === null)
    throw appError('upgrade.not_drained', `The tags of ${member} could not be set in its own configuration.`, {
      target: member,
      hint: 'Look at tags in its patroni.yml. Nothing was changed there.',
    });
  if (text === file.text) return;
  const tags = formerTags(tagsOf(file.text) ?? {});
  const shas = { formerSha: shaOf(file.text), drainedSha: shaOf(text) };
  const drained = { member, serverId: place.remote.serverId, path: file.path, ...shas, tags };
  await run.keep({ drained: [...run.record.drained, drained] });
  const work = { clusterId, place, found, path: file.path, former: file.text, text, keptAs: KEPT_SUFFIX };
  const end = await putInPlace({ now: deps.now, pauseMs: FILE_PAUSE_MS }, context, work);
  if (end !== null)
    throw appError('upgrade.not_drained', `The tags of ${member} were not seen to be set.`, { target: member });
  await reloadMember(deps, context, work);
  await seenDrained(run, member, wanted);
}

async function seenDrained(run: UpgradeRun, member: string, wanted: Readonly<Record<string, unknown>>): Promise<void> {
  const { deps, acting, clusterId } = run;
  acting.detail(`Waiting until Patroni of ${member} says that it is out of load balancing and elections.`);
  const seen = await run.until(takenUpMs(run.state), async () =>
    (await hasTags(deps.hub, clusterId, member, wanted)) ? true : null,
  );
  if (seen !== null)
    return acting.log('good', `${member} is out of load balancing, synchronous replication and elections.`);
  throw appError('upgrade.not_drained', `Patroni of ${member} did not take its new tags.`, {
    target: member,
    hint: 'Look at its log. Its tags are put back.',
  });
}

function formerTags(before: Readonly<Record<string, unknown>>): Tags {
  return Object.fromEntries(
    DRAIN_TAGS.map((name) => {
      const value = before[name];
      const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      return [name, isPlain ? value : null];
    }),
  );
}

/** Patroni reads its file at once, and writes what follows from it in its next loop. */
function takenUpMs({ config }: ClusterState): number {
  return (config?.loopWait ?? 10) * 2000 + 10_000;
}

/** Whether GET /patroni shows these tags; those that are off are left out there (patroni/tags.py). */
async function hasTags(
  hub: Pick<ClusterHub, 'rest'>,
  clusterId: string,
  member: string,
  wanted: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const answer = await hub
    .rest(clusterId, member)
    ?.get('/patroni', 5000)
    .catch(() => null);
  if (!isJsonObject(answer)) return false;
  const shown = isJsonObject(answer['tags']) ? answer['tags'] : {};
  return Object.entries(wanted).every(([name, value]) => {
    const isOff = value === null || value === false || value === '';
    return isOff ? shown[name] === undefined || shown[name] === false : String(shown[name]) === String(value);
  });
}

/**
 * Puts the tags of a member back as they were: its file byte for byte, unless somebody has changed it meanwhile; then just the tags that
 * still are as they were set. Rejects with `upgrade.tags_left`, `config.*` and `ssh.*`, so that they are still recorded.
 */
export async function restoreTags(
  deps: UpgradeWorkDeps,
  context: Pick<JobContext, 'log' | 'signal' | 'detail' | 'answer'>,
  clusterId: string,
  drained: DrainedMember,
): Promise<void> {
  const { member, path } = drained;
  const place = filePlace(deps, clusterId, member);
  const former = await textOf(place, path);
  if (former === null)
    throw appError('upgrade.tags_left', `${path} of ${member} is not there, so that its tags were not put back.`, {
      target: member,
      hint: `Its former text is in ${path}${KEPT_SUFFIX}.`,
    });
  const text = shaOf(former) === drained.formerSha ? former : await formerText(place, drained, former);
  if (text !== former) {
    const found = await findMemberConfig(place);
    const work = { clusterId, place, found, path, former, text, keptAs: KEPT_SUFFIX };
    const end = await putInPlace({ now: deps.now, pauseMs: FILE_PAUSE_MS }, context, work);
    if (end !== null)
      throw appError('upgrade.tags_left', `Whether the tags of ${member} are back is not known.`, { target: member });
    await reloadMember(deps, context, work);
  }
  await seenBack(deps, context, clusterId, drained);
}

/** That Patroni has taken them is awaited for a while; where it does not run, it reads the file at its start. */
async function seenBack(
  deps: UpgradeWorkDeps,
  context: Pick<JobContext, 'log'>,
  clusterId: string,
  { member, tags }: DrainedMember,
): Promise<void> {
  const state = deps.hub.state(clusterId);
  const end = deps.now() + (state === null ? 0 : takenUpMs(state));
  for (;;) {
    if (await hasTags(deps.hub, clusterId, member, tags))
      return context.log('good', `The tags of ${member} are as before.`);
    if (deps.now() >= end) break;
    await sleep(deps.lookMs);
  }
  context.log('warning', `The file of ${member} has its former tags; its Patroni does not answer with them yet.`);
}

async function textOf({ remote, asRoot }: MemberFilePlace, path: string): Promise<string | null> {
  const bytes = await asRootOrSelf(asRoot, (sudo) => remote.readFile(path, { sudo, maxBytes: MOST_FILE_BYTES }));
  return bytes === null ? null : bytes.toString('utf8');
}

async function formerText(place: MemberFilePlace, drained: DrainedMember, now: string): Promise<string> {
  if (shaOf(now) === drained.drainedSha) {
    const kept = await textOf(place, `${drained.path}${KEPT_SUFFIX}`).catch((thrown: unknown) => {
      throw appError('upgrade.tags_left', toErrorData(thrown).message, { target: drained.member });
    });
    if (kept !== null && shaOf(kept) === drained.formerSha) return kept;
  }
  const present = tagsOf(now) ?? {};
  const own = Object.entries(drained.tags).filter(([name]) => present[name] === true);
  const text = withTags(now, Object.fromEntries(own));
  if (text !== null) return text;
  throw appError('upgrade.tags_left', `The tags of ${drained.member} could not be put back in ${drained.path}.`, {
    target: drained.member,
    hint: `Take out ${DRAIN_TAGS.join(', ')} there, unless they were there before, and reload Patroni.`,
  });
}
