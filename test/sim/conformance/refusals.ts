import { expect, it } from 'vitest';
import { waitUntilHealthy, codeAndText, replicasOf, rest, isAtLeast } from './target';
import type { ConformanceTarget } from './target';

/** Impossible calls, which change nothing: their codes and exact texts, since the app shows and explains them. */
export function describeRefusals(open: () => ConformanceTarget): void {
  it('refuses impossible switchovers and failovers with the reason', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const [replica = ''] = await replicasOf(target);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const cases: readonly [call: string, body: object, expected: string][] = [
      ['POST /switchover', { candidate: replica }, '400 Switchover could be performed only from a specific leader'],
      ['POST /switchover', { leader: replica }, '412 leader name does not match'],
      ['POST /switchover', { leader, candidate: 'nobody' }, '412 candidate does not exists'],
      [
        'POST /switchover',
        { leader, candidate: replica, scheduled_at: '2001-01-01T00:00:00+00:00' },
        '422 Cannot schedule switchover in the past',
      ],
      [
        'POST /switchover',
        { leader, candidate: replica, scheduled_at: later.replace('Z', '') },
        '400 Timezone information is mandatory for the scheduled switchover',
      ],
      [
        'POST /switchover',
        { leader, candidate: replica, scheduled_at: 'soon' },
        '422 Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601',
      ],
      ['POST /failover', { member: '' }, '400 Failover could be performed only to a specific candidate'],
      ['POST /failover', { candidate: 'nobody' }, '412 candidate does not exists'],
      [
        'POST /failover',
        { candidate: replica, scheduled_at: later },
        `400 ${isAtLeast(target, '3.2.0') ? "Failover can't be scheduled" : 'Scheduled failover is possible only from a specific leader'}`,
      ],
    ];
    // Before 3.2.0 this is accepted, and comes to nothing twenty seconds later.
    if (isAtLeast(target, '3.2.0'))
      expect(await codeAndText(rest(target, leader, 'POST /switchover', { leader, candidate: leader }))).toBe(
        '400 Switchover target and source are the same',
      );
    for (const [call, body, expected] of cases)
      expect([call, body, await codeAndText(rest(target, leader, call, body))]).toEqual([call, body, expected]);
    expect(await codeAndText(rest(target, leader, 'DELETE /switchover'))).toBe('404 no switchover is scheduled');
  });

  it('refuses impossible restarts and reinits with the reason', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const cases: readonly [call: string, body: object | undefined, expected: RegExp][] = [
      ['POST /restart', { role: 'captain' }, /^400 PostgreSQL role should be either /],
      ['POST /restart', { timeout: 'x' }, /^400 Timeout should be a positive number of seconds$/],
      ['POST /restart', { postgres_version: 'x' }, /^400 Invalid PostgreSQL version: x$/],
      ['POST /restart', { colour: 1 }, /^400 Unknown filter for the scheduled restart: colour$/],
      ['POST /restart', { role: 'replica' }, /^503 restart conditions are not satisfied$/],
      ['POST /restart', { schedule: '2001-01-01T00:00:00+00:00' }, /^422 Cannot schedule restart in the past$/],
      ['DELETE /restart', undefined, /^404 no restarts are scheduled$/],
      ['POST /reinitialize', {}, /^503 I am the leader, can not reinitialize$/],
    ];
    for (const [call, body, expected] of cases)
      expect(await codeAndText(rest(target, leader, call, body)), `${call} ${JSON.stringify(body)}`).toMatch(expected);
  });

  it('refuses a configuration that is no object', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    for (const body of ['{', '[1]', '{}'])
      expect(await codeAndText(rest(target, leader, 'PATCH /config', body)), body).toMatch(/^400 /);
  });
}
