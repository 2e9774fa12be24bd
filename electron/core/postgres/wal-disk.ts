import type { WalDisk } from '../../../shared/model/postgres/replication';
import type { Remote } from '../ssh/remote';

/** The size and the free space of the disk below pg_wal of a data directory. As postgres, to whom the directory is open. */
export const WAL_DISK_SCRIPT = `# matriarch:wal-disk v1
cd / && LC_ALL=C df -PB1 -- "$1/pg_wal" | tail -n 1
`;

const ASK_MS = 10_000;

/** Looks at the disk; null where it cannot be seen. */
export async function readWalDisk(remote: Remote, dataDirectory: string | null): Promise<WalDisk | null> {
  if (dataDirectory === null) return null;
  const { stdout, exitCode } = await remote.script(WAL_DISK_SCRIPT, [dataDirectory], {
    timeoutMs: ASK_MS,
    asUser: 'postgres',
  });
  const [, size, , free] = /^\S.*?\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%/.exec(stdout.trim()) ?? [];
  return exitCode !== 0 || size === undefined || free === undefined ? null : { size: Number(size), free: Number(free) };
}
