import pg from 'pg';
import { expect } from 'vitest';
import { sleep } from '../../../electron/core/platform/wait';

/** One way into a cluster, for one role. Its passwords are tried in their order until one lets it in. */
export interface LoginWay {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly passwords: readonly string[];
}

/** What became of the logins of a loop. */
export interface LoginReport {
  readonly logins: number;
  /** Logins that no password opened, and writes that failed, with the reason. */
  readonly failures: readonly string[];
  /** Passwords that were refused while another one was let in, with the reason. */
  readonly refusals: readonly string[];
  /** What PostgreSQL acknowledged, by its number. */
  readonly written: readonly number[];
  /** The longest time between the begin of a login and the end of its write, ms. */
  readonly longestMs: number;
}

/** A loop at work. */
export interface LoginLoop {
  readonly way: LoginWay;
  stop(): Promise<LoginReport>;
}

const PACE_MS = 100;
const LOGIN_MS = 10_000;

/** Logs in anew ten times a second and writes a row each time, to `written (way text, n int)`, until it is stopped. */
export function startLoginLoop(way: LoginWay): LoginLoop {
  const report = {
    logins: 0,
    failures: new Array<string>(),
    refusals: new Array<string>(),
    written: new Array<number>(),
    longestMs: 0,
  };
  let stopped = false;
  const loop = async (): Promise<void> => {
    for (let n = 1; !stopped; n += 1) {
      const began = Date.now();
      const ended = await writeOnce(way, n);
      report.logins += 1;
      report.refusals.push(...ended.refusals);
      report.longestMs = Math.max(report.longestMs, Date.now() - began);
      if (ended.failure === null) report.written.push(n);
      else report.failures.push(`${way.name} ${n}: ${ended.failure}`);
      await sleep(Math.max(0, began + PACE_MS - Date.now()));
    }
  };
  const running = loop();
  return {
    way,
    stop: async () => {
      stopped = true;
      await running;
      return report;
    },
  };
}

async function writeOnce(
  way: LoginWay,
  n: number,
): Promise<{ readonly failure: string | null; readonly refusals: readonly string[] }> {
  const refusals: string[] = [];
  for (const password of way.passwords) {
    const client = clientOf(way, password);
    try {
      await client.connect();
    } catch (thrown) {
      refusals.push(why(thrown));
      continue;
    }
    try {
      await client.query('insert into written values ($1, $2)', [way.name, n]);
      return { failure: null, refusals };
    } catch (thrown) {
      return { failure: `the write: ${why(thrown)}`, refusals };
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return { failure: `the login: ${refusals.join('; ')}`, refusals: [] };
}

function clientOf({ host, port, database, user }: Omit<LoginWay, 'passwords'>, password: string): pg.Client {
  const client = new pg.Client({ host, port, database, user, password, connectionTimeoutMillis: LOGIN_MS });
  client.on('error', () => undefined);
  return client;
}

function why(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a password lets a role in by this way; any other trouble than a refused password rejects. */
export async function letsIn(way: Omit<LoginWay, 'passwords' | 'name'>, password: string): Promise<boolean> {
  const client = clientOf({ ...way, name: '' }, password);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (thrown) {
    if (/password authentication failed|SASL authentication failed|wrong password/i.test(why(thrown))) return false;
    throw thrown;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Ends loops and holds them to it: each login was let in, and each acknowledged row is there. `rows`: the numbers, a line each. */
export async function expectNothingLost(
  loops: readonly LoginLoop[],
  rows: (way: LoginWay) => Promise<string>,
): Promise<readonly LoginReport[]> {
  const reports = await Promise.all(loops.map((loop) => loop.stop()));
  for (const [index, report] of reports.entries()) {
    const way = loops[index]?.way;
    if (way === undefined) continue;
    expect(report.failures, way.name).toEqual([]);
    expect(report.logins, way.name).toBeGreaterThan(20);
    const there = new Set((await rows(way)).split('\n').map(Number));
    expect(
      report.written.filter((n) => !there.has(n)),
      `rows of ${way.name} that are lost`,
    ).toEqual([]);
    console.log(
      `${way.name}: ${report.logins} logins, ${report.refusals.length} refused with the other password, longest ${report.longestMs} ms`,
    );
  }
  return reports;
}
