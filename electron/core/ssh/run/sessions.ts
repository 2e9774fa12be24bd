import { AppError, appError } from '../../../../shared/model/app-error';
import type { Session } from '../connect/connection';
import { execCommand, type ExecRequest, type ExecResult } from './exec';
import { shellCommand, stopScript, type Privilege } from './privilege';

const STOP_TIMEOUT_MS = 15_000;

/** Waits for one of the connection's session channels, runs, and gives it back. */
export async function inChannel(session: Session, request: ExecRequest): Promise<ExecResult> {
  const { channels, to } = session;
  const busy = (): AppError =>
    appError(
      'ssh.timeout',
      `"${request.what}" on ${to.name} did not start within ${Math.round(request.timeoutMs / 100) / 10} s: ` +
        'all sessions of the connection are busy.',
      {
        target: to.name,
        retryable: true,
        hint: 'Wait for other commands on this server to finish.',
      },
    );
  const stopped = (): AppError =>
    appError('ssh.cancelled', `"${request.what}" on ${to.name} was stopped before it began.`, { target: to.name });
  for (;;) {
    const release = await channels.acquire(request.timeoutMs, busy, request.signal, stopped);
    const others = channels.held - 1;
    try {
      return await execCommand(session.client, to, request);
    } catch (thrown) {
      // Some servers allow fewer sessions than usual: wait for one of ours to end instead of failing.
      const refused = thrown instanceof AppError && thrown.code === 'ssh.channel_refused';
      if (!refused || others === 0) throw thrown;
      channels.lowerTo(others);
    } finally {
      release();
    }
  }
}

/** Ends a command that the app gave up, as the user it runs as. Best effort: the server ends it by itself a little later. */
export function stopCommand(session: Session, privilege: Privilege, password: string, pid: number): void {
  const argv = stopScript(pid);
  const { line, start } = shellCommand(session.to, { argv, privilege, password, timeoutMs: STOP_TIMEOUT_MS });
  const request = {
    what: 'stop a command',
    command: line,
    start,
    onStop: () => undefined,
    timeoutMs: STOP_TIMEOUT_MS,
    maxOutputBytes: 65_536,
  };
  inChannel(session, request).catch(() => undefined);
}
