import { describe, expect, it } from 'vitest';
import type { ClusterPatch, ClusterUpdate } from '../../../../../shared/model/cluster/cluster-state';
import {
  applyUpdate,
  EVENTS_KEPT,
  followCluster,
  PatchGap,
  type ClusterView,
} from '../../../../../renderer/rpc/live/cluster-feed';
import { connectCore } from '../../../../../renderer/rpc/core';
import { createPage } from '../../../../../renderer/rpc/page';
import { eventFixtures, memberFixture, stateFixture } from '../../../../support/page-double/states';
import { doubleClient } from '../../../../support/page-double/client';
import { eventually } from '../../../../support/eventually';

const now = 1_700_000_000_000;
const empty: ClusterView = { state: null, events: [], problem: null };
const patch = (revision: number, change: Partial<ClusterPatch> = {}): ClusterUpdate => ({
  kind: 'patch',
  events: [],
  patch: { revision, fields: {}, members: {}, ...change },
});
const started = () => applyUpdate(empty, { kind: 'snapshot', state: stateFixture(now), events: eventFixtures(now) });

describe('the state of a cluster in the page', () => {
  it('a patch replaces only the fields and members that it changes', () => {
    const next = applyUpdate(
      started(),
      patch(2, { fields: { paused: true }, members: { db2: null, db4: memberFixture('db4', now) } }),
    );
    expect(next.state?.paused).toBe(true);
    expect(next.state?.members.map((member) => member.name)).toEqual(['db1', 'db3', 'db4']);
    expect(next.state?.revision).toBe(2);
  });

  it('a patch that comes twice changes nothing the second time', () => {
    const view = started();
    expect(applyUpdate(view, patch(1, { fields: { paused: true } }))).toBe(view);
  });

  it('a patch that skips a revision is never applied', () => {
    expect(() => applyUpdate(started(), patch(3))).toThrow(PatchGap);
    expect(() => applyUpdate(empty, patch(1))).toThrow(PatchGap);
  });

  it('each event is listed once, and old ones make room for new ones', () => {
    const first = eventFixtures(now)[0];
    if (first === undefined) throw new Error('no event fixture');
    const many = Array.from({ length: EVENTS_KEPT + 50 }, (_, index) => ({ ...first, id: index + 1 }));
    const view = applyUpdate(started(), {
      kind: 'patch',
      events: many,
      patch: { revision: 2, fields: {}, members: {} },
    });
    expect(view.events).toHaveLength(EVENTS_KEPT);
    expect(new Set(view.events.map((event) => event.id)).size).toBe(EVENTS_KEPT);
  });

  it('a missed patch leads to a new snapshot, from which the page continues', async () => {
    const openings: ClusterUpdate[][] = [
      [{ kind: 'snapshot', state: stateFixture(now), events: [] }, patch(5, { fields: { paused: true } })],
      [{ kind: 'snapshot', state: stateFixture(now, { revision: 5, paused: true }), events: [] }],
    ];
    let opened = 0;
    let reading = 0;
    const client = doubleClient({
      watch: async function* (signal) {
        reading += 1;
        try {
          yield* openings[opened++] ?? [];
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
        } finally {
          reading -= 1;
        }
      },
    });
    const core = connectCore({
      dial: () => Promise.resolve({ client, closed: new Promise(() => undefined) }),
      now: Date.now,
    });
    const feed = followCluster(core, 'orders');
    await eventually('the store has revision 5', () => feed.store.getState().state?.revision === 5);
    expect(feed.store.getState().state?.paused).toBe(true);
    expect(opened).toBe(2);
    feed.stop();
    await eventually('nothing is being read', () => reading === 0);
    core.close();
  });

  it('when the core is gone, the cluster and the fleet are shown as last known until it is back', async () => {
    let lose: () => void = () => undefined;
    let lost = false;
    const core = connectCore({
      dial: () =>
        lost
          ? Promise.reject(new Error('gone'))
          : Promise.resolve({
              client: doubleClient(),
              closed: new Promise((resolve) => {
                lose = () => {
                  lost = true;
                  resolve();
                };
              }),
            }),
      now: Date.now,
    });
    const page = createPage(core);
    const stop = page.start();
    const feed = followCluster(core, 'orders');
    const members = () => feed.store.getState().state?.members ?? [];
    const rows = () => page.fleet.getState().clusters;
    await eventually('both are there', () => members().length > 0 && rows().length > 0);
    expect(members().some((member) => member.stale)).toBe(false);
    lose();
    await eventually('every member is old', () => members().every((member) => member.stale));
    expect(feed.store.getState().state?.health.level).toBe('unknown');
    expect(rows().filter((row) => row.health.level === 'healthy')).toEqual([]);
    expect(rows().flatMap((row) => row.members.filter((member) => !member.stale))).toEqual([]);
    lost = false;
    await eventually('it is heard again', () => members().some((member) => !member.stale));
    await eventually('the fleet, too', () => rows().some((row) => row.health.level === 'healthy'));
    feed.stop();
    stop();
    core.close();
  });
});
