import type { ErrorCode } from '../../../model/app-error';

/** A known cause of a failure: what it is called, what it means, what to do. */
export interface Cause {
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly hint: string;
  /** The line of the log it was recognised by. */
  readonly line: string;
}

/** A cause with the text by which it is recognised in one line of a log. */
export interface KnownCause {
  readonly code: ErrorCode;
  readonly pattern: RegExp;
  readonly sentence: (match: RegExpExecArray) => string;
  readonly hint: string;
}

/** A full disk, as one program says it. */
export function diskFull(pattern: RegExp): KnownCause {
  return {
    code: 'deploy.disk_full',
    pattern,
    sentence: () => 'A disk is full.',
    hint: 'Make room on the server, then resume.',
  };
}

/** Clocks that differ, as one program says it. */
export function clockSkew(pattern: RegExp): KnownCause {
  return {
    code: 'deploy.clock_skew',
    pattern,
    sentence: () => 'The clocks of the servers differ too much.',
    hint: 'Set the clocks (systemd-timesyncd or chrony), then resume.',
  };
}

/** A name that has no address, as one program says it; the first group that matched is the name. */
export function nameUnresolved(pattern: RegExp): KnownCause {
  return {
    code: 'deploy.name_unresolved',
    pattern,
    sentence: (match) => `A name cannot be resolved${firstGroup(match).replace(/^(?=.)/, ': ')}.`,
    hint: 'Look at /etc/resolv.conf on the server, or let packages come through this workstation.',
  };
}

/** The first group of a match that took part in it; '' when none did. */
export function firstGroup(match: RegExpExecArray): string {
  return match.slice(1).find((group) => group !== undefined && group !== '') ?? '';
}
