import { describe, expect, it } from 'vitest';
import { answerError, answerText, isAccepted } from '../../../electron/core/operations/answers';

describe('an answer of Patroni that is not a success', () => {
  const rows: readonly [number, string, string][] = [
    [412, 'leader name does not match', 'patroni.leader_mismatch'],
    [412, 'candidate name does not match with sync_standby', 'patroni.not_sync_standby'],
    [412, 'candidate does not exists', 'patroni.no_such_candidate'],
    [412, 'switchover is not possible: can not find sync_standby', 'patroni.no_sync_standby'],
    [412, 'failover is not possible: cluster does not have members except leader', 'patroni.no_candidate'],
    [412, 'switchover is not possible: no good candidates have been found', 'patroni.no_good_candidate'],
    [503, 'Switchover failed', 'patroni.request_dropped'],
    [503, 'Failover failed', 'patroni.request_dropped'],
    [503, 'Switchover status unknown', 'patroni.status_unknown'],
    [503, 'Failover status unknown after 20 seconds; operation may still be in progress', 'patroni.status_unknown'],
    [503, 'failed to write failover key into DCS', 'patroni.dcs_write_failed'],
    [503, 'failed to write switchover key into DCS', 'patroni.dcs_write_failed'],
    [400, "Can't schedule switchover in the paused state", 'patroni.paused'],
    [500, "Can't schedule restart in the paused state", 'patroni.paused'],
    [400, 'Switchover is possible only to a specific candidate in a paused state', 'patroni.paused'],
    [400, 'Switchover target and source are the same', 'patroni.bad_request'],
    [400, 'Failover could be performed only to a specific candidate', 'patroni.bad_request'],
    [400, 'Timezone information is mandatory for the scheduled switchover', 'patroni.bad_schedule'],
    [422, 'Cannot schedule restart in the past', 'patroni.bad_schedule'],
    [409, 'Another restart is already scheduled', 'patroni.already_scheduled'],
    [503, 'restart conditions are not satisfied', 'patroni.restart_conditions'],
    [503, 'postgres is still starting', 'patroni.still_starting'],
    [503, 'restart failed', 'patroni.restart_failed'],
    [503, 'reinitialize already in progress', 'patroni.reinit_running'],
    [503, 'restart already in progress', 'patroni.member_busy'],
    [503, 'I am the leader, can not reinitialize', 'patroni.is_leader'],
    [503, 'Cluster has no leader, can not reinitialize', 'patroni.no_leader'],
    [404, 'no restarts are scheduled', 'patroni.nothing_scheduled'],
    [404, 'no switchover is scheduled', 'patroni.nothing_scheduled'],
    [401, 'no auth header received', 'rest.unauthorized'],
    [403, 'Access is denied', 'rest.forbidden'],
    [403, 'client certificate required', 'rest.forbidden'],
    [409, '<html><title>Error response</title>Conflict</html>', 'patroni.conflict'],
    [502, '<html>Bad gateway</html>', 'patroni.refused'],
    [418, '', 'patroni.refused'],
  ];
  it.each(rows)('%d %s is %s, with a sentence and a way on', (status, body, code) => {
    const error = answerError('db1', { status, body });
    expect(error).toMatchObject({ code, target: 'db1' });
    expect(error.hint).toBeTruthy();
    expect(error.message).toContain(`db1 answered: ${status}`);
    expect(error.message).not.toContain('<');
  });
});

describe('an answer', () => {
  it('in the history is short and never a page', () => {
    expect(answerText({ status: 502, body: '<html>...</html>' })).toBe('502');
    expect(answerText({ status: 200, body: '{"ttl":30}' })).toBe('200');
    expect(answerText({ status: 503, body: 'x'.repeat(5000) }).length).toBeLessThan(400);
  });
  it.each([
    [200, true],
    [202, true],
    [302, false],
    [412, false],
    [503, false],
  ] as const)('%d is accepted: %s', (status, accepted) => {
    expect(isAccepted({ status, body: '' })).toBe(accepted);
  });
});
