import { randomBytes } from 'node:crypto';
import { appError, type AppError } from '../../../shared/model/app-error';
import type { SudoMode } from '../../../shared/model/server';
import type { Endpoint } from './errors';
import { quoteArgv, quoteWord } from './quote';

/** How a command changes its user, if at all. */
export type Privilege =
  | { readonly kind: 'none' }
  | { readonly kind: 'sudo'; readonly user: string; readonly password: boolean }
  | { readonly kind: 'su'; readonly user: string };

/** Decides how to run as root (`sudo`) or as `asUser` on a server. Throws `ssh.sudo_not_allowed` when the inventory gives no way. */
export function choosePrivilege(to: Endpoint, mode: SudoMode, wanted: { readonly sudo?: boolean | undefined; readonly asUser?: string | undefined }): Privilege {
  const user = wanted.asUser ?? (wanted.sudo === true ? 'root' : to.user);
  if (user === to.user) return { kind: 'none' };
  if (mode.kind === 'root' || to.user === 'root') return user === 'root' ? { kind: 'none' } : { kind: 'su', user };
  switch (mode.kind) {
    case 'passwordless': return { kind: 'sudo', user, password: false };
    case 'password': return { kind: 'sudo', user, password: true };
    case 'none': throw appError('ssh.sudo_not_allowed', `This needs to run as ${user} on ${to.name}, and the server is set up without sudo.`, {
      target: to.name, hint: 'Choose in the server\'s settings how the app becomes root there.',
    });
  }
}

/** The words a gate waits for; random so that no output of a command can be taken for them. */
interface Marks {
  readonly ask: string;
  readonly open: string;
}

/** A command line for a POSIX login shell, and the gate to watch when it changes its user. */
export interface ShellCommand {
  readonly line: string;
  readonly gate: PrivilegeGate | undefined;
}

/**
 * The command line for an argument vector: in a known locale, with the change of user where one is needed.
 * `password` is what sudo gets when it asks; it goes in on standard input and is no part of the line.
 */
export function shellCommand(to: Endpoint, argv: readonly string[], privilege: Privilege, password: string): ShellCommand {
  const inner = ['env', 'LC_ALL=C.UTF-8', ...argv];
  switch (privilege.kind) {
    case 'none': return { line: quoteArgv(inner), gate: undefined };
    case 'su': return { line: `cd / && su -s /bin/sh -c 'exec "$@"' -- ${quoteWord(privilege.user)} sh ${quoteArgv(inner)}`, gate: undefined };
    case 'sudo': {
      const nonce = randomBytes(12).toString('hex');
      const marks: Marks = { ask: `[password-${nonce}]`, open: `[ready-${nonce}]` };
      return { line: sudoLine(privilege.user, privilege.password, inner, marks), gate: new PrivilegeGate(to, privilege.user, marks, password) };
    }
  }
}

/** `-k` makes sudo ask each time it needs the password, so that it never waits among the command's own input. */
function sudoLine(user: string, withPassword: boolean, inner: readonly string[], marks: Marks): string {
  const how = withPassword ? ['-k', '-S', '-p', marks.ask] : ['-n'];
  const announce = `printf %s '${marks.open}' >&2; exec "$@"`;
  return `cd / && env LC_ALL=C.UTF-8 ${quoteArgv(['sudo', ...how, '-H', '-u', user, '--', 'sh', '-c', announce, 'sh', ...inner])}`;
}

/** What a piece of standard error meant to the gate. */
export interface GateStep {
  /** What is not the gate's own talk with sudo. */
  readonly visible: Buffer;
  /** The password line to send. */
  readonly answer?: string;
  /** sudo asked again: the password is wrong. */
  readonly refused?: AppError;
  readonly opened: boolean;
}

const NOTHING = Buffer.alloc(0);

/**
 * Watches standard error until the command runs as its new user. Only then may its input be sent: so a wrong
 * password is told apart from a failed command, and no input is ever taken for a password.
 */
export class PrivilegeGate {
  readonly #to: Endpoint;
  readonly #user: string;
  readonly #marks: Marks;
  readonly #password: string;
  #held = NOTHING;
  #asked = 0;
  #open = false;

  constructor(to: Endpoint, user: string, marks: Marks, password: string) {
    this.#to = to;
    this.#user = user;
    this.#marks = marks;
    this.#password = password;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Takes a piece of standard error. */
  read(chunk: Buffer): GateStep {
    this.#held = Buffer.concat([this.#held, chunk]);
    const openAt = this.#held.indexOf(this.#marks.open);
    if (openAt >= 0) {
      this.#open = true;
      const after = this.#held.subarray(openAt + this.#marks.open.length);
      this.#held = NOTHING;
      return { visible: after, opened: true };
    }
    const askAt = this.#held.indexOf(this.#marks.ask);
    if (askAt < 0) return { visible: NOTHING, opened: false };
    this.#held = this.#held.subarray(askAt + this.#marks.ask.length);
    this.#asked += 1;
    if (this.#asked > 1) return { visible: NOTHING, refused: this.#wrong(), opened: false };
    return { visible: NOTHING, answer: `${this.#password}\n`, opened: false };
  }

  #wrong(): AppError {
    return appError('ssh.sudo_password_wrong', `sudo on ${this.#to.name} did not accept the password of ${this.#to.user}.`, {
      target: this.#to.name, hint: 'Enter the password again, or store the right one with the server.',
    });
  }

  /** Why the command never became its user, from sudo's exit and what it said (English, since the locale is set). */
  closedError(exitCode: number, said: string): AppError {
    const text = `${this.#held.toString('utf8')}${said}`.trim();
    const target = this.#to.name;
    if (exitCode === 127 && !/sudo:/.test(text)) {
      return appError('ssh.sudo_not_allowed', `There is no sudo on ${target}.`, { target, hint: 'Install sudo there, or log in as root.' });
    }
    if (/a password is required/i.test(text) && this.#asked === 0) {
      return appError('ssh.sudo_not_allowed', `sudo on ${target} wants a password for ${this.#to.user}, and the server is set up as needing none.`, {
        target, hint: 'Choose "sudo with a password" in the server\'s settings, or add a NOPASSWD rule on the server.',
      });
    }
    if (/incorrect password|sorry, try again|no password was provided/i.test(text)) return this.#wrong();
    return appError('ssh.sudo_not_allowed', `${this.#to.user} may not run commands as ${this.#user} on ${target}: ${text.slice(0, 300) || `sudo ended with ${exitCode}`}`, {
      target, hint: 'Allow it in /etc/sudoers.d on the server, or choose another login.',
    });
  }
}
