import { z } from 'zod';
import { appError } from '../app-error';
import { bracketHost, isHost, toNormalHost } from './host-port';

/** The port that SSH servers listen on by default. */
export const SSH_PORT = 22;

const sshHopSchema = z.object({
  user: z.string().min(1).max(64),
  host: z.string().min(1).max(255).refine(isHost, 'is not a host name or an IP address').overwrite(toNormalHost),
  port: z.number().int().min(1).max(65535),
});
/** A login on one machine: a jump host, or the server at the end of a chain of them. */
export type SshHop = z.infer<typeof sshHopSchema>;

/** Who logs in where, and through which jump hosts, outermost first. Without any, the connection is direct. */
export const sshAddressSchema = sshHopSchema.extend({ jump: z.array(sshHopSchema).max(8) });
/** Who logs in where, and through which jump hosts. Hosts are normalized. */
export type SshAddress = z.infer<typeof sshAddressSchema>;

/** A login as it was written: a user and a port that were left out are null, the host has no brackets. */
export interface WrittenHop {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
}

const ARROW = '->';
const FORM_HINT =
  'Write user@host, user@host:port or, for IPv6, user@[address]:port. The user and the port may be left out.';

/** Whether `readSshHop` reads a text. */
export function isSshHop(text: string): boolean {
  return typeof split(text) !== 'string';
}

/**
 * Reads `user@host:port` (also with `ssh://` in front) without filling anything in. The host stays as it was written,
 * because it may be an alias of ~/.ssh/config. Throws `ssh.bad_address`.
 */
export function readSshHop(text: string): WrittenHop {
  const read = split(text);
  if (typeof read !== 'string') return read;
  throw appError('ssh.bad_address', `"${withoutPassword(text.trim()).slice(0, 60)}" is not an SSH address: ${read}.`, {
    hint: FORM_HINT,
  });
}

/**
 * Reads `user@host:port`, with jump hosts in front of it as `user@jump:port -> user@host:port`. `defaultUser` logs in
 * where no user is written. Throws `ssh.bad_address`.
 */
export function parseSshAddress(text: string, defaultUser: string): SshAddress {
  const hops = text.split(ARROW).map((part) => parseSshHop(part, defaultUser));
  const [last = parseSshHop(text, defaultUser)] = hops.slice(-1);
  return { ...last, jump: hops.slice(0, -1) };
}

/** Reads one login as `parseSshAddress` does. Throws `ssh.bad_address`. */
export function parseSshHop(text: string, defaultUser: string): SshHop {
  const { user, host, port } = readSshHop(text);
  return { user: user ?? defaultUser, host: toNormalHost(host), port: port ?? SSH_PORT };
}

/** A login as text; `parseSshHop` reads it back. */
export function printSshHop({ user, host, port }: SshHop): string {
  return `${user}@${bracketHost(host)}${port === SSH_PORT ? '' : `:${port}`}`;
}

/** An address as text, its jump hosts in front; `parseSshAddress` reads it back. */
export function printSshAddress(address: SshAddress): string {
  return [...address.jump, address].map(printSshHop).join(` ${ARROW} `);
}

/** The parts of a login, or why there are none. */
function split(text: string): WrittenHop | string {
  const written = text.trim().replace(/^ssh:\/\//i, '');
  if (/\s/.test(written)) return 'it contains a space';
  const at = written.lastIndexOf('@');
  const user = at < 0 ? null : written.slice(0, at);
  const problem = user === null ? null : findUserProblem(user);
  if (problem !== null) return problem;
  const machine = splitPort(written.slice(at + 1));
  if (machine === null) return 'the part after the user is neither host, host:port nor [IPv6]:port';
  if (machine.host.length > 255) return 'the host name is too long';
  if (!isHost(machine.host)) return machine.host === '' ? 'it names no host' : 'it names no valid host';
  if (machine.port !== null && !isPort(machine.port)) return 'the port is not a number from 1 to 65535';
  return { user, host: machine.host, port: machine.port === null ? null : Number(machine.port) };
}

/** Host and port; more than one colon without brackets is a bare IPv6 address. */
function splitPort(machine: string): { readonly host: string; readonly port: string | null } | null {
  if (/^[^[\]]*:[^[\]]*:[^[\]]*$/.test(machine)) return { host: machine, port: null };
  const parts = /^(?:\[([^[\]]*:[^[\]]*)\]|([^:[\]]*))(?::([^[\]]*))?$/.exec(machine);
  return parts === null ? null : { host: parts[1] ?? parts[2] ?? '', port: parts[3] ?? null };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

function findUserProblem(user: string): string | null {
  if (user === '' || user.startsWith('@') || user.endsWith('@')) return 'it has an @ without a user in front of it';
  if (user.includes(':')) return 'a password does not belong in it, the app asks for one';
  return user.length > 64 ? 'the user name is too long' : null;
}

/** What stands between the first `:` and the last `@` may be a password: no sentence repeats it. */
function withoutPassword(text: string): string {
  return text.replace(/^((?:ssh:\/\/)?[^:]*):.*@/i, '$1:***@');
}
