import { describe, expect, it } from 'vitest';
import { makeCluster } from '../../../../electron/core/demo/model/cluster';
import { injectFault } from '../../../../electron/core/demo/model/faults';
import { isWritable } from '../../../../electron/core/demo/model/postgres';
import type { Sim } from '../../../../electron/core/demo/model/sim';
import { patroniStatus } from '../../../../electron/core/demo/rest/patroni-status';
import { memberNamed } from '../../../support/cluster/demo-model';

const BEGIN = Date.UTC(2026, 0, 1);

interface Sites {
  readonly north: Sim;
  readonly south: Sim;
  /** Lets seconds pass at both sites, one by one, as their clock is the same. */
  readonly pass: (seconds: number) => void;
}

function twoSites(): Sites {
  const all: Sim[] = [];
  const fleet = (): readonly Sim[] => all;
  const place = (index: number) => ({ index, seed: index + 1, timeScale: 1, now: BEGIN, fleet });
  const north = makeCluster({ scope: 'north', members: 3, version: '4.0.7' }, place(0));
  all.push(north);
  const south = makeCluster({ scope: 'south', members: 3, version: '4.0.7', standbyOf: 'north' }, place(1));
  all.push(south);
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) for (const sim of all) sim.advance(sim.now + 1000);
  };
  return { north, south, pass };
}

const position = (sim: Sim, name: string): number => sim.position(memberNamed(sim, name));

describe('a simulated standby cluster at another site', () => {
  it('has the identity and the timelines of the cluster that it follows, and what is written there', () => {
    const { north, south, pass } = twoSites();
    pass(15);
    expect(south.systemIdentifier).toBe(north.systemIdentifier);
    expect(south.read('history')).toBe(north.read('history'));
    expect(patroniStatus(south, memberNamed(south, 'south-1'))).toMatchObject({
      role: 'standby_leader',
      state: 'running',
      timeline: 3,
      replication_state: 'streaming',
    });
    expect(Math.abs(position(north, 'north-1') - position(south, 'south-1'))).toBeLessThan(2_000_000);
    expect(position(south, 'south-2')).toBe(position(south, 'south-1'));
    expect(south.members.some(isWritable)).toBe(false);
  });

  it('stands among the receivers of the primary there, by a permanent slot', () => {
    const { north, pass } = twoSites();
    pass(15);
    const rows = patroniStatus(north, memberNamed(north, 'north-1')).replication;
    expect(rows).toEqual(expect.arrayContaining([expect.objectContaining({ application_name: 'south-1' })]));
    expect(north.config().slots).toEqual({ south: { type: 'physical' } });
  });

  it('keeps what had arrived when the primary site loses its power, and waits', () => {
    const { north, south, pass } = twoSites();
    pass(15);
    injectFault(north, 'site_lost', undefined);
    const last = position(north, 'north-1');
    pass(60);
    expect(north.members.every(({ power }) => !power)).toBe(true);
    expect(south.member('south-1')).toMatchObject({ role: 'standby_leader', streaming: false });
    expect(position(south, 'south-1')).toBe(last);
  });

  it('takes writes on a new timeline once it is promoted', () => {
    const { north, south, pass } = twoSites();
    pass(15);
    injectFault(north, 'site_lost', undefined);
    pass(30);
    const { standby_cluster: _gone, ...config } = south.config();
    south.write('config', config);
    pass(15);
    expect(south.member('south-1')).toMatchObject({ role: 'primary', timeline: 4 });
    const before = position(south, 'south-1');
    pass(5);
    expect(position(south, 'south-1')).toBeGreaterThan(before);
    expect(south.member('south-2')?.streaming).toBe(true);
  });

  it('follows the new primary of its site after a failover there', () => {
    const { north, south, pass } = twoSites();
    pass(15);
    injectFault(north, 'crash', memberNamed(north, 'north-1'));
    pass(90);
    const leader = north.leaderName() ?? '';
    expect(leader).not.toBe('north-1');
    expect(south.member('south-1')).toMatchObject({ streaming: true, timeline: 4 });
    expect(patroniStatus(north, memberNamed(north, leader)).replication).toEqual(
      expect.arrayContaining([expect.objectContaining({ application_name: 'south-1' })]),
    );
  });
});
