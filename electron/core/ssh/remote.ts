import type { Duplex } from 'node:stream';
import type { SshState } from '../../../shared/model/connect/server';
import type { Undo } from '../../../shared/model/undo';

/** How one command runs. Every command has a timeout; there is no default so that none is forgotten. */
export interface RunOptions {
  readonly timeoutMs: number;
  /** Goes to the command's standard input, after the sudo password where one is needed. */
  readonly stdin?: string | Buffer;
  /** Run as root by the server's sudo mode (see `SudoMode`); `asUser` runs as another user, e.g. `postgres`. */
  readonly sudo?: boolean;
  readonly asUser?: string;
  /** More output than this ends the command with `ssh.output_too_large`. Default 8 MiB. */
  readonly maxOutputBytes?: number;
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  /**
   * Takes the output as bytes when it comes, in place of its being kept: there is no limit then, and the result has none. While
   * the promise it gives is pending nothing more is read, so that a command that writes faster has to wait on its server.
   */
  readonly onBytes?: (chunk: Buffer, stream: 'stdout' | 'stderr') => Promise<void> | undefined;
  readonly signal?: AbortSignal;
}

/** What a command answered. A missing exit status (lost connection) is never a result: it is thrown as `ssh.connection_lost`. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Owner, group and octal mode (e.g. `0o600`) that a file is put in place with; the default is the login user's. */
export interface FilePlacement {
  readonly owner?: string;
  readonly group?: string;
  readonly mode: number;
  readonly sudo?: boolean;
}

/** A port on the server that leads back into the app (ssh -R). */
export interface RemoteListener {
  readonly port: number;
  close(): Promise<void>;
}

/** How a terminal ended: what ran in it did, with its exit code or the signal that killed it, or the connection went. */
export type ShellEnd =
  { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null } | { readonly kind: 'lost' };

/** A terminal of the server with what runs in it. */
export interface RemoteShell {
  /** What is typed goes in, what the screen shows comes out; `end` or `destroy` ends what runs. */
  readonly stream: Duplex;
  /** Resolves when it has ended; its output may still be read then. */
  readonly ended: Promise<ShellEnd>;
  resize(columns: number, rows: number): void;
  /** Ends it, and what runs in it is hung up on. */
  close(): void;
}

/** What runs in a terminal in place of the login shell. */
export interface ShellCommand {
  readonly argv: readonly string[];
  /** Whom it runs as; the login user without it. */
  readonly asUser?: string;
}

/**
 * One server as the rest of the core sees it: commands, files, and streams through one shared SSH
 * connection that is made when first needed and made again when lost.
 */
export interface Remote {
  readonly serverId: string;
  /** For people: the server's name in the inventory. */
  readonly name: string;
  /** Runs an argument vector, quoted in one place. An exit code other than 0 is a value, not an error. */
  run(argv: readonly string[], options: RunOptions): Promise<RunResult>;
  /** Runs a shell script: its text goes in on standard input, so that neither secrets nor quotes appear in `ps`. */
  script(body: string, args: readonly string[], options: RunOptions): Promise<RunResult>;
  /** Writes a file whole: uploaded to a private temporary name, then put in place atomically with owner and mode. */
  writeFile(path: string, content: Buffer | string, placement: FilePlacement): Promise<void>;
  /** Uploads a large local file by streaming; `onProgress` gets bytes sent so far. */
  uploadFile(
    localPath: string,
    path: string,
    placement: FilePlacement,
    onProgress?: (bytes: number) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** The file's bytes, or null when there is no such file. More than `maxBytes` throws `ssh.output_too_large`. */
  readFile(path: string, options: { readonly sudo?: boolean; readonly maxBytes?: number }): Promise<Buffer | null>;
  /** Opens a TCP stream from the server to host:port, through the connection (no local port). */
  dial(host: string, port: number, timeoutMs: number): Promise<Duplex>;
  /**
   * Opens a terminal (xterm-256color) of the given size in characters, with the login shell in it or a command. It holds one
   * of the connection's sessions until it ends.
   */
  shell(size: { readonly columns: number; readonly rows: number }, command?: ShellCommand): Promise<RemoteShell>;
  /** Listens on the server's loopback and hands each connection to `onStream`. */
  listen(onStream: (stream: Duplex) => void): Promise<RemoteListener>;
  /** Connects now, forgetting earlier failures: the user's own "connect again". Everything else connects by itself when needed. */
  connect(): Promise<void>;
  state(): SshState;
  onState(listener: (state: SshState) => void): Undo;
}

/** All servers' connections. One connection per server, shared by everybody; closed when the pool is. */
export interface RemotePool {
  /** The server's Remote; throws `inventory.server_unknown`. Making one does not connect. */
  remote(serverId: string): Remote;
  /** Closes the connection of one server (it was changed or removed in the inventory). */
  drop(serverId: string): Promise<void>;
  close(): Promise<void>;
}
