import { appError } from '../../../../shared/model/app-error';

/** Needs no quotes in any shell. */
const PLAIN = /^[A-Za-z0-9_/.,:=@%+-]+$/;

/**
 * One word of a POSIX shell command that stands for exactly this text. A NUL byte cannot be passed and
 * throws `ssh.bad_argument`. Backslashes stand outside the quotes, because fish reads them within.
 */
export function quoteWord(text: string): string {
  if (text.includes('\0')) {
    throw appError('ssh.bad_argument', 'A command argument contains a NUL byte, which no command can receive.');
  }
  return PLAIN.test(text) ? text : `'${text.replaceAll(/['\\]/g, (one) => `'\\${one}'`)}'`;
}

/** An argument vector as one shell command line. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}
