import { randomBytes } from 'node:crypto';
import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { appError, type AppError } from '../../../shared/model/app-error';
import { makePrivateDirectory, readPrivateFile, writePrivateFile } from './private-file';
import { sleep } from './wait';

/** The right to write into a data directory. */
export interface DataLock {
  /** Gives it back; afterwards another program may have it. */
  release(): Promise<void>;
}

/** One program's claim. Its file is written whole under a name of its own, so that no claim overwrites another. */
const claimSchema = z.object({
  program: z.string(),
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process with this pid began, as the system counts it; null where that cannot be read. */
  began: z.string().nullable(),
  /** Within which numbering the pid counts: containers have their own. Null where there is one only. */
  pids: z.string().nullable(),
});
type Claim = z.infer<typeof claimSchema>;

const PREFIX = 'in-use-';

/** A program that is just ending, or that claims in the same moment, is waited for, ms. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = { least: 30, most: 150 } as const;

/**
 * Claims a data directory for this process; `program` says which one it is, e.g. `the desktop app`. Two programs that
 * write the same files from memory would undo each other's changes. Each writes its claim first and reads those of others
 * afterwards, so of two that come at once at least one sees the other, and steps back. A claim is worth nothing
 * once its process is gone: nothing has to be cleaned up after a crash. Rejects with `app.data_in_use`.
 */
export async function lockDataDirectory(directory: string, program: string): Promise<DataLock> {
  await makePrivateDirectory(directory);
  const own = join(directory, `${PREFIX}${process.pid}-${randomBytes(6).toString('hex')}.json`);
  const claim: Claim = { program, pid: process.pid, host: hostname(), ...(await identify(process.pid)) };
  const giveUp = Date.now() + PATIENCE_MS;
  for (;;) {
    await writePrivateFile(own, JSON.stringify(claim));
    const other = await otherHolder(directory, own, claim);
    if (other === null) return { release: () => rm(own, { force: true }) };
    await rm(own, { force: true });
    if (Date.now() > giveUp) throw inUse(directory, other);
    await sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
  }
}

interface Holder {
  readonly claim: Claim;
  readonly file: string;
  readonly life: 'alive' | 'unknown';
}

/** Another program that holds the directory or may hold it; claims of processes that are gone are removed. */
async function otherHolder(directory: string, own: string, mine: Claim): Promise<Holder | null> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(PREFIX) && name.endsWith('.json'));
  for (const file of names.map((name) => join(directory, name)).filter((path) => path !== own)) {
    const claim = await readClaim(file);
    if (claim === null) continue;
    const life = await lifeOf(claim, mine);
    if (life !== 'gone') return { claim, file, life };
    await rm(file, { force: true });
  }
  return null;
}

/** Null for a claim that was withdrawn meanwhile. A file that nobody can read claims nothing: claims are written whole. */
async function readClaim(file: string): Promise<Claim | null> {
  const text = await readPrivateFile(file);
  try {
    return claimSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return null;
  }
}

/** A pid of another computer, or of a container with its own numbering, says nothing here. */
async function lifeOf(claim: Claim, mine: Claim): Promise<'alive' | 'gone' | 'unknown'> {
  if (claim.host !== mine.host || claim.pids !== mine.pids) return 'unknown';
  if (!isRunning(claim.pid)) return 'gone';
  const { began } = await identify(claim.pid);
  return began === claim.began ? 'alive' : 'gone';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: the process is there and belongs to somebody else.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

/** Linux gives numbers of ended processes to new ones; when a process began tells them apart (proc(5), field 22). */
async function identify(pid: number): Promise<Pick<Claim, 'began' | 'pids'>> {
  if (process.platform !== 'linux') return { began: null, pids: null };
  const [boot, stat, pids] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => null),
  ]);
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ended = state === 'Z' || state === 'X' || state === '';
  return { began: ended ? null : `${boot.trim()} ${rest[18] ?? ''}`, pids };
}

function inUse(directory: string, { claim, file, life }: Holder): AppError {
  const where = life === 'alive' ? '' : ` on ${claim.host}`;
  const free = life === 'alive' ? '' : ` If it does not run there any more, remove ${file}.`;
  return appError(
    'app.data_in_use',
    `The data directory ${directory} is in use by ${claim.program}${where} (process ${claim.pid}).`,
    {
      target: directory,
      retryable: true,
      hint:
        'Two programs on one directory would undo what the other keeps. Work in the one that runs, or end it first; ' +
        `MATRIARCH_HOME, or --data on the command line, names another directory.${free}`,
    },
  );
}
