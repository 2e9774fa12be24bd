import { z } from 'zod';
import { appError, type AppError } from '../../../shared/model/app-error';
import type { SessionEnd, SessionReading } from '../../../shared/model/postgres/activity';
import type { Job } from '../../../shared/model/operate/job';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import {
  sameSession,
  sameWork,
  sessionEndConsequences,
  sessionEndSql,
  sessionEndTitle,
  typeForSessionEnd,
  whyNotEndSession,
  type SessionName,
} from '../../../shared/rules/postgres/session-end';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import { sleep } from '../platform/wait';
import { placeOfMember, type MemberPlace, type PlaceDeps } from './member-place';
import { refusedBy, rowsOfAnswer, type SqlAsk } from './sql-session';

/** A confirmed end of a session. `typed` is what the user typed where asked. */
export interface EndRequest extends SessionName {
  readonly clusterId: string;
  readonly member: string;
  readonly end: SessionEnd;
  readonly typed: string | null;
  readonly requestId: string;
}

interface EndDeps extends PlaceDeps {
  readonly jobs: JobEngine;
}

type Found = Pick<SessionReading, 'kind' | 'state'> & { readonly statement: number };

const STATEMENT_MS = 8_000;
const FOLLOW_MS = 10_000;
const PAUSE_MS = 250;

/** Ends a session as a job that looks whether it has ended. What was asked is never asked twice. */
export async function endSession(deps: EndDeps, request: EndRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const place = placeOfMember(deps, request.clusterId, request.member);
  const { state } = place;
  const wanted = typeForSessionEnd(state);
  if (state.readOnly)
    throw appError('operation.read_only', 'This cluster is set to read-only in this app. Nothing was sent.', {
      hint: 'Change that under Cluster settings first.',
    });
  if (wanted !== null && request.typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
  const found = await findSession(place, request, sameWork(request.end, request));
  const why = found === null ? null : whyNotEndSession(state, found);
  if (found === null) throw gone(request);
  if (why !== null) throw appError('operation.refused', `${why} Nothing was sent.`, { target: request.member });
  return deps.jobs.start(
    {
      kind: 'end_session',
      clusterId: request.clusterId,
      clusterTitle: clusterName(state),
      title: sessionEndTitle(request.end, request.pid, request.member),
      target: request.member,
      command: `${sessionEndSql(request.end, request)};`,
      confirmation:
        `${wanted === null ? 'Confirmed' : `Confirmed by typing ${wanted}`}. ` +
        `Shown: ${sessionEndConsequences(request.end, found).join(' ')}`,
      phases: [
        { id: 'ask', label: `Ask PostgreSQL on ${request.member}` },
        { id: 'see', label: request.end === 'cancel' ? 'See that the statement ended' : 'See that the session ended' },
      ],
      exclusive: `session:${JSON.stringify([request.clusterId, request.member, request.pid])}`,
      cancellable: false,
      requestId: request.requestId,
    },
    (context) => carryOut(place, request, found, context),
  );
}

function gone({ pid, member }: EndRequest): AppError {
  return appError(
    'postgres.session_gone',
    `The session ${pid} on ${member} has ended or gone on to other work meanwhile. Nothing was ended.`,
    {
      target: member,
      hint: 'Look at the sessions as they are now: the pid may name another one, or this one may serve another client.',
      retryable: true,
    },
  );
}

const foundRow = z.object({ kind: z.string(), state: z.string().nullable(), statement: z.number() });

/** The session as it is now; null when it has ended, even if its pid was given again, and when a further condition does not hold. */
async function findSession({ session }: MemberPlace, request: EndRequest, condition = 'true'): Promise<Found | null> {
  const question: SqlAsk = {
    name: 'session',
    sql:
      `SELECT coalesce(backend_type, '') AS kind, state, coalesce(extract(epoch FROM query_start), 0)::float8 AS statement ` +
      `FROM pg_stat_activity WHERE ${sameSession(request)} AND ${condition}`,
    access: 'read',
  };
  const answers = await session.visit({ database: 'postgres', questions: [question], statementMs: STATEMENT_MS });
  return rowsOfAnswer(answers.get('session'), foundRow, request.member)[0] ?? null;
}

async function carryOut(place: MemberPlace, request: EndRequest, before: Found, context: JobContext): Promise<JobEnd> {
  context.phase('ask', 'running');
  const question: SqlAsk = { name: 'end', sql: sessionEndSql(request.end, request), access: 'read' };
  const answers = await place.session.visit({
    database: 'postgres',
    questions: [question],
    statementMs: STATEMENT_MS,
  });
  const answer = answers.get('end');
  if (answer?.kind === 'failed') return { status: 'failed', error: refusedBy(answer, request.member).data };
  const [row] = rowsOfAnswer(answer, z.object({ done: z.boolean() }), request.member);
  if (row === undefined) return { status: 'failed', error: gone(request).data };
  context.answer(`PostgreSQL answered ${row.done}.`);
  context.phase('see', 'following');
  return follow(place, request, before);
}

async function follow(place: MemberPlace, request: EndRequest, before: Found): Promise<JobEnd> {
  const { pid, member, end } = request;
  for (const until = Date.now() + FOLLOW_MS; ; await sleep(PAUSE_MS)) {
    const now = await findSession(place, request);
    if (now === null) return done(`The session ${pid} on ${member} has ended.`, pid);
    if (end === 'cancel' && (now.state !== 'active' || now.statement !== before.statement))
      return done(`The statement of ${pid} on ${member} has ended; the session stays.`, pid);
    if (Date.now() >= until) return stays(request);
  }
}

function done(sentence: string, pid: number): JobEnd {
  return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts: { pid } } };
}

function stays({ pid, member, end }: EndRequest): JobEnd {
  const what =
    end === 'cancel'
      ? `The statement of ${pid} on ${member} still runs`
      : `The session ${pid} on ${member} is still there`;
  return {
    status: 'warning',
    result: {
      sentence: `${what} after ${FOLLOW_MS / 1000} s. It may be rolling back, or not look at signals where it is.`,
      withoutPrimaryMs: null,
      facts: { pid },
    },
  };
}
