import { appError, type AppErrorData, type ErrorCode } from '../../../shared/model/app-error';
import type { RestAnswer } from '../patroni/patroni-client';

interface Meaning {
  readonly match: RegExp;
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly hint: string;
}

const meaning = (match: RegExp, code: ErrorCode, sentence: string, hint: string): Meaning => ({
  match,
  code,
  sentence,
  hint,
});

/** Patroni's texts (api.py, ha.py; the same words from 2.1 to 4.1 but for their case). */
const MEANINGS: readonly Meaning[] = [
  meaning(
    /leader name does not match/i,
    'patroni.leader_mismatch',
    'The leader is not the one that was named.',
    'Look at who leads now and start again.',
  ),
  meaning(
    /does not match with sync_standby/i,
    'patroni.not_sync_standby',
    'The candidate is not a synchronous standby.',
    'Choose one, or wait until the candidate has become one.',
  ),
  meaning(
    /candidate does not exist/i,
    'patroni.no_such_candidate',
    'Patroni knows no such candidate.',
    'Its Patroni may have stopped. Choose another one.',
  ),
  meaning(
    /can not find sync_standby/i,
    'patroni.no_sync_standby',
    'There is no synchronous standby to switch over to.',
    'Wait until a replica has become one.',
  ),
  meaning(
    /does not have members except leader/i,
    'patroni.no_candidate',
    'The cluster has no member but the leader.',
    'Bring back a replica first.',
  ),
  meaning(
    /no good candidates/i,
    'patroni.no_good_candidate',
    'No candidate is fit: not reachable for the leader, tagged nofailover, or without its watchdog.',
    'See why each candidate is refused, and look at the network between the members.',
  ),
  meaning(
    /status unknown/i,
    'patroni.status_unknown',
    'Patroni stopped waiting before the end was clear.',
    'Look at the state of the cluster.',
  ),
  meaning(
    /(switchover|failover) failed/i,
    'patroni.request_dropped',
    'The leader looked at the candidates and dropped the request.',
    "The reason is only in the leader's Patroni log: look there for the last lines about the switchover.",
  ),
  meaning(
    /failed to write (failover|switchover) key/i,
    'patroni.dcs_write_failed',
    'Patroni could not write the request to the DCS.',
    'Look at etcd, then try again.',
  ),
  meaning(/paused state/i, 'patroni.paused', 'Automatic failover is paused, which forbids this.', 'Resume it first.'),
  meaning(
    /another restart is already scheduled/i,
    'patroni.already_scheduled',
    'A restart of this member is already scheduled.',
    'Cancel it first.',
  ),
  meaning(
    /restart conditions are not satisfied/i,
    'patroni.restart_conditions',
    'The member does not meet the condition of this restart any more.',
    'Look at whether it still waits for a restart.',
  ),
  meaning(/still starting/i, 'patroni.still_starting', 'PostgreSQL is still starting.', 'Wait until it runs.'),
  meaning(
    /restart failed/i,
    'patroni.restart_failed',
    'PostgreSQL did not come back after the restart.',
    'Look at the PostgreSQL and Patroni logs of this member.',
  ),
  meaning(
    /reinitialize already in progress/i,
    'patroni.reinit_running',
    'A copy of this member is already under way.',
    'Wait for it; a second one on top would start over.',
  ),
  meaning(
    /already in progress/i,
    'patroni.member_busy',
    'Patroni is doing something else on this member.',
    'Wait until it has ended.',
  ),
  meaning(
    /i am the leader/i,
    'patroni.is_leader',
    'The member is the leader: its data is what the others are copied from.',
    'Choose a replica.',
  ),
  meaning(/has no leader/i, 'patroni.no_leader', 'The cluster has no leader.', 'Wait for one, or fail over.'),
  meaning(
    /no (restarts are|switchover is) scheduled/i,
    'patroni.nothing_scheduled',
    'Nothing was scheduled any more.',
    'It may have been carried out or cancelled a moment ago.',
  ),
  meaning(
    /only (to|from) a specific|target and source are the same/i,
    'patroni.bad_request',
    'Patroni did not accept the request.',
    'Look at the leader and the candidate, then try again.',
  ),
  meaning(
    /timezone|schedule|in the past|iso 8601|unable to parse/i,
    'patroni.bad_schedule',
    'Patroni did not accept the time.',
    'Choose a time in the future.',
  ),
];

function byStatus(status: number): Meaning {
  const any = /^/;
  if (status === 401)
    return meaning(
      any,
      'rest.unauthorized',
      'The REST API asks for a user and a password that are missing or wrong.',
      "Enter them in the cluster's settings.",
    );
  if (status === 403)
    return meaning(
      any,
      'rest.forbidden',
      'The REST API does not allow this from here (allow list or client certificate).',
      "Look at the member's restapi section: allowlist, verify_client.",
    );
  if (status === 409)
    return meaning(
      any,
      'patroni.conflict',
      'Somebody else changed it at the same moment.',
      'Look at the present values and try again.',
    );
  if (status === 422)
    return meaning(any, 'patroni.bad_schedule', 'Patroni did not accept the time.', 'Choose a time in the future.');
  return meaning(any, 'patroni.refused', `Patroni refused with status ${status}.`, "Look at the member's Patroni log.");
}

/** Patroni's answer as a short line; an HTML page of its web server is left out. */
export function answerText({ status, body }: RestAnswer): string {
  const text = body.trim();
  return text === '' || text.startsWith('<') || text.startsWith('{') ? `${status}` : `${status} ${text.slice(0, 300)}`;
}

/** What an answer that is not a success means. `member` gave it; its own words stay in the message. */
export function answerError(member: string, answer: RestAnswer): AppErrorData {
  const found = MEANINGS.find((one) => one.match.test(answer.body)) ?? byStatus(answer.status);
  return appError(found.code, `${found.sentence} (${member} answered: ${answerText(answer)})`, {
    target: member,
    hint: found.hint,
    retryable: answer.status === 409 || answer.status === 503,
  }).data;
}

/** Whether an answer says that the call was accepted. */
export function isAccepted(answer: RestAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
