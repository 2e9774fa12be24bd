// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { WriteFacts } from '../../../../../renderer/features/cluster/write-facts';
import { FleetPage } from '../../../../../renderer/features/fleet/fleet-page';
import { connectCore } from '../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../renderer/rpc/page';
import type { RowsOptions } from '../../../../../renderer/ui/virtual';
import type { ClusterSummary } from '../../../../../shared/model/cluster/cluster-state';
import { Facts } from '../../../../support/cluster/cluster-facts';
import { doubleClient } from '../../../../support/page-double/client';
import { stateFixture, summaryOf } from '../../../../support/page-double/states';

// jsdom gives nothing a size, so every row is on the screen.
vi.mock('../../../../../renderer/ui/virtual', () => ({
  useRows: ({ count, rowHeight }: RowsOptions) => ({
    getTotalSize: () => count * rowHeight,
    getVirtualItems: () => Array.from({ length: count }, (_, index) => ({ index, start: index * rowHeight })),
  }),
}));

beforeEach(() => {
  window.location.hash = '#/';
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const now = Date.now();
const cluster = (title: string, changes: Partial<ClusterSummary> = {}): ClusterSummary => ({
  ...summaryOf(stateFixture(now)),
  clusterId: `id-${title}`,
  title,
  scope: title,
  tags: [],
  ...changes,
});

/** Shows the fleet and gives its field for a search. */
function showFleet(...clusters: readonly ClusterSummary[]): HTMLElement {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  const page = createPage(core);
  page.fleet.setState({ loaded: true, clusters });
  render(
    <PageContext value={page}>
      <FleetPage />
    </PageContext>,
  );
  return screen.getByRole('searchbox', { name: 'Search the fleet' });
}

describe('the search of the fleet', () => {
  it('opens its only hit by Enter', async () => {
    const search = showFleet(cluster('orders'), cluster('billing'));
    fireEvent.change(search, { target: { value: 'bill' } });
    await waitFor(() => {
      fireEvent.keyDown(search, { key: 'Enter' });
      expect(window.location.hash).toBe('#/cluster/id-billing');
    });
  });

  it.each([
    ['several hits', 'i'],
    ['no hit', 'nowhere'],
  ])('stays where it is by Enter with %s', async (_name, words) => {
    const search = showFleet(cluster('orders-i'), cluster('billing'));
    fireEvent.change(search, { target: { value: words } });
    fireEvent.keyDown(search, { key: 'Enter' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    fireEvent.keyDown(search, { key: 'Enter' });
    expect(window.location.hash).toBe('#/');
  });
});

describe('a cluster that lost one replica of five', () => {
  const names = ['db1', 'db2', 'db3', 'db4', 'db5', 'db6'];
  const facts = new Facts(names);
  facts.fold();
  facts.later(20_000).refresh().fail('db6', 'ssh.connection_lost').remove('members/db6');
  const state = facts.fold();

  it('is a warning in the fleet, with who is lost and how many are well', () => {
    showFleet({ ...summaryOf(state), title: 'orders' });
    expect(screen.getByRole('button', { name: '1 warning' })).toBeDefined();
    const row = screen.getAllByRole('row')[1];
    expect(row?.textContent).toContain('Warning');
    expect(row?.textContent).toContain('db6 cannot be reached at all.');
    expect(row?.textContent).toContain('5 of 6 healthy');
  });

  it('says on its page that it takes writes and who can take over', () => {
    vi.spyOn(Date, 'now').mockReturnValue(state.at);
    const { getByTestId } = render(<WriteFacts state={state} />);
    expect(getByTestId('takes-writes').className).toContain('m-tone-good');
    expect(getByTestId('take-over').className).toContain('m-tone-good');
    expect(getByTestId('take-over').textContent).toBe('db2, db3, db4 and db5 can take over if db1 fails.');
  });
});
