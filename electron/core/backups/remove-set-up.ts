import { appError } from '../../../shared/model/app-error';
import type { Job } from '../../../shared/model/operate/job';
import { backupUnit } from '../../../shared/rules/backups/backup-files';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { namesInWords } from '../../../shared/rules/words/wording';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import type { SetUpDeps } from './set-up-backups';
import { removeFiles, turnOffArchive, type Removal } from './take-away';

/** A confirmed removal: `typed` is the name of the cluster. */
export interface RemoveRequest {
  readonly clusterId: string;
  readonly typed: string | null;
  readonly requestId: string;
}

/**
 * Takes away what a set-up made, and never a backup: timers, configuration and keys on every server, and what it laid over the dynamic
 * configuration. Rejects, with nothing changed, with `backup.not_now`, `operation.not_confirmed` or `job.busy`.
 */
export async function startRemoval(deps: SetUpDeps, { clusterId, typed, requestId }: RemoveRequest): Promise<Job> {
  const same = deps.jobs.byRequest(requestId);
  if (same !== null) return same;
  const kept = deps.hub.entry(clusterId)?.backups;
  const state = await deps.hub.refresh(clusterId);
  if (kept === undefined || kept.adopted === true)
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
    (context) => remove(deps, context, { clusterId, stanza: kept.stanza, servers, former: kept.formerArchive }),
  );
}

async function remove(deps: SetUpDeps, context: JobContext, removal: Removal): Promise<JobEnd> {
  context.phase('archive', 'running');
  await turnOffArchive(deps.hub, context, removal);
  context.phase('files');
  const left = await removeFiles(context, removal);
  if (left.length === 0) await deps.forget(removal.clusterId);
  const rest =
    left.length === 0
      ? ''
      : ` ${namesInWords(left)} did not answer or kept some of it: remove the backups there once more.`;
  return {
    status: left.length === 0 ? 'done' : 'warning',
    result: {
      sentence:
        `Nothing is archived or backed up any more; the backups stay where they are.${rest} archive_mode is as it was before once ` +
        'PostgreSQL is restarted; until then archive_command keeps nothing, so that no WAL piles up.',
      withoutPrimaryMs: null,
      facts: {},
    },
  };
}
