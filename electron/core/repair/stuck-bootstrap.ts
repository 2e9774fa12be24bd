import { appError } from '../../../shared/model/app-error';
import { lockHolder, memberKeys, scopeKey } from '../../../shared/rules/repair/scope-keys';
import { judgeStuckBootstrap } from '../../../shared/rules/repair/stuck-bootstrap';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import { spanInWords } from '../../../shared/rules/words/wording';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { keepKeys } from './keep-keys';
import { knownMembers, lookAtPlaces } from './look-at-places';
import { readScope, etcdSceneOf } from './read-scope';
import { removeOnce } from './remove-stale';
import { repaired, repairedWith, type EtcdScene, type LookForRepair } from './repair-work';

const PAUSE_MS = 1000;
/** initdb on a slow disk, and the start of PostgreSQL. */
const BOOTSTRAP_MS = 5 * 60_000;

/** An `initialize` key of a cluster that never came to be. */
export const lookForStuckBootstrap: LookForRepair<'stuck_bootstrap'> = async (given) => {
  const scene = etcdSceneOf(given);
  const keys = await readScope(scene);
  const members = knownMembers(
    scene,
    memberKeys(keys).map(({ member }) => member),
  );
  const places = await lookAtPlaces(scene.deps, scene, members);
  const able = places.filter(({ agent, data }) => agent.kind === 'runs' && data.kind === 'none');
  return {
    plan: judgeStuckBootstrap({ keys, places, gone: scene.gone }),
    carryOut: async (context) => {
      const initialize = scopeKey(keys, 'initialize');
      context.phase('keep', 'running');
      const file = await keepKeys(scene, keys, initialize === null ? [] : [initialize]);
      context.answer(`kept: ${file}`);
      context.phase('remove');
      await removeOnce(scene, context, { key: `${keys.prefix}initialize` }, keys.revision);
      context.phase('bootstrap', 'following');
      return able.length === 0 ? onlyRemoved(scene, file) : bootstrapped(scene, context, file);
    },
  };
};

async function onlyRemoved(scene: EtcdScene, file: string): Promise<JobEnd> {
  const initialize = scopeKey(await readScope(scene), 'initialize');
  const facts = { 'Kept in': file };
  if (initialize !== null) return repairedWith('The key initialize was removed and is there again.', facts);
  return repairedWith('The key initialize is gone. No Patroni runs that could bootstrap: start one of them.', facts);
}

async function bootstrapped(scene: EtcdScene, context: JobContext, file: string): Promise<JobEnd> {
  const since = scene.deps.now();
  for (;;) {
    const keys = await readScope(scene).catch(() => null);
    const holder = keys === null ? null : lockHolder(keys);
    const identifier = keys === null ? '' : (scopeKey(keys, 'initialize')?.value ?? '');
    if (holder !== null && identifier !== '') {
      context.phase('verify', 'following');
      const seen = await asksPrimary(scene, holder);
      if (seen)
        return repaired(
          `${holder} bootstrapped and leads (system identifier ${identifier}), after ${spanInWords(scene.deps.now() - since)}.`,
          { 'Kept in': file, Leader: holder, 'System identifier': identifier },
        );
    }
    context.detail(holder === null ? 'Nobody leads yet.' : `${holder} leads; its PostgreSQL is asked.`);
    if (scene.deps.now() - since > BOOTSTRAP_MS) return notSeen(holder);
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

/** Whether the holder of the lock says itself that it runs as the primary. */
async function asksPrimary({ deps, entry }: EtcdScene, holder: string): Promise<boolean> {
  const answer = await deps.hub
    .rest(entry.id, holder)
    ?.get('/patroni', 4000)
    .catch(() => undefined);
  if (!isJsonObject(answer)) return false;
  return answer['state'] === 'running' && ['primary', 'master', 'standby_leader'].includes(String(answer['role']));
}

function notSeen(holder: string | null): JobEnd {
  const what = holder === null ? 'nobody leads' : `${holder} leads, but does not say that its PostgreSQL runs`;
  return {
    status: 'unknown',
    error: appError(
      'repair.end_not_seen',
      `The key initialize was removed, but ${what} after ${spanInWords(BOOTSTRAP_MS)}.`,
      {
        hint: 'Look at the logs of Patroni on its members: they say why a bootstrap fails.',
      },
    ).data,
  };
}
