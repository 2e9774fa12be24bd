import { describe, expect, it } from 'vitest';
import { healFaults, injectFault } from '../../../../electron/core/demo/model/faults';
import type { Sim } from '../../../../electron/core/demo/model/sim';
import { callMember, statusLine, simulateCluster, memberNamed, advanceTime } from '../../../support/cluster/demo-model';

/** Seconds until something is so, looked at ten times a second. */
function secondsUntil(sim: Sim, limit: number, so: () => boolean): number {
  const from = sim.now;
  while (!so()) {
    if (sim.now - from > limit * 1000) throw new Error(`Not within ${String(limit)} s.`);
    advanceTime(sim, 0.1);
  }
  return (sim.now - from) / 1000;
}

const streaming = (sim: Sim): string[] => sim.members.filter((member) => member.streaming).map((member) => member.name);
const cluster = (sim: Sim, member: string): string => statusLine(callMember(sim, member, 'GET /cluster'));

describe('a simulated cluster', () => {
  it('does the same for the same seed, and something else for another', () => {
    const life = (seed: number): string => {
      const sim = simulateCluster({ seed });
      advanceTime(sim, 300);
      return `${String(sim.store.revision)} ${cluster(sim, 'orders-1')}`;
    };
    expect(life(5)).toBe(life(5));
    expect(life(5)).not.toBe(life(6));
  });

  it('keeps its leader and its leases through quiet hours', () => {
    const sim = simulateCluster();
    for (let minute = 0; minute < 120; minute += 1) advanceTime(sim, 60);
    expect(sim.leaderName()).toBe('orders-1');
    expect(streaming(sim)).toEqual(['orders-2', 'orders-3']);
    expect(sim.store.leases.all()).toHaveLength(3);
  });

  it('does not fail over because the computer slept for hours', () => {
    const sim = simulateCluster();
    advanceTime(sim, 20);
    sim.advance(sim.now + 9 * 3_600_000);
    advanceTime(sim, 60);
    expect(sim.leaderName()).toBe('orders-1');
    expect(memberNamed(sim, 'orders-1').timeline).toBe(3);
  });

  it("loses a crashed leader's lock only when its lease is over, and then has another within seconds", () => {
    const sim = simulateCluster();
    advanceTime(sim, 60);
    injectFault(sim, 'crash', memberNamed(sim, 'orders-1'));
    const lost = secondsUntil(sim, 40, () => sim.leaderName() !== 'orders-1');
    expect(lost).toBeGreaterThan(19);
    expect(lost).toBeLessThanOrEqual(30.1);
    expect(
      secondsUntil(sim, 5, () => sim.members.some((member) => member.role === 'primary' && member.state === 'running')),
    ).toBeLessThan(3);
    advanceTime(sim, 15);
    const leader = memberNamed(sim, sim.leaderName() ?? '');
    expect(leader.timeline).toBe(4);
    expect(streaming(sim)).toHaveLength(1);
    healFaults(sim);
    advanceTime(sim, 20);
    expect(streaming(sim)).toContain('orders-1');
  });

  it('promotes no member that lags too far, whose tags forbid it, or that is broken', () => {
    const sim = simulateCluster();
    advanceTime(sim, 30);
    memberNamed(sim, 'orders-3').tags = { nofailover: true };
    injectFault(sim, 'lag', memberNamed(sim, 'orders-2'));
    advanceTime(sim, 120);
    injectFault(sim, 'crash', memberNamed(sim, 'orders-1'));
    advanceTime(sim, 90);
    expect(sim.leaderName()).toBeNull();
    expect(callMember(sim, 'orders-2', 'GET /patroni')).toMatchObject({ body: { cluster_unlocked: true } });
    healFaults(sim);
    advanceTime(sim, 60);
    expect(sim.leaderName()).not.toBeNull();
  });

  it('grows the lag of a slow replica, and lets it catch up again', () => {
    const sim = simulateCluster();
    const lag = (): number => Number(/"name":"orders-3".*?"lag":(\d+)/.exec(cluster(sim, 'orders-1'))?.[1]);
    advanceTime(sim, 30);
    expect(lag()).toBe(0);
    injectFault(sim, 'lag', memberNamed(sim, 'orders-3'));
    advanceTime(sim, 60);
    const after = lag();
    expect(after).toBeGreaterThan(100_000);
    advanceTime(sim, 60);
    expect(lag()).toBeGreaterThan(after);
    healFaults(sim);
    advanceTime(sim, 30);
    expect(lag()).toBe(0);
  });

  it('demotes a primary that is cut off before the majority elects another: never two primaries', () => {
    const sim = simulateCluster();
    advanceTime(sim, 30);
    injectFault(sim, 'partition', memberNamed(sim, 'orders-1'));
    for (let tenths = 0; tenths < 900; tenths += 1) {
      advanceTime(sim, 0.1);
      expect(
        sim.members.filter((member) => member.role === 'primary' && member.state === 'running').length,
      ).toBeLessThanOrEqual(1);
    }
    expect(sim.leaderName()).not.toBe('orders-1');
    expect(cluster(sim, 'orders-1')).toBe('empty');
    expect(callMember(sim, 'orders-1', 'GET /patroni')).toMatchObject({
      body: { role: 'replica', cluster_unlocked: true },
    });
    healFaults(sim);
    advanceTime(sim, 30);
    expect(streaming(sim)).toContain('orders-1');
  });

  it('without its DCS answers GET /cluster with nothing and demotes its primary, except in failsafe mode', () => {
    for (const failsafe of [false, true]) {
      const sim = simulateCluster({ config: { failsafe_mode: failsafe } });
      advanceTime(sim, 30);
      injectFault(sim, 'dcs_down', undefined);
      advanceTime(sim, 40);
      expect(cluster(sim, 'orders-1')).toBe('empty');
      expect(memberNamed(sim, 'orders-1').role).toBe(failsafe ? 'primary' : 'replica');
      expect(callMember(sim, 'orders-1', 'GET /patroni')).toMatchObject({
        code: 200,
        body: failsafe ? { failsafe_mode_is_active: true } : { cluster_unlocked: true },
      });
      healFaults(sim);
      advanceTime(sim, 40);
      expect(sim.members.filter((member) => member.role === 'primary')).toHaveLength(1);
      expect(streaming(sim)).toHaveLength(2);
    }
  });

  it("shows a broken replica only by its timeline and the leader's replication list, as Patroni does", () => {
    const sim = simulateCluster({ version: '3.0.2' });
    advanceTime(sim, 30);
    injectFault(sim, 'broken_replica', memberNamed(sim, 'orders-3'));
    advanceTime(sim, 30);
    expect(callMember(sim, 'orders-3', 'GET /replica')).toMatchObject({ code: 200 });
    const view = callMember(sim, 'orders-1', 'GET /cluster');
    expect(view).toMatchObject({
      body: {
        members: [
          { timeline: 3 },
          { timeline: 3, lag: 0 },
          { name: 'orders-3', state: 'running', timeline: 2, lag: 0 },
        ],
      },
    });
    const leader = callMember(sim, 'orders-1', 'GET /patroni');
    expect(JSON.stringify(leader)).toContain('orders-2');
    expect(JSON.stringify(leader)).not.toContain('orders-3"');
    expect(statusLine(callMember(sim, 'orders-3', 'POST /reinitialize', {}))).toBe('200 reinitialize started');
    advanceTime(sim, 40);
    expect(streaming(sim)).toEqual(['orders-2', 'orders-3']);
  });
});

describe('a simulated switchover', () => {
  it('reports the other new leader when the candidate dies meanwhile', () => {
    const sim = simulateCluster();
    advanceTime(sim, 30);
    injectFault(sim, 'candidate_dies', undefined);
    const answer = callMember(sim, 'orders-1', 'POST /switchover', { leader: 'orders-1', candidate: 'orders-2' });
    advanceTime(sim, 60);
    expect(statusLine(answer)).toBe('200 Switched over to "orders-3" instead of "orders-2"');
    expect(sim.leaderName()).toBe('orders-3');
  });

  it('fails without a reason when the candidate lags more than allowed, as Patroni does', () => {
    const sim = simulateCluster();
    advanceTime(sim, 30);
    injectFault(sim, 'lag', memberNamed(sim, 'orders-2'));
    advanceTime(sim, 120);
    expect(
      statusLine(callMember(sim, 'orders-1', 'POST /switchover', { leader: 'orders-1', candidate: 'orders-2' })),
    ).toBe('503 Switchover failed');
    expect(memberNamed(sim, 'orders-1').log.map(({ text }) => text)).toContain(
      'Member orders-2 exceeds maximum replication lag',
    );
    expect(sim.leaderName()).toBe('orders-1');
  });

  it('happens at the scheduled time, and is dropped if another member leads by then', () => {
    for (const leader of ['orders-1', 'orders-3']) {
      const sim = simulateCluster();
      advanceTime(sim, 30);
      const scheduledAt = new Date(sim.now + 120_000).toISOString();
      expect(
        statusLine(
          callMember(sim, 'orders-1', 'POST /switchover', { leader, candidate: 'orders-2', scheduled_at: scheduledAt }),
        ),
      ).toBe('202 Switchover scheduled');
      advanceTime(sim, 100);
      expect(sim.leaderName()).toBe('orders-1');
      advanceTime(sim, 30);
      expect(sim.leaderName()).toBe(leader === 'orders-1' ? 'orders-2' : 'orders-1');
      expect(sim.failover()).toBeNull();
    }
  });

  it('in synchronous mode promotes only a member of the sync key', () => {
    const sim = simulateCluster({ config: { synchronous_mode: true } });
    advanceTime(sim, 30);
    expect(cluster(sim, 'orders-1')).toContain('"role":"sync_standby"');
    const [chosen] = String(sim.readObject('sync')?.sync_standby).split(',');
    const other = chosen === 'orders-2' ? 'orders-3' : 'orders-2';
    expect(statusLine(callMember(sim, 'orders-1', 'POST /switchover', { leader: 'orders-1', candidate: other }))).toBe(
      '412 candidate name does not match with sync_standby',
    );
    injectFault(sim, 'crash', memberNamed(sim, 'orders-1'));
    advanceTime(sim, 60);
    expect(sim.leaderName()).toBe(chosen);
  });

  it('does not happen by itself while the cluster is paused', () => {
    const sim = simulateCluster({ config: { pause: true } });
    advanceTime(sim, 30);
    injectFault(sim, 'crash', memberNamed(sim, 'orders-1'));
    advanceTime(sim, 120);
    expect(sim.leaderName()).toBeNull();
  });
});
