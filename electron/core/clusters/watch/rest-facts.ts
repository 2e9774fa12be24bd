import { parseStatus } from '../../patroni/answers/status';
import type { PollResult } from './rest-poller';
import type { PositionAt, RestFacts } from '../fold/facts';

const KEPT_POSITIONS = 4;

function positions(before: readonly PositionAt[], lsn: number | null, at: number): readonly PositionAt[] {
  return lsn === null ? [] : [...before, { lsn, at }].slice(-KEPT_POSITIONS);
}

/** What is known of a member's REST after one more ask. */
export function foldRest(before: RestFacts, result: PollResult): RestFacts {
  if (result.kind === 'error')
    return {
      ...before,
      error: result.error,
      failures: before.failures + 1,
      failingSince: before.failingSince ?? result.at,
    };
  const answer = before.answer !== null && result.value === before.source ? before.answer : parseStatus(result.value);
  if (answer === null) {
    const error = {
      code: 'rest.not_json' as const,
      message: 'The answer is JSON, but not an answer of Patroni.',
      retryable: true,
    };
    return foldRest(before, { kind: 'error', error, at: result.at });
  }
  return {
    answer,
    source: result.value,
    asOf: result.at,
    error: null,
    failures: 0,
    failingSince: null,
    positions: positions(before.positions, answer.location, result.at),
  };
}
