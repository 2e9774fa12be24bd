import { afterEach, describe, expect, it, vi } from 'vitest';
import { allCommands, type CommandDeps, type PaletteCommand } from '../../../../renderer/app/palette/commands';
import { clusterTabs, hasViews, hrefOf, parseRoute, type ClusterTab } from '../../../../renderer/navigation/route';
import { tabViews, viewsOf } from '../../../../renderer/navigation/tab-views';
import type { ClusterSummary } from '../../../../shared/model/cluster/cluster-state';

const cluster: ClusterSummary = {
  clusterId: 'c1',
  title: 'orders',
  scope: 'orders',
  origin: 'user',
  tags: [],
  production: false,
  health: { level: 'healthy', sentence: '' },
  leader: 'db1',
  leaderKnown: true,
  timeline: 1,
  members: [{ name: 'db1', role: 'leader', condition: 'healthy', stale: false }],
  worstLag: null,
  paused: false,
  asOf: null,
};
const nothing = (): void => undefined;
const deps: CommandDeps = {
  route: { page: 'cluster', clusterId: 'c1', tab: 'overview' },
  clusters: [cluster],
  openOperation: nothing,
  openJobs: nothing,
  openHelp: nothing,
  openDemo: nothing,
  openTerminal: nothing,
  showTerminals: nothing,
  readOnly: false,
  save: nothing,
};

/** Where each command of the palette leads, without the ones that go nowhere. */
function places(): ReadonlyMap<string, readonly PaletteCommand[]> {
  const location = { hash: '' };
  vi.stubGlobal('window', { location });
  const led = new Map<string, readonly PaletteCommand[]>();
  for (const command of allCommands(deps)) {
    location.hash = '';
    command.run();
    if (location.hash !== '') led.set(location.hash, [...(led.get(location.hash) ?? []), command]);
  }
  return led;
}

const tabsWithViews = clusterTabs.flatMap((tab) => (hasViews(tab) ? [tab] : []));
const everyView = tabsWithViews.flatMap((tab) => viewsOf(tab).map((view) => ({ tab, view })));

describe('the views of a cluster', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('stand below tabs that there are', () => {
    const tabs: readonly string[] = clusterTabs;
    expect(Object.keys(tabViews).filter((tab) => !tabs.includes(tab))).toEqual([]);
  });

  it.each(everyView)('have an address each that leads back to them: $tab, $view', ({ tab, view }) => {
    const route = { page: 'cluster' as const, clusterId: 'c 1', tab, view };
    expect(parseRoute(hrefOf(route))).toEqual(route);
  });

  it.each(everyView)('have an entry in the palette each, by their name: $tab, $view', ({ tab, view }) => {
    const found = places().get(hrefOf({ page: 'cluster', clusterId: 'c1', tab, view }));
    const names: Readonly<Record<string, string>> = tabViews[tab];
    expect(found?.map(({ text }) => text)).toEqual([expect.stringContaining(names[view] ?? '')]);
  });

  it.each(clusterTabs)('have a tab with an entry in the palette: %s', (tab: ClusterTab) => {
    expect(places().get(hrefOf({ page: 'cluster', clusterId: 'c1', tab }))).toBeDefined();
  });

  it('are called differently in the palette', () => {
    const texts = allCommands(deps).map(({ text, where }) => `${text} ${where}`);
    expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([]);
  });

  it('that an address does not know lead to the first view of the tab', () => {
    expect(parseRoute('#/cluster/c1/postgres/nonsense')).toEqual({ page: 'cluster', clusterId: 'c1', tab: 'postgres' });
  });
});
