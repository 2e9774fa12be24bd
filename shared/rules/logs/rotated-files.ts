/** A file in the directory of a log. */
export interface LogFileStat {
  readonly path: string;
  readonly inode: string;
  /** Bytes. */
  readonly size: number;
  /** ms since the epoch by the server's clock. */
  readonly changedAt: number;
}

/** Whether a file is compressed by gzip, by its name. */
export function isCompressed(path: string): boolean {
  return path.endsWith('.gz');
}

/** A name with a date in it, as PostgreSQL's log_filename makes one: without its figures. */
function datedShape(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return /\d{4}|%|\d\d[-_]\d\d|-(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/.test(name)
    ? name.replace(/\d+/g, '0').replace(/-(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/, '-Day')
    : null;
}

/**
 * Whether a file holds earlier lines of a log: logrotate's `NAME.1` and `NAME-20261126`, or a file of PostgreSQL's logging
 * collector whose name differs in its date only; each also compressed by gzip.
 */
export function isRotationOf(file: string, active: string): boolean {
  const path = isCompressed(file) && !isCompressed(active) ? file.slice(0, -'.gz'.length) : file;
  if (path === active) return false;
  if (/^[.-]\d+$/.test(path.slice(active.length)) && path.startsWith(active)) return true;
  const shape = datedShape(active);
  return shape !== null && datedShape(path) === shape;
}
