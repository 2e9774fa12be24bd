import type { ClientChannel } from 'ssh2';
import { appError, type AppError } from '../../../../shared/model/app-error';
import { callWithin } from '../../platform/wait';
import type { Session } from '../connect/connection';
import { lostError, type ConnectionTarget } from '../errors';
import type { RemoteShell, ShellEnd } from '../remote';
import { abandon, channelError } from './exec';
import type { CommandStart, ShellCommandLine } from './privilege';

const OPEN_MS = 15_000;
/** sudo may ask a directory service who the user is. */
const START_MS = 30_000;

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A channel whose end is watched from the moment it came. */
interface Opened {
  readonly channel: ClientChannel;
  readonly ended: Promise<ShellEnd>;
}

/**
 * Opens a terminal with the login shell or a command in it; its session goes back when it closes. What is said before the
 * command runs as its user is not shown; why it did not run is thrown, as for any command.
 */
export async function openShell(session: Session, size: Size, command: ShellCommandLine | null): Promise<RemoteShell> {
  const late = lateError(session.to);
  const release = await session.channels.acquire(OPEN_MS, late);
  try {
    const opened = await openChannel(session, size, command, late);
    opened.channel.once('close', release);
    if (command !== null) await started(session.to, opened, command.start);
    return shellOn(opened);
  } catch (thrown) {
    release();
    throw thrown;
  }
}

function lateError(to: ConnectionTarget): () => AppError {
  return () =>
    appError('ssh.timeout', `${to.name} did not open a terminal within ${OPEN_MS / 1_000} s.`, {
      target: to.name,
      retryable: true,
      hint: 'Close other terminals or wait for commands on this server to finish.',
    });
}

function openChannel(
  { client, to }: Session,
  size: Size,
  command: ShellCommandLine | null,
  late: () => AppError,
): Promise<Opened> {
  const pty = { term: 'xterm-256color', cols: size.columns, rows: size.rows };
  return callWithin({ timeoutMs: OPEN_MS, onTimeout: late, accept: watched, discard: abandon }, (done) => {
    const opened = (error: Error | undefined, channel: ClientChannel): void => {
      done(error === undefined ? undefined : channelError(to, error), channel);
    };
    try {
      if (command === null) client.shell(pty, opened);
      else client.exec(command.line, { pty }, opened);
    } catch (thrown) {
      throw lostError(to, 'before the terminal opened', thrown);
    }
  });
}

function watched(channel: ClientChannel): Opened {
  let end: ShellEnd = { kind: 'lost' };
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined).resume();
  channel.on('exit', (code: number | null, signal?: string) => {
    end = { kind: 'exited', code, signal: code === null ? (signal ?? null) : null };
  });
  const ended = new Promise<ShellEnd>((resolve) => {
    channel.once('close', () => {
      resolve(end);
    });
  });
  return { channel, ended };
}

/** Resolves when the command runs as its user, with the channel paused and what it has said already put back. */
async function started(to: ConnectionTarget, { channel, ended }: Opened, start: CommandStart): Promise<void> {
  const close = (): void => {
    channel.close();
  };
  let onData: (chunk: Buffer) => void = () => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    onData = (chunk) => {
      const step = start.read(chunk);
      if (step.answer !== undefined && channel.writable) channel.write(step.answer);
      if (step.refused !== undefined) reject(step.refused);
      if (!step.started) return;
      channel.pause();
      if (step.visible.length > 0) channel.unshift(step.visible);
      resolve();
    };
    void ended.then((end) => {
      reject(end.kind === 'lost' ? lostError(to, 'before the terminal opened') : start.failure(end.code ?? 255));
    });
  });
  const timer = setTimeout(() => {
    close();
  }, START_MS);
  channel.on('data', onData);
  try {
    await ready;
  } catch (thrown) {
    channel.resume();
    close();
    throw thrown;
  } finally {
    clearTimeout(timer);
    channel.off('data', onData);
  }
}

function shellOn({ channel, ended }: Opened): RemoteShell {
  return {
    stream: channel,
    ended,
    resize: (columns, rows) => {
      if (channel.writable) channel.setWindow(rows, columns, 0, 0);
    },
    close: () => {
      channel.resume();
      channel.close();
    },
  };
}
