import { z } from 'zod';
import { appError, hasCode } from '../../../shared/model/app-error';
import type { Job } from '../../../shared/model/operate/job';
import type { StatementWrite } from '../../../shared/model/postgres/statement';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { WRITE_WORDS } from '../../../shared/rules/postgres/judge-statement';
import { maskStatement } from '../../../shared/rules/postgres/mask-statement';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import { placeOfMember, type MemberPlace, type PlaceDeps } from './member-place';
import { oneStatement, refusedStatement } from './run-statement';
import { rowsOfAnswer } from './sql-session';
import { writeAsk } from './statement-sql';

interface WriteDeps extends PlaceDeps {
  readonly jobs: JobEngine;
}

const countRow = z.object({ count: z.number() });
/** Of a statement so much stands in the title of its job. */
const TITLE_SHOWN = 80;

/**
 * Runs a statement that may write, as a job. It is sent once; when its answer is lost, whether it was committed is not known,
 * and is said so.
 */
export async function writeStatement(deps: WriteDeps, request: StatementWrite): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const place = placeOfMember(deps, request.clusterId, request.member);
  const wanted = place.state.production ? clusterName(place.state) : WRITE_WORDS;
  if (place.state.readOnly)
    throw appError('operation.read_only', 'This cluster is set to read-only in this app. Nothing was sent.', {
      hint: 'Change that under Cluster settings first.',
    });
  if (request.typed.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
  const statement = oneStatement(request.statement, 'write');
  const shown = maskStatement(statement);
  return deps.jobs.start(
    {
      kind: 'run_statement',
      clusterId: request.clusterId,
      clusterTitle: clusterName(place.state),
      title: `Run on ${request.member}: ${shown.replaceAll(/\s+/g, ' ').slice(0, TITLE_SHOWN)}`,
      target: request.member,
      command: `${shown};`,
      confirmation: `Confirmed by typing ${wanted}. In the database ${request.database}.`,
      phases: [{ id: 'run', label: `Run it in ${request.database}` }],
      exclusive: null,
      cancellable: false,
      requestId: request.requestId,
    },
    (context) => carryOut(place, { ...request, statement }, context),
  );
}

async function carryOut(place: MemberPlace, request: StatementWrite, context: JobContext): Promise<JobEnd> {
  const { member, database, statement, timeoutMs } = request;
  context.phase('run', 'running');
  try {
    const answers = await place.session.visit({
      database,
      questions: [writeAsk(statement)],
      statementMs: timeoutMs,
    });
    const answer = answers.get('statement');
    if (answer?.kind === 'failed') return { status: 'failed', error: refusedStatement(answer, member).data };
    const [row] = rowsOfAnswer(answer, countRow, member);
    const sentence = `It was run and committed on ${member}; it touched ${row?.count ?? 0} rows.`;
    return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts: { rows: row?.count ?? 0 } } };
  } catch (thrown) {
    if (hasCode(thrown, 'postgres.login_refused')) throw thrown;
    return { status: 'unknown', error: unknownEnd(member, thrown).data };
  }
}

function unknownEnd(member: string, thrown: unknown): ReturnType<typeof appError> {
  return appError('postgres.statement_unknown', `Whether the statement was committed on ${member} is not known.`, {
    target: member,
    hint: 'Its answer was lost. Look at the data before you run it again.',
    cause: thrown,
  });
}
