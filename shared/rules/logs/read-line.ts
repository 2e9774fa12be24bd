import type { LogLevel, LogService } from '../../model/logs/log-record';
import { readLogTime, readSyslogTime } from './log-time';

/** What one line of a log is: the beginning of an entry, or more of the one before. */
export type ParsedLogLine =
  | {
      readonly kind: 'entry';
      /** ms since the epoch by the server's clock; null: the line does not say. */
      readonly at: number | null;
      /** null: the line does not say. */
      readonly level: LogLevel | null;
      readonly text: string;
      /** Whose line it is where it is not its source's own: Patroni's unit has PostgreSQL's words too. */
      readonly service?: LogService;
    }
  | { readonly kind: 'more'; readonly text: string };

/** What the lines of one log are read with. */
export interface LogDialect {
  readonly service: LogService;
  /** Minutes east of UTC of a server that writes local times without a zone. */
  readonly serverZone: number;
  /** ms since the epoch by the server's clock, for times without a year. */
  readonly now: number;
}

/** The levels of Python's logging, which Patroni writes. */
const pythonLevels: Readonly<Record<string, LogLevel>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'fatal',
};

/** PostgreSQL's severities (documentation, "Message Severity Levels") and PgBouncer's. */
const postgresLevels: Readonly<Record<string, LogLevel>> = {
  NOISE: 'debug',
  DEBUG: 'debug',
  DEBUG1: 'debug',
  DEBUG2: 'debug',
  DEBUG3: 'debug',
  DEBUG4: 'debug',
  DEBUG5: 'debug',
  INFO: 'info',
  LOG: 'info',
  NOTICE: 'notice',
  WARNING: 'warning',
  ERROR: 'error',
  FATAL: 'fatal',
  PANIC: 'fatal',
};

/** etcd's levels by zap, and the letters of its older text. */
const etcdLevels: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  error: 'error',
  dpanic: 'fatal',
  panic: 'fatal',
  fatal: 'fatal',
  D: 'debug',
  I: 'info',
  N: 'notice',
  W: 'warning',
  E: 'error',
  C: 'fatal',
};

/** HAProxy's words at the beginning of what it writes to standard error. */
const haproxyLevels: Readonly<Record<string, LogLevel>> = {
  NOTICE: 'notice',
  WARNING: 'warning',
  ALERT: 'error',
};

/** Python's own lines after an entry: a traceback, its indented lines, and the exception at its end. */
const PYTHON_MORE =
  /^(?:Traceback \(most recent call last\)|\s+\S|During handling of|The above exception|[\w.]+(?:Error|Exception)(?::|$))/;

const PATRONI = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?) (DEBUG|INFO|WARNING|ERROR|CRITICAL): ?(.*)$/s;

const POSTGRES =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)(?: ?(Z|[A-Z]{3,5}|[+-]\d\d(?::?\d\d)?)(?=[ \]:;,]))?(.{0,300}?)\b(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION): {1,2}(.*)$/s;

const PGBOUNCER =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ?(\S{1,6})? \[\d+\] (NOISE|DEBUG|LOG|INFO|WARNING|ERROR|FATAL) (.*)$/s;

const OLD_ETCD = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) ([DINWEC]) \| (.*)$/s;

const SYSLOG = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d) \S+ [^:[]+(?:\[\d+\])?: (.*)$/s;
const OLD_SYSLOG = /^([A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d) \S+ [^:[]+(?:\[\d+\])?: (.*)$/s;

function readJson(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function readPatroni(text: string, dialect: LogDialect): ParsedLogLine {
  const found = PATRONI.exec(text);
  if (found !== null) {
    const [, time = '', level = '', words = ''] = found;
    return {
      kind: 'entry',
      at: readLogTime(time, '', dialect.serverZone),
      level: pythonLevels[level] ?? null,
      text: words,
    };
  }
  const json = readJson(text);
  if (json !== null && 'levelname' in json)
    return {
      kind: 'entry',
      at: readLogTime(wordOf(json['asctime']), '', dialect.serverZone),
      level: pythonLevels[wordOf(json['levelname'])] ?? null,
      text: wordOf(json['message']),
    };
  const postgres = readPostgresLine(text, dialect);
  if (postgres !== null) return postgres.kind === 'entry' ? { ...postgres, service: 'postgresql' } : postgres;
  if (PYTHON_MORE.test(text)) return { kind: 'more', text };
  return { kind: 'entry', at: null, level: null, text };
}

function readPostgresLine(text: string, dialect: LogDialect): ParsedLogLine | null {
  const found = POSTGRES.exec(text);
  if (found === null) return null;
  const [, time = '', zone = '', prefix = '', severity = '', words = ''] = found;
  const level = postgresLevels[severity];
  if (level === undefined) return { kind: 'more', text: `${severity}: ${words}` };
  const session = sessionOf(prefix);
  return {
    kind: 'entry',
    at: readLogTime(time, zone, dialect.serverZone),
    level,
    text: `${session}${severity}: ${words}`,
  };
}

/** What a prefix says besides the time and the process: user, database, client. */
function sessionOf(prefix: string): string {
  const rest = prefix
    .replace(/\[?\d+(?:-\d+)?\]?:?/, '')
    .replace(/\[unknown\]@\[unknown\]|^\W*@\W*$/g, '')
    .trim();
  return /\w/.test(rest) ? `${rest} ` : '';
}

function readPostgres(text: string, dialect: LogDialect): ParsedLogLine {
  if (/^[\t ]/.test(text)) return { kind: 'more', text: text.replace(/^\t/, '') };
  const json = readJson(text);
  if (json !== null && 'error_severity' in json) return readJsonLog(json, dialect);
  return readPostgresLine(text, dialect) ?? { kind: 'entry', at: null, level: null, text };
}

function postgresEntry(fields: {
  readonly time: string;
  readonly severity: string;
  readonly session: string;
  readonly message: string;
  readonly more: readonly (readonly [string, string])[];
  readonly dialect: LogDialect;
}): ParsedLogLine {
  const { time, severity, message, session, dialect } = fields;
  const zone = /[\d.] ?([A-Z]{1,5}|[+-]\d\d(?::?\d\d)?)$/.exec(time)?.[1] ?? '';
  const more = fields.more.filter(([, words]) => words !== '').map(([name, words]) => `\n${name}: ${words}`);
  return {
    kind: 'entry',
    at: readLogTime(time, zone, dialect.serverZone),
    level: postgresLevels[severity] ?? null,
    text: `${session === '' ? '' : `${session} `}${severity}: ${message}${more.join('')}`,
  };
}

/** A line of jsonlog (documentation, "Keys and Values of JSON Log Entries"). */
function readJsonLog(json: Readonly<Record<string, unknown>>, dialect: LogDialect): ParsedLogLine {
  const field = (name: string): string => (json[name] === undefined ? '' : wordOf(json[name]));
  return postgresEntry({
    time: field('timestamp'),
    severity: field('error_severity'),
    session: sessionWords(field('user'), field('dbname')),
    message: field('message'),
    more: [
      ['DETAIL', field('detail')],
      ['HINT', field('hint')],
      ['CONTEXT', field('context')],
      ['STATEMENT', field('statement')],
    ],
    dialect,
  });
}

const sessionWords = (user: string, database: string): string => (user === '' ? '' : `${user}@${database}`);

/** Whether the quotes of a csvlog row are all closed: a row may have line ends inside of them. */
export function isWholeCsvRow(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 0;
}

/** The fields of one whole row of CSV. */
function readCsvRow(text: string): readonly string[] {
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/gy;
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text);
    if (found === null) break;
    fields.push(found[1] === undefined ? (found[2] ?? '') : found[1].replaceAll('""', '"'));
  }
  return fields;
}

/** A row of csvlog (documentation, "Using CSV-Format Log Output", for the order of its columns). */
export function readCsvLog(text: string, dialect: LogDialect): ParsedLogLine {
  const fields = readCsvRow(text);
  const severity = fields[11] ?? '';
  if (postgresLevels[severity] === undefined) return { kind: 'entry', at: null, level: null, text };
  return postgresEntry({
    time: fields[0] ?? '',
    severity,
    session: sessionWords(fields[1] ?? '', fields[2] ?? ''),
    message: fields[13] ?? '',
    more: [
      ['DETAIL', fields[14] ?? ''],
      ['HINT', fields[15] ?? ''],
      ['CONTEXT', fields[18] ?? ''],
      ['STATEMENT', fields[19] ?? ''],
    ],
    dialect,
  });
}

function readEtcd(text: string, dialect: LogDialect): ParsedLogLine {
  const json = readJson(text);
  if (json !== null && 'msg' in json) {
    const { level, ts, msg, caller: _caller, logger: _logger, stacktrace, ...fields } = json;
    const words = Object.entries(fields).map(([name, value]) => ` ${name}=${wordOf(value)}`);
    const stack = stacktrace === undefined ? '' : `\n${wordOf(stacktrace)}`;
    const time = wordOf(ts);
    const zone = /(Z|[+-]\d\d:?\d\d)$/.exec(time)?.[1] ?? 'Z';
    return {
      kind: 'entry',
      at: readLogTime(time, zone, dialect.serverZone),
      level: etcdLevels[wordOf(level)] ?? null,
      text: `${wordOf(msg)}${words.join('')}${stack}`,
    };
  }
  const old = OLD_ETCD.exec(text);
  if (old === null) return { kind: 'entry', at: null, level: null, text };
  return {
    kind: 'entry',
    at: readLogTime(old[1] ?? '', '', dialect.serverZone),
    level: etcdLevels[old[2] ?? ''] ?? null,
    text: old[3] ?? '',
  };
}

function readHaproxy(text: string): ParsedLogLine {
  const found = /^\[(NOTICE|WARNING|ALERT)\] +(?:\d+\/\d+ )?\(\d+\) ?: (.*)$/s.exec(text);
  if (found !== null)
    return { kind: 'entry', at: null, level: haproxyLevels[found[1] ?? ''] ?? null, text: found[2] ?? '' };
  return { kind: 'entry', at: null, level: haproxyLevelOf(text), text };
}

/** What HAProxy says of its servers by syslog carries no level in a file: its own words tell (src/server.c, src/checks.c). */
function haproxyLevelOf(text: string): LogLevel | null {
  if (/has no server available/.test(text)) return 'fatal';
  if (/ is DOWN\b| is going DOWN/.test(text)) return 'error';
  return / is UP\b/.test(text) ? 'notice' : null;
}

function readPgbouncer(text: string, dialect: LogDialect): ParsedLogLine {
  const found = PGBOUNCER.exec(text);
  if (found === null) return { kind: 'entry', at: null, level: null, text };
  const [, time = '', zone = '', level = '', words = ''] = found;
  return {
    kind: 'entry',
    at: readLogTime(time, zone, dialect.serverZone),
    level: postgresLevels[level] ?? null,
    text: words,
  };
}

/** Reads the words of a program as it writes them itself, wherever they end up. */
export function readLogLine(text: string, dialect: LogDialect): ParsedLogLine {
  switch (dialect.service) {
    case 'patroni':
      return readPatroni(text, dialect);
    case 'postgresql':
      return readPostgres(text, dialect);
    case 'etcd':
      return readEtcd(text, dialect);
    case 'haproxy':
      return readHaproxy(text);
    case 'pgbouncer':
      return readPgbouncer(text, dialect);
    case 'keepalived':
    case 'system':
      return { kind: 'entry', at: null, level: null, text };
  }
}

/** Reads a line of a file: the program's own form, or that of a syslog daemon around it. */
export function readFileLine(text: string, dialect: LogDialect): ParsedLogLine {
  const found = SYSLOG.exec(text);
  if (found !== null) {
    const [, time = '', zone = '', words = ''] = found;
    return dated(readLogLine(words, dialect), readLogTime(time, zone, dialect.serverZone));
  }
  const old = OLD_SYSLOG.exec(text);
  if (old === null) return readLogLine(text, dialect);
  return dated(readLogLine(old[2] ?? '', dialect), readSyslogTime(old[1] ?? '', dialect.serverZone, dialect.now));
}

function dated(line: ParsedLogLine, at: number | null): ParsedLogLine {
  return line.kind === 'entry' ? { ...line, at: line.at ?? at } : line;
}
