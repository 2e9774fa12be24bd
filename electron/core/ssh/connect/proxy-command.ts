import { configWords } from './evaluate-config';

const QUIET_FLAGS = /^-[46aACnNqTtvx]+$/;
/** Options that say nothing of where the connection goes or who logs in. */
const HARMLESS_OPTION = new RegExp(
  String.raw`^(?:BatchMode|ConnectTimeout|ConnectionAttempts|ServerAlive\w+|LogLevel|ClearAllForwardings|Forward\w+|` +
    String.raw`Control\w+|RequestTTY|ExitOnForwardFailure|PermitLocalCommand|StrictHostKeyChecking)\b`,
  'i',
);
const TARGETS: ReadonlySet<string> = new Set(['%h:%p', '[%h]:%p']);

interface ReadOptions {
  readonly port: string | null;
  readonly user: string | null;
  readonly forwards: boolean;
  /** The host and what follows it. */
  readonly rest: readonly string[];
}

/** The options of an ssh command; null where one of them means more than a jump host does. */
function readOptions(words: readonly string[]): ReadOptions | null {
  let found: ReadOptions = { port: null, user: null, forwards: false, rest: [] };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const value = words[at + 1] ?? '';
    if (!word.startsWith('-')) return { ...found, rest: words.slice(at) };
    if (QUIET_FLAGS.test(word)) continue;
    at += 1;
    if (word === '-W' && TARGETS.has(value)) found = { ...found, forwards: true };
    else if (word === '-p') found = { ...found, port: value };
    else if (word === '-l') found = { ...found, user: value };
    else if (word !== '-o' || !HARMLESS_OPTION.test(value)) return null;
  }
  return null;
}

/** Whether the command on the jump host only passes bytes on to the server. */
function isNetcat(words: readonly string[]): boolean {
  const [program = '', ...rest] = words;
  const places = rest.filter((word) => !word.startsWith('-'));
  return /^(?:\S*\/)?(?:nc|ncat|netcat)$/.test(program) && places.join(' ') === '%h %p';
}

/**
 * The jump host that a `ProxyCommand` stands for, as `ProxyJump` writes it: `ssh -W %h:%p HOST` and `ssh HOST nc %h %p` were the usual
 * ways before ProxyJump came (ssh_config(5)). Null for any other command, which cannot be told without running it.
 */
export function jumpOfProxyCommand(command: string): string | null {
  const words = configWords(command).filter((word) => !/^\d?>/.test(word) && word !== '/dev/null');
  const [program = '', ...rest] = words[0] === 'exec' ? words.slice(1) : words;
  if (!/^(?:.*[\\/])?ssh(?:\.exe)?$/.test(program)) return null;
  const options = readOptions(rest);
  if (options === null) return null;
  const [host = '', ...passed] = options.rest;
  const remote = passed.flatMap((word) => configWords(word));
  const isJump = options.forwards ? remote.length === 0 : isNetcat(remote);
  if (!isJump || (host.includes('@') && options.user !== null)) return null;
  return `${options.user === null ? '' : `${options.user}@`}${host}${options.port === null ? '' : `:${options.port}`}`;
}
