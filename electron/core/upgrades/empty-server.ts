import { toErrorData } from '../../../shared/model/app-error';
import { memberOf } from '../../../shared/rules/cluster/member-facts';
import { spanInWords } from '../../../shared/rules/words/wording';
import { runPsql } from '../postgres/ask-psql';
import { askPgbouncer, type PauseOrder } from './pgbouncer-script';
import type { UpgradeRun } from './upgrade-run';

/** The first words of what psql is given; who answers in a server's place knows it by these. */
export const UPGRADE_SQL = '-- matriarch:upgrade';

const CHECKPOINT_MS = 900_000;
const ASK_MS = 20_000;
const PGBOUNCER_SECONDS = 30;

/** Sessions of clients that are in a transaction or at work; Patroni's own and this question are not. */
const BUSY_SQL = `${UPGRADE_SQL} busy
SET statement_timeout = '10s';
SELECT 'busy ' || count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND state <> 'idle' AND application_name NOT ILIKE 'patroni%';
`;

const CHECKPOINT_SQL = `${UPGRADE_SQL} checkpoint
CHECKPOINT;
\\echo made
`;

const DEFAULT_PORT = 5432;

/** Waits until no client of a member is at work any more, for as long as was chosen; who is left then is said. */
export async function awaitClients(run: UpgradeRun, serverId: string, member: string): Promise<void> {
  const { choice, acting } = run;
  const port = memberOf(run.state, member)?.port ?? DEFAULT_PORT;
  let left = 0;
  const isIdle = await run.until(choice.bounds.drainMs, async () => {
    const { stdout } = await runPsql(run.remote(serverId), {
      ...{ port, database: 'postgres', input: BUSY_SQL, timeoutMs: ASK_MS, maxOutputBytes: 4096 },
    });
    const told = /^busy (\d+)$/m.exec(stdout)?.[1];
    left = Number(told ?? 0);
    acting.detail(left === 0 ? `No client is at work on ${member}.` : `${left} sessions are at work on ${member}.`);
    return told !== undefined && left === 0 ? true : null;
  });
  if (isIdle === null)
    acting.log(
      'warning',
      `${left} sessions were still at work on ${member} after ${spanInWords(choice.bounds.drainMs)}.`,
    );
}

/** Writes what is dirty to disk first, so that PostgreSQL stops and starts quickly. A failure is said, and costs time alone. */
export async function makeCheckpoint(run: UpgradeRun, serverId: string, member: string): Promise<void> {
  const port = memberOf(run.state, member)?.port ?? DEFAULT_PORT;
  run.acting.detail(`CHECKPOINT on ${member}.`);
  try {
    const { stdout } = await runPsql(run.remote(serverId), {
      ...{ port, database: 'postgres', input: CHECKPOINT_SQL, timeoutMs: CHECKPOINT_MS, maxOutputBytes: 4096 },
    });
    run.acting.log(
      stdout.includes('made') ? 'info' : 'warning',
      stdout.includes('made') ? `CHECKPOINT on ${member}.` : `CHECKPOINT on ${member} did not end well.`,
    );
  } catch (thrown) {
    run.acting.log('warning', `CHECKPOINT on ${member}: ${toErrorData(thrown).message}`);
  }
}

/** Empties the PgBouncer of a server where it leads to what is stopped, or is stopped itself. Recorded before, so that it is resumed. */
export async function pausePgbouncer(run: UpgradeRun, serverId: string, any: boolean): Promise<void> {
  const order = orderOf(run, serverId, { what: 'pause', any });
  await run.keep({ paused: [...new Set([...run.record.paused, serverId])] });
  const outcome = await askPgbouncer(run.remote(serverId), order);
  const { name } = run.remote(serverId);
  switch (outcome) {
    case 'paused':
      return run.acting.log('good', `PgBouncer on ${name} is emptied: new transactions wait.`);
    case 'busy':
    case 'refused':
      run.acting.log(
        'warning',
        outcome === 'busy'
          ? `PgBouncer on ${name} was not emptied within ${PGBOUNCER_SECONDS} s: transactions that go on will be lost.`
          : `PgBouncer on ${name} did not take PAUSE.`,
      );
      break;
    default:
      break;
  }
  await run.keep({ paused: run.record.paused.filter((one) => one !== serverId) });
}

/** Lets waiting transactions go on. */
export async function resumePgbouncer(run: UpgradeRun, serverId: string): Promise<void> {
  if (!run.record.paused.includes(serverId)) return;
  await askPgbouncer(run.remote(serverId), orderOf(run, serverId, { what: 'resume', any: true }));
  await run.keep({ paused: run.record.paused.filter((one) => one !== serverId) });
  run.acting.log('good', `PgBouncer on ${run.remote(serverId).name} goes on.`);
}

function orderOf(run: UpgradeRun, serverId: string, wish: Pick<PauseOrder, 'what' | 'any'>): PauseOrder {
  const member = run.state.members.find((one) => one.serverId === serverId);
  return {
    ...wish,
    postgresPort: member?.port ?? DEFAULT_PORT,
    address: member?.host ?? '',
    limitSeconds: PGBOUNCER_SECONDS,
  };
}
