import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Client, ClientChannel } from 'ssh2';
import { callWithin, onAbort } from '../../platform/wait';
import { appError, type AppError } from '../../../../shared/model/app-error';
import { lostError, type ConnectionTarget } from '../errors';
import type { CommandStart } from './privilege';

/** One command on an open connection. */
export interface ExecRequest {
  /** For messages: what runs, without its arguments. */
  readonly what: string;
  readonly command: string;
  readonly timeoutMs: number;
  readonly stdin?: string | Buffer | Readable | undefined;
  readonly maxOutputBytes: number;
  readonly onOutput?: ((chunk: string, stream: 'stdout' | 'stderr') => void) | undefined;
  /** See `RunOptions.onBytes`. */
  readonly onBytes?: ((chunk: Buffer, stream: 'stdout' | 'stderr') => Promise<void> | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Knows when the command runs, and as which process. */
  readonly start: CommandStart;
  /** Ends the command on the server by its process id; the channel is closed already. */
  readonly onStop: (pid: number) => void;
}

/** What came back, with the output as bytes. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly durationMs: number;
}

/** Opens a session channel and runs a command to its end. See `ExecRequest`; errors are `ssh.*`. */
export async function execCommand(client: Client, to: ConnectionTarget, request: ExecRequest): Promise<ExecResult> {
  const started = performance.now();
  if (request.signal?.aborted === true) throw cancelledError(to, request.what);
  const execution = await begin(client, to, request, started);
  return execution.run();
}

function cancelledError(to: ConnectionTarget, what: string): AppError {
  return appError('ssh.cancelled', `"${what}" on ${to.name} was stopped.`, {
    target: to.name,
    hint: 'Check what it had done by then before running it again.',
  });
}

function timeoutError(to: ConnectionTarget, what: string, timeoutMs: number): AppError {
  return appError(
    'ssh.timeout',
    `"${what}" on ${to.name} did not finish within ${Math.round(timeoutMs / 100) / 10} s and was stopped.`,
    {
      target: to.name,
      retryable: true,
      hint: 'The server may be overloaded. Check what it had done by then before running it again.',
    },
  );
}

/**
 * Starts the command. A quick one may have ended by the next tick: whoever listens must do so in the very
 * callback that brings the channel, or its exit code is lost.
 */
function begin(client: Client, to: ConnectionTarget, request: ExecRequest, started: number): Promise<Execution> {
  return callWithin(
    {
      timeoutMs: request.timeoutMs,
      onTimeout: () => timeoutError(to, request.what, request.timeoutMs),
      accept: (channel: ClientChannel) => new Execution(channel, to, request, started),
      discard: abandon,
    },
    (done) => {
      try {
        client.exec(request.command, (error, channel) => {
          done(error === undefined ? undefined : channelError(to, error), channel);
        });
      } catch (thrown) {
        throw lostError(to, 'before the command started', thrown);
      }
    },
  );
}

/** Closes a channel that nobody waits for any more. It must still be read and listened to until it is closed. */
export function abandon(channel: ClientChannel): void {
  channel.on('error', () => undefined).resume();
  channel.stderr.on('error', () => undefined).resume();
  channel.close();
}

/** Why a session channel was not opened: the connection went, or sshd allows no more (MaxSessions). */
export function channelError(to: ConnectionTarget, error: Error): AppError {
  if (/no response from server|not connected/i.test(error.message))
    return lostError(to, 'before the command started', error);
  return appError(
    'ssh.channel_refused',
    `${to.name} does not open another session on its connection: ${error.message}.`,
    {
      target: to.name,
      retryable: true,
      hint: 'Raise MaxSessions in sshd_config, or allow commands for this user there.',
    },
  );
}

/** One running command. Its two outputs are always read, or the command would stall. */
class Execution {
  readonly #channel: ClientChannel;
  readonly #to: ConnectionTarget;
  readonly #request: ExecRequest;
  readonly #started: number;
  readonly #out: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #bytes = 0;
  #holds = 0;
  #exitCode: number | undefined;
  #failure: AppError | undefined;
  #stopping: NodeJS.Timeout | undefined;
  readonly #closed: Promise<void>;

  constructor(channel: ClientChannel, to: ConnectionTarget, request: ExecRequest, started: number) {
    this.#channel = channel;
    this.#to = to;
    this.#request = request;
    this.#started = started;
    this.#closed = this.#watch();
  }

  async run(): Promise<ExecResult> {
    const { signal, timeoutMs, what } = this.#request;
    const timer = setTimeout(() => {
      this.#stop(timeoutError(this.#to, what, timeoutMs));
    }, timeoutMs);
    const undo = onAbort(signal, () => {
      this.#stop(cancelledError(this.#to, what));
    });
    try {
      if (signal?.aborted !== true && !this.#request.start.holdsInput) this.#sendInput();
      await this.#closed;
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#stopping);
      undo();
    }
    return this.#result();
  }

  #watch(): Promise<void> {
    const channel = this.#channel;
    channel.on('data', (chunk: Buffer) => {
      const own = this.#request.start.readOutput(chunk);
      if (own.length > 0) this.#take('stdout', own);
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#onStderr(chunk);
    });
    channel.stderr.on('error', () => undefined);
    channel.on('error', () => undefined);
    channel.on('exit', (code: number | null, signalName?: string) => {
      this.#exitCode = code ?? signalExit(signalName);
    });
    return new Promise((resolve) => {
      channel.once('close', () => {
        resolve();
      });
    });
  }

  #onStderr(chunk: Buffer): void {
    const { start } = this.#request;
    if (start.pid !== undefined) {
      this.#take('stderr', chunk);
      return;
    }
    const step = start.read(chunk);
    if (step.visible.length > 0) this.#take('stderr', step.visible);
    if (step.refused !== undefined) this.#stop(step.refused);
    if (step.answer !== undefined && this.#channel.writable) this.#channel.write(step.answer);
    if (!step.started) return;
    if (this.#failure !== undefined) this.#request.onStop(start.pid ?? 0);
    else if (start.holdsInput) this.#sendInput();
  }

  #sendInput(): void {
    const { stdin } = this.#request;
    if (stdin instanceof Readable) {
      stdin.on('error', (error) => {
        this.#stop(
          appError('ssh.upload_failed', `Reading the data for ${this.#to.name} failed.`, {
            target: this.#to.name,
            cause: error,
            hint: 'Check that the local file is still there and readable.',
          }),
        );
      });
      stdin.pipe(this.#channel);
      return;
    }
    this.#channel.end(stdin ?? '');
  }

  #take(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    if (this.#request.onBytes !== undefined) {
      this.#handOver(this.#request.onBytes(chunk, stream));
      return;
    }
    this.#bytes += chunk.length;
    if (this.#bytes > this.#request.maxOutputBytes) {
      this.#stop(
        appError(
          'ssh.output_too_large',
          `"${this.#request.what}" on ${this.#to.name} wrote more than ${this.#request.maxOutputBytes} bytes and was stopped.`,
          {
            target: this.#to.name,
            hint: 'Ask for less, e.g. a shorter range of the log.',
          },
        ),
      );
      return;
    }
    this.#out[stream].push(chunk);
    this.#request.onOutput?.(this.#decoders[stream].write(chunk), stream);
  }

  /** Reads nothing more until what was handed over is taken: the window of the channel then stays shut for the server. */
  #handOver(taken: Promise<void> | undefined): void {
    if (taken === undefined) return;
    this.#holds += 1;
    this.#channel.pause();
    this.#channel.stderr.pause();
    void taken.finally(() => {
      this.#holds -= 1;
      if (this.#holds > 0) return;
      this.#channel.resume();
      this.#channel.stderr.resume();
    });
  }

  /**
   * Ends the command. Closing the channel alone leaves a silent command running, and sshd passes signals on
   * neither to root's commands nor through sudo, so the process group is ended by its number as well.
   */
  #stop(failure: AppError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    if (this.#request.stdin instanceof Readable) this.#request.stdin.destroy();
    try {
      this.#channel.signal('TERM');
      this.#channel.close();
    } catch {
      // The connection is gone already; 'close' comes by itself.
    }
    const { pid } = this.#request.start;
    if (pid !== undefined) this.#request.onStop(pid);
    this.#stopping = setTimeout(() => {
      this.#channel.emit('close');
    }, 2_000);
  }

  #result(): ExecResult {
    if (this.#failure !== undefined) throw this.#failure;
    const stderr = Buffer.concat(this.#out.stderr);
    if (this.#exitCode === undefined) throw lostError(this.#to, `while "${this.#request.what}" ran`);
    if (this.#request.start.pid === undefined) throw this.#request.start.failure(this.#exitCode);
    return {
      exitCode: this.#exitCode,
      stdout: Buffer.concat(this.#out.stdout),
      stderr,
      durationMs: Math.round(performance.now() - this.#started),
    };
  }
}

/** A command ended by a signal has the exit code a shell would give it. */
function signalExit(name: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[name ?? ''] ?? 0);
}
