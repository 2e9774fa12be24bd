// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, render } from '@testing-library/react';
import { TopBar } from '../../../../../renderer/app/frame/top-bar';
import { createOverlays, OverlayContext } from '../../../../../renderer/navigation/overlays';
import type { Route } from '../../../../../renderer/navigation/route';
import { connectCore } from '../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../renderer/rpc/page';
import type { ClusterSummary, HealthLevel } from '../../../../../shared/model/cluster/cluster-state';
import { doubleClient } from '../../../../support/page-double/client';
import { stateFixture, summaryOf } from '../../../../support/page-double/states';

afterEach(cleanup);

const cluster = (clusterId: string, level: HealthLevel): ClusterSummary =>
  summaryOf(stateFixture(Date.now(), { clusterId, title: clusterId, health: { level, sentence: '' } }));

/** Shows the bar at a place, with a fleet. */
function show(route: Route, clusters: readonly ClusterSummary[]): void {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  const page = createPage(core);
  page.fleet.setState({ loaded: true, clusters });
  render(
    <PageContext value={page}>
      <OverlayContext value={createOverlays()}>
        <TopBar route={route} />
      </OverlayContext>
    </PageContext>,
  );
}

describe('the title of the window', () => {
  it('names the page, and the cluster that is open', async () => {
    show({ page: 'settings' }, []);
    await expect.poll(() => document.title).toBe('Settings · Matriarch');
    cleanup();
    show({ page: 'cluster', clusterId: 'orders', tab: 'overview' }, [cluster('orders', 'healthy')]);
    await expect.poll(() => document.title).toBe('orders · Matriarch');
  });

  it('says how many clusters are critical, wherever the user is', async () => {
    const fleet = [cluster('orders', 'critical'), cluster('billing', 'healthy'), cluster('shop', 'critical')];
    show({ page: 'history' }, fleet);
    await expect.poll(() => document.title).toBe('(2 critical) History · Matriarch');
  });
});
