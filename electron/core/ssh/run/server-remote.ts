import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, Readable, Transform, type Duplex } from 'node:stream';
import { AppError, appError } from '../../../../shared/model/app-error';
import type { Server, SshState } from '../../../../shared/model/connect/server';
import type { Undo } from '../../../../shared/model/undo';
import type { BoundedAsk } from '../authenticate/ask';
import type { AuthMemory } from '../authenticate/auth';
import type { Session, SshConnection } from '../connect/connection';
import type { ExecRequest, ExecResult } from './exec';
import { FILE_EXIT, PLACE_FILE, READ_FILE, SCRIPT_END, SCRIPT_READER } from './file-scripts';
import { openForward } from '../tunnel/forwards';
import { choosePrivilege, shellCommand, terminalLine, type Privilege } from './privilege';
import { openShell } from './shell';
import type {
  FilePlacement,
  Remote,
  RemoteListener,
  RemoteShell,
  RunOptions,
  RunResult,
  ShellCommand,
} from '../remote';
import { inChannel, stopCommand } from './sessions';

const DEFAULT_MAX_OUTPUT = 8 * 1024 * 1024;
const FILE_TIMEOUT_MS = 60_000;
/** An upload may be slow, but not slower than this on average, in bytes per second. */
const SLOWEST_UPLOAD = 64 * 1024;
const LISTEN_TIMEOUT_MS = 15_000;
const SUDO_TRIES = 3;

/** What a Remote needs from its pool. */
export interface ServerRemoteDeps {
  readonly connection: SshConnection;
  /** The inventory's entry as it is now. */
  readonly server: () => Server;
  readonly memory: AuthMemory;
  readonly ask: BoundedAsk;
  readonly readSecret: (secretId: string | undefined) => Promise<string | undefined>;
}

/** One exec before its user and its line are settled. */
interface Wanted {
  readonly what: string;
  readonly argv: readonly string[];
  readonly options: RunOptions;
  /** Made anew for each try. */
  readonly stdin: () => string | Buffer | Readable | undefined;
}

/** A server reached over SSH. See `Remote`. */
export class ServerRemote implements Remote {
  readonly serverId: string;
  readonly #deps: ServerRemoteDeps;

  constructor(serverId: string, deps: ServerRemoteDeps) {
    this.serverId = serverId;
    this.#deps = deps;
  }

  get name(): string {
    return this.#deps.server().name;
  }

  async run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
    const [program] = argv;
    if (program === undefined)
      throw appError('ssh.bad_argument', 'A command without words cannot run.', { target: this.name });
    return asText(await this.#exec({ what: program, argv, options, stdin: () => options.stdin }));
  }

  async script(body: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
    return asText(await this.#script('script', body, args, options, () => options.stdin));
  }

  async writeFile(path: string, content: Buffer | string, placement: FilePlacement): Promise<void> {
    const bytes = Buffer.from(content);
    await this.#place(path, bytes.length, placement, () => bytes, {});
  }

  async uploadFile(
    localPath: string,
    path: string,
    placement: FilePlacement,
    onProgress?: (bytes: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const size = await localSize(localPath);
    await this.#place(
      path,
      size,
      placement,
      () => countedStream(localPath, onProgress),
      signal === undefined ? {} : { signal },
    );
  }

  async readFile(
    path: string,
    options: { readonly sudo?: boolean; readonly maxBytes?: number },
  ): Promise<Buffer | null> {
    const maxBytes = options.maxBytes ?? DEFAULT_MAX_OUTPUT;
    const runOptions = {
      timeoutMs: FILE_TIMEOUT_MS,
      maxOutputBytes: maxBytes + 65_536,
      ...(options.sudo === undefined ? {} : { sudo: options.sudo }),
    };
    const result = await this.#script(
      `read ${path}`,
      READ_FILE,
      [path, String(maxBytes + 1)],
      runOptions,
      () => undefined,
    );
    if (result.exitCode === FILE_EXIT.missing) return null;
    if (result.exitCode !== 0) throw this.#fileError('read', path, result);
    if (result.stdout.length > maxBytes) {
      throw appError('ssh.output_too_large', `${path} on ${this.name} is larger than ${maxBytes} bytes.`, {
        target: this.name,
        hint: 'Read a part of it only.',
      });
    }
    return result.stdout;
  }

  async dial(host: string, port: number, timeoutMs: number): Promise<Duplex> {
    const session = await this.#deps.connection.session();
    return openForward(session.client, session.to, host, port, timeoutMs);
  }

  async shell(size: { readonly columns: number; readonly rows: number }, command?: ShellCommand): Promise<RemoteShell> {
    const session = await this.#deps.connection.session();
    if (command === undefined) return openShell(session, size, null);
    const privilege = choosePrivilege(session.to, this.#deps.server().sudo, command);
    return this.#withSudoPassword(session, privilege, (password) =>
      openShell(session, size, terminalLine(session.to, { argv: command.argv, privilege, password })),
    );
  }

  async listen(onStream: (stream: Duplex) => void): Promise<RemoteListener> {
    const { connection } = this.#deps;
    let session = await connection.session();
    const port = await session.forwards.listen(0, onStream, LISTEN_TIMEOUT_MS);
    const undo = connection.keep(async (next) => {
      session = next;
      await next.forwards.listen(port, onStream, LISTEN_TIMEOUT_MS);
    });
    return {
      port,
      close: async () => {
        undo();
        await session.forwards.close(port, LISTEN_TIMEOUT_MS);
      },
    };
  }

  state(): SshState {
    return this.#deps.connection.state;
  }

  onState(listener: (state: SshState) => void): Undo {
    return this.#deps.connection.onState(listener);
  }

  /** Connects now, whatever failed before: for the user's own "connect" and "connect again". */
  async connect(): Promise<void> {
    this.#deps.connection.forgetFailure();
    await this.#deps.connection.session();
  }

  /** The script's text comes first on standard input and is cut off by its length; what follows is the script's own input. */
  #script(
    what: string,
    body: string,
    args: readonly string[],
    options: RunOptions,
    stdin: Wanted['stdin'],
  ): Promise<ExecResult> {
    if (body.includes('\0'))
      return Promise.reject(
        appError('ssh.bad_argument', 'A script contains a NUL byte, which no shell can read.', { target: this.name }),
      );
    const text = Buffer.from(`${body}\n${SCRIPT_END}`);
    const argv = ['sh', '-c', SCRIPT_READER, 'sh', String(text.length), ...args];
    return this.#exec({ what, argv, options, stdin: () => joined(text, stdin()) });
  }

  async #place(
    path: string,
    size: number,
    placement: FilePlacement,
    stdin: () => Buffer | Readable,
    extra: { readonly signal?: AbortSignal },
  ): Promise<void> {
    const timeoutMs = FILE_TIMEOUT_MS + Math.ceil(size / SLOWEST_UPLOAD) * 1_000;
    const args = [
      path,
      String(size),
      placement.mode.toString(8).padStart(4, '0'),
      placement.owner ?? '',
      placement.group ?? '',
    ];
    const options = { timeoutMs, ...extra, ...(placement.sudo === undefined ? {} : { sudo: placement.sudo }) };
    const result = await this.#script(`write ${path}`, PLACE_FILE, args, options, stdin);
    if (result.exitCode !== 0) throw this.#fileError('written', path, result);
  }

  #fileError(did: 'read' | 'written', path: string, result: ExecResult): AppError {
    const said = result.stderr.toString('utf8').trim().slice(0, 300);
    const code = did === 'read' ? 'ssh.file_unreadable' : 'ssh.file_not_written';
    const why =
      result.exitCode === FILE_EXIT.isDirectory
        ? 'it is a directory'
        : said || (result.exitCode === FILE_EXIT.unreadable ? 'permission denied' : `exit code ${result.exitCode}`);
    return appError(code, `${path} on ${this.name} could not be ${did}: ${why}.`, {
      target: this.name,
      hint: 'Check that the directory exists, has room, and that the login (or sudo) may use it.',
    });
  }

  /** Runs a command, and again with a new sudo password while the user gives one: a refused one never ran anything. */
  async #exec(wanted: Wanted): Promise<ExecResult> {
    const session = await this.#deps.connection.session();
    const privilege = choosePrivilege(session.to, this.#deps.server().sudo, wanted.options);
    return this.#withSudoPassword(session, privilege, (password) =>
      this.#execOnce(session, wanted, privilege, password),
    );
  }

  async #withSudoPassword<T>(
    session: Session,
    privilege: Privilege,
    run: (password: string) => Promise<T>,
  ): Promise<T> {
    for (let round = 1; ; round += 1) {
      const password = await this.#sudoPassword(session, privilege, round > 1);
      try {
        return await run(password ?? '');
      } catch (thrown) {
        const wrong = thrown instanceof AppError && thrown.code === 'ssh.sudo_password_wrong';
        if (!wrong || round >= SUDO_TRIES || !(await this.#askSudoAgain(session))) throw thrown;
      }
    }
  }

  async #execOnce(session: Session, wanted: Wanted, privilege: Privilege, password: string): Promise<ExecResult> {
    const { options, what } = wanted;
    const { line, start } = shellCommand(session.to, {
      argv: wanted.argv,
      privilege,
      password,
      timeoutMs: options.timeoutMs,
    });
    const stdin = wanted.stdin();
    const request: ExecRequest = {
      what,
      command: line,
      start,
      onStop: (pid) => {
        stopCommand(session, privilege, password, pid);
      },
      timeoutMs: options.timeoutMs,
      maxOutputBytes: options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT,
      stdin,
      onOutput: options.onOutput,
      onBytes: options.onBytes,
      signal: options.signal,
    };
    try {
      return await inChannel(session, request);
    } finally {
      if (stdin instanceof Readable) stdin.destroy();
    }
  }

  /** The password sudo will want: remembered, stored, or asked for before the command starts, so that its clock does not run meanwhile. */
  async #sudoPassword(session: Session, privilege: Privilege, again: boolean): Promise<string | undefined> {
    const { memory, readSecret, server } = this.#deps;
    if (privilege.kind !== 'sudo' || !privilege.password) return undefined;
    const mode = server().sudo;
    const known =
      memory.sudoPassword ?? (mode.kind === 'password' && !again ? await readSecret(mode.passwordSecret) : undefined);
    if (known !== undefined) return known;
    if (await this.#askSudo(session, false)) return memory.sudoPassword;
    throw appError(
      'ssh.cancelled',
      `The sudo password of ${session.to.user} on ${this.name} was not given, so the command did not run.`,
      {
        target: this.name,
        hint: 'Run it again and enter the password, or store it with the server.',
      },
    );
  }

  #askSudoAgain(session: Session): Promise<boolean> {
    delete this.#deps.memory.sudoPassword;
    return this.#askSudo(session, true);
  }

  async #askSudo(session: Session, previousWrong: boolean): Promise<boolean> {
    const { memory, ask } = this.#deps;
    const typed = (
      await ask({
        kind: 'sudo_password',
        serverId: this.serverId,
        serverName: this.name,
        user: session.to.user,
        previousWrong,
      })
    )?.[0];
    if (typed !== undefined) memory.sudoPassword = typed;
    return typed !== undefined;
  }
}

function asText(result: ExecResult): RunResult {
  return {
    exitCode: result.exitCode,
    stdout: result.stdout.toString('utf8'),
    stderr: result.stderr.toString('utf8'),
    durationMs: result.durationMs,
  };
}

function joined(first: Buffer, rest: string | Buffer | Readable | undefined): Buffer | Readable {
  if (rest === undefined) return first;
  if (typeof rest === 'string' || Buffer.isBuffer(rest)) return Buffer.concat([first, Buffer.from(rest)]);
  const stream = new PassThrough();
  stream.write(first);
  rest.on('error', (error) => {
    stream.destroy(error);
  });
  stream.on('close', () => {
    rest.destroy();
  });
  return rest.pipe(stream);
}

async function localSize(localPath: string): Promise<number> {
  try {
    return (await stat(localPath)).size;
  } catch (thrown) {
    throw appError('ssh.upload_failed', `The local file ${localPath} cannot be read.`, {
      target: localPath,
      cause: thrown,
      hint: 'Choose a file that exists and that your user can read.',
    });
  }
}

function countedStream(localPath: string, onProgress: ((bytes: number) => void) | undefined): Readable {
  let sent = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      sent += chunk.length;
      onProgress?.(sent);
      done(null, chunk);
    },
  });
  const file = createReadStream(localPath, { highWaterMark: 256 * 1024 });
  file.on('error', (error) => {
    counter.destroy(error);
  });
  counter.on('close', () => {
    file.destroy();
  });
  return file.pipe(counter);
}
