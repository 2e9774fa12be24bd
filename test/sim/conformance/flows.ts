import type { IWatchResponse } from 'etcd3';
import { expect, it } from 'vitest';
import {
  waitUntilHealthy,
  codeAndText,
  eventuallyIn,
  requireLeader,
  openEtcd,
  patroniOf,
  replicasOf,
  rest,
  readCluster,
  isAtLeast,
} from './target';
import type { ConformanceTarget } from './target';

/** Records what happens to some keys of the cluster while `body` runs: `put leader n2`, `delete leader`. */
async function recorded(
  target: ConformanceTarget,
  names: readonly string[],
  body: () => Promise<void>,
): Promise<string[]> {
  const etcd = openEtcd(target);
  const prefix = `${target.namespace}${target.scope}/`;
  const events: string[] = [];
  const watcher = await etcd.watch().prefix(prefix).create();
  watcher.on('data', (response: IWatchResponse) => {
    for (const { type, kv } of response.events) {
      const name = kv.key.toString().slice(prefix.length);
      const text = `${type.toLowerCase()} ${name} ${kv.value.toString()}`.trim();
      if (names.includes(name) && events.at(-1) !== text) events.push(text);
    }
  });
  try {
    await body();
  } finally {
    await watcher.cancel();
    etcd.close();
  }
  return events;
}

const timelineOf = async (target: ConformanceTarget, member: string): Promise<number> =>
  (await patroniOf(target, member))?.timeline ?? 0;

/** A copy of a small database takes two seconds, of which a busy machine may lose one. */
const QUICK_PAUSE_MS = 10;

/** What happens over time, and in which order. */
export function describeFlows(open: () => ConformanceTarget): void {
  it('shows a changed restart-only parameter as pending on every member until each is restarted', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const change = { postgresql: { parameters: { max_connections: 123 } } };
    const answer = await rest(target, leader, 'PATCH /config', change);
    expect(answer).toMatchObject({ code: 200, body: change });
    for (const member of Object.keys(target.restUrls)) {
      const status = await eventuallyIn(target, `${member} waits for a restart`, 25, async () => {
        const seenNow = await patroniOf(target, member);
        return seenNow?.pending_restart === true ? seenNow : null;
      });
      expect(status.pending_restart_reason).toEqual(
        isAtLeast(target, '3.3.0') ? { max_connections: { old_value: '100', new_value: '123' } } : undefined,
      );
    }
    await eventuallyIn(target, 'GET /cluster shows it too', 25, async () =>
      (await readCluster(target)).members.every((member) => member.pending_restart === true),
    );
    for (const member of [...(await replicasOf(target)), leader]) {
      expect(await codeAndText(rest(target, member, 'POST /restart', {}))).toBe('200 restarted successfully');
    }
    await waitUntilHealthy(target);
    // Downwards the primary goes first: a standby may not have less than its primary, and has to replay the change
    // before it can start with it.
    await rest(target, leader, 'PATCH /config', { postgresql: { parameters: { max_connections: 100 } } });
    for (const member of [leader, ...(await replicasOf(target))]) {
      await eventuallyIn(
        target,
        `${member} waits for a restart again`,
        25,
        async () => (await patroniOf(target, member))?.pending_restart === true,
      );
      await eventuallyIn(target, `${member} has restarted with the smaller value`, 60, async () => {
        expect(await codeAndText(rest(target, member, 'POST /restart', {}))).toBe('200 restarted successfully');
        await new Promise((resolve) => {
          setTimeout(resolve, 12_000 / target.timeScale);
        });
        return (await patroniOf(target, member))?.pending_restart === undefined;
      });
    }
    await waitUntilHealthy(target);
  });

  it('pauses and resumes on every member, and meanwhile refuses what a pause forbids', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const [replica = ''] = await replicasOf(target);
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    await rest(target, leader, 'PATCH /config', { pause: true });
    for (const member of Object.keys(target.restUrls))
      await eventuallyIn(
        target,
        `${member} is paused`,
        25,
        async () => (await patroniOf(target, member))?.pause === true,
      );
    expect(await rest(target, leader, 'GET /cluster')).toMatchObject({ body: { pause: true } });
    expect(
      await codeAndText(
        rest(target, leader, 'POST /switchover', { leader, candidate: replica, scheduled_at: scheduledAt }),
      ),
    ).toBe("400 Can't schedule switchover in the paused state");
    expect(await codeAndText(rest(target, leader, 'POST /switchover', { leader }))).toBe(
      '400 Switchover is possible only to a specific candidate in a paused state',
    );
    expect(await codeAndText(rest(target, replica, 'POST /restart', { schedule: scheduledAt }))).toBe(
      "500 Can't schedule restart in the paused state",
    );
    await rest(target, leader, 'PATCH /config', { pause: null });
    for (const member of Object.keys(target.restUrls))
      await eventuallyIn(
        target,
        `${member} is no longer paused`,
        25,
        async () => (await patroniOf(target, member))?.pause === undefined,
      );
  });

  it('keeps a scheduled switchover and a scheduled restart until they are cancelled', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const [replica = ''] = await replicasOf(target);
    const at = new Date(Date.now() + 3_600_000).toISOString();
    expect(
      await codeAndText(rest(target, leader, 'POST /switchover', { leader, candidate: replica, scheduled_at: at })),
    ).toBe('202 Switchover scheduled');
    // A member answers from what its own watch of the DCS has told it, a moment after the write.
    const cluster = async () => JSON.stringify(await rest(target, replica, 'GET /cluster'));
    await eventuallyIn(target, 'GET /cluster shows it', 10, async () =>
      (await cluster()).includes('scheduled_switchover'),
    );
    expect(await rest(target, replica, 'GET /cluster')).toMatchObject({
      body: { scheduled_switchover: { from: leader, to: replica, at: expect.any(String) } },
    });
    expect(await codeAndText(rest(target, leader, 'DELETE /switchover'))).toBe('200 scheduled switchover deleted');
    await eventuallyIn(
      target,
      'GET /cluster shows it no more',
      10,
      async () => !(await cluster()).includes('scheduled_switchover'),
    );
    expect(await codeAndText(rest(target, replica, 'POST /restart', { schedule: at }))).toBe('202 Restart scheduled');
    expect(await codeAndText(rest(target, replica, 'POST /restart', { schedule: at }))).toBe(
      '409 Another restart is already scheduled',
    );
    expect(await patroniOf(target, replica)).toMatchObject({ scheduled_restart: { schedule: expect.any(String) } });
    expect(await codeAndText(rest(target, replica, 'DELETE /restart'))).toBe('200 scheduled restart deleted');
    expect((await patroniOf(target, replica))?.scheduled_restart).toBeUndefined();
  });

  it('switches over to the candidate: the leader key moves, the timeline rises, the old leader streams', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const [candidate = ''] = await replicasOf(target);
    const before = await timelineOf(target, leader);
    const events = await recorded(target, ['leader', 'failover'], async () => {
      expect(await codeAndText(rest(target, leader, 'POST /switchover', { leader, candidate }))).toBe(
        `200 Successfully switched over to "${candidate}"`,
      );
    });
    const request = events.find((event) => event.startsWith('put failover {"')) ?? '';
    expect(JSON.parse(request.slice('put failover '.length))).toEqual({ leader, member: candidate });
    expect(events.filter((event) => event.includes(' leader'))).toEqual(['delete leader', `put leader ${candidate}`]);
    expect(await waitUntilHealthy(target)).toBe(candidate);
    expect(await timelineOf(target, leader)).toBe(before + 1);
    const history = await eventuallyIn(target, 'the history has the new timeline', 30, async () => {
      const answer = await rest(target, candidate, 'GET /history');
      const rows = answer.kind === 'answer' && Array.isArray(answer.body) ? answer.body : [];
      return rows.find((row: unknown) => Array.isArray(row) && row[0] === before && row.length >= 4);
    });
    expect(history).toMatchObject([
      before,
      expect.any(Number),
      'no recovery target specified',
      expect.any(String),
      candidate,
    ]);
  });

  it('reinitializes a replica: the call answers at once, the replica streams at the end', async () => {
    const target = open();
    await waitUntilHealthy(target);
    const [replica = ''] = await replicasOf(target);
    expect(await codeAndText(rest(target, replica, 'POST /reinitialize', {}))).toBe('200 reinitialize started');
    const states = new Set<string>();
    await eventuallyIn(
      target,
      'the replica is copied and runs again',
      90,
      async () => {
        const state = (await patroniOf(target, replica))?.state;
        if (state !== undefined) states.add(state);
        return states.has('creating replica') && state === 'running';
      },
      QUICK_PAUSE_MS,
    ).catch((thrown: unknown) => {
      throw new Error(`States seen: ${[...states].join(', ')}.`, { cause: thrown });
    });
    expect([...states]).toContain('creating replica');
    await waitUntilHealthy(target);
  });

  it('survives the loss of the leader: its keys expire, another leads on a new timeline, and it comes back as a replica', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const before = await timelineOf(target, leader);
    const events = await recorded(target, ['leader', `members/${leader}`], async () => {
      await target.killMember(leader);
      expect((await rest(target, leader, 'GET /patroni')).kind).not.toBe('answer');
      await eventuallyIn(target, 'another member leads', 60, async () => (await requireLeader(target)) !== leader);
    });
    const next = await requireLeader(target);
    const lost = events.indexOf('delete leader');
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(events.slice(lost).filter((event) => !event.startsWith('put members'))).toEqual(
      expect.arrayContaining(['delete leader', `delete members/${leader}`, `put leader ${next}`]),
    );
    expect(events.indexOf(`put leader ${next}`)).toBeGreaterThan(lost);
    await eventuallyIn(
      target,
      'the new leader writes on a new timeline',
      30,
      async () => (await timelineOf(target, next)) === before + 1,
    );
    await target.reviveMember(leader);
    expect(await waitUntilHealthy(target, 120)).toBe(next);
    expect(await replicasOf(target)).toContain(leader);
  });
}
