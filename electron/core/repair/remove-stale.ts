import { toErrorData } from '../../../shared/model/app-error';
import type { ScopeKeys } from '../../../shared/model/repair/repair';
import { memberKeyOf } from '../../../shared/rules/repair/scope-keys';
import { judgeStaleMember } from '../../../shared/rules/repair/stale-member';
import { judgeStaleScope } from '../../../shared/rules/repair/stale-scope';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import { memberKeys } from '../../../shared/rules/repair/scope-keys';
import type { KeyOrPrefix } from '../etcd/etcd-client';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { keepKeys } from './keep-keys';
import { knownMembers, lookAtPlaces } from './look-at-places';
import { readScope, etcdSceneOf } from './read-scope';
import { repaired, repairedWith, type EtcdScene, type LookForRepair } from './repair-work';

const PAUSE_MS = 1000;

/** The key of a member that no Patroni keeps. */
export const lookForStaleMember: LookForRepair<'stale_member'> = async (given, { member }) => {
  const scene = etcdSceneOf(given);
  const [keys, places] = await Promise.all([readScope(scene), lookAtPlaces(scene.deps, scene, [member])]);
  const ttlMs = (scene.state.config?.ttl ?? 30) * 1000;
  const key = memberKeyOf(keys, member);
  return {
    plan: judgeStaleMember({ member, keys, places, ttlMs, gone: scene.gone }),
    carryOut: (context) =>
      removeKeys(scene, context, {
        keys: { ...keys, keys: key === null ? [] : [key] },
        what: { key: `${keys.prefix}members/${member}` },
        back: (now) => (memberKeyOf(now, member) === null ? [] : [member]),
        done: `The key of ${member} is gone from etcd`,
      }),
  };
};

/** All keys of a cluster of which no Patroni runs. */
export const lookForStaleScope: LookForRepair<'stale_scope'> = async (given) => {
  const scene = etcdSceneOf(given);
  const keys = await readScope(scene);
  const members = knownMembers(
    scene,
    memberKeys(keys).map(({ member }) => member),
  );
  const places = await lookAtPlaces(scene.deps, scene, members);
  return {
    plan: judgeStaleScope({ scope: scene.entry.scope, keys, places, gone: scene.gone }),
    carryOut: (context) =>
      removeKeys(scene, context, {
        keys,
        what: { prefix: keys.prefix },
        back: (now) => now.keys.map(({ name }) => name),
        done: `All ${keys.keys.length} keys below ${keys.prefix} are gone from etcd`,
      }),
  };
};

interface Removal {
  readonly keys: ScopeKeys;
  readonly what: KeyOrPrefix;
  /** What of it is there again. */
  readonly back: (now: ScopeKeys) => readonly string[];
  /** The beginning of a sentence. */
  readonly done: string;
}

async function removeKeys(scene: EtcdScene, context: JobContext, removal: Removal): Promise<JobEnd> {
  const { keys, what } = removal;
  context.phase('keep', 'running');
  const file = await keepKeys(scene, keys, keys.keys);
  context.log('info', `Kept in ${file}`);
  context.answer(`kept: ${file}`);
  context.phase('remove');
  await removeOnce(scene, context, what, keys.revision);
  context.phase('verify', 'following');
  return stayedAway(scene, context, removal, file);
}

/** Sends the deletion once; whether it came to pass where the answer is lost is read afterwards. */
export async function removeOnce(
  { etcd }: EtcdScene,
  context: JobContext,
  what: KeyOrPrefix,
  revision: string,
): Promise<void> {
  try {
    await etcd.removeUnchanged(what, revision);
    context.answer(`deleted ${'key' in what ? what.key : `${what.prefix}*`}`);
  } catch (thrown) {
    const { code, message } = toErrorData(thrown);
    if (code !== 'etcd.timeout' && code !== 'etcd.unreachable') throw thrown;
    context.log('warning', `The answer was lost: ${message} etcd is read instead of being asked again.`);
  }
}

/** A Patroni that runs against all evidence writes its key within its loop: for so long etcd is looked at. */
async function stayedAway(scene: EtcdScene, context: JobContext, removal: Removal, file: string): Promise<JobEnd> {
  const waitMs = (scene.state.config?.loopWait ?? 10) * 1000 + 3000;
  const end = scene.deps.now() + waitMs;
  context.detail(`Looking for ${spanInWords(waitMs)} whether a Patroni writes it again.`);
  for (;;) {
    const now = await readScope(scene).catch(() => null);
    const there = now === null ? [] : removal.back(now);
    if (there.length > 0)
      return repairedWith(
        `It was removed, and ${namesInWords(there.slice(0, 5))} is there again: a Patroni runs that could not be seen. ` +
          'Find it before you go on.',
        { 'Kept in': file },
      );
    if (scene.deps.now() >= end && now === null)
      return repairedWith('It was removed. Whether somebody has written it again could not be read from etcd.', {
        'Kept in': file,
      });
    if (scene.deps.now() >= end) break;
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
  return repaired(`${removal.done}, and nobody wrote them again within ${spanInWords(waitMs)}.`, { 'Kept in': file });
}
