import { randomBytes } from 'node:crypto';
import { appError, type AppError } from '../../../../shared/model/app-error';
import type { SudoMode } from '../../../../shared/model/connect/server';
import type { ConnectionTarget } from '../errors';
import { quoteArgv, quoteWord } from './quote';

/** How a command changes its user, if at all. */
export type Privilege =
  | { readonly kind: 'none' }
  | { readonly kind: 'sudo'; readonly user: string; readonly password: boolean }
  | { readonly kind: 'su'; readonly user: string };

/**
 * Decides how to run as root (`sudo`) or as `asUser` on a server. Throws `ssh.sudo_not_allowed` when the server's settings
 * allow neither.
 */
export function choosePrivilege(
  to: ConnectionTarget,
  mode: SudoMode,
  wanted: { readonly sudo?: boolean | undefined; readonly asUser?: string | undefined },
): Privilege {
  const user = wanted.asUser ?? (wanted.sudo === true ? 'root' : to.user);
  if (user === to.user) return { kind: 'none' };
  if (mode.kind === 'root' || to.user === 'root') return user === 'root' ? { kind: 'none' } : { kind: 'su', user };
  switch (mode.kind) {
    case 'passwordless':
      return { kind: 'sudo', user, password: false };
    case 'password':
      return { kind: 'sudo', user, password: true };
    case 'none':
      throw appError(
        'ssh.sudo_not_allowed',
        `This needs to run as ${user} on ${to.name}, and the server is set up without sudo.`,
        {
          target: to.name,
          hint: "Choose in the server's settings how the app becomes root there.",
        },
      );
  }
}

/** A command line for a POSIX login shell, and the watch over its start. */
export interface ShellCommandLine {
  readonly line: string;
  readonly start: CommandStart;
}

/** What a command line is made from. */
export interface CommandRequest {
  readonly argv: readonly string[];
  readonly privilege: Privilege;
  /** What sudo gets when it asks; it goes in on standard input and is no part of the line. */
  readonly password: string;
  /** The server itself ends the command a little later than this, so that none outlives a lost connection. */
  readonly timeoutMs: number;
}

/** Seconds that the server waits longer than the app before it ends a command, and from TERM to KILL. */
const GRACE_S = 5;

/**
 * Says on standard error that it runs and under which process id, and on standard output that its own output begins, then becomes
 * the command: what login scripts print before either mark is none of it. The usual umask is set, whatever a login script set.
 * `timeout` makes it the leader of a process group of its own, so that all of it can be stopped. The words `[ready-` and the
 * number are put together only when printed: sudo repeats the command line when it refuses it.
 */
const ANNOUNCE =
  'printf "[ready-%s-%s]" "$1" "$$" >&2; printf "[begin-%s]" "$1"; umask 022; limit=$2; shift 2; ' +
  `if command -v timeout >/dev/null 2>&1; then exec timeout -k ${GRACE_S} "$limit" "$@"; fi; exec "$@"`;

/** The command line for an argument vector: in a known locale, with the change of user where one is needed. */
export function shellCommand(to: ConnectionTarget, request: CommandRequest): ShellCommandLine {
  const nonce = randomBytes(12).toString('hex');
  const limit = Math.ceil(request.timeoutMs / 1_000) + GRACE_S;
  const inner = ['env', 'LC_ALL=C.UTF-8', 'sh', '-c', ANNOUNCE, 'sh', nonce, String(limit), ...request.argv];
  return {
    line: changedUser(inner, request.privilege, nonce),
    start: new CommandStart(to, request.privilege, nonce, request.password),
  };
}

/** As `ANNOUNCE`, in a terminal: there is one output, no limit of time, and the umask is the login's own. */
const ANNOUNCE_IN_TERMINAL = 'printf "[ready-%s-%s]" "$1" "$$"; shift; exec "$@"';

/** What changing the user takes. */
interface UserChange {
  readonly sudo: readonly string[];
  readonly su: string;
}

/** Without a terminal sudo reads the password from standard input. */
const INTO_PIPES: UserChange = { sudo: ['-S'], su: '-c' };

/** su begins a new session for a command, which would take its terminal away: neither Ctrl+C nor jobs would work. */
const INTO_TERMINAL: UserChange = { sudo: [], su: '--session-command' };

/** The command line for an argument vector that runs in a terminal, where sudo asks on the terminal itself. */
export function terminalLine(
  to: ConnectionTarget,
  request: Pick<CommandRequest, 'argv' | 'privilege' | 'password'>,
): ShellCommandLine {
  const nonce = randomBytes(12).toString('hex');
  const inner = ['env', 'LC_ALL=C.UTF-8', 'sh', '-c', ANNOUNCE_IN_TERMINAL, 'sh', nonce, ...request.argv];
  return {
    line: changedUser(inner, request.privilege, nonce, INTO_TERMINAL),
    start: new CommandStart(to, request.privilege, nonce, request.password),
  };
}

function changedUser(
  inner: readonly string[],
  privilege: Privilege,
  nonce: string,
  change: UserChange = INTO_PIPES,
): string {
  switch (privilege.kind) {
    case 'none':
      return quoteArgv(inner);
    case 'su':
      return `cd / && su -s /bin/sh ${change.su} 'exec "$@"' -- ${quoteWord(privilege.user)} sh ${quoteArgv(inner)}`;
    case 'sudo': {
      // With -k sudo asks each time it needs the password, so that it never waits among the command's own input.
      const how = privilege.password ? ['-k', ...change.sudo, '-p', `[password-${nonce}]`] : ['-n'];
      return `cd / && env LC_ALL=C.UTF-8 ${quoteArgv(['sudo', ...how, '-H', '-u', privilege.user, '--', ...inner])}`;
    }
  }
}

/** Ends a command by the process id it announced: all of its group, politely at first, and no longer than needed. */
export function stopScript(pid: number): string[] {
  const seconds = Array.from({ length: GRACE_S }, (_, index) => index + 1).join(' ');
  const wait = `for second in ${seconds}; do kill -0 -- -"$1" 2>/dev/null || exit 0; sleep 1; done`;
  return [
    'sh',
    '-c',
    `kill -TERM -- -"$1" 2>/dev/null || kill -TERM "$1"; ${wait}; kill -KILL -- -"$1"; exit 0`,
    'sh',
    String(pid),
  ];
}

/** What a piece of standard error meant to the start of a command. */
export interface StartStep {
  /** What is the command's own. */
  readonly visible: Buffer;
  /** The password line to send. */
  readonly answer?: string;
  /** sudo asked again: the password is wrong. */
  readonly refused?: AppError;
  readonly started: boolean;
}

const NOTHING = Buffer.alloc(0);

/** Bytes kept of what is said before the start: the last ones say why it failed. */
const MOST_HELD = 16 * 1024;

/**
 * Watches standard error until the command runs as its user. Behind sudo its input is sent only then: so a wrong
 * password differs from a failed command, and no input is ever taken for a password. What login shells
 * and sudo say before is no output of the command.
 */
export class CommandStart {
  readonly #to: ConnectionTarget;
  readonly #privilege: Privilege;
  readonly #nonce: string;
  readonly #password: string;
  #held = NOTHING;
  #heldOutput = NOTHING;
  #hasBegun = false;
  #asked = 0;
  #pid: number | undefined;

  constructor(to: ConnectionTarget, privilege: Privilege, nonce: string, password: string) {
    this.#to = to;
    this.#privilege = privilege;
    this.#nonce = nonce;
    this.#password = password;
  }

  /** The process id, which is the id of its process group too; undefined until the command runs. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Whether the input must wait for the start. */
  get holdsInput(): boolean {
    return this.#privilege.kind === 'sudo';
  }

  /** Takes a piece of standard error. */
  read(chunk: Buffer): StartStep {
    this.#held = Buffer.concat([this.#held, chunk]);
    const ready = new RegExp(`\\[ready-${this.#nonce}-(\\d+)\\]`).exec(this.#held.toString('latin1'));
    if (ready !== null) {
      this.#pid = Number(ready[1]);
      const visible = this.#held.subarray(ready.index + ready[0].length);
      this.#held = NOTHING;
      return { visible, started: true };
    }
    const mark = `[password-${this.#nonce}]`;
    const askAt = this.#held.indexOf(mark);
    if (askAt < 0) {
      // Cut only what was searched: a piece may bring the start and much of the command's own behind it.
      this.#held = this.#held.subarray(-MOST_HELD);
      return { visible: NOTHING, started: false };
    }
    this.#held = this.#held.subarray(askAt + mark.length);
    this.#asked += 1;
    if (this.#asked > 1) return { visible: NOTHING, refused: this.#wrong(), started: false };
    return { visible: NOTHING, answer: `${this.#password}\n`, started: false };
  }

  /** Takes a piece of standard output and gives back what is the command's own. */
  readOutput(chunk: Buffer): Buffer {
    if (this.#hasBegun) return chunk;
    this.#heldOutput = Buffer.concat([this.#heldOutput, chunk]);
    const mark = `[begin-${this.#nonce}]`;
    const at = this.#heldOutput.indexOf(mark);
    if (at < 0) {
      this.#heldOutput = this.#heldOutput.subarray(-MOST_HELD);
      return NOTHING;
    }
    const own = this.#heldOutput.subarray(at + mark.length);
    this.#heldOutput = NOTHING;
    this.#hasBegun = true;
    return own;
  }

  /** Why the command never ran, from the exit code and what was said on either output (in English, since the locale is set). */
  failure(exitCode: number): AppError {
    const said = `${this.#held.toString('utf8')}\n${this.#heldOutput.toString('utf8')}`.trim().slice(0, 300);
    if (this.#privilege.kind === 'sudo') return this.#sudoFailure(this.#privilege.user, exitCode, said);
    const target = this.#to.name;
    return appError(
      'ssh.command_not_started',
      `${target} did not run the command: ${said || `its login shell ended with ${exitCode}`}`,
      {
        target,
        hint: `Check that ${this.#to.user} has a POSIX shell there and that commands over SSH are allowed.`,
      },
    );
  }

  #sudoFailure(user: string, exitCode: number, said: string): AppError {
    const target = this.#to.name;
    if (exitCode === 127 && !/sudo:/.test(said)) {
      return appError('ssh.sudo_not_allowed', `There is no sudo on ${target}.`, {
        target,
        hint: 'Install sudo there, or log in as root.',
      });
    }
    if (/a password is required/i.test(said) && this.#asked === 0) {
      return appError(
        'ssh.sudo_not_allowed',
        `sudo on ${target} wants a password for ${this.#to.user}, and the server is set up as needing none.`,
        {
          target,
          hint: 'Choose "sudo with a password" in the server\'s settings, or add a NOPASSWD rule on the server.',
        },
      );
    }
    if (/incorrect password|sorry, try again|no password was provided/i.test(said)) return this.#wrong();
    return appError(
      'ssh.sudo_not_allowed',
      `${this.#to.user} may not run commands as ${user} on ${target}: ${said || `sudo ended with ${exitCode}`}`,
      {
        target,
        hint: 'Allow it in /etc/sudoers.d on the server, or choose another login.',
      },
    );
  }

  #wrong(): AppError {
    return appError(
      'ssh.sudo_password_wrong',
      `sudo on ${this.#to.name} did not accept the password of ${this.#to.user}.`,
      {
        target: this.#to.name,
        hint: 'Enter the password again, or store the right one with the server.',
      },
    );
  }
}
