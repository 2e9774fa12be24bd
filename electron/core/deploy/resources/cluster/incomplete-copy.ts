import { appError } from '../../../../../shared/model/app-error';
import type { ReplicaResource } from '../../../../../shared/model/deploy/plan';
import type { ApplyContext } from '../context';

const clearLimitMs = 120_000;
const copying = 'creating replica';

/**
 * Clears what a power cut left of a replica that was being copied: PostgreSQL would take it for whole and start it or
 * fail, or Patroni finds "data dir is not empty, but system ID is invalid" and waits for ever. The server sends
 * global/pg_control as the last file of a copy and backup_label as the first (basebackup.c), and pg_basebackup calls
 * its manifest `backup_manifest.tmp` until everything has reached the disk (pg_basebackup.c). So a copy that lacks
 * pg_control or has that manifest, without a pg_basebackup at work, never ended and never was a member. Patroni then
 * copies anew. Asked with each state the member tells; each is looked at once. Answers whether it cleared.
 */
export function watchForIncompleteCopy(
  { copiesInto, rest }: ReplicaResource,
  context: ApplyContext,
): (state: string) => Promise<boolean> {
  const looked = new Set<string>([copying]);
  return async (state) => {
    if (copiesInto === null || looked.has(state)) return false;
    looked.add(state);
    const { exitCode, stderr } = await context
      .connectNamed(rest.server)
      .script(CLEAR_COPY_SCRIPT, [copiesInto], { timeoutMs: clearLimitMs, sudo: true });
    if (exitCode === WHOLE_COPY_EXIT) return false;
    if (exitCode !== 0)
      throw appError(
        'deploy.copy_not_cleared',
        `${rest.server}: what was left of a copy that was broken off could not be cleared: ${stderr.trim().slice(0, 300)}`,
        { target: rest.server, retryable: true, hint: 'Look at the data directory on this server, then resume.' },
      );
    context.log(rest.server, 'info', 'The copy from the leader had been broken off. It begins anew.');
    return true;
  };
}

/** The exit code that says there is nothing to clear. */
export const WHOLE_COPY_EXIT = 10;

/** Clears a copy that was broken off; its argument is the data directory. */
export const CLEAR_COPY_SCRIPT = `set -e
incomplete=
[ ! -e "$1/backup_manifest.tmp" ] || incomplete=yes
if [ -d "$1" ] && [ ! -e "$1/global/pg_control" ] && [ -n "$(ls -A "$1")" ]; then
  if [ -e "$1/backup_label" ] || [ ! -d "$1/base" ]; then incomplete=yes; fi
fi
[ -n "$incomplete" ] || exit ${WHOLE_COPY_EXIT}
! grep -qsx pg_basebackup /proc/[0-9]*/comm || exit ${WHOLE_COPY_EXIT}
case $1 in /*/*/*) ;; *) echo "$1 is no data directory." >&2; exit 1 ;; esac
systemctl stop patroni.service
find "$1" -xdev -mindepth 1 -delete
systemctl start patroni.service`;
