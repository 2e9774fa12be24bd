// @vitest-environment jsdom
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import Palette from '../../../../../renderer/app/palette/palette';
import { createOverlays, OverlayContext } from '../../../../../renderer/navigation/overlays';
import { connectCore } from '../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../renderer/rpc/page';
import { doubleClient } from '../../../../support/page-double/client';
import { stateFixture, summaryOf } from '../../../../support/page-double/states';

beforeAll(() => {
  // jsdom draws nothing, so nothing can be scrolled to.
  Element.prototype.scrollIntoView ??= () => undefined;
});
beforeEach(() => {
  window.location.hash = '#/';
});
afterEach(cleanup);

function openPalette(): HTMLElement {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  const page = createPage(core);
  const one = summaryOf(stateFixture(Date.now()));
  const clusters = ['orders', 'billing'].map((title) => ({ ...one, clusterId: `id-${title}`, title, scope: title }));
  page.fleet.setState({ loaded: true, clusters });
  render(
    <PageContext value={page}>
      <OverlayContext value={createOverlays()}>
        <Palette />
      </OverlayContext>
    </PageContext>,
  );
  return screen.getByRole('combobox');
}

describe('the palette', () => {
  it('runs its only hit by Enter', () => {
    const field = openPalette();
    fireEvent.change(field, { target: { value: 'healthy billing' } });
    expect(screen.getAllByRole('option')).toHaveLength(1);
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(window.location.hash).toBe('#/cluster/id-billing');
  });

  it('runs the first of several hits by Enter, and the next one after the arrow down', () => {
    const field = openPalette();
    fireEvent.change(field, { target: { value: 'cluster healthy' } });
    expect(screen.getAllByRole('option')).toHaveLength(2);
    fireEvent.keyDown(field, { key: 'ArrowDown' });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(window.location.hash).toBe('#/cluster/id-billing');
  });

  it('does nothing by Enter without a hit', () => {
    const field = openPalette();
    fireEvent.change(field, { target: { value: 'nowhere' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(window.location.hash).toBe('#/');
  });
});
