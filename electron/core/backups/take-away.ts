import { appError } from '../../../shared/model/app-error';
import type { KeptBackups } from '../../../shared/model/backups/backup-setup';
import { keyMark } from '../../../shared/rules/backups/backup-files';
import { isJsonObject, valueAt } from '../../../shared/rules/configure/config-patch';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext } from '../jobs/job-engine';
import type { Remote } from '../ssh/remote';
import { BACKUP_REMOVE_SCRIPT } from './set-up-scripts';

const STEP_MS = 60_000;

/** What is taken away, and from where. */
export interface Removal {
  readonly clusterId: string;
  readonly stanza: string;
  readonly servers: readonly Remote[];
  readonly former: KeptBackups['formerArchive'];
}

/**
 * Takes out of the dynamic configuration what a set-up laid over it, where it still is as the set-up wrote it. Rejects with
 * `backup.step_failed` where nobody takes the change.
 */
export async function turnOffArchive(
  hub: ClusterHub,
  context: JobContext,
  { clusterId, stanza, former }: Omit<Removal, 'servers'>,
): Promise<void> {
  const state = hub.state(clusterId);
  const body = { postgresql: leftover(state?.config?.raw ?? {}, stanza, former) };
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

/** The patch that takes away what still is as a set-up wrote it. */
function leftover(
  raw: Readonly<Record<string, unknown>>,
  stanza: string,
  former: Removal['former'],
): Readonly<Record<string, unknown>> {
  const isOurs = (path: readonly string[]): boolean =>
    JSON.stringify(valueAt(raw, path) ?? null).includes(`pgbackrest --stanza=${stanza} `);
  const recovery = valueAt(raw, ['postgresql', 'recovery_conf']);
  const hasMore = isJsonObject(recovery) && Object.keys(recovery).length > 1;
  return {
    // Until PostgreSQL is restarted it archives: an empty command would keep all WAL.
    ...(isOurs(['postgresql', 'parameters', 'archive_command'])
      ? { parameters: { archive_mode: former?.mode ?? null, archive_command: former?.command ?? '/bin/true' } }
      : {}),
    ...(isOurs(['postgresql', 'recovery_conf', 'restore_command'])
      ? { recovery_conf: hasMore ? { restore_command: null } : null }
      : {}),
    ...(isOurs(['postgresql', 'pgbackrest', 'command']) ? { create_replica_methods: null, pgbackrest: null } : {}),
  };
}

/** Removes timers, configuration and keys on every server, and never a backup; answers the servers where some of it is left. */
export async function removeFiles(context: JobContext, { stanza, servers }: Removal): Promise<readonly string[]> {
  const left: string[] = [];
  for (const remote of servers) {
    const args = [stanza, keyMark(stanza)];
    const answer = await remote
      .script(BACKUP_REMOVE_SCRIPT, args, { timeoutMs: STEP_MS, sudo: true })
      .catch(() => null);
    if (answer?.stdout.includes('end') !== true) left.push(remote.name);
    else context.log('info', `${remote.name}: timers, configuration and keys of ${stanza} are removed.`);
  }
  return left;
}
