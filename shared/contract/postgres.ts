import { z } from 'zod';
import { sessionEndSchema, type ActivityView } from '../model/postgres/activity';
import type { ReplicationView } from '../model/postgres/replication';
import type { StatementsView, StorageView, TablesView } from '../model/postgres/storage';
import { statementRunSchema, statementWriteSchema, type StatementPage } from '../model/postgres/statement';
import type { SqlLogin } from '../model/postgres/sql-way';
import { PRINTED_MOMENT } from '../rules/postgres/session-end';
import type { Job } from '../model/operate/job';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const ofMember = ofCluster.extend({ member: z.string() });
const ofDatabase = ofMember.extend({ database: z.string().min(1).max(63) });

/** PostgreSQL of the members of a cluster, asked when it is on the screen. Everything but what ends a session reads only. */
export const postgres = {
  /** Replication, slots and archiver of every member; what one member does not answer stands in its place. */
  replication: call(ofCluster, of<ReplicationView>()),
  /** The sessions of a member, with what they wait for. */
  activity: call(ofMember, of<ActivityView>()),
  /** The databases of a member with sizes and ages, and its checkpoints. Walks directories: asked when shown and on request. */
  storage: call(ofMember, of<StorageView>()),
  /** The largest tables of one database. */
  tables: call(ofDatabase, of<TablesView>()),
  /** pg_stat_statements as one database has it. */
  statements: call(ofDatabase, of<StatementsView>()),
  /** The role by which the app asks by itself; null: psql on the servers is asked. */
  login: call(ofCluster, of<SqlLogin>()),
  /**
   * Tries a role on the leader (`password` null: the superuser that the app knows), and keeps it if it is let in. Rejects with
   * `postgres.login_refused` and `postgres.not_answered`, and with `vault.*` when its password cannot be kept.
   */
  setLogin: call(
    ofCluster.extend({ username: z.string().min(1).max(63), password: z.string().max(1_000).nullable() }),
    of<SqlLogin>(),
  ),
  /** Asks psql on the servers again, and forgets the password. */
  forgetLogin: call(ofCluster, of<SqlLogin>()),
  /**
   * Runs a statement in a read-only transaction and answers some of its rows. Rejects with `postgres.statement_refused` before anything is
   * sent, and with `postgres.statement_failed` as PostgreSQL says.
   */
  run: call(statementRunSchema, of<StatementPage>()),
  /** Cancels a run by its name. */
  cancelRun: call(ofMember.extend({ runId: statementRunSchema.shape.runId }), of<null>()),
  /** Runs a statement that may write, as a job. Rejects, with nothing sent, with `operation.not_confirmed` and as `run` does. */
  write: call(statementWriteSchema, of<Job>()),
  /**
   * Cancels a statement or terminates a session, as a job. Rejects, with nothing sent, with `operation.read_only`,
   * `operation.not_confirmed`, and `postgres.session_gone` when another session has the pid now or this one does something else.
   */
  endSession: call(
    ofMember.extend({
      end: sessionEndSchema,
      pid: z.number().int().positive(),
      backendStart: z.string().regex(PRINTED_MOMENT),
      queryStart: z.string().regex(PRINTED_MOMENT).nullable(),
      transactionStart: z.string().regex(PRINTED_MOMENT).nullable(),
      typed: z.string().nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
};
