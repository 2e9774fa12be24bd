// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, render } from '@testing-library/react';
import { ClusterNotices } from '../../../../../renderer/features/cluster/cluster-notices';
import { Findings } from '../../../../../renderer/features/cluster/overview/findings';
import { createOverlays, OverlayContext } from '../../../../../renderer/navigation/overlays';
import { connectCore } from '../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../renderer/rpc/page';
import type { ClusterState, Finding } from '../../../../../shared/model/cluster/cluster-state';
import { paused } from '../../../../../shared/rules/cluster/findings/cluster';
import { doubleClient } from '../../../../support/page-double/client';
import { stateFixture } from '../../../../support/page-double/states';

afterEach(cleanup);

function show(state: ClusterState): string {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  render(
    <PageContext value={createPage(core)}>
      <OverlayContext value={createOverlays()}>
        <ClusterNotices state={state} events={[]} problem={null} />
        <Findings state={state} />
      </OverlayContext>
    </PageContext>,
  );
  return document.body.textContent ?? '';
}

describe('what a notice says', () => {
  it('is said by no finding again: a paused cluster', () => {
    const now = Date.now();
    const bare = stateFixture(now, { paused: true, blindSpots: [] });
    const findings: readonly Finding[] = paused({
      state: bare,
      calm: false,
      now,
      primaries: [],
      absentSince: new Map(),
      behindSince: new Map(),
      postgresUp: new Map(),
      answeredNames: new Map(),
      reported: [],
    });
    expect(findings).toHaveLength(1);
    const said = show({ ...bare, findings });
    expect(said.match(/paused/g)).toHaveLength(1);
  });
});
