import { AppError, appError } from '../../../shared/model/app-error';
import type { KnownAs } from './authenticate/known-hosts';

/** Where a connection goes, as messages name it. */
export interface ConnectionTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The jump hosts of the route, outermost first; none for a direct connection. */
  readonly via?: readonly { readonly host: string; readonly port: number }[];
  /** Where its host key stands, when the SSH configuration says so. */
  readonly knownAs?: KnownAs;
}

const at = (to: ConnectionTarget): string => `${to.name} (${to.host}:${to.port})`;

/** How far a connection attempt got; it decides what silence means. */
export type ConnectPhase = 'tcp' | 'banner' | 'login';

/** No answer within the connect timeout. */
export function silentError(to: ConnectionTarget, phase: ConnectPhase, timeoutMs: number): AppError {
  const seconds = Math.round(timeoutMs / 100) / 10;
  const what = {
    tcp: `does not answer: no connection within ${seconds} s`,
    banner: `accepts the connection but did not introduce itself as an SSH server within ${seconds} s`,
    login: `did not finish the SSH login within ${seconds} s`,
  }[phase];
  return appError('ssh.host_silent', `${at(to)} ${what}.`, {
    target: to.name,
    retryable: true,
    hint: 'Check the address, that the server is up, and that a firewall lets SSH through.',
  });
}

/** A failed connection whose hint also says what of the SSH configuration was not followed. */
export function withNotes(thrown: unknown, notes: readonly string[]): unknown {
  if (!(thrown instanceof AppError) || notes.length === 0) return thrown;
  const hint = [thrown.data.hint, ...notes.map((note) => `~/.ssh/config: ${note}`)].join(' ').trim();
  return new AppError({ ...thrown.data, hint });
}

/** A connection that was there and is gone. */
export function lostError(to: ConnectionTarget, during: string, cause?: unknown): AppError {
  return appError('ssh.connection_lost', `The SSH connection to ${at(to)} was lost ${during}.`, {
    target: to.name,
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
    hint: 'What ran on the server may or may not have finished: check its state before running it again.',
  });
}

/** The server turned the connection away before the login, as sshd does when too many log in at once (MaxStartups). */
export function turnedAwayError(to: ConnectionTarget, cause: unknown): AppError {
  return appError('ssh.turned_away', `${at(to)} closed the connection before the SSH login began.`, {
    target: to.name,
    retryable: true,
    cause,
    hint: 'Too many logins at once (MaxStartups), a ban after failed logins, or not an SSH port. Try again in a moment.',
  });
}

/** The app closed the connection (the server was changed, or the app ends) while it was in use. */
export function closedError(to: ConnectionTarget): AppError {
  return appError('ssh.cancelled', `The SSH connection to ${at(to)} was closed by the app.`, {
    target: to.name,
    hint: 'Connect again if the server is still wanted.',
  });
}

/** The user did not answer a question that the login needs. */
export function declinedError(to: ConnectionTarget, what: string): AppError {
  return appError('ssh.cancelled', `${what} for ${at(to)} was not given, so the connection was not made.`, {
    target: to.name,
    hint: 'Connect again and answer the question, or store the answer with the server.',
  });
}

/** Turns what a failed attempt threw into the app's words. `phase` says how far it got. */
export function connectError(to: ConnectionTarget, phase: ConnectPhase, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = errnoOf(thrown);
  if (code === 'ECONNREFUSED') {
    return appError('ssh.connection_refused', `${at(to)} refuses connections: nothing listens on port ${to.port}.`, {
      target: to.name,
      retryable: true,
      hint: 'Check the port and that the SSH server runs.',
    });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NODATA') {
    return appError('ssh.host_unresolved', `The name ${to.host} of ${to.name} has no address.`, {
      target: to.name,
      retryable: true,
      hint: 'Check the spelling, the name service, or use the IP address.',
    });
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EHOSTDOWN') {
    return appError('ssh.host_silent', `${at(to)} cannot be reached (${code}).`, {
      target: to.name,
      retryable: true,
      hint: 'Check the network and the address; a jump host may be needed.',
    });
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // The keys are exchanged before the host key is seen, so this ends an attempt that is not yet at its login.
  if (/no matching/i.test(text)) return noCommonError(to, text);
  if (phase !== 'login') return turnedAwayError(to, thrown);
  return loginError(to, text, thrown);
}

function noCommonError(to: ConnectionTarget, text: string): AppError {
  return appError('ssh.no_common_algorithm', `${at(to)} and the app have no common SSH algorithm: ${text}.`, {
    target: to.name,
    hint:
      'The server is too old or too restricted: allow a current key exchange, cipher and host key algorithm in its ' +
      'sshd_config.',
  });
}

function loginError(to: ConnectionTarget, text: string, thrown: unknown): AppError {
  if (/too many authentication failures/i.test(text)) {
    return appError('ssh.auth_failed', `${at(to)} ended the login of ${to.user}: too many attempts.`, {
      target: to.name,
      hint: 'An agent with many keys uses up the attempts (MaxAuthTries): choose the key file instead.',
    });
  }
  return lostError(to, 'during the login', thrown);
}

/** The system's or Node's error code of something thrown. Several addresses tried at once give one AggregateError. */
export function errnoOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError) {
    const codes = thrown.errors.map(errnoOf);
    return codes.find((code) => code === 'ECONNREFUSED') ?? codes.find((code) => code !== undefined);
  }
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string')
    return thrown.code;
  return undefined;
}
