import { describe, expect, it } from 'vitest';
import type { ClusterSummary } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import { allCommands, matching, type CommandDeps } from '../../../renderer/app/palette/commands';
import { hrefOf, parseRoute, type Route } from '../../../renderer/navigation/route';
import { filterFleet, tally } from '../../../renderer/features/fleet/filter';
import { applyFleet } from '../../../renderer/rpc/live/fleet';
import { applyJobs } from '../../../renderer/rpc/live/jobs';
import { manySummaries, stateFixture, summaryOf } from '../../support/page-double/states';

const now = 1_700_000_000_000;
const row = (id: string, level: ClusterSummary['health']['level'], title = id): ClusterSummary => ({
  ...summaryOf(stateFixture(now)),
  clusterId: id,
  title,
  scope: id,
  health: { level, sentence: level },
});

describe('the fleet', () => {
  it('the fleet lists the most urgent clusters first, then by title', () => {
    const view = applyFleet(
      { loaded: false, clusters: [] },
      {
        kind: 'snapshot',
        clusters: [
          row('a', 'healthy'),
          row('b', 'warning'),
          row('c', 'critical'),
          row('e', 'unknown', 'z'),
          row('d', 'unknown', 'y'),
        ],
      },
    );
    expect(view.clusters.map((cluster) => cluster.clusterId)).toEqual(['c', 'd', 'e', 'b', 'a']);
  });

  it('the fleet moves a cluster up as soon as its health gets worse, and drops a removed one', () => {
    const before = applyFleet(
      { loaded: false, clusters: [] },
      { kind: 'snapshot', clusters: [row('a', 'healthy'), row('b', 'healthy'), row('c', 'healthy')] },
    );
    const after = applyFleet(before, { kind: 'patch', clusters: { c: row('c', 'critical'), a: null } });
    expect(after.clusters.map((cluster) => cluster.clusterId)).toEqual(['c', 'b']);
  });

  it.each([
    ['orders-prod db2', 1],
    ['DB2 eu', 1],
    ['nothing-like-it', 0],
    ['', 1],
  ])('the search of the fleet finds clusters by all words of "%s"', (words, count) => {
    expect(filterFleet([summaryOf(stateFixture(now))], { words, level: null })).toHaveLength(count);
  });

  it('the fleet counts the clusters of each health level', () => {
    const all = manySummaries(100, now);
    expect(tally(all).reduce((sum, [, count]) => sum + count, 0)).toBe(100);
    expect(tally(all)[0]?.[0]).toBe('critical');
  });
});

describe('jobs', () => {
  const job = (id: string, startedAt: number, status: Job['status'] = 'running'): Job => ({
    id,
    kind: 'switchover',
    clusterId: 'orders',
    title: id,
    target: null,
    command: null,
    status,
    phases: [],
    lines: [],
    startedAt,
    endedAt: null,
    cancellable: false,
    result: null,
    error: null,
    confirmation: null,
    startedBy: 'dba',
  });

  it('the jobs are listed newest first, each with its latest status', () => {
    const view = applyJobs({ loaded: false, jobs: [] }, { kind: 'snapshot', jobs: [job('a', 1), job('b', 2)] });
    expect(view.jobs.map((each) => each.id)).toEqual(['b', 'a']);
    expect(applyJobs(view, { kind: 'job', job: job('a', 1, 'done') }).jobs.map((each) => each.status)).toEqual([
      'running',
      'done',
    ]);
  });
});

describe('addresses', () => {
  const routes: readonly Route[] = [
    { page: 'fleet' },
    { page: 'cluster', clusterId: 'a/b c%', tab: 'overview' },
    { page: 'cluster', clusterId: 'x', tab: 'events' },
    { page: 'connect', serverId: null },
    { page: 'connect', serverId: 's 1' },
    { page: 'direct' },
    { page: 'deploy' },
    { page: 'servers' },
    { page: 'history' },
    { page: 'cluster', clusterId: 'a b', tab: 'logs', at: 1_764_205_824_123 },
    { page: 'settings' },
  ];
  it.each(routes)('the address of the page $page opens that page again', (route) => {
    expect(parseRoute(hrefOf(route))).toEqual(route);
  });
  it.each(['', '#', '#/nowhere', '#/cluster', '#/cluster/%E0%A4%A'])(
    'the unknown address "%s" opens the fleet',
    (hash) => {
      expect(['fleet', 'cluster']).toContain(parseRoute(hash).page);
    },
  );
});

describe('the palette', () => {
  const deps: CommandDeps = {
    route: { page: 'cluster', clusterId: 'orders', tab: 'overview' },
    clusters: [summaryOf(stateFixture(now))],
    openOperation: () => undefined,
    openJobs: () => undefined,
    openHelp: () => undefined,
    openDemo: () => undefined,
    openTerminal: () => undefined,
    showTerminals: () => undefined,
    readOnly: false,
    save: () => undefined,
  };

  it('the palette lists the actions of the open cluster first', () => {
    expect(matching(allCommands(deps), 'switchover')[0]?.id).toBe('switchover orders');
  });
  it('the palette finds an action by the name of its cluster, and a member, from every page', () => {
    const fromFleet = allCommands({ ...deps, route: { page: 'fleet' } });
    expect(matching(fromFleet, 'failover orders').map((command) => command.text)).toContain('Failover');
    expect(matching(fromFleet, 'db3')[0]?.where).toBe('Member of Orders, replica');
  });
  it('the palette offers to resume a paused cluster instead of pausing it', () => {
    const ids = allCommands({ ...deps, clusters: deps.clusters.map((cluster) => ({ ...cluster, paused: true })) }).map(
      (command) => command.id,
    );
    expect(ids).toContain('resume orders');
    expect(ids).not.toContain('pause orders');
  });
  it('every command of the palette has an id of its own', () => {
    const ids = allCommands(deps).map((command) => command.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
