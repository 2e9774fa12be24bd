/** A user's line in PgBouncer's list (PgBouncer, "Authentication file format"): quotes within are doubled. */
const LINE = /^(\s*"((?:[^"]|"")*)"\s+)"((?:[^"]|"")*)"(.*)$/;

/** What PgBouncer's list has for a user, as it stands there; null where the user is not in it. */
export function listedPassword(list: string, username: string): string | null {
  for (const line of list.split('\n')) {
    const match = LINE.exec(line);
    if (match !== null && plain(match[2]) === username) return plain(match[3]);
  }
  return null;
}

/** The list with another password for a user; all other lines stay. */
export function withListedPassword(list: string, username: string, value: string): string {
  return list
    .split('\n')
    .map((line) => {
      const match = LINE.exec(line);
      if (match === null || plain(match[2]) !== username) return line;
      return `${match[1] ?? ''}"${value.replaceAll('"', '""')}"${match[4] ?? ''}`;
    })
    .join('\n');
}

/** In which form a password stands in the list. */
export function listedForm(value: string): 'plain' | 'scram' | 'md5' {
  if (value.startsWith('SCRAM-SHA-256$')) return 'scram';
  return /^md5[0-9a-f]{32}$/.test(value) ? 'md5' : 'plain';
}

function plain(text: string | undefined): string {
  return (text ?? '').replaceAll('""', '"');
}
