import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAlerts, type Alerts } from '../../../electron/core/alerts/create-alerts';
import type { AlertsUpdate } from '../../../shared/model/alerts/alert';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { Facts } from '../../support/cluster/cluster-facts';

describe('the alerts of all clusters', () => {
  let directory: string;
  let states: Map<string, ClusterState>;
  let notices: string[];
  let delivered: string[];
  let alerts: Alerts;
  let last: AlertsUpdate;

  const path = (): string => join(directory, 'alerts.json');
  const open = async (): Promise<void> => {
    alerts = await createAlerts({
      hub: {
        state: (id) => states.get(id) ?? null,
        reportedAt: () => Date.now(),
        unreadBy: () => [],
        figures: () => null,
      },
      clusterIds: () => [...states.keys()],
      now: () => Date.now(),
      user: 'ann',
      path: path(),
      isTemporary: (id) => id.startsWith('demo'),
      deliver: ({ kind, alerts }) => delivered.push(`${kind}: ${alerts.map(({ rule }) => rule).join(', ')}`),
      notify: ({ title, body }, clusterId) => notices.push(`${clusterId}: ${title}: ${body}`),
      onUnwritten: (thrown) => notices.push(String(thrown)),
    });
    alerts.watch((update) => {
      last = update;
    });
  };
  const put = (clusterId: string, change: Partial<ClusterState>): void => {
    const state = new Facts().fold();
    states.set(clusterId, { ...state, clusterId, title: clusterId.toUpperCase(), ...change });
  };
  const inTrouble = {
    findings: [
      {
        code: 'cluster.no_leader',
        severity: 'critical' as const,
        member: null,
        sentence: 'Nobody leads.',
        evidence: '',
        advice: '',
      },
    ],
  };
  const shown = (): readonly string[] =>
    last.alerts.map(({ rule, clusterTitle, endedAt }) => `${clusterTitle} ${rule}${endedAt === null ? '' : ' over'}`);

  beforeEach(async () => {
    vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ['setInterval', 'clearInterval', 'Date'] });
    directory = mkdtempSync(join(tmpdir(), 'alerts-'));
    states = new Map();
    notices = [];
    delivered = [];
    put('shop', {});
    await open();
  });
  afterEach(async () => {
    await alerts.close();
    vi.useRealTimers();
    rmSync(directory, { recursive: true, force: true });
  });

  it('are raised, notified once, and notified again when a critical one is over', () => {
    put('shop', inTrouble);
    vi.advanceTimersByTime(60_000);
    expect(shown()).toEqual(['SHOP no_leader']);
    put('shop', {});
    vi.advanceTimersByTime(60_000);
    expect(shown()).toEqual(['SHOP no_leader over']);
    expect(notices).toEqual(['shop: SHOP: No leader: Nobody leads.']);
    vi.advanceTimersByTime(6 * 60_000);
    expect(notices).toEqual(['shop: SHOP: No leader: Nobody leads.', 'shop: SHOP: resolved: No leader (1 min)']);
  });

  it('are delivered beyond this computer as they are notified: when they are raised and when they are over', () => {
    put('shop', inTrouble);
    vi.advanceTimersByTime(20_000);
    expect(delivered).toEqual(['raised: no_leader']);
    put('shop', {});
    vi.advanceTimersByTime(20 * 60_000);
    expect(delivered).toEqual(['raised: no_leader', 'resolved: no_leader']);
  });

  it('of a muted cluster and of the demo are delivered to nobody', () => {
    put('demo-1', inTrouble);
    put('shop', inTrouble);
    alerts.mute('shop', Date.now() + 600_000);
    vi.advanceTimersByTime(60_000);
    expect(delivered).toEqual([]);
  });

  it('that flap are neither resolved nor notified again on the desktop while they do', () => {
    for (let round = 0; round < 5; round += 1) {
      put('shop', inTrouble);
      vi.advanceTimersByTime(40_000);
      put('shop', {});
      vi.advanceTimersByTime(40_000);
    }
    put('shop', inTrouble);
    vi.advanceTimersByTime(3_600_000);
    expect(notices).toEqual(['shop: SHOP: No leader: Nobody leads.']);
    expect(last.alerts).toMatchObject([{ returned: 5, endedAt: null }]);
  });

  it('that are resolved on the desktop and return are notified as new ones', () => {
    for (const change of [inTrouble, {}, inTrouble]) {
      put('shop', change);
      vi.advanceTimersByTime(400_000);
    }
    expect(notices).toEqual([
      'shop: SHOP: No leader: Nobody leads.',
      'shop: SHOP: resolved: No leader (6 min 40 s)',
      'shop: SHOP: No leader: Nobody leads.',
    ]);
  });

  it('raised while their cluster is muted are notified when the mute ends, if they still last', () => {
    alerts.mute('shop', Date.now() + 600_000);
    put('shop', inTrouble);
    vi.advanceTimersByTime(590_000);
    expect(notices).toEqual([]);
    vi.advanceTimersByTime(20_000);
    expect(notices).toEqual(['shop: SHOP: No leader: Nobody leads.']);
  });

  it('are notified again when a warning becomes critical', () => {
    put('shop', { findings: inTrouble.findings.map((finding) => ({ ...finding, severity: 'warning' as const })) });
    vi.advanceTimersByTime(20_000);
    const [alert] = last.alerts;
    alerts.acknowledge(alert?.id ?? '');
    vi.advanceTimersByTime(20_000);
    expect(notices).toHaveLength(1);
    put('shop', inTrouble);
    vi.advanceTimersByTime(20_000);
    expect(notices).toHaveLength(2);
  });

  it('go on after a restart of the app as the same alerts, with who acknowledged them', async () => {
    put('shop', inTrouble);
    vi.advanceTimersByTime(20_000);
    const [before] = last.alerts;
    alerts.acknowledge(before?.id ?? '');
    await alerts.close();
    await open();
    expect(last.alerts).toMatchObject([{ id: before?.id, since: before?.since, acknowledged: { by: 'ann' } }]);
    vi.advanceTimersByTime(20_000);
    expect(last.alerts).toHaveLength(1);
    expect(notices).toHaveLength(1);
  });

  it.each([2, 3_600])(
    'that ended just before the app did are told to be over after a restart, once (%i s later)',
    async (seconds) => {
      put('shop', inTrouble);
      vi.advanceTimersByTime(20_000);
      put('shop', {});
      vi.advanceTimersByTime(60_000);
      expect(delivered).toEqual(['raised: no_leader']);
      await alerts.close();
      vi.setSystemTime(Date.now() + seconds * 1000);
      await open();
      vi.advanceTimersByTime(400_000);
      expect(delivered).toEqual(['raised: no_leader', 'resolved: no_leader']);
      expect(shown()).toEqual(['SHOP no_leader over']);
      await alerts.close();
      await open();
      vi.advanceTimersByTime(400_000);
      expect(delivered).toHaveLength(2);
    },
  );

  it('that ended just before the app did and came back are the same alerts after a restart', async () => {
    put('shop', inTrouble);
    vi.advanceTimersByTime(20_000);
    put('shop', {});
    vi.advanceTimersByTime(60_000);
    await alerts.close();
    await open();
    put('shop', inTrouble);
    vi.advanceTimersByTime(400_000);
    expect(delivered).toEqual(['raised: no_leader']);
    expect(last.alerts).toMatchObject([{ returned: 1, endedAt: null }]);
  });

  it('are not raised by what was so before and after a sleep of the computer', () => {
    put('shop', inTrouble);
    vi.advanceTimersByTime(4_000);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(8_000);
    expect(shown()).toEqual([]);
    vi.advanceTimersByTime(8_000);
    expect(shown()).toEqual(['SHOP no_leader']);
  });

  it('keep what the user set, for each cluster by itself', async () => {
    put('bank', {});
    alerts.setRule('shop', 'no_leader', { on: false });
    alerts.mute('bank', Date.now() + 3_600_000);
    alerts.setQuietHours({ from: 0, to: 60 });
    await alerts.close();
    await open();
    for (const id of ['shop', 'bank']) put(id, inTrouble);
    vi.advanceTimersByTime(20_000);
    expect(shown()).toEqual(['BANK no_leader']);
    expect(notices).toEqual([]);
    expect(last.settings.quietHours).toEqual({ from: 0, to: 60 });
  });

  it('of the demo are shown, and neither kept nor notified', async () => {
    put('demo-1', inTrouble);
    alerts.setRule('demo-1', 'lag', { threshold: 1 });
    vi.advanceTimersByTime(20_000);
    expect(shown()).toEqual(['DEMO-1 no_leader']);
    await alerts.close();
    expect(notices).toEqual([]);
    expect(readFileSync(path(), 'utf8')).not.toContain('demo-1');
  });

  it('are gone with their cluster', () => {
    put('shop', inTrouble);
    vi.advanceTimersByTime(20_000);
    states.delete('shop');
    vi.advanceTimersByTime(2_000);
    expect(shown()).toEqual([]);
  });

  it('refuse to set anything of a cluster, or to acknowledge an alert, that is not there', () => {
    expect(() => alerts.mute('other', null)).toThrow(expect.objectContaining({ code: 'inventory.cluster_unknown' }));
    expect(() => alerts.acknowledge('a9')).toThrow(expect.objectContaining({ code: 'alert.unknown' }));
  });

  it('begin anew, with nothing muted, where their file cannot be read, and it is set aside', async () => {
    await alerts.close();
    writeFileSync(path(), '{"settings":{"clusters":{"shop":{"mutedUntil":"soon"}}},"alerts":[]}');
    await open();
    put('shop', inTrouble);
    vi.advanceTimersByTime(20_000);
    expect(notices).toHaveLength(1);
  });
});
