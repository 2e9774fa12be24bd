/** Splits a command line of a POSIX shell into words; quotes and backslashes as the shell reads them, no expansion. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|(\s+)|([^\s'"\\]+)/gs;
  let word: string | null = null;
  for (const [, single, double, escaped, space, plain] of line.matchAll(pattern)) {
    if (space !== undefined) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '');
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** A command without what stands around it: the change of directory, `env`, and the change of user. */
export interface PlainCommand {
  readonly argv: readonly string[];
  /** Whom it runs as when it changes its user. */
  readonly user: string | null;
  /** What is printed to standard error before it begins (the mark by which a caller sees that sudo let it through). */
  readonly announce: string;
  /** What is printed to standard output before its own output begins. */
  readonly begin: string;
}

/** The process id that every simulated command says it has. */
const PID = 812;

/**
 * Takes the wrapping off a command line: `cd / && env A=b sudo -n -H -u root -- env A=b sh -c 'printf "[ready-...' sh
 * MARK LIMIT COMMAND`.
 */
export function unwrapped(line: string): PlainCommand {
  let argv: readonly string[] = shellWords(line.replace(/^\s*cd \/ && /, ''));
  let user: string | null = null;
  let announce = '';
  let begin = '';
  for (let depth = 0; depth < 8; depth += 1) {
    const next = peel(argv);
    if (next === null) break;
    argv = next.argv;
    user = next.user ?? user;
    announce += next.announce;
    begin += next.begin;
  }
  return { argv, user, announce, begin };
}

function peel(argv: readonly string[]): PlainCommand | null {
  switch (argv[0]) {
    case 'env':
      return {
        argv: argv.slice(1 + argv.slice(1).findIndex((word) => !/^\w+=/.test(word))),
        user: null,
        announce: '',
        begin: '',
      };
    case 'sudo':
      return afterOptions(argv, argv[argv.indexOf('-u') + 1] ?? 'root');
    case 'su':
      return afterOptions(argv, null);
    case 'sh':
      return afterExec(argv);
    default:
      return null;
  }
}

function afterOptions(argv: readonly string[], user: string | null): PlainCommand {
  const rest = argv.slice(argv.indexOf('--') + 1);
  return user === null
    ? { argv: rest.slice(2), user: rest[0] ?? 'root', announce: '', begin: '' }
    : { argv: rest, user, announce: '', begin: '' };
}

function afterExec(argv: readonly string[]): PlainCommand | null {
  if (argv[1] !== '-c' || argv[2]?.endsWith('exec "$@"') !== true) return null;
  if (argv[2].startsWith('printf "[ready-%s-%s]" "$1" "$$"; shift'))
    return { argv: argv.slice(5), user: null, announce: '', begin: `[ready-${argv[4] ?? ''}-${PID}]` };
  const announced = argv[2].startsWith('printf "[ready-%s-%s]" "$1" "$$" >&2');
  return announced
    ? {
        argv: argv.slice(6),
        user: null,
        announce: `[ready-${argv[4] ?? ''}-${PID}]`,
        begin: `[begin-${argv[4] ?? ''}]`,
      }
    : { argv: argv.slice(4), user: null, announce: '', begin: '' };
}
