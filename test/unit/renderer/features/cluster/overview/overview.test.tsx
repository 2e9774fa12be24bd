// @vitest-environment jsdom
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
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
import type { ClusterState } from '../../../../../../shared/model/cluster/cluster-state';
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
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

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

describe('the leader lock', () => {
  const state = sceneState('healthy', now);
  const failsafe = (change: Partial<ClusterState>): string =>
    shown(<LeaderPanel state={{ ...state, ...change }} />).container.textContent.replace(/^.*Failsafe mode/, '');

  it.each([
    ['off', { failsafeActive: false }, false],
    ['on, idle', { failsafeActive: false }, true],
    ['keeps the primary running', { failsafeActive: true }, true],
  ])('says of failsafe mode: %s', (words, change, failsafeMode) => {
    expect(state.config).not.toBeNull();
    const config = state.config === null ? null : { ...state.config, failsafeMode };
    expect(failsafe({ ...change, config })).toBe(words);
  });

  it('says that failsafe mode is not known where the configuration could not be read', () => {
    expect(failsafe({ config: null, failsafeActive: null })).toBe('not known');
  });

  it('never has more of the lease left than the lease is long, however late the page asks', () => {
    const leader = { ...state.leader, leaseLeft: 63_000, leaseTtl: 30_000, askedAt: Date.now() };
    expect(shown(<LeaderPanel state={{ ...state, leader }} />).container.textContent).toContain('30 s of 30 s');
  });
});

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

describe('the panel of the leader lock', () => {
  const fact = (state: ClusterState, name: RegExp) => {
    cleanup();
    const { container } = shown(<LeaderPanel state={state} />);
    const term = [...container.querySelectorAll('dt')].find((one) => name.test(one.textContent));
    return term?.nextElementSibling?.textContent;
  };

  it.each([
    ['never more time left than the whole lease', 63_000, 0, '30 s of 30 s'],
    ['no time left of a lease that ended', 5_000, 9_000, '0 s of 30 s'],
    ['the time that is left now, not when etcd was asked', 20_000, 5_000, '15 s of 30 s'],
  ])('shows %s', (_name, leaseLeft, ago, words) => {
    vi.spyOn(Date, 'now').mockReturnValue(now);
    const state = sceneState('healthy', now);
    const leader = { ...state.leader, leaseLeft, leaseTtl: 30_000, askedAt: now - ago };
    expect(fact({ ...state, leader }, /^Lease left/)).toBe(words);
  });

  it('counts from the time at which it is opened, however long no clock was on the page', () => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
    const state = sceneState('healthy', now);
    expect(fact(state, /^Held/)).toMatch(/^for 1 h/);
    cleanup();
    clock.mockReturnValue(now);
    expect(fact(state, /^Held/)).toMatch(/^for 2 h/);
  });

  it.each([
    ['off where the cluster does not have it', { failsafeMode: false, active: false }, 'off'],
    ['on and idle where it has it', { failsafeMode: true, active: false }, 'on, idle'],
    ['at work where it carries the primary', { failsafeMode: true, active: true }, 'keeps the primary running'],
  ])('failsafe mode is %s', (_name, { failsafeMode, active }, words) => {
    const state = sceneState('healthy', now);
    const config = state.config === null ? null : { ...state.config, failsafeMode };
    expect(fact({ ...state, config, failsafeActive: active }, /^Failsafe mode/)).toBe(words);
  });

  it('failsafe mode is not known while the configuration was not read', () => {
    const state = { ...sceneState('healthy', now), config: null, failsafeActive: null };
    expect(fact(state, /^Failsafe mode/)).toBe('not known');
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
