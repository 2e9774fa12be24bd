import { createServer } from 'node:net';
import type { Server as NetServer, Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, Server as SshServer, ServerChannel, Session } from 'ssh2';
import type { DemoHost, DemoNetwork } from '../network/network';
import { PROCESSES_FIRST_LINE } from '../../terminal/create-terminals';
import { DemoShell } from '../shell/demo-shell';
import type { ExecCall } from './exec-call';
import type { ExecOutcome } from './exec-outcome';
import { handleExec, readCommand, toCall } from './handle-exec';
import type { ExecHandler } from './handle-exec';
import { shellWords } from './shell-words';
import { processesText, tabOf, type DemoTab } from './terminal-tabs';
import { virtualFiles } from './virtual-files';

/** Who may log in to the simulated servers, and how commands are answered. */
export interface DemoSshOptions {
  /** PEM or OpenSSH text of the servers' private key. */
  readonly hostKey: string;
  readonly user: string;
  readonly password: string;
  /** Public keys in OpenSSH's one-line form that may log in too. */
  readonly authorizedKeys: readonly string[];
  readonly network: DemoNetwork;
  readonly handleExec: ExecHandler;
}

const MOST_INPUT_BYTES = 16 * 1_048_576;

/** The SSH servers of the fleet: one loopback port for each simulated server. A server without power does not listen. */
export class DemoSsh {
  readonly #ssh: SshServer;
  readonly #ports = new Map<DemoHost, number>();
  readonly #listeners = new Map<DemoHost, NetServer>();
  readonly #sockets = new Map<Socket, DemoHost>();
  /** Which server a connection came for, by the port it came from. */
  readonly #arrivals = new Map<number, DemoHost>();
  readonly #options: DemoSshOptions;

  constructor(options: DemoSshOptions) {
    this.#options = options;
    this.#ssh = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'demo' }, (connection, { port }) =>
      this.#serve(connection, this.#arrivals.get(port)),
    );
  }

  /** The port of a server. It stays the same while the demo runs. */
  port(host: DemoHost): number {
    return this.#ports.get(host) ?? 0;
  }

  /** Listens for a server. */
  async listen(host: DemoHost): Promise<void> {
    if (this.#listeners.has(host)) return;
    const server = createServer({ noDelay: true }, (socket) => this.#arrive(socket, host));
    this.#listeners.set(host, server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#ports.get(host) ?? 0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#ports.set(host, address.port);
  }

  /** The server loses its power: nobody answers any more, open connections are gone. */
  cut(host: DemoHost): void {
    this.#listeners.get(host)?.close();
    this.#listeners.delete(host);
    for (const [socket, of] of this.#sockets) if (of === host) socket.destroy();
  }

  close(): void {
    for (const host of [...this.#listeners.keys()]) this.cut(host);
  }

  #arrive(socket: Socket, host: DemoHost): void {
    this.#sockets.set(socket, host);
    const port = socket.remotePort ?? 0;
    this.#arrivals.set(port, host);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#arrivals.get(port) === host) this.#arrivals.delete(port);
    });
    this.#ssh.injectSocket(socket);
  }

  #serve(connection: Connection, host: DemoHost | undefined): void {
    if (host === undefined) return void connection.end();
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => this.#authenticate(context));
    connection.on('ready', () => {
      const shells = new Set<DemoShell>();
      connection.on('session', (accept) => this.#session(host, accept(), shells));
      connection.on('tcpip', (accept, reject, info) => {
        const service = this.#options.network.find(host, info.destIP, info.destPort);
        if (typeof service !== 'function') return void reject();
        service(accept());
      });
    });
  }

  #authenticate(context: AuthContext): void {
    const { user, password } = this.#options;
    if (context.username !== user) return context.reject(['password', 'publickey']);
    if (context.method === 'password' && context.password === password) return context.accept();
    if (context.method === 'publickey' && this.#isAuthorized(context)) return context.accept();
    context.reject(['password', 'publickey']);
  }

  #isAuthorized(context: Extract<AuthContext, { method: 'publickey' }>): boolean {
    return this.#options.authorizedKeys.some((line) => {
      const key = ssh2.utils.parseKey(line);
      if (key instanceof Error || !key.getPublicSSH().equals(context.key.data)) return false;
      return (
        context.signature === undefined ||
        context.blob === undefined ||
        key.verify(context.blob, context.signature, context.hashAlgo)
      );
    });
  }

  /** `shells` are the terminals of the same connection, in the order in which they were opened. */
  #session(host: DemoHost, session: Session, shells: Set<DemoShell>): void {
    let hasTerminal = false;
    session.on('env', (accept) => accept?.());
    session.on('pty', (accept) => {
      hasTerminal = true;
      accept?.();
    });
    session.on('window-change', (accept) => accept?.());
    session.on('signal', (accept) => accept?.());
    session.on('exec', (accept, _reject, { command }) => {
      const start = hasTerminal ? tabOf(command) : null;
      if (start === null) this.#exec(host, accept(), command, shells);
      else this.#shell(host, accept(), start, shells);
    });
    session.on('shell', (accept) => {
      const { user } = this.#options;
      this.#shell(host, accept(), { kind: 'shell', user, configPath: '', announce: '' }, shells);
    });
  }

  #shell(host: DemoHost, channel: ServerChannel, start: DemoTab, shells: Set<DemoShell>): void {
    channel.on('error', () => undefined);
    host.driver.catchUp();
    if (start.announce !== '') channel.write(start.announce);
    const shell = new DemoShell(channel, start, {
      host,
      words: shellWords,
      files: () => Object.keys(virtualFiles(host)),
      run: (argv, user) => {
        const { code, stdout, stderr } = handleExec(host, { argv, user, script: null, stdin: '' });
        return { code, text: stdout + stderr };
      },
      exit: (code) => {
        channel.exit(code);
        channel.end();
      },
    });
    shells.add(shell);
    channel.on('close', () => {
      shells.delete(shell);
    });
  }

  #exec(host: DemoHost, channel: ServerChannel, line: string, shells: ReadonlySet<DemoShell>): void {
    const { argv, user, announce, begin } = readCommand(line);
    const chunks: Buffer[] = [];
    let size = 0;
    if (announce !== '') channel.stderr.write(announce);
    if (begin !== '') channel.write(begin);
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    channel.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MOST_INPUT_BYTES) chunks.push(chunk);
    });
    channel.on('end', () => {
      const call = toCall(argv, user ?? this.#options.user, Buffer.concat(chunks));
      if (call.script?.startsWith(PROCESSES_FIRST_LINE) === true)
        end(channel, { code: 0, stdout: processesText([...shells]), stderr: '' });
      else void this.#answer(host, channel, call);
    });
  }

  /** A command whose server lost its power meanwhile has nobody left to answer. */
  async #answer(host: DemoHost, channel: ServerChannel, call: ExecCall): Promise<void> {
    const write = (text: string, stream: 'stdout' | 'stderr'): void => {
      if (channel.writable) (stream === 'stdout' ? channel : channel.stderr).write(text);
    };
    end(channel, await this.#options.handleExec(host, call, write));
  }
}

/** Prints what is left and closes, or goes on printing until the other side closes; nothing where nobody listens any more. */
function end(channel: ServerChannel, outcome: ExecOutcome): void {
  if (!channel.writable) return;
  channel.stderr.write(outcome.stderr);
  channel.write(outcome.stdout);
  if (outcome.follow !== undefined) {
    const undo = outcome.follow((stdout, stderr) => {
      if (stdout !== '') channel.write(stdout);
      if (stderr !== '') channel.stderr.write(stderr);
    });
    return void channel.on('close', undo);
  }
  channel.exit(outcome.code);
  channel.end();
}
