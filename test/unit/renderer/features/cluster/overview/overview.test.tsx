// @vitest-environment jsdom
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { createOverlays, OverlayContext } from '../../../../../../renderer/navigation/overlays';
import { ClusterNotices } from '../../../../../../renderer/features/cluster/cluster-notices';
import { LeaderPanel } from '../../../../../../renderer/features/cluster/overview/leader-panel';
import { MemberTable } from '../../../../../../renderer/features/cluster/overview/member-table';
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
    ).toMatch(/Paused for 2 h 0\d min\. If the leader fails, no replica takes over until you resume\./);
    cleanup();
    expect(shown(<ClusterNotices state={state} events={[]} problem={null} />).container.textContent).toContain(
      'Automatic failover is paused. If the leader fails,',
    );
  });
});
