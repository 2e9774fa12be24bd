import { isWritable } from '../model/postgres';
import type { MemberState } from '../model/types';
import type { DemoHost } from '../network/network';
import { serverVersion } from '../rest/patroni-status';

const HOUR_MS = 3_600_000;

interface DemoSession {
  readonly pid: number;
  readonly kind?: string;
  readonly user: string;
  readonly application: string;
  readonly client: string | null;
  readonly state: string | null;
  readonly wait: readonly [string, string] | null;
  /** For how long its statement and its transaction have lasted, ms; null: there is none. */
  readonly queryMs: number | null;
  readonly transactionMs: number | null;
  readonly query: string;
  /** Who keeps it from a lock, as long as they live. */
  readonly waitsFor?: readonly number[];
}

const app = { user: 'app', application: 'orders-api', client: '10.0.8.21' } as const;
const IDLE = { state: 'idle', wait: ['Client', 'ClientRead'], queryMs: null, transactionMs: null } as const;
const STUCK_QUERY = "UPDATE stock SET reserved = reserved + 1 WHERE item = 'A-7'";

/** The sessions of a primary. Somebody left a transaction open at a terminal, and two sessions wait for it. */
const onPrimary: readonly DemoSession[] = [
  {
    pid: 3_104,
    user: 'erin',
    application: 'psql',
    client: '10.0.9.4',
    state: 'idle in transaction',
    wait: ['Client', 'ClientRead'],
    queryMs: null,
    transactionMs: 840_000,
    query: "UPDATE stock SET reserved = 0 WHERE item = 'A-7'",
  },
  {
    ...app,
    pid: 3_121,
    state: 'active',
    wait: ['Lock', 'transactionid'],
    queryMs: 96_000,
    transactionMs: 96_200,
    query: STUCK_QUERY,
    waitsFor: [3_104],
  },
  {
    ...app,
    pid: 3_122,
    state: 'active',
    wait: ['Lock', 'tuple'],
    queryMs: 41_000,
    transactionMs: 41_100,
    query: STUCK_QUERY,
    waitsFor: [3_121],
  },
  {
    ...app,
    pid: 3_130,
    state: 'active',
    wait: null,
    queryMs: 1_300,
    transactionMs: 1_300,
    query: 'SELECT o.id, sum(l.price) FROM orders o JOIN lines l ON l.order_id = o.id GROUP BY o.id',
  },
  { ...app, ...IDLE, pid: 3_131, query: 'COMMIT' },
  { ...app, ...IDLE, pid: 3_132, query: 'SELECT 1' },
];

/** The sessions of a replica. */
const onReplica: readonly DemoSession[] = [
  {
    user: 'report',
    application: 'dashboards',
    client: '10.0.8.40',
    pid: 4_210,
    state: 'active',
    wait: ['IO', 'DataFileRead'],
    queryMs: 64_000,
    transactionMs: 64_000,
    query: "SELECT date_trunc('day', placed_at), count(*) FROM orders GROUP BY 1",
  },
  { ...IDLE, user: 'report', application: 'dashboards', client: '10.0.8.40', pid: 4_211, query: 'SELECT 1' },
];

const keyOf = (member: MemberState, pid: number): string => `${member.startedAt} ${pid}`;

function alive({ driver: { sim }, member }: DemoHost): readonly DemoSession[] {
  const senders = sim.members
    .filter((other) => other.streaming && other.follows === member.name)
    .map((other): DemoSession => ({
      pid: 2_000 + other.index,
      kind: 'walsender',
      user: 'replicator',
      application: other.name,
      client: other.ip,
      state: 'active',
      wait: ['Activity', 'WalSenderMain'],
      queryMs: null,
      transactionMs: null,
      query: `START_REPLICATION SLOT "${other.name}" 0/3000000 TIMELINE ${other.timeline}`,
    }));
  const clients = isWritable(member) ? onPrimary : onReplica;
  return [...clients, ...senders].filter(({ pid }) => !member.endedSessions.has(keyOf(member, pid)));
}

/** The age of the oldest transaction of a client. */
export function oldestTransactionRows(host: DemoHost): readonly unknown[] {
  const ages = alive(host).flatMap(({ kind, transactionMs }) =>
    kind === undefined && transactionMs !== null ? [transactionMs] : [],
  );
  return [{ oldestMs: ages.length === 0 ? null : Math.max(...ages), seesAll: true }];
}

/** Who is connected to a simulated server and from where; a standby asks for no database. */
export function connectedSessions(
  host: DemoHost,
): readonly (Pick<DemoSession, 'user' | 'client' | 'application'> & { readonly database: string | null })[] {
  return alive(host).map(({ kind, user, client, application }) => ({
    ...{ user, client, application },
    database: databaseOf(kind),
  }));
}

const databaseOf = (kind: string | undefined): string | null => (kind === undefined ? 'app' : null);

/** As PostgreSQL prints it in UTC. */
const startText = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', '000+00');

/** When something of a session began that has lasted so long, and lasts on; ms since the epoch. */
const begunOf = ({ driver: { sim }, member }: DemoHost, lastedMs: number): number => {
  const age = Math.max(0, sim.now - member.startedAt);
  return Math.floor(member.startedAt + age - (age % HOUR_MS) - lastedMs);
};

const queryStartOf = (host: DemoHost, { pid, queryMs, transactionMs }: DemoSession): string => {
  const lasted = queryMs ?? transactionMs;
  return startText(lasted === null ? startOf(host, pid) : begunOf(host, lasted));
};

const transactionStartOf = (host: DemoHost, { transactionMs }: DemoSession): string | null =>
  transactionMs === null ? null : startText(begunOf(host, transactionMs));

const startOf = ({ member }: DemoHost, pid: number): number => Math.floor(member.startedAt + (pid % 97) * 1_000);

/** A session as it is now: one that waited for a session which has ended is idle. */
function present(
  session: DemoSession,
  pids: ReadonlySet<number>,
): DemoSession & { readonly blockedBy: readonly number[] } {
  const blockedBy = (session.waitsFor ?? []).filter((other) => pids.has(other));
  return session.waitsFor !== undefined && blockedBy.length === 0
    ? { ...session, ...IDLE, blockedBy }
    : { ...session, blockedBy };
}

function toRow(host: DemoHost, held: DemoSession, pids: ReadonlySet<number>): unknown {
  const now = present(held, pids);
  const { pid, queryMs, transactionMs, query, wait, blockedBy, ...session } = now;
  const age = Math.max(0, host.driver.sim.now - host.member.startedAt) % HOUR_MS;
  const grown = (ms: number | null): number | null => (ms === null ? null : ms + age);
  const [waitType, waitEvent] = wait ?? [null, null];
  const isWaiting = blockedBy.length > 0;
  const tells14 = serverVersion(host.driver.sim) >= 140_000;
  return {
    pid,
    backendStart: startText(startOf(host, pid)),
    queryStart: queryStartOf(host, held),
    transactionStart: transactionStartOf(host, now),
    startedAt: startOf(host, pid),
    kind: session.kind ?? 'client backend',
    leaderPid: null,
    user: session.user,
    database: databaseOf(session.kind),
    application: session.application,
    client: session.client,
    state: session.state,
    waitType,
    waitEvent,
    queryMs: grown(queryMs),
    stateMs: queryMs ?? transactionMs ?? 12_000,
    transactionMs: grown(transactionMs),
    query,
    queryLength: query.length,
    queryId: tells14 ? String(7_000_000_000 + pid) : null,
    blockedBy,
    lockKind: isWaiting ? waitEvent : null,
    lockMode: isWaiting ? 'ShareLock' : null,
    lockRelation: null,
    lockMs: isWaiting && tells14 ? grown(queryMs) : null,
  };
}

/** The row about the server of the sessions. */
export function activityServerRows(host: DemoHost): readonly unknown[] {
  const version = serverVersion(host.driver.sim);
  return [{ version, recovery: !isWritable(host.member), total: alive(host).length, maxConnections: 100 }];
}

/** pg_stat_activity with what is waited for. */
export function sessionRows(host: DemoHost): readonly unknown[] {
  const sessions = alive(host);
  const pids = new Set(sessions.map(({ pid }) => pid));
  return sessions.map((session) => toRow(host, session, pids));
}

function named(host: DemoHost, sql: string): DemoSession | undefined {
  const pid = Number(/pid = (\d+)/.exec(sql)?.[1]);
  const sessions = alive(host);
  const held = sessions.find((session) => session.pid === pid);
  if (held === undefined) return undefined;
  const pids = new Set(sessions.map((session) => session.pid));
  const asked = (column: string): string | undefined => new RegExp(`${column} = '([^']+)'`).exec(sql)?.[1];
  const query = asked('query_start');
  const transaction = asked('xact_start');
  const isSame =
    asked('backend_start') === startText(startOf(host, pid)) &&
    (query === undefined || query === queryStartOf(host, held)) &&
    (transaction === undefined || transaction === transactionStartOf(host, present(held, pids)));
  return isSame ? held : undefined;
}

/** The session that a question names by its pid and its start. */
export function foundRows(host: DemoHost, sql: string): readonly unknown[] {
  const session = named(host, sql);
  if (session === undefined) return [];
  return [{ kind: session.kind ?? 'client backend', state: session.state, statement: 0 }];
}

/** Ends the session that is named: a simulated statement that is cancelled takes its session with it. */
export function endedRows(host: DemoHost, sql: string): readonly unknown[] {
  const session = named(host, sql);
  if (session === undefined) return [];
  host.member.endedSessions.add(keyOf(host.member, session.pid));
  return [{ done: true }];
}
