import { maskStatement } from '../postgres/mask-statement';

/** Only what speaks of one of these is looked at closely: nearly every line is none of it. */
const SPEAKS =
  /passw|pwd|passphrase|secret|token|authorization|identified|scram-sha-256\$|md5[0-9a-f]{32}|:\/\/[^\s/]*@/i;

/** Where PostgreSQL's words end and a statement begins (log_statement, log_min_duration_statement, log_min_error_statement). */
const STATEMENT = /\b(?:statement|query|parse [^\s:]+|bind [^\s:]+|execute [^\s:]+): +/i;

const SINGLE = `[eE]?'(?:[^'\\\\]|\\\\.|'')*(?:'|$)`;
const DOUBLE = `"(?:[^"\\\\]|\\\\.)*(?:"|$)`;
/** Begins where a word begins: each word is looked at once, however long it is. */
const SECRET_NAME = `(?<![\\w.-])[\\w.-]*(?:password|passwd|pwd|passphrase|secret|token)`;
/** `password=x`, `"password": "x"`, `PGPASSWORD='x'`. */
const SETTING = new RegExp(`(${SECRET_NAME}["']?\\s{0,9}[=:]\\s{0,9})(?:${DOUBLE}|${SINGLE}|[^\\s,;&)}\\]"']+)`, 'gi');
/** `PASSWORD 'x'` and `IDENTIFIED BY 'x'` of SQL outside of what PostgreSQL calls a statement, e.g. in a row of pgaudit. */
const CLAUSE = new RegExp(`(\\b(?:password|identified\\s{1,9}by)\\s{1,9})${SINGLE}`, 'gi');
/** `--password x` of a command line. */
const OPTION = new RegExp(`(${SECRET_NAME}\\s{1,9})(?<=(?<![\\w.-])--[\\w-]{1,60}\\s{1,9})(?!-)\\S+`, 'gi');
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
    .replace(SETTING, (all, name: string) => name + hidden(all.slice(name.length)))
    .replace(OPTION, '$1***')
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
function hidden(value: string): string {
  if (value.startsWith('"')) return '"***"';
  return value.includes("'") ? "'***'" : '***';
}
