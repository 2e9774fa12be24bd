import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAvailability, type AvailabilityService } from '../../../electron/core/availability/create-availability';
import type { AvailabilityReport } from '../../../shared/model/availability/availability';
import type { ClusterEvent, ClusterState } from '../../../shared/model/cluster/cluster-state';
import { cluster, leader, leaderless, replica, source } from '../../support/cluster/operable-cluster';
import { tempDirectory, type TempDirectory } from '../../support/temp';

const START = Date.parse('2026-10-10T12:00:00Z');
const MONTH = { year: 2026, month: 10, zone: 'UTC' };

let directory: TempDirectory;
let now: number;
let state: ClusterState;
let events: ClusterEvent[];

/** db1 leads, as its own REST API said a moment ago. */
function ledBy(name: string, change: Partial<ClusterState> = {}): ClusterState {
  const others = ['db1', 'db2', 'db3'].filter((one) => one !== name);
  const members = [
    leader(name, others, { primarySeen: true, restAsOf: now }),
    ...others.map((one) => replica(one, { restAsOf: now })),
  ];
  const sources = members.map((member) => source(`rest:${member.name}`, { asOf: now }));
  return cluster({ members, sources, leader: { ...cluster().leader, holder: name }, at: now, ...change });
}

function open(): AvailabilityService {
  return createAvailability({
    hub: { state: () => state, events: (_id, limit) => events.slice(-limit) },
    clusterIds: () => ['c1'],
    now: () => now,
    directory: directory.path,
    isTemporary: () => false,
    onUnwritten: (thrown) => {
      throw thrown;
    },
  });
}

/** Looks every two seconds for so many seconds, while `name` leads. */
async function watch(service: AvailabilityService, seconds: number, name: string): Promise<void> {
  for (let second = 0; second <= seconds; second += 2) {
    state = ledBy(name);
    await service.look();
    now += 2000;
  }
}

const report = (service: AvailabilityService): Promise<AvailabilityReport> => service.report('c1', MONTH);

beforeEach(async () => {
  directory = await tempDirectory();
  now = START;
  events = [];
  state = ledBy('db1');
});
afterEach(() => directory.remove());

describe('the record of availability', () => {
  it('knows what was watched and says of the rest that it is not known, also after a restart of the app', async () => {
    const first = open();
    await watch(first, 60, 'db1');
    await first.close();
    now += 600_000;
    const second = open();
    await watch(second, 60, 'db2');
    const made = await report(second);
    await second.close();
    expect(made.led.map(({ member }) => member)).toEqual(['db1', 'db2']);
    expect(made.upMs).toBeGreaterThanOrEqual(110_000);
    expect(made.upMs).toBeLessThanOrEqual(130_000);
    expect(made).toMatchObject({ downMs: 0, available: 1 });
    expect(made.unwatched.some(({ from, to }) => to - from >= 590_000 && to - from <= 650_000)).toBe(true);
  });

  it('has a time without a primary as the recorder measured it, with its precision and its cause', async () => {
    const service = open();
    await watch(service, 20, 'db1');
    const lost = now;
    events.push({
      id: 1,
      at: lost,
      kind: 'leader_lost',
      severity: 'critical',
      member: 'db1',
      sentence: 'The key of db1 is gone.',
    });
    state = { ...leaderless(), at: now };
    await service.look();
    now += 9000;
    events.push({
      id: 2,
      at: now,
      kind: 'primary_gap',
      severity: 'info',
      member: 'db2',
      sentence: '9 s without a primary.',
      durationMs: 9000,
      precisionMs: 700,
    });
    await watch(service, 20, 'db2');
    const made = await report(service);
    await service.close();
    expect(made.outages).toHaveLength(1);
    expect(made.outages[0]).toMatchObject({
      slackMs: 700,
      after: 'db2',
      planned: false,
      cause: 'The key of db1 is gone.',
    });
    expect(made.downMs).toBe(9000);
  });

  it('says how many lines it could not read, and tells the rest', async () => {
    const service = open();
    await watch(service, 20, 'db1');
    await watch(service, 20, 'db2');
    await appendFile(join(directory.path, 'c1', '2026-10.jsonl'), '{"kind":"up","from":1\nnonsense\n');
    const made = await report(service);
    await service.close();
    expect(made.problem).toMatch(/^2 lines/);
    expect(made.led.length).toBeGreaterThan(0);
  });

  it.each([['Nowhere/At_All'], ['../../etc'], ['']])('refuses the time zone %j', async (zone) => {
    const service = open();
    await expect(service.report('c1', { ...MONTH, zone })).rejects.toMatchObject({ code: 'app.bad_input' });
    await service.close();
  });
});
