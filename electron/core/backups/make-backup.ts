import { bytesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobContext } from '../jobs/job-engine';
import type { Remote } from '../ssh/remote';
import { pauseBetweenLooks, runStep, stepFailed } from './backup-step';
import { BACKUP_FOLLOW_SCRIPT } from './set-up-scripts';

const LOOK_MS = 60_000;
/** With less than some files of WAL free a repository is full, bytes. */
const NO_ROOM = 64 * 1024 ** 2;
/** How long a server may be silent before the end of its backup is given up to be seen, ms. */
const SILENT_MS = 30 * 60_000;

/** A unit that makes a backup, as systemd and its journal tell it. */
interface BackupSight {
  readonly state: string;
  readonly result: string;
  /** Of a repository on that server, with its path; null: there is none, or not known. */
  readonly room: { readonly free: number; readonly path: string } | null;
  readonly log: readonly string[];
}

/**
 * Lets systemd make a backup, by its unit or as `begin` does, and follows it to its end: it goes on where this app or
 * its connection does not.
 */
export async function makeBackup(
  { context, now, pauseMs }: { readonly context: JobContext; readonly now: () => number; readonly pauseMs: number },
  remote: Remote,
  { unit, stanza }: { readonly unit: string; readonly stanza: string },
  begin: () => Promise<void> = () => runStep(remote, ['systemctl', 'start', '--no-block', `${unit}.service`]),
): Promise<void> {
  const began = now();
  let seenAt = began;
  await begin();
  for (;;) {
    await pauseBetweenLooks(pauseMs, context.signal);
    const sight = await lookAtBackup(remote, unit, stanza);
    if (sight === null) {
      if (now() - seenAt > SILENT_MS) throw endNotSeen(remote, unit);
      context.detail(`${remote.name} does not answer now. The backup goes on there, and is looked at again.`);
      continue;
    }
    seenAt = now();
    if (sight.state !== 'activating' && sight.state !== 'active')
      return endBackup(sight, context, remote, { unit, began, now });
    context.detail(`${spanInWords(now() - began)}: ${(sight.log.at(-1) ?? 'The backup runs.').slice(0, 200)}`);
  }
}

function endNotSeen(remote: Remote, unit: string): Error {
  return stepFailed(
    remote,
    `The end of the backup was not seen: the server has not answered for ${spanInWords(SILENT_MS)}.`,
    `The backup may go on there. See journalctl -u ${unit} on ${remote.name} once it answers.`,
  );
}

async function lookAtBackup(remote: Remote, unit: string, stanza: string): Promise<BackupSight | null> {
  const answer = await remote
    .script(BACKUP_FOLLOW_SCRIPT, [`${unit}.service`, stanza], { timeoutMs: LOOK_MS, sudo: true })
    .catch(() => null);
  if (answer === null || !answer.stdout.includes('\nend')) return null;
  const lines = answer.stdout.split('\n');
  const value = (name: string): string =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  const log = lines.filter((line) => line.startsWith('log ')).map((line) => line.slice(4));
  const [, free = '', path = ''] = /^(\d+) (.+)$/.exec(value('room')) ?? [];
  const room = path === '' ? null : { free: Number(free), path };
  return { state: value('state'), result: value('result'), room, log };
}

function endBackup(
  { state, result, room, log }: BackupSight,
  context: JobContext,
  remote: Remote,
  at: { readonly unit: string; readonly began: number; readonly now: () => number },
): void {
  if (state === 'inactive' && result === 'success') {
    context.log('good', `The backup is made, in ${spanInWords(at.now() - at.began)}.`);
    return;
  }
  for (const line of log.slice(-10)) context.log('error', line.slice(0, 500));
  const isFull = room !== null && room.free < NO_ROOM;
  const full = isFull ? ` The repository is full: ${room.path} has ${bytesInWords(room.free)} free.` : '';
  const todo = isFull
    ? `Make room in ${room.path}, or keep fewer backups; until then WAL is not archived either. `
    : '';
  throw stepFailed(
    remote,
    `The backup failed (${result}): ${log.findLast((line) => line.includes('ERROR')) ?? log.at(-1) ?? ''}.${full}`,
    `${todo}See journalctl -u ${at.unit} on ${remote.name}.`,
  );
}
