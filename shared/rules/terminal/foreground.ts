import type { TerminalActivity } from '../../model/terminal/terminal';

/** What a process of a server is, as ps (procps) prints it by `-o pid=,ppid=,pgid=,tpgid=,tty=,etimes=,comm=`. */
interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The group that has the foreground of its terminal; -1 without a terminal. */
  readonly foreground: number;
  readonly tty: string;
  /** Seconds since it started. */
  readonly age: number;
  readonly name: string;
}

/** What stands between the user and what runs, and is no work by itself. */
const SHELLS = new Set([
  ...['sh', 'ash', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'fish', 'csh', 'tcsh', 'busybox', 'login'],
  ...['sudo', 'su', 'doas', 'env'],
]);

/**
 * What runs in the terminal that is `index`th of `count` on one SSH connection, in the order in which they were opened. The
 * first line of `text` is the process that asked, which sshd started on the same connection; the others are processes. What
 * cannot be told apart for certain is `unknown`.
 */
export function readForeground(text: string, index: number, count: number): TerminalActivity {
  const [own = '', ...lines] = text.split('\n');
  const rows = lines.flatMap(readRow);
  const daemon = daemonAbove(rows, Number(own));
  if (daemon === null) return { kind: 'unknown' };
  const terminals = rows
    .filter((row) => row.parent === daemon && row.tty !== '?')
    .sort((a, b) => b.age - a.age || a.pid - b.pid);
  const root = terminals[index];
  if (root === undefined || terminals.length !== count) return { kind: 'unknown' };
  const working = below(rows, root).filter((row) => row.group === row.foreground && !SHELLS.has(row.name));
  const last = working.at(-1);
  return last === undefined ? { kind: 'idle' } : { kind: 'busy', command: last.name };
}

function readRow(line: string): readonly ProcessRow[] {
  const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\d+)\s+(.+?)\s*$/.exec(line);
  if (found === null) return [];
  const [, pid, parent, group, foreground, tty = '?', age, name = ''] = found;
  return [
    {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      foreground: Number(foreground),
      tty,
      age: Number(age),
      // A login shell begins with a dash.
      name: name.replace(/^-/, ''),
    },
  ];
}

/** The sshd of the connection: the first above a process that is one. Since OpenSSH 9.8 it is called sshd-session. */
function daemonAbove(rows: readonly ProcessRow[], pid: number): number | null {
  const seen = new Set<number>();
  for (let at = rows.find((row) => row.pid === pid); at !== undefined && !seen.has(at.pid);) {
    if (at.name.startsWith('sshd')) return at.pid;
    seen.add(at.pid);
    const { parent } = at;
    at = rows.find((row) => row.pid === parent);
  }
  return null;
}

/** A process and all that descend from it, parents before their children. */
function below(rows: readonly ProcessRow[], root: ProcessRow): readonly ProcessRow[] {
  const found = [root];
  const known = new Set([root.pid]);
  for (const { pid } of found)
    for (const row of rows)
      if (row.parent === pid && !known.has(row.pid)) {
        known.add(row.pid);
        found.push(row);
      }
  return found;
}
