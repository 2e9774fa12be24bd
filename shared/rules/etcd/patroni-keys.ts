/** What a key of Patroni is for, and what its present value says. */
export interface DecodedKey {
  /** What Patroni keeps under this key (docs of Patroni, patroni/dcs/__init__.py). */
  readonly meaning: string;
  /** The value in words; null when it is not what Patroni writes. */
  readonly says: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: string): Fields | null {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? Object.fromEntries(Object.entries(parsed))
      : null;
  } catch {
    return null;
  }
}

function listOf(value: string): readonly unknown[] | null {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** A WAL position as PostgreSQL writes it. */
function position(bytes: unknown): string | null {
  if (typeof bytes !== 'number' || !Number.isFinite(bytes) || bytes < 0) return null;
  const [high, low] = [Math.floor(bytes / 2 ** 32), bytes % 2 ** 32];
  return `${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`;
}

function memberSays(fields: Fields): string | null {
  const [role, state] = [text(fields['role']), text(fields['state'])];
  if (role === null || state === null) return null;
  const timeline = text(fields['timeline']);
  const wal = position(fields['xlog_location']);
  return `${role}, ${state}${timeline === null ? '' : `, timeline ${timeline}`}${wal === null ? '' : `, WAL at ${wal}`}`;
}

function configSays(fields: Fields): string {
  const named = ['ttl', 'loop_wait', 'retry_timeout', 'maximum_lag_on_failover'].flatMap((name) => {
    const value = text(fields[name]);
    return value === null ? [] : [`${name} ${value}`];
  });
  const more = Object.keys(fields).length - named.length;
  return `${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}${fields['pause'] === true ? '; paused' : ''}`;
}

function statusSays(fields: Fields): string | null {
  const wal = position(fields['optime']);
  if (wal === null) return null;
  const slots = fields['slots'];
  const count = typeof slots === 'object' && slots !== null ? Object.keys(slots).length : 0;
  return `the leader's WAL was at ${wal}${count === 0 ? '' : `, ${count} slots`}`;
}

function syncSays(fields: Fields): string {
  const leader = text(fields['leader']);
  const standby = text(fields['sync_standby']);
  if (leader === null) return 'nobody is synchronous';
  return `${leader} leads; synchronous: ${standby ?? 'none'}`;
}

function failoverSays(fields: Fields): string {
  const at = text(fields['scheduled_at']);
  const to = text(fields['member']) ?? 'the best candidate';
  return `from ${text(fields['leader']) ?? 'nobody'} to ${to}${at === null ? '' : ` at ${at}`}`;
}

function historySays(rows: readonly unknown[]): string {
  const last: unknown = rows.at(-1);
  if (!Array.isArray(last)) return 'no change of the timeline yet';
  const [timeline, , reason] = last.map(text);
  return `${rows.length} changes of the timeline; last: timeline ${timeline ?? '?'} ended, ${reason ?? 'no reason given'}`;
}

const says = (value: string, read: (fields: Fields) => string | null): string | null => {
  const fields = fieldsOf(value);
  return fields === null ? null : read(fields);
};

/** Decodes a key below the scope; null for one that Patroni does not write. */
export function decodePatroniKey(name: string, value: string): DecodedKey | null {
  if (name.startsWith('members/'))
    return {
      meaning: 'What a member reports of itself each HA loop. Its lease ends ttl seconds after the last report.',
      says: says(value, memberSays),
    };
  switch (name) {
    case 'leader':
      return {
        meaning: 'The leader lock: who holds it is the primary. It ends with its lease.',
        says: `${value} leads`,
      };
    case 'config':
      return {
        meaning: 'The dynamic configuration, which patronictl edit-config changes.',
        says: says(value, configSays),
      };
    case 'status':
      return { meaning: "The leader's WAL position and its permanent slots.", says: says(value, statusSays) };
    case 'history': {
      const rows = listOf(value);
      return { meaning: 'Each end of a timeline, with its reason.', says: rows === null ? null : historySays(rows) };
    }
    case 'sync':
      return {
        meaning: 'Who is synchronous, and so may be promoted in synchronous mode.',
        says: value === '' ? 'nobody is synchronous' : says(value, syncSays),
      };
    case 'failover':
      return {
        meaning: 'A switchover or failover that was asked for, now or at a time.',
        says: value === '' ? 'nothing is asked for' : says(value, failoverSays),
      };
    case 'initialize':
      return {
        meaning: 'The system identifier of the PostgreSQL cluster; a server with another one is not let in.',
        says: value === '' ? 'the cluster is being initialized' : `system identifier ${value}`,
      };
    case 'failsafe':
      return {
        meaning: 'The members that the primary must reach in failsafe mode, with their REST API.',
        says: says(value, (fields) => Object.keys(fields).join(', ')),
      };
    case 'optime/leader':
      return {
        meaning: "The leader's WAL position, as older versions of Patroni write it.",
        says: position(Number(value)),
      };
    default:
      return null;
  }
}
