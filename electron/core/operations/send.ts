import { AppError, appError, toErrorData, type AppErrorData } from '../../../shared/model/app-error';
import type { RestAnswer, RestWrite } from '../patroni/patroni-client';
import { answerText } from './answers';
import type { Run } from './run';

/** What became of the one request of an operation. Only `not_sent` proves that nothing happened. */
export type Sent =
  | { readonly kind: 'answer'; readonly member: string; readonly answer: RestAnswer; readonly at: number }
  | { readonly kind: 'no_answer'; readonly member: string; readonly error: AppErrorData; readonly at: number }
  | { readonly kind: 'not_sent'; readonly error: AppErrorData; readonly at: number };

/**
 * Sends a request to the first of these members that can be reached, as patronictl does: the next one is
 * tried only when the one before certainly did not get it. Never rejects.
 */
export async function sendOnce(run: Run, members: readonly string[], request: RestWrite): Promise<Sent> {
  let last: AppErrorData = appError('rest.none_reachable', "No member's REST API can be reached.", {
    hint: 'Look at the connections of the cluster. Nothing was sent.',
    retryable: true,
  }).data;
  for (const member of members) {
    if (run.context.signal.aborted) break;
    const sent = await sendTo(run, member, request);
    if (sent.kind !== 'not_sent') return sent;
    last = sent.error;
  }
  return { kind: 'not_sent', error: last, at: run.now() };
}

/** Sends a request to one member. Never rejects. */
export async function sendTo(run: Run, member: string, request: RestWrite): Promise<Sent> {
  const client = run.hub.rest(run.clusterId, member);
  if (!client)
    return {
      kind: 'not_sent',
      error: appError('rest.not_sent', `${member} has no REST API that is known here. Nothing was sent to it.`, {
        target: member,
      }).data,
      at: run.now(),
    };
  run.context.log('info', `${request.method} ${request.path} to ${member}`);
  run.sends.count += 1;
  try {
    const answer = await client.write(request);
    run.context.answer(`${member}: ${answerText(answer)}`);
    run.context.log(answer.status < 300 ? 'good' : 'warning', `${member} answered ${answerText(answer)}`);
    return { kind: 'answer', member, answer, at: run.now() };
  } catch (thrown) {
    return lost(run, member, thrown);
  }
}

function lost(run: Run, member: string, thrown: unknown): Sent {
  const error = toErrorData(thrown);
  if (thrown instanceof AppError && thrown.code === 'rest.not_sent') {
    run.sends.count -= 1;
    run.context.log('warning', `${error.message} ${error.cause?.message ?? ''}`.trim());
    return { kind: 'not_sent', error, at: run.now() };
  }
  run.context.answer(`${member}: no answer (${error.code})`);
  run.context.log(
    'warning',
    `No answer from ${member}: ${error.message} Nothing is sent again; the state of the cluster decides.`,
  );
  return { kind: 'no_answer', member, error, at: run.now() };
}
