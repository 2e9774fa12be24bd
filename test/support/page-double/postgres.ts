import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { SessionReading } from '../../../shared/model/postgres/activity';
import type { ReplicationView } from '../../../shared/model/postgres/replication';
import type { SqlSource } from '../../../shared/model/postgres/sql-way';

const refuse = () =>
  Promise.reject(appError('demo.not_here', 'The double does not do this.', { hint: 'This is the double.' }));

/** PostgreSQL as the double shows it: a primary with one session that waits. `now` is ms. */
export function postgresDouble(now: number) {
  const os = implement(contract).postgres;
  const source: SqlSource = { way: 'psql', role: 'postgres', encrypted: null, asOf: now };
  return {
    replication: os.replication.handler(() => replicationFixture(source)),
    activity: os.activity.handler(({ input }) => ({
      member: input.member,
      source,
      version: 170_005,
      recovery: false,
      sessions: [sessionFixture(now, 101, []), sessionFixture(now, 102, [101])],
      total: 2,
      maxConnections: 100,
    })),
    storage: os.storage.handler(refuse),
    tables: os.tables.handler(refuse),
    statements: os.statements.handler(refuse),
    login: os.login.handler(() => ({ username: null, known: null })),
    setLogin: os.setLogin.handler(refuse),
    forgetLogin: os.forgetLogin.handler(refuse),
    run: os.run.handler(refuse),
    cancelRun: os.cancelRun.handler(() => null),
    write: os.write.handler(refuse),
    endSession: os.endSession.handler(refuse),
  };
}

function replicationFixture(source: SqlSource): ReplicationView {
  return {
    asOf: source.asOf,
    members: [
      {
        kind: 'known',
        member: 'db1',
        source,
        version: 170_005,
        recovery: false,
        position: 50_331_648,
        replayed: null,
        replayPaused: null,
        lastReplayedAt: null,
        sent: [],
        received: null,
        slots: [],
        slotLimit: null,
        archiver: null,
        disk: null,
        walRate: null,
        slotGrowth: {},
      },
    ],
  };
}

function sessionFixture(now: number, pid: number, blockedBy: readonly number[]): SessionReading {
  return {
    pid,
    backendStart: '2025-03-01 12:00:00.000001+00',
    queryStart: '2025-03-01 12:00:48+00',
    transactionStart: '2025-03-01 12:00:48+00',
    startedAt: now - 60_000,
    kind: 'client backend',
    leaderPid: null,
    user: 'app',
    database: 'app',
    application: 'orders-api',
    client: '10.0.0.31',
    state: 'active',
    waitType: blockedBy.length > 0 ? 'Lock' : null,
    waitEvent: blockedBy.length > 0 ? 'transactionid' : null,
    queryMs: 12_000,
    stateMs: 12_000,
    transactionMs: 12_000,
    query: 'UPDATE stock SET reserved = 0',
    queryLength: 29,
    queryId: null,
    blockedBy,
    waitsFor: blockedBy.length > 0 ? { kind: 'transactionid', mode: 'ShareLock', relation: null, waitMs: 900 } : null,
  };
}
