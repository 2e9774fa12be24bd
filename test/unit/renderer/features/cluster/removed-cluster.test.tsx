// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { ClusterNotices } from '../../../../../renderer/features/cluster/cluster-notices';
import { createOverlays, OverlayContext } from '../../../../../renderer/navigation/overlays';
import { connectCore } from '../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../renderer/rpc/page';
import { doubleClient } from '../../../../support/page-double/client';
import { stateFixture } from '../../../../support/page-double/states';

afterEach(cleanup);

function show(state: ReturnType<typeof stateFixture>): void {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  render(
    <PageContext value={createPage(core)}>
      <OverlayContext value={createOverlays()}>
        <ClusterNotices state={state} events={[]} problem={null} />
      </OverlayContext>
    </PageContext>,
  );
}

describe('a cluster that was undone', () => {
  const now = Date.now();
  const { sources } = stateFixture(now);
  const removed = stateFixture(now, {
    removedAt: now - 60_000,
    paused: true,
    sources: sources.map((source) => ({ ...source, status: 'lost' as const })),
  });

  it('says that Matriarch removed it, says nothing else, and offers to leave the list', () => {
    show(removed);
    expect(document.body.textContent).toContain('Matriarch removed this cluster from its servers');
    expect(document.body.textContent).not.toContain('Automatic failover');
    fireEvent.click(screen.getByRole('button', { name: 'Remove from Matriarch' }));
    expect(screen.getByRole('dialog').textContent).toContain('Nothing changes on its servers');
  });

  it('is offered to nobody whose cluster is there', () => {
    show(stateFixture(now));
    expect(screen.queryByRole('button', { name: 'Remove from Matriarch' })).toBeNull();
  });
});
