// @vitest-environment jsdom
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanup, fireEvent, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { createOverlays, OverlayContext } from '../../../../../../renderer/navigation/overlays';
import { ClusterNotices } from '../../../../../../renderer/features/cluster/cluster-notices';
import { Findings } from '../../../../../../renderer/features/cluster/overview/findings';
import { LeaderPanel } from '../../../../../../renderer/features/cluster/overview/leader-panel';
import { MemberTable } from '../../../../../../renderer/features/cluster/overview/member-table';
import { Overview } from '../../../../../../renderer/features/cluster/overview/overview';
import { connectCore } from '../../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../../renderer/rpc/page';
import { doubleClient } from '../../../../../support/page-double/client';
import { lastKnownState } from '../../../../../../shared/rules/cluster/last-known';
import { sceneState } from '../../../../../support/page-double/states';

beforeAll(() => {
  globalThis.ResizeObserver ??= class {
    observe() {
      return undefined;
    }
    unobserve() {
      return undefined;
    }
    disconnect() {
      return undefined;
    }
  };
});
afterEach(cleanup);

const now = Date.now();

function shown(content: ReactNode) {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  return render(
    <PageContext value={createPage(core)}>
      <OverlayContext value={createOverlays()}>{content}</OverlayContext>
    </PageContext>,
  );
}

describe('while etcd has no quorum', () => {
  const state = sceneState('noQuorum', now);

  it('without quorum, a member that was healthy is no longer shown as healthy', () => {
    const { container } = shown(<MemberTable state={state} events={[]} />);
    expect(container.textContent).toContain('Healthy');
    expect(container.querySelectorAll('.m-tone-good')).toHaveLength(0);
  });

  it('without quorum, the holder of the leader lock is shown as not known', () => {
    const { container } = shown(<LeaderPanel state={state} />);
    expect(container.textContent).not.toContain('nobody');
    expect(container.textContent).toMatch(/Holdernot known.*Lease leftnot known.*Heldnot known/);
  });
});

describe('what is known of a member', () => {
  it('a stale member is not shown as healthy, and an unreachable one stays critical', () => {
    expect(
      shown(<MemberTable state={sceneState('healthy', now)} events={[]} />).container.querySelectorAll('.m-tone-good'),
    ).toHaveLength(3);
    cleanup();
    expect(
      shown(<MemberTable state={sceneState('crashed', now)} events={[]} />)
        .getByTestId('member-db1')
        .querySelectorAll('.m-tone-crit'),
    ).toHaveLength(1);
  });

  it('a stale row is grey in every cell, also where it was healthy', () => {
    const state = lastKnownState(sceneState('healthy', now));
    const { container, getByTestId } = shown(<MemberTable state={state} events={[]} />);
    expect(container.querySelectorAll('.m-tone-good, .m-tone-warn')).toHaveLength(0);
    const cells = [...getByTestId('member-db2').querySelectorAll('td')].slice(0, -1);
    expect(cells.filter((cell) => !/m-stale/.test(cell.className))).toEqual([]);
  });

  it('unknown versions of a member are shown as not known, once', () => {
    const row = shown(<MemberTable state={sceneState('troubled', now)} events={[]} />).getByTestId('member-db4');
    expect(row.textContent).not.toMatch(/PostgreSQL not known|Patroni not known/);
  });
});

describe('the overview', () => {
  it('has the members directly below what is wrong, and the topology after them', () => {
    const { container } = shown(<Overview state={sceneState('troubled', now)} events={[]} />);
    const titles = [...container.querySelectorAll('h2')].map((title) => title.textContent);
    expect(titles.slice(0, 3)).toEqual(['Findings', 'Members', 'Topology']);
  });

  it('offers to restart all members that wait for it where that is said, and says the parameters once', () => {
    const { getByRole, getByTestId } = shown(<MemberTable state={sceneState('troubled', now)} events={[]} />);
    expect(getByRole('button', { name: 'Restart all pending (1)' })).toBeDefined();
    expect(getByTestId('member-db2').textContent).toContain('restart pending');
    expect(getByTestId('member-db2').textContent).not.toContain('max_connections');
  });

  it('does not repeat in a finding what a notice above it says', () => {
    const { container } = shown(<Findings state={sceneState('troubled', now)} />);
    expect(container.textContent).not.toContain('Automatic failover is paused');
  });

  it('sorts the members by a column', () => {
    const { container, getByRole } = shown(<MemberTable state={sceneState('healthy', now)} events={[]} />);
    const names = () => [...container.querySelectorAll('tbody tr')].map((row) => row.getAttribute('data-testid'));
    fireEvent.click(getByRole('button', { name: 'Sort by Replay lag' }));
    fireEvent.click(getByRole('button', { name: 'Sort by Replay lag' }));
    expect(names()).toEqual(['member-db3', 'member-db2', 'member-db1']);
  });
});

describe('a pause', () => {
  const state = sceneState('troubled', now);
  const paused = (kind: 'paused' | 'resumed', before: number) => ({
    id: before,
    at: now - before,
    kind,
    severity: 'info' as const,
    member: null,
    sentence: '',
  });

  it('the notice of a pause says how long it has lasted, if its beginning was recorded', () => {
    expect(
      shown(
        <ClusterNotices
          state={state}
          events={[paused('resumed', 9_000_000), paused('paused', 7_500_000)]}
          problem={null}
        />,
      ).container.textContent,
    ).toMatch(/Paused for 2 h( \d min)?\. If the leader fails, no replica takes over until you resume\./);
    cleanup();
    expect(shown(<ClusterNotices state={state} events={[]} problem={null} />).container.textContent).toContain(
      'Automatic failover is paused. If the leader fails,',
    );
  });
});
