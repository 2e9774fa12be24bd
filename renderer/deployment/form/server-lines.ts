/** A server as a line names it. `user` is null when the line names none. */
export interface ServerLine {
  readonly user: string | null;
  readonly host: string;
  readonly port: number;
}

/** What the lines say, and which cannot be read (counted from 1). */
export interface ServerLines {
  readonly servers: readonly ServerLine[];
  readonly problems: readonly string[];
}

const MOST_SERVERS = 64;
const form = /^(?:(?<user>[^@\s:]+)@)?(?:\[(?<six>[0-9a-fA-F:]+)\]|(?<host>[^\s:@[\]]+))(?::(?<port>\d{1,5}))?$/;

/** Reads lines such as `root@10.0.0.11`, `db1.example.net:2222` or `[fd00::11]:22`. Empty lines and lines that start with # are passed over; one named twice counts once. */
export function readServerLines(text: string): ServerLines {
  const rows = text
    .split(/[\n,;]/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
  const servers: ServerLine[] = [];
  const problems: string[] = [];
  for (const { line, number } of rows) {
    const read = readLine(line);
    if (typeof read === 'string') problems.push(`Line ${number}: ${read}`);
    else if (!servers.some((other) => sameLine(other, read))) servers.push(read);
  }
  if (servers.length > MOST_SERVERS)
    problems.push(`These are ${servers.length} servers; a cluster has at most ${MOST_SERVERS}.`);
  return { servers, problems };
}

function readLine(line: string): ServerLine | string {
  const bare = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(line)
    ? { host: line, user: undefined, port: undefined }
    : form.exec(line)?.groups;
  const host = bare === undefined ? undefined : (('six' in bare ? bare['six'] : undefined) ?? bare['host']);
  if (bare === undefined || host === undefined)
    return `"${line.slice(0, 60)}" is not of the form user@host or user@host:port.`;
  if (host.length > 255) return 'the host name is too long.';
  const port = bare['port'] === undefined ? 22 : Number(bare['port']);
  if (port < 1 || port > 65535) return `${port} is no port: use a number from 1 to 65535.`;
  return { user: bare['user'] ?? null, host, port };
}

function sameLine(a: ServerLine, b: ServerLine): boolean {
  return a.host === b.host && a.port === b.port && a.user === b.user;
}
