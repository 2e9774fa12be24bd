import type { AppErrorData } from '../app-error';

/** The programs of a cluster whose logs are read; `system` stands for the kernel and for systemd's words about their units. */
export const logServices = ['patroni', 'postgresql', 'etcd', 'haproxy', 'pgbouncer', 'keepalived', 'system'] as const;
/** One of these programs. */
export type LogService = (typeof logServices)[number];

/** The one scale that the levels of all programs are brought to, least grave first. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'fatal'] as const;
/** One step of this scale. */
export type LogLevel = (typeof logLevels)[number];

/** Where a server's log lines stand: in the journal, or in a file. */
export interface LogSource {
  readonly service: LogService;
  /** A systemd unit, or the path of a file. */
  readonly name: string;
  readonly kind: 'journal' | 'file';
}

/** One entry of a log: a line with the lines that continue it. */
export interface LogRecord {
  /** The same entry has the same id whenever it is read: server, and cursor or file and offset. */
  readonly id: string;
  /** The member on this server, or the server's name where none runs there. */
  readonly member: string;
  readonly serverId: string;
  readonly service: LogService;
  /** The unit or the file it stands in. */
  readonly source: string;
  /** When it was written, ms since the epoch by this computer's clock: the server's time less its measured offset. */
  readonly at: number;
  /** When it was written by the server's own clock, ms since the epoch. */
  readonly serverAt: number;
  readonly level: LogLevel;
  /** Without controls and escapes; continued lines are parted by \n. */
  readonly text: string;
  /** So many bytes of the text were left out because the entry is too long. */
  readonly cutBytes: number;
}

/** Why lines are missing, or may be. */
export type LogGapCause = 'cut_off' | 'rotated' | 'truncated' | 'cursor_gone' | 'refused' | 'dropped';

/** A stretch of a server's log that is not there. The same id comes again when more is known of it. */
export interface LogGap {
  readonly id: string;
  readonly member: string;
  readonly serverId: string;
  /** ms since the epoch by this computer's clock. */
  readonly from: number;
  /** null: it goes on. */
  readonly to: number | null;
  readonly cause: LogGapCause;
  /** `open`: nothing is read now; `filled`: what was written meanwhile came later; `lost`: some of it is missing. */
  readonly state: 'open' | 'filled' | 'lost';
  readonly sentence: string;
}

/** How far a server's clock is from this computer's, from a round trip. All in ms. */
export interface ClockOffset {
  /** What to take off the server's time. */
  readonly offsetMs: number;
  /** The true offset differs by no more than this. */
  readonly uncertaintyMs: number;
  /** ms since the epoch. */
  readonly measuredAt: number;
}

/** How the logs of one server are read now. */
export interface LogServer {
  readonly serverId: string;
  readonly member: string;
  /** Its name in the inventory. */
  readonly name: string;
  readonly status: 'connecting' | 'live' | 'paused' | 'cut_off' | 'refused';
  readonly error: AppErrorData | null;
  readonly clock: ClockOffset | null;
  readonly sources: readonly LogSource[];
  /** What this login is not shown, as a sentence; null: it sees all. */
  readonly notice: string | null;
}

/** Entries and gaps of several servers, oldest first. */
export interface LogPage {
  readonly records: readonly LogRecord[];
  readonly gaps: readonly LogGap[];
  /** Everything of the servers since then is in it, as far as it is there; ms since the epoch. */
  readonly from: number;
  /** There is nothing older. */
  readonly atEnd: boolean;
}

/** What a follower gets: its own id first, then changes, which it acknowledges by their number. */
export type LogUpdate =
  | { readonly kind: 'started'; readonly followId: string; readonly servers: readonly LogServer[] }
  | {
      readonly kind: 'batch';
      readonly number: number;
      readonly records: readonly LogRecord[];
      readonly gaps: readonly LogGap[];
      readonly servers: readonly LogServer[];
    };
