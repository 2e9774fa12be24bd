import { appError } from '../../../shared/model/app-error';
import { sleep } from '../platform/wait';
import type { Remote } from '../ssh/remote';

const STEP_MS = 60_000;

/** A step that failed on a server: `backup.step_failed`, with what the server says and what to do next. */
export function stepFailed(remote: Pick<Remote, 'name'>, sentence: string, hint: string): Error {
  return appError('backup.step_failed', `${remote.name}: ${sentence}`, { target: remote.name, hint });
}

/** Waits between two looks. Throws where the app ends: who went on would ask servers that are not reached any more, without a pause. */
export async function pauseBetweenLooks(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, signal);
  signal.throwIfAborted();
}

/** The last line of what a command said. */
export function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '')?.slice(0, 400) ?? 'it said nothing.';
}

/** Runs a command as root. Rejects with `backup.step_failed` where it fails, and with `ssh.*`. */
export async function runStep(remote: Remote, argv: readonly string[], timeoutMs = STEP_MS): Promise<void> {
  const { exitCode, stderr, stdout } = await remote.run(argv, { timeoutMs, sudo: true });
  if (exitCode !== 0)
    throw stepFailed(
      remote,
      `${argv.join(' ')}: ${lastLine(`${stdout}\n${stderr}`)}`,
      'Set backups up again once that is mended.',
    );
}
