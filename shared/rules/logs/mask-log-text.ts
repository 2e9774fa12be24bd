import { maskStatement } from '../postgres/mask-statement';

/** Only what speaks of one of these is looked at closely: nearly every line is none of it. */
const SPEAKS = new RegExp(
  'passw|pwd|passphrase|[_-]pass\\b|secret|token|authorization|identified|scram-sha-256\\$|md5[0-9a-f]{32}|' +
    '(?:api|access|account|azure|s3)[_-]?key|(?<![\\w-])-(?:u|-user|-proxy-user)[\\s=]|://[^\\s/]*@',
  'i',
);

/** Where PostgreSQL's words end and a statement begins (log_statement, log_min_duration_statement, log_min_error_statement). */
const STATEMENT = /\b(?:statement|query|parse [^\s:]+|bind [^\s:]+|execute [^\s:]+): +/i;

const SINGLE = `[eE]?'(?:[^'\\\\]|\\\\.|'')*(?:'|$)`;
const DOUBLE = `"(?:[^"\\\\]|\\\\.)*(?:"|$)`;
/** What makes a name one of a secret, wherever it stands in it: `AWS_SECRET_ACCESS_KEY`, `repo1-cipher-pass`. */
const WORD =
  'password|passwd|pwd|passphrase|secret|token|[_-]pass(?![\\w.-])|' +
  '(?:api|account|azure|s3)[_-]?key(?![\\w.-])|access[_-]?key(?![\\w.-])';
/** Ends of names that only speak of secrets: settings around them, numbers of them, source files and units of systemd. */
const HARMLESS_END =
  '(?:encryption|check|file|path|dir|command|policy|expiry|expires|expiration|ttl|lifetime|length|count|type|required|age|timeout|' +
  'iterations|method|_name|passwords|secrets|tokens|\\.(?:c|h|py|go|service|path|socket|timer|target))(?![\\w.-])';
/** The working directory, as sudo and shells tell it. */
const WORKING_DIRECTORY = `(?:old)?pwd\\s{0,9}=\\s{0,9}["']?/`;
/** Begins where a word begins: each word is looked at once, however long it is. */
const SECRET_NAME =
  '(?<![\\w.-])' + `(?=[\\w.-]*(?:${WORD}))(?![\\w.-]*${HARMLESS_END})(?!${WORKING_DIRECTORY})[\\w.-]+`;
/** `?password=x&sslmode=require` of a URL. */
const PARAMETER = new RegExp(`((?<=[?&])${SECRET_NAME}=)[^\\s&#"']+`, 'gi');
/** `"PGPASSWORD=x y"`, the whole setting in quotes. */
const QUOTED_SETTING = new RegExp(`((?<=(["']))${SECRET_NAME}\\s{0,9}=\\s{0,9})(?:\\\\.|(?!\\2)[^\\\\])+`, 'gi');
/** `"password": "x"`, also in a string that is itself quoted. */
const QUOTED_NAME = new RegExp(
  `((?<=["'])${SECRET_NAME}\\\\?["']\\s{0,9}[=:]\\s{0,9})(?:\\\\"[^"]*(?:"|$)|${DOUBLE}|${SINGLE}|[^\\s,}\\]"']+)`,
  'gi',
);
/** `password=x` and `PGPASSWORD='x'`: for libpq and a shell a value without quotes ends at the next blank, and at nothing else. */
const SETTING = new RegExp(
  `((?<![?&"'])${SECRET_NAME}\\s{0,9}=\\s{0,9})(?:(?:${DOUBLE}|${SINGLE})[^\\s,;&)}\\]"']*|(?:\\\\\\s|\\S)+)`,
  'gi',
);
/** `password: x` of YAML; what closes a list or a sentence after it stays. */
const ENTRY = new RegExp(`(${SECRET_NAME}\\s{0,9}:\\s{0,9})(?:${DOUBLE}|${SINGLE}|\\S*[^\\s,;)}\\]"'])`, 'gi');
/** `PASSWORD 'x'` and `IDENTIFIED BY 'x'` of SQL outside of what PostgreSQL calls a statement, e.g. in a row of pgaudit. */
const CLAUSE = new RegExp(`(\\b(?:password|identified\\s{1,9}by)\\s{1,9})${SINGLE}`, 'gi');
/** `--password x` of a command line. */
const OPTION = new RegExp(
  `((?=--(?!no-))${SECRET_NAME}\\s{1,9})(?![-=:])(?:${DOUBLE}|${SINGLE}|(?:\\\\\\s|\\S)+)`,
  'gi',
);
/** `--user name:password` of etcdctl and curl. */
const USER_OPTION = new RegExp(
  `((?<![\\w.-])-(?:u|-user|-proxy-user)(?:\\s{1,9}|=)["']?[^\\s:"'/@]{1,200}:)(?!//)` +
    `(?:(?<=[\\s=]"[^\\s:"'/@]{1,200}:)[^"]+|(?<=[\\s=]'[^\\s:"'/@]{1,200}:)[^']+|\\S+)`,
  'g',
);
/** `scheme://user:password@`; a password ends at the first / as in libpq. */
const USER_OF_URL = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/?#'"]{0,200}:)[^\s/'"]{0,2000}@/gi;
const HEADER = /(\bauthorization["']?\s*[=:]\s*["']?(?:(?:basic|bearer|digest)\s+)?)[^\s"',;]+/gi;
/** What PostgreSQL keeps of a password: whoever has it can try passwords without asking, or log in with it (md5). */
const VERIFIER = /\b(SCRAM-SHA-256\$)[^\s'",)]+|\b(md5)[0-9a-f]{32}\b/gi;

/**
 * A log entry as it may leave the core, with `***` in the place of passwords, tokens and the like. Which words are secret can only be
 * told by what stands before them: a secret that a program writes without such a word stays.
 */
export function maskLogText(text: string): string {
  if (!SPEAKS.test(text)) return text;
  return withMaskedStatement(text)
    .replace(USER_OF_URL, '$1***@')
    .replace(HEADER, '$1***')
    .replace(CLAUSE, "$1'***'")
    .replace(USER_OPTION, '$1***')
    .replace(OPTION, hideValue)
    .replace(PARAMETER, '$1***')
    .replace(QUOTED_SETTING, '$1***')
    .replace(QUOTED_NAME, hideValue)
    .replace(ENTRY, hideValue)
    .replace(SETTING, hideValue)
    .replace(VERIFIER, (_all, scram: string | undefined, md5: string | undefined) => `${scram ?? md5 ?? ''}***`);
}

/** A statement that speaks of a secret loses all its literals, as everywhere in the app. */
function withMaskedStatement(text: string): string {
  const found = STATEMENT.exec(text);
  if (found === null) return text;
  const begin = found.index + found[0].length;
  return text.slice(0, begin) + maskStatement(text.slice(begin));
}

/** Quotes stay, so that what is around them can be read as before. */
function hideValue(all: string, name: string): string {
  const value = all.slice(name.length);
  if (value.startsWith('\\"')) return `${name}\\"***\\"`;
  if (value.startsWith('"')) return `${name}"***"`;
  return /^e?'/i.test(value) ? `${name}'***'` : `${name}***`;
}
