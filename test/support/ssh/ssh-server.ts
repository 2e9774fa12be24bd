import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, ParsedKey, ServerChannel } from 'ssh2';
import { serveForwards, type ForwardOptions } from './serve-forwards';

/** What the server asks, and the right answer. */
interface TestPrompt {
  readonly prompt: string;
  readonly echo: boolean;
  readonly answer: string;
}

/** How the server behaves; everything has a plain default. */
export interface SshServerOptions extends ForwardOptions {
  /** Who may log in how. A key is an OpenSSH public key line. */
  readonly users?: Readonly<
    Record<
      string,
      {
        readonly password?: string;
        readonly publicKeys?: readonly string[];
        readonly prompts?: readonly TestPrompt[];
        /** The prompts come one after the other, as each module of PAM asks for its own. */
        readonly oneByOne?: boolean;
      }
    >
  >;
  /** Answers every try to log in, in place of the users. */
  readonly authenticate?: (context: AuthContext) => void;
  /** Private host key; a new Ed25519 key by default. */
  readonly hostKey?: string;
  /** Answers what to do with a command line in place of the real `/bin/sh`, or null to let the real shell run it. */
  readonly exec?: (command: string) => ((channel: ServerChannel) => void) | null;
  /** Put in front of PATH for the real shell, e.g. a directory with a sudo of the test's own. */
  readonly path?: string;
  /** False: a scripted answer does not say that the command runs, as a login shell that refuses to run it. */
  readonly announce?: boolean;
  /** Session channels at once; more are refused, as sshd does (MaxSessions). */
  readonly maxSessions?: number;
  readonly port?: number;
}

/** A running server and what it saw. */
export interface TestSshServer {
  readonly port: number;
  readonly hostKey: ParsedKey;
  readonly commands: string[];
  /** Most session channels that were open at the same time. */
  readonly peakSessions: () => number;
  readonly connections: () => number;
  readonly logins: () => number;
  /** Login attempts by method, in order. */
  readonly attempts: string[];
  /** Cuts every connection at once. */
  cut(): void;
  close(): Promise<void>;
}

function plainPair(type: 'ed25519' | 'ecdsa' | 'rsa'): { private: string; public: string } {
  switch (type) {
    case 'ed25519':
      return ssh2.utils.generateKeyPairSync('ed25519');
    case 'ecdsa':
      return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    case 'rsa':
      return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
  }
}

function encryptedPair(
  type: 'ed25519' | 'ecdsa' | 'rsa',
  how: { passphrase: string; cipher: string; rounds: number },
): { private: string; public: string } {
  switch (type) {
    case 'ed25519':
      return ssh2.utils.generateKeyPairSync('ed25519', how);
    case 'ecdsa':
      return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, ...how });
    case 'rsa':
      return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, ...how });
  }
}

/** A new host or user key, unencrypted or with a passphrase, in OpenSSH format. */
export function makeKey(
  type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519',
  passphrase?: string,
): { private: string; public: string } {
  // Of the keys ssh2 generates some few cannot be parsed again: its own numbers lose leading zeros.
  for (let tries = 0; tries < 20; tries += 1) {
    const pair =
      passphrase === undefined ? plainPair(type) : encryptedPair(type, { passphrase, cipher: 'aes256-ctr', rounds: 4 });
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error))
      return { private: pair.private, public: pair.public };
  }
  throw new Error('no usable key was generated');
}

/** Parses a key that must be good. */
export function parsedKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

const DEFAULT_USERS = { dba: { password: 'right horse' } };

/** Starts an SSH server in this process on loopback: logins, commands by the real shell, tunnels both ways. */
export async function startSshServer(options: SshServerOptions = {}): Promise<TestSshServer> {
  const hostKey = options.hostKey ?? makeKey().private;
  const seen = {
    commands: [] as string[],
    attempts: [] as string[],
    connections: new Set<Connection>(),
    total: 0,
    logins: 0,
    sessions: 0,
    peak: 0,
  };
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    seen.connections.add(connection);
    seen.total += 1;
    connection.on('error', () => undefined);
    connection.on('close', () => {
      seen.connections.delete(connection);
    });
    connection.on('authentication', (context) => {
      seen.attempts.push(context.method);
      (options.authenticate ?? ((tried) => authenticate(tried, options)))(context);
    });
    connection.on('ready', () => {
      seen.logins += 1;
      serveSession(connection, options, seen);
      serveForwards(connection, options);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const port = (server.address() as AddressInfo).port;
  const cut = (): void => {
    for (const connection of seen.connections) rawSocket(connection)?.destroy();
  };
  return {
    port,
    hostKey: parsedKey(hostKey),
    commands: seen.commands,
    attempts: seen.attempts,
    cut,
    peakSessions: () => seen.peak,
    connections: () => seen.total,
    logins: () => seen.logins,
    close: () =>
      new Promise<void>((resolve) => {
        cut();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** ssh2 keeps the socket to itself; a cut without a goodbye needs it. */
function rawSocket(connection: Connection): { destroy(): void } | undefined {
  const inner: object = connection;
  return '_sock' in inner ? (inner._sock as { destroy(): void }) : undefined;
}

function authenticate(context: AuthContext, options: SshServerOptions): void {
  const user = (options.users ?? DEFAULT_USERS)[context.username as keyof typeof DEFAULT_USERS] as
    NonNullable<SshServerOptions['users']>[string] | undefined;
  const offered: ('password' | 'publickey' | 'keyboard-interactive')[] = [];
  const all = Object.values(options.users ?? DEFAULT_USERS) as NonNullable<SshServerOptions['users']>[string][];
  if (all.some((one) => one.password !== undefined)) offered.push('password');
  if (all.some((one) => one.publicKeys !== undefined)) offered.push('publickey');
  if (all.some((one) => one.prompts !== undefined)) offered.push('keyboard-interactive');
  const refuse = (): void => {
    context.reject(offered);
  };
  if (user === undefined) {
    refuse();
    return;
  }
  switch (context.method) {
    case 'password':
      if (user.password !== undefined && context.password === user.password) context.accept();
      else refuse();
      return;
    case 'publickey':
      if (keyFits(context, user.publicKeys ?? [])) context.accept();
      else refuse();
      return;
    case 'keyboard-interactive': {
      const prompts = user.prompts;
      if (prompts === undefined) {
        refuse();
        return;
      }
      const rounds = user.oneByOne === true ? prompts.map((prompt) => [prompt]) : [prompts];
      askRounds(context, rounds, true, refuse);
      return;
    }
    default:
      refuse();
  }
}

/** Asks round by round, and says only at the end whether all answers were right. */
function askRounds(
  context: Extract<AuthContext, { method: 'keyboard-interactive' }>,
  [round, ...rest]: readonly (readonly TestPrompt[])[],
  isRight: boolean,
  refuse: () => void,
): void {
  if (round === undefined) {
    if (isRight) context.accept();
    else refuse();
    return;
  }
  context.prompt(
    round.map(({ prompt, echo }) => ({ prompt, echo })),
    (answers) => {
      const fits = round.every((prompt, index) => answers[index] === prompt.answer);
      askRounds(context, rest, isRight && fits, refuse);
    },
  );
}

function keyFits(context: Extract<AuthContext, { method: 'publickey' }>, lines: readonly string[]): boolean {
  const key = lines.map(parsedKey).find((candidate) => candidate.getPublicSSH().equals(context.key.data));
  if (key === undefined) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo);
}

interface Seen {
  commands: string[];
  sessions: number;
  peak: number;
}

function serveSession(connection: Connection, options: SshServerOptions, seen: Seen): void {
  connection.on('session', (accept, reject) => {
    if (seen.sessions >= (options.maxSessions ?? 10)) {
      reject();
      return;
    }
    seen.sessions += 1;
    seen.peak = Math.max(seen.peak, seen.sessions);
    const session = accept();
    session.on('close', () => {
      seen.sessions -= 1;
    });
    // There is no real terminal here, but as in one there is only one output.
    let hasTerminal = false;
    session.on('pty', (ready) => {
      hasTerminal = true;
      ready();
    });
    session.on('window-change', (ready) => {
      ready?.();
    });
    session.on('exec', (ready, _reject, info) => {
      seen.commands.push(info.command);
      const channel = ready();
      channel.on('error', () => undefined);
      const scripted = options.exec?.(info.command) ?? null;
      if (scripted === null) {
        runShell(hasTerminal ? `exec 2>&1; ${info.command}` : info.command, channel, session, options);
        return;
      }
      if (options.announce !== false) announceStart(info.command, channel);
      scripted(channel);
    });
    session.on('shell', (ready) => {
      const channel = ready();
      channel.on('error', () => undefined);
      runShell('exec /bin/sh', channel, session, options);
    });
  });
}

/** A scripted answer still says that the command runs, as a shell would: see `shellCommand` in electron/core/ssh. */
function announceStart(command: string, channel: ServerChannel): void {
  const nonce = /' sh ([0-9a-f]{24}) \d+ /.exec(command)?.[1];
  if (nonce === undefined) return;
  channel.stderr.write(`[ready-${nonce}-0]`);
  channel.write(`[begin-${nonce}]`);
}

function runShell(
  command: string,
  channel: ServerChannel,
  session: NodeJS.EventEmitter,
  options: SshServerOptions,
): void {
  const path = [options.path, process.env.PATH].filter((part) => part !== undefined).join(':');
  const child = spawn('/bin/sh', ['-c', command], { env: { PATH: path, HOME: '/' }, detached: true });
  channel.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  const sent = sendInTurn([
    [child.stdout, channel],
    [child.stderr, channel.stderr],
  ]);
  const kill = (): void => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGTERM');
    } catch {
      /* it has ended */
    }
  };
  session.on('signal', (accept: (() => void) | undefined) => {
    accept?.();
    kill();
  });
  channel.on('close', kill);
  child.on('close', (code, signal) => {
    void sent.then(() => {
      if (signal !== null) channel.exit(signal.replace('SIG', ''), false, '');
      else channel.exit(code ?? 255);
      channel.close();
    });
  });
}

/**
 * Sends both outputs in one line, so that only one of them ever waits for the client's window: ssh2's server wakes one alone.
 * Resolves when all is sent, which a server waits for before it closes the channel.
 */
async function sendInTurn(pairs: readonly (readonly [Readable, Writable])[]): Promise<void> {
  let turn = Promise.resolve();
  const pump = async ([from, into]: readonly [Readable, Writable]): Promise<void> => {
    for await (const chunk of from) {
      turn = turn.then(
        () =>
          new Promise((resolve) => {
            into.write(chunk, () => {
              resolve();
            });
          }),
      );
      await turn;
    }
  };
  await Promise.all(pairs.map(pump));
}
