import { appError } from '../../../shared/model/app-error';
import type { Job } from '../../../shared/model/operate/job';
import { backupUnit, keyMark } from '../../../shared/rules/backups/backup-files';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { namesInWords } from '../../../shared/rules/words/wording';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import type { Remote } from '../ssh/remote';
import type { SetUpDeps } from './set-up-backups';
import { BACKUP_REMOVE_SCRIPT } from './set-up-scripts';

/** What the removal of a set-up is done with. `forget` forgets that backups were set up from here. */
export interface RemoveDeps extends SetUpDeps {
  readonly forget: (clusterId: string) => Promise<void>;
}

/** A confirmed removal: `typed` is the name of the cluster. */
export interface RemoveRequest {
  readonly clusterId: string;
  readonly typed: string | null;
  readonly requestId: string;
}

const STEP_MS = 60_000;

/**
 * Takes away what a set-up made, and never a backup: timers, configuration and keys on every server, and what it laid over the dynamic
 * configuration. Rejects, with nothing changed, with `backup.not_now`, `operation.not_confirmed` or `job.busy`.
 */
export async function startRemoval(deps: RemoveDeps, { clusterId, typed, requestId }: RemoveRequest): Promise<Job> {
  const same = deps.jobs.byRequest(requestId);
  if (same !== null) return same;
  const kept = deps.hub.entry(clusterId)?.backups;
  const state = await deps.hub.refresh(clusterId);
  if (kept === undefined)
    throw appError('backup.not_now', 'Backups of this cluster were not set up from here. Nothing was changed.', {});
  if (typed?.trim() !== clusterName(state).trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${clusterName(state)}`, {
      hint: 'Nothing was changed.',
    });
  const ids = [...state.members.map(({ serverId }) => serverId), kept.serverId].filter((id) => id !== null);
  const servers = [...new Set(ids)].map((id) => deps.remotes.remote(id));
  return deps.jobs.start(
    {
      kind: 'backup',
      clusterId,
      clusterTitle: clusterName(state),
      title: `Stop backing up ${clusterName(state)}`,
      target: null,
      command: `systemctl disable --now ${backupUnit(kept.stanza, 'full')}.timer`,
      confirmation: `Confirmed by typing ${clusterName(state)}. Shown: the backups stay; nothing is archived from then on.`,
      phases: [
        { id: 'archive', label: 'Turn off the archive' },
        { id: 'files', label: 'Remove timers, configuration and keys' },
      ],
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId,
    },
    (context) => remove(deps, context, { clusterId, stanza: kept.stanza, servers }),
  );
}

interface Removal {
  readonly clusterId: string;
  readonly stanza: string;
  readonly servers: readonly Remote[];
}

async function remove(deps: RemoveDeps, context: JobContext, { clusterId, stanza, servers }: Removal): Promise<JobEnd> {
  context.phase('archive', 'running');
  await turnOff(deps, context, clusterId, stanza);
  context.phase('files');
  const left: string[] = [];
  for (const remote of servers) {
    const args = [stanza, keyMark(stanza)];
    const answer = await remote
      .script(BACKUP_REMOVE_SCRIPT, args, { timeoutMs: STEP_MS, sudo: true })
      .catch(() => null);
    if (answer?.stdout.includes('end') !== true) left.push(remote.name);
    else context.log('info', `${remote.name}: timers, configuration and keys of ${stanza} are removed.`);
  }
  if (left.length === 0) await deps.forget(clusterId);
  const rest =
    left.length === 0
      ? ''
      : ` ${namesInWords(left)} did not answer or kept some of it: remove the backups there once more.`;
  return {
    status: left.length === 0 ? 'done' : 'warning',
    result: {
      sentence:
        `Nothing is archived or backed up any more; the backups stay where they are.${rest} archive_mode is off once PostgreSQL ` +
        'is restarted; until then archive_command is /bin/true, so that no WAL piles up.',
      withoutPrimaryMs: null,
      facts: {},
    },
  };
}

/** Only what still is as the set-up wrote it is taken away. */
async function turnOff({ hub }: SetUpDeps, context: JobContext, clusterId: string, stanza: string): Promise<void> {
  const state = hub.state(clusterId);
  const raw = state?.config?.raw ?? {};
  const isOurs = (path: readonly string[]): boolean =>
    JSON.stringify(valueAt(raw, path) ?? null).includes(`pgbackrest --stanza=${stanza} `);
  const archives = isOurs(['postgresql', 'parameters', 'archive_command']);
  const body = {
    postgresql: {
      ...(archives ? { parameters: { archive_mode: null, archive_command: '/bin/true' } } : {}),
      ...(isOurs(['postgresql', 'recovery_conf', 'restore_command']) ? { recovery_conf: null } : {}),
      ...(isOurs(['postgresql', 'pgbackrest', 'command']) ? { create_replica_methods: null, pgbackrest: null } : {}),
    },
  };
  if (Object.keys(body.postgresql).length === 0) return;
  const leader = state?.leader.holder ?? '';
  const answer = await hub
    .rest(clusterId, leader)
    ?.write({ method: 'PATCH', path: '/config', body, timeoutMs: 15_000 });
  context.answer(`${leader}: PATCH /config ${answer?.status ?? 'not sent'}`);
  if (answer === undefined || answer.status >= 300)
    throw appError('backup.step_failed', 'Nobody took the change of the configuration, and nothing was removed.', {
      hint: 'Try again once the cluster has a leader.',
      retryable: true,
    });
}
