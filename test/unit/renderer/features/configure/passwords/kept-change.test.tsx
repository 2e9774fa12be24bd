// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, render, screen } from '@testing-library/react';
import { KeptChange } from '../../../../../../renderer/features/configure/passwords/kept-change';
import { createOverlays, OverlayContext } from '../../../../../../renderer/navigation/overlays';
import { connectCore } from '../../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../../renderer/rpc/page';
import type { PasswordAccounts, PasswordChange } from '../../../../../../shared/model/passwords/password-account';
import { doubleClient } from '../../../../../support/page-double/client';
import { stateFixture } from '../../../../../support/page-double/states';

afterEach(cleanup);

const broken: PasswordChange = {
  startedAt: 0,
  usernames: ['app'],
  accountIds: ['role:app'],
  earlier: [{ id: 'role:reporting', username: 'reporting' }],
  way: 'forward',
  postgres: 'former',
  members: {},
  poolers: { 'lb "1"': 'mixed' },
  ended: false,
  lost: false,
};

function show(change: PasswordChange, unread: PasswordAccounts['unread'] = []): string {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  render(
    <PageContext value={createPage(core)}>
      <OverlayContext value={createOverlays()}>
        <KeptChange state={stateFixture(Date.now(), {})} change={change} unread={unread} busy={null} />
      </OverlayContext>
    </PageContext>,
  );
  return document.body.textContent ?? '';
}

const buttons = (): readonly string[] => screen.getAllByRole('button').map((button) => button.textContent ?? '');

describe('a change of passwords that was broken off', () => {
  it('offers both ways, and still shows what earlier changes gave to other accounts', () => {
    const said = show(broken);
    expect(buttons()).toEqual(['Show', 'Continue with the new passwords', 'Put back the former passwords']);
    expect(screen.getByRole('button', { name: 'Show the password of reporting' })).toBeTruthy();
    expect(said).toContain('Passwords of earlier changes');
  });

  it('says of each PgBouncer on a server of its own what its list has', () => {
    expect(show(broken)).toContain('PgBouncer on lb "1": its list has a mix of new and other passwords.');
  });

  it.each([
    ['role:app', 'true'],
    ['rest', null],
  ])('of %s goes neither way while a list that may have it cannot be read: %s', (id, disabled) => {
    show({ ...broken, accountIds: [id] }, [{ server: 'lb1', sentence: '' }]);
    for (const name of ['Continue with the new passwords', 'Put back the former passwords'])
      expect(screen.getByRole('button', { name }).getAttribute('aria-disabled')).toBe(disabled);
  });

  it('offers neither way once it is lost, and says that a new change takes its place', () => {
    expect(show({ ...broken, lost: true })).toContain('It can neither go on nor be taken back');
    expect(buttons()).toEqual(['Show']);
  });

  it('that took everything back shows only what earlier changes gave', () => {
    const said = show({ ...broken, accountIds: [], usernames: [], ended: true });
    expect(said).toContain('Passwords of earlier changes');
    expect(buttons()).toEqual(['Show']);
  });
});
