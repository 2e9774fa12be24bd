import { AppError } from '../../../shared/model/app-error';
import { toNormalHost } from '../../../shared/model/connect/host-port';
import { readSshHop, SSH_PORT } from '../../../shared/model/connect/ssh-address';

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

/**
 * Reads lines such as `root@10.0.0.11`, `db1.example.net:2222` or `[fd00::11]:22`. Empty lines and lines that start with #
 * are passed over; one named twice counts once.
 */
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
  try {
    const { user, host, port } = readSshHop(line);
    return { user, host: toNormalHost(host), port: port ?? SSH_PORT };
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.message;
    throw thrown;
  }
}

function sameLine(a: ServerLine, b: ServerLine): boolean {
  return a.host === b.host && a.port === b.port && a.user === b.user;
}
