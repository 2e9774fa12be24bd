import type { LogLevel, LogService } from '../../model/logs/log-record';

/** One entry of the journal as `journalctl -o json` prints it (systemd.journal-fields(7)). */
export interface JournalEntry {
  readonly cursor: string;
  /** ms since the epoch by the server's clock. */
  readonly at: number;
  readonly level: LogLevel;
  readonly service: LogService;
  /** The unit it came from, or `kernel`. */
  readonly unit: string;
  readonly pid: string;
  readonly message: string;
}

/** syslog's priorities, 0 to 7, on the one scale. */
const priorities: readonly LogLevel[] = ['fatal', 'fatal', 'fatal', 'error', 'warning', 'notice', 'info', 'debug'];

const unitServices: readonly (readonly [RegExp, LogService])[] = [
  [/^patroni/, 'patroni'],
  [/^postgres/, 'postgresql'],
  [/^etcd/, 'etcd'],
  [/^haproxy/, 'haproxy'],
  [/^pgbouncer/, 'pgbouncer'],
  [/^keepalived/, 'keepalived'],
];

/** The program whose unit this is; `system` for the rest. */
export function serviceOfUnit(unit: string): LogService {
  return unitServices.find(([pattern]) => pattern.test(unit))?.[1] ?? 'system';
}

/** The fields of the journal that an entry is made from; nothing else of it is asked for. */
export const JOURNAL_FIELDS = ['MESSAGE', 'PRIORITY', '_SYSTEMD_UNIT', 'UNIT', '_PID', '_TRANSPORT'];

/**
 * Reads one line; null where it is none of an entry. A message that is no text comes as a list of bytes, which `decode`
 * makes a text of.
 */
export function readJournalEntry(line: string, decode: (bytes: readonly number[]) => string): JournalEntry | null {
  const fields = readFields(line);
  const cursor = fields?.['__CURSOR'];
  const micros = Number(fields?.['__REALTIME_TIMESTAMP']);
  if (fields === null || typeof cursor !== 'string' || !Number.isFinite(micros)) return null;
  const word = (name: string): string => textOf(fields[name], decode);
  const isKernel = word('_TRANSPORT') === 'kernel';
  // What systemd says about a unit is its own word, and names the unit in UNIT.
  const about = word('UNIT');
  const unit = about === '' ? word('_SYSTEMD_UNIT') : about;
  return {
    cursor,
    at: micros / 1000,
    level: priorities[Number(word('PRIORITY') || '6')] ?? 'info',
    service: isKernel || about !== '' ? 'system' : serviceOfUnit(unit),
    unit: isKernel ? 'kernel' : unit,
    pid: word('_PID'),
    message: word('MESSAGE'),
  };
}

function readFields(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown, decode: (bytes: readonly number[]) => string): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  const bytes: readonly unknown[] = value;
  if (bytes.every((one) => typeof one === 'number')) return decode(bytes);
  // A field that was given more than once comes as a list of its values.
  return bytes.map((one) => textOf(one, decode)).join('\n');
}
