// @vitest-environment jsdom
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanup, render } from '@testing-library/react';
import { createOverlays, OverlayContext } from '../../../../renderer/navigation/overlays';
import { FleetPage } from '../../../../renderer/features/fleet/fleet-page';
import { EventRows } from '../../../../renderer/features/cluster/events/event-rows';
import { Findings } from '../../../../renderer/features/cluster/overview/findings';
import { MemberTable } from '../../../../renderer/features/cluster/overview/member-table';
import { connectCore } from '../../../../renderer/rpc/core';
import { PageContext } from '../../../../renderer/rpc/hooks';
import { createPage } from '../../../../renderer/rpc/page';
import { doubleClient } from '../../../support/page-double/client';
import { eventFixtures, sceneState } from '../../../support/page-double/states';

const evil = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';

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

function shown(content: React.ReactNode) {
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

describe('what a server sends is text', () => {
  const state = sceneState('hostile', Date.now());

  it('a member named like HTML is shown as text, with its whole name on hover', () => {
    const { container } = shown(<MemberTable state={state} events={[]} />);
    expect(container.querySelectorAll('img, script, i, u, b')).toHaveLength(0);
    expect(container.querySelectorAll('[title*="<img src=x"]').length).toBeGreaterThan(0);
    expect(container.textContent).toContain('<b>bold</b>');
  });

  it('characters that reverse the direction of text are shown as replacement signs', () => {
    const { container } = shown(<MemberTable state={state} events={[]} />);
    expect(container.textContent).not.toMatch(/[\u202a-\u202e]/);
    expect(container.textContent).toContain('\ufffd');
  });

  it('events and findings are shown as text, never as HTML', () => {
    const [event] = eventFixtures(Date.now());
    if (event === undefined) throw new Error('no event fixture');
    const finding = {
      code: 'x.y',
      severity: 'warning' as const,
      member: evil,
      sentence: evil,
      evidence: evil,
      advice: evil,
    };
    const { container } = shown(
      <>
        <EventRows events={[{ ...event, sentence: evil }]} />
        <Findings state={{ ...state, findings: [finding], blindSpots: [evil] }} />
      </>,
    );
    expect(container.querySelectorAll('img, script')).toHaveLength(0);
    expect(container.textContent?.split('<script>').length).toBeGreaterThan(4);
  });

  it('a fleet that has not loaded yet says so instead of showing the welcome screen', () => {
    const { container } = shown(<FleetPage />);
    expect(container.textContent).toContain('Loading your clusters');
  });
});
