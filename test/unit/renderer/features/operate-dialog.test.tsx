// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import OperateDialog from '../../../../renderer/features/operate/operate-dialog';
import { createOverlays, OverlayContext } from '../../../../renderer/navigation/overlays';
import { connectCore } from '../../../../renderer/rpc/core';
import { PageContext } from '../../../../renderer/rpc/hooks';
import { createPage } from '../../../../renderer/rpc/page';
import type { ClusterState, ClusterUpdate } from '../../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../../shared/model/operate/operation';
import { doubleClient } from '../../../support/page-double/client';
import { memberFixture, stateFixture } from '../../../support/page-double/states';

afterEach(cleanup);

const now = Date.now();
const withLags = (db2: number, db3: number): ClusterState =>
  stateFixture(now, {
    sync: null,
    members: stateFixture(now).members.map((member) => {
      const behind = member.name === 'db2' ? db2 : db3;
      return member.name === 'db1'
        ? member
        : {
            ...member,
            receivedLsn: (member.lsn ?? 0) - behind,
            lag: { receive: behind, replay: behind, basis: 'leader_rest' as const, at: now },
          };
    }),
  });

/** Shows the dialog on a cluster that the test changes by `become`. */
function openDialog(first: ClusterState, operation: Operation, suggested = false) {
  let give: (update: ClusterUpdate) => void = () => undefined;
  const waiting: ClusterUpdate[] = [{ kind: 'snapshot', state: first, events: [] }];
  const watch = async function* (signal: AbortSignal | undefined) {
    while (signal?.aborted !== true) {
      const next = waiting.shift();
      if (next === undefined)
        await new Promise<void>((resolve) => {
          give = (update) => {
            waiting.push(update);
            resolve();
          };
        });
      else yield next;
    }
  };
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient({ watch }), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  render(
    <PageContext value={createPage(core)}>
      <OverlayContext value={createOverlays()}>
        <OperateDialog draft={{ clusterId: 'orders', operation, suggested }} onClose={() => undefined} />
      </OverlayContext>
    </PageContext>,
  );
  return { become: (state: ClusterState) => give({ kind: 'snapshot', state, events: [] }) };
}

const chosen = () =>
  screen
    .queryAllByRole<HTMLInputElement>('radio')
    .find((radio) => radio.checked)
    ?.closest('label');
const dialog = () => screen.getByRole('dialog').textContent ?? '';
const confirm = () => screen.getByTestId('confirm');
const isOff = () => confirm().getAttribute('aria-disabled') === 'true';

describe('the candidate of a failover', () => {
  it('follows the one that would lose least until the user chooses, and says that it changed', async () => {
    const { become } = openDialog(withLags(100, 5000), { kind: 'failover', candidate: 'db2' }, true);
    await expect.poll(() => chosen()?.textContent).toContain('db2');
    become(withLags(9000, 5000));
    await expect.poll(() => chosen()?.textContent).toContain('db3');
    expect(dialog()).toContain('The suggestion changed from db2 to db3');
    fireEvent.click(screen.getByRole('radio', { name: /^db2/ }));
    await expect.poll(() => chosen()?.textContent).toContain('db2');
    become(withLags(90_000, 10));
    await expect.poll(() => dialog()).toContain('87.9 kB');
    expect(chosen()?.textContent).toContain('db2');
  });

  it('stays the member that the user asked for', async () => {
    const { become } = openDialog(withLags(100, 5000), { kind: 'failover', candidate: 'db3' });
    await expect.poll(() => chosen()?.textContent).toContain('db3');
    become(withLags(100, 90_000));
    await expect.poll(() => dialog()).toContain('87.9 kB');
    expect(chosen()?.textContent).toContain('db3');
  });
});

describe('a dialog that stands open', () => {
  const base = withLags(0, 0);
  const switchover: Operation = { kind: 'switchover', leader: 'db1', candidate: 'db2' };

  it('says that the leader changed, and its button is disabled with the reason', async () => {
    const { become } = openDialog(base, switchover);
    await expect.poll(isOff).toBe(false);
    become({ ...base, leader: { ...base.leader, holder: 'db2' } });
    await expect.poll(() => screen.queryByRole('alert')?.textContent).toMatch(/leader was db1 and is now db2/);
    expect(isOff()).toBe(true);
    const reason = confirm().getAttribute('aria-describedby') ?? '';
    expect(document.getElementById(reason)?.textContent).toContain('The leader is db2, not db1.');
    expect(screen.queryAllByRole('radio', { name: /^db2/ })).toEqual([]);
  });

  it('can be confirmed again after a change that the user has seen', async () => {
    const { become } = openDialog(base, switchover);
    await expect.poll(isOff).toBe(false);
    become({ ...base, members: [...base.members, memberFixture('db4', now)] });
    await expect.poll(() => dialog()).toContain('db4 has joined.');
    expect(isOff()).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'I have seen it' }));
    await expect.poll(isOff).toBe(false);
    expect(dialog()).not.toContain('db4 has joined.');
  });
});

describe('a copy from the leader', () => {
  const reinit: Operation = { kind: 'reinit', member: 'db3', fromLeader: false };
  const withPatroni = (patroniVersion: string): ClusterState => {
    const base = withLags(0, 0);
    return { ...base, members: base.members.map((member) => ({ ...member, patroniVersion })) };
  };

  it.each([
    ['4.0.5', 0],
    ['4.1.0', 1],
  ])('with Patroni %s is offered %i times', async (version, times) => {
    openDialog(withPatroni(version), reinit);
    await expect.poll(() => dialog()).toContain('Equivalent command');
    await expect.poll(() => screen.queryAllByRole('checkbox', { name: /from the leader/ }).length).toBe(times);
  });
});
