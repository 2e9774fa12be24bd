import type { Undo } from '../../../../shared/model/undo';
import { STATISTICS_SCRIPT_NAME } from '../../statistics/statistics-script';
import { diskOf } from '../model/disk';
import { answersQueries, isWritable } from '../model/postgres';
import type { DemoHost } from '../network/network';
import { sentRows } from '../sql/replication-rows';
import { sessionRows } from '../sql/activity-rows';
import type { ExecOutcome } from './exec-outcome';

const GB = 1024 ** 3;
const MEMORY = 16 * GB;
const CORES = 4;
/** Ticks of a processor in a second. */
const TICKS = 100;

/** What the script that reads figures prints on a simulated server; null where it is another script. */
export function answerStatisticsScript(
  host: DemoHost,
  script: string,
  [, every = '10']: readonly string[],
): ExecOutcome | null {
  if (!script.startsWith(STATISTICS_SCRIPT_NAME)) return null;
  const lines = (): string => {
    host.driver.catchUp();
    return `${hostLine(host)}\n${postgresLine(host)}\n`;
  };
  return {
    code: 0,
    stdout: lines(),
    stderr: '',
    follow: (write): Undo => {
      const tell = (): void => {
        write(lines(), '');
      };
      const soon = setTimeout(tell, 1_000);
      const steady = setInterval(tell, Number(every) * 1_000);
      return () => {
        clearTimeout(soon);
        clearInterval(steady);
      };
    },
  };
}

/** A counter whose rate swings around a middle, in waves of a period (s); it never goes back. */
function wave(seconds: number, middle: number, swing: number, period: number): number {
  const turn = (2 * Math.PI) / period;
  return middle * seconds - (swing / turn) * Math.cos(turn * seconds);
}

/** Seconds of the simulated clock, the same for all servers, and shifted so that no two swing together. */
function phase({ driver: { sim }, member }: DemoHost): number {
  return sim.now / 1000 + member.index * 47;
}

function hostLine(host: DemoHost): string {
  const { driver, member } = host;
  const { sim } = driver;
  const seconds = phase(host);
  const works = answersQueries(member);
  const load = works ? workload(member) : 0.02;
  const position = sim.position(member);
  const free = MEMORY * (works ? 0.36 + 0.03 * Math.sin(seconds / 600) : 0.8);
  const disk = diskOf(sim);
  const written = Math.min(position % GB, disk.free);
  const fields = [
    seconds.toFixed(2),
    ...[
      wave(seconds, load, load / 3, 240) * CORES * TICKS,
      seconds * CORES * TICKS,
      MEMORY,
      free,
      disk.size - disk.free + written,
      disk.free - written,
      wave(seconds, 220_000, 150_000, 400),
      position * 2.4,
      position * (isWritable(member) ? 0.4 : 1.1),
      position * (isWritable(member) ? 1 + sentRows(host).length : 0.1),
    ].map((value) => Math.max(0, Math.round(value)).toString()),
  ];
  return `H ${fields.join(' ')}`;
}

const workload = (member: DemoHost['member']): number => (isWritable(member) ? 0.34 : 0.12);

interface SessionRow {
  readonly kind: string;
  readonly state: string | null;
  readonly waitType: string | null;
}

interface SentRow {
  readonly application: string;
  readonly replay: number;
  readonly replayMs: number;
}

function postgresLine(host: DemoHost): string {
  const { driver, member } = host;
  const { sim } = driver;
  if (!answersQueries(member)) return 'D';
  const recovery = !isWritable(member);
  const seconds = phase(host);
  const position = sim.position(member);
  const clients = (sessionRows(host) as readonly SessionRow[]).filter(({ kind }) => kind === 'client backend');
  const count = (matches: (row: SessionRow) => boolean): number => clients.filter(matches).length;
  const upstream = sim.member(member.follows);
  const lag = recovery && upstream !== undefined ? Math.max(0, sim.position(upstream) - position) : 0;
  return `P ${JSON.stringify({
    now: sim.now / 1000,
    start: member.startedAt / 1000,
    recovery,
    wal: position,
    behind: recovery ? lag / Math.max(1, sim.bytesPerSecond * sim.timeScale) : null,
    commits: Math.floor(position / 6_000 + seconds * 3),
    rollbacks: Math.floor(position / 900_000),
    hits: Math.floor(position / 40 + wave(seconds, 900, 500, 300)),
    reads: Math.floor(position / 9_000 + wave(seconds, 8, 5, 500)),
    total: clients.length,
    active: count(({ state }) => state === 'active'),
    idle: count(({ state }) => state === 'idle'),
    idle_in_transaction: count(({ state }) => state?.startsWith('idle in transaction') === true),
    waiting: count(({ waitType }) => waitType === 'Lock'),
    replicas: (sentRows(host) as readonly SentRow[]).map((row) => [row.application, row.replay, row.replayMs / 1000]),
  })}`;
}
