import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import pg from 'pg';
import { appError } from '../../../shared/model/app-error';
import type { Dial } from '../platform/dial';
import { onAbort, settleWithin, TimeoutError, withDeadline } from '../platform/wait';
import {
  asJson,
  beginOf,
  endOfAsk,
  visitSettings,
  type SqlAnswer,
  type SqlAsk,
  type SqlSession,
  type SqlVisit,
} from './sql-session';

/** How the app's own connection logs in. The password is read when it is needed. */
export interface PgLogin {
  readonly username: string;
  readonly password: () => Promise<string>;
}

/** Where a PostgreSQL listens, as seen from the server that the connection goes through. `name` is the member's. */
export interface PgTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const DIAL_MS = 8_000;
/** For the handshake of TLS and the login together. */
const LOGIN_MS = 10_000;
/** PostgreSQL ends a statement by itself after its limit; where it does not tell so for as long again as this, it hangs. */
const ANSWER_MS = 5_000;
const GOODBYE_MS = 1_000;
/** PostgreSQL's request for TLS (protocol documentation, SSLRequest): its length and its code. */
const TLS_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** A client that is logged in. `close` takes leave of the server, `drop` lets go of the connection at once. */
export interface LoggedIn {
  readonly client: pg.Client;
  readonly close: () => Promise<void>;
  readonly drop: () => void;
}

/**
 * Asks by a connection of the app's own, through the member's SSH connection; a visit is one connection. A server that does not answer
 * any more is given up: one that hangs cannot keep the visit.
 */
export function pgSession(dial: Dial, target: PgTarget, login: PgLogin): SqlSession {
  return {
    way: 'pg',
    visit: async (visit) => {
      const { client, close, drop } = await logIn(dial, target, login, visit);
      const undo = onAbort(visit.signal, drop);
      try {
        for (const setting of visitSettings(visit)) await client.query(setting);
        const answers = await answersOf(client, visit, target);
        await close();
        return answers;
      } catch (thrown) {
        throw lost(target, thrown);
      } finally {
        undo();
        drop();
      }
    },
  };
}

async function answersOf(
  client: pg.Client,
  { questions }: SqlVisit,
  target: PgTarget,
): Promise<ReadonlyMap<string, SqlAnswer>> {
  const answers = new Map<string, SqlAnswer>();
  for (const question of questions) answers.set(question.name, await answerOf(client, question, target));
  return answers;
}

async function answerOf(client: pg.Client, question: SqlAsk, target: PgTarget): Promise<SqlAnswer> {
  try {
    await client.query(beginOf(question));
    for (const statement of question.before ?? []) await client.query(statement);
    const { rows } = await client.query<[string]>({ text: `SELECT ${asJson(question.sql)}`, rowMode: 'array' });
    await client.query(endOfAsk(question));
    const value: unknown = JSON.parse(rows[0]?.[0] ?? '[]');
    return { kind: 'rows', rows: Array.isArray(value) ? value : [] };
  } catch (thrown) {
    if (!(thrown instanceof pg.DatabaseError) || isFatal(thrown)) throw lost(target, thrown);
    await client.query('ROLLBACK');
    return { kind: 'failed', sqlState: thrown.code ?? 'XX000', message: thrown.message };
  }
}

/** The session is over with this error. */
function isFatal({ severity }: pg.DatabaseError): boolean {
  return severity === 'FATAL' || severity === 'PANIC';
}

/**
 * Connects and logs in. Rejects with `postgres.login_refused`, `postgres.not_answered`, and what the tunnel and the reading of the
 * password reject with. The password is read first: it may take the user's time, and no connection is kept waiting for it.
 */
async function logIn(dial: Dial, target: PgTarget, login: PgLogin, visit: SqlVisit): Promise<LoggedIn> {
  const { database, statementMs, signal } = visit;
  return openPgClient(dial, target, login, {
    database,
    dialMs: DIAL_MS,
    loginMs: LOGIN_MS,
    queryMs: Math.round(statementMs) + ANSWER_MS,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What a client connects to, and how long it waits: for the connection, the login, and each query, ms. */
export interface PgClientOptions {
  readonly database: string;
  readonly dialMs: number;
  readonly loginMs: number;
  readonly queryMs: number;
  /** Speaks to a walsender, as a standby does: it takes commands of replication alone. */
  readonly replication?: boolean;
  readonly signal?: AbortSignal;
}

/** Connects and logs in, for who sends queries of its own. Rejects as a visit does. */
export async function openPgClient(
  dial: Dial,
  target: PgTarget,
  login: PgLogin,
  options: PgClientOptions,
): Promise<LoggedIn> {
  const password = await login.password();
  const stream = await dial(target.host, target.port, options.dialMs);
  try {
    const limits = { timeoutMs: options.loginMs, signal: options.signal ?? null };
    return await withDeadline(limits, () => logInThrough(stream, target, { ...login, password }, options));
  } catch (thrown) {
    stream.destroy();
    throw loginError(target, login, thrown);
  }
}

async function logInThrough(
  stream: Duplex,
  target: PgTarget,
  { username, password }: { readonly username: string; readonly password: string },
  { database, queryMs, replication = false }: PgClientOptions,
): Promise<LoggedIn> {
  const inside = await encrypted(stream, target);
  const client = new pg.Client({
    user: username,
    password,
    database,
    host: target.host,
    port: target.port,
    ssl: false,
    stream: () => openStream(inside),
    query_timeout: queryMs,
    ...(replication ? { replication: 'true' } : {}),
  });
  // What happens to a connection between two questions is told by the next one.
  client.on('error', () => undefined);
  await client.connect();
  return {
    client,
    close: async () => void (await settleWithin(GOODBYE_MS, client.end())),
    drop: () => {
      inside.destroy();
      stream.destroy();
    },
  };
}

/**
 * TLS where the server offers it. Its certificate is not checked: the bytes go through the SSH connection to that very server,
 * whose key is, and leave it only for an address of its own.
 */
async function encrypted(stream: Duplex, target: PgTarget): Promise<Duplex> {
  stream.on('error', () => undefined);
  stream.write(TLS_REQUEST);
  const offer = await firstByte(stream, target);
  if (offer === 'N') return stream;
  if (offer !== 'S') throw lost(target, new Error('what answers on its port does not speak as PostgreSQL does'));
  const inside = connectTls({ socket: stream, rejectUnauthorized: false });
  inside.on('error', () => undefined);
  const failed = once(stream, 'close').then(() => {
    throw lost(target, new Error('it closed the connection during the handshake of TLS'));
  });
  await Promise.race([once(inside, 'secureConnect'), failed]);
  failed.catch(() => undefined);
  return inside;
}

/**
 * The one byte of the answer. What somebody on the way puts behind it would be taken for the first of the encrypted ones: it is
 * refused.
 */
async function firstByte(stream: Duplex, target: PgTarget): Promise<string> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(lost(target, new Error('it closed the connection')));
    stream.once('close', closed);
    stream.once('data', (chunk: Buffer) => {
      stream.off('close', closed);
      resolve(chunk.toString('latin1'));
    });
  });
}

/** A stream that is open already, in the form of a socket that is yet to be opened, as node-postgres wants it. */
function openStream(stream: Duplex): Duplex {
  const same = (): Duplex => stream;
  return Object.assign(stream, {
    connect: () => {
      process.nextTick(() => stream.emit('connect'));
      return stream;
    },
    setNoDelay: same,
    setKeepAlive: same,
    ref: same,
    unref: same,
  });
}

function loginError(target: PgTarget, { username }: PgLogin, thrown: unknown): Error {
  const code = thrown instanceof pg.DatabaseError ? (thrown.code ?? '') : '';
  if (!code.startsWith('28')) return lost(target, thrown);
  return appError(
    'postgres.login_refused',
    `PostgreSQL on ${target.name} does not let ${username} in: ${wordsOf(thrown)}`,
    {
      target: target.name,
      hint: 'Enter the role and its password again, or look at the rules of pg_hba under Configuration. psql on the server needs neither.',
    },
  );
}

/** An error that is the app's own stays as it is. */
function lost(target: PgTarget, thrown: unknown): Error {
  if (thrown instanceof Error && thrown.name === 'AppError') return thrown;
  return appError('postgres.not_answered', `PostgreSQL on ${target.name} did not answer: ${wordsOf(thrown)}`, {
    target: target.name,
    hint: 'See whether PostgreSQL runs there, and whether it takes connections on its address.',
    retryable: true,
  });
}

function wordsOf(thrown: unknown): string {
  if (thrown instanceof TimeoutError) return `it did not finish the login within ${LOGIN_MS / 1_000} s`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}
