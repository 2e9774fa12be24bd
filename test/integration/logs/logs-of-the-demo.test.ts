import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogGap, LogRecord, LogServer } from '../../../shared/model/logs/log-record';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';
import { eventually } from '../../support/eventually';

const clusterId = 'demo-cluster-ledger';

/** A reader of a cluster's logs that acknowledges while it is told to. */
class LogReader {
  readonly records: LogRecord[] = [];
  readonly gaps = new Map<string, LogGap>();
  servers: readonly LogServer[] = [];
  readonly #leaving = new AbortController();

  constructor(client: TestClient) {
    void this.#read(client).catch(() => undefined);
  }

  leave(): void {
    this.#leaving.abort();
  }

  async #read(client: TestClient): Promise<void> {
    let followId = '';
    for await (const update of await client.logs.follow({ clusterId }, { signal: this.#leaving.signal })) {
      this.servers = update.servers;
      if (update.kind === 'started') {
        followId = update.followId;
        continue;
      }
      this.records.push(...update.records);
      for (const gap of update.gaps) this.gaps.set(gap.id, gap);
      await client.logs.acknowledge({ followId, batch: update.number });
    }
  }
}

describe('the logs of a cluster', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let reader: LogReader;

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await eventually(
      'it is healthy',
      () => app.app.core.services.hub.state(clusterId)?.health.level === 'healthy',
      60_000,
    );
    reader = new LogReader(client);
  });
  afterAll(async () => {
    reader.leave();
    close();
    await app.close();
  });

  it('come from all of its members, with the level and the program of each line', async () => {
    await eventually(
      'all are live',
      () => reader.servers.length === 3 && reader.servers.every((one) => one.status === 'live'),
    );
    await eventually('all have written', () => new Set(reader.records.map((one) => one.member)).size === 3);
    expect(reader.records.find((one) => one.text.startsWith('no action.'))).toMatchObject({
      service: 'patroni',
      source: 'patroni.service',
      level: 'info',
    });
    expect(reader.servers.every((one) => (one.clock?.uncertaintyMs ?? Infinity) < 2_000)).toBe(true);
  });

  it('tell a failover in the order in which it happened', async () => {
    const leader = app.app.core.services.hub.state(clusterId)?.leader.holder ?? '';
    await client.demo.inject({ clusterId, faultId: 'crash', member: leader });
    const index = (pattern: RegExp) => reader.records.findIndex((one) => pattern.test(one.text));
    await eventually('the new primary is ready', () => index(/selected new timeline/) >= 0, 90_000);
    const order = [
      index(/patroni\.service: Main process exited, code=killed/),
      index(/promoted self to leader/),
      index(/selected new timeline ID/),
    ];
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order[0]).toBeGreaterThanOrEqual(0);
    expect(reader.records[order[0] ?? 0]).toMatchObject({ member: leader, service: 'system', level: 'warning' });
    expect(reader.records[order[1] ?? 0]?.member).not.toBe(leader);
  }, 120_000);

  it('have a gap where a server lost its power, which is filled when it is back', async () => {
    const member = reader.servers.map((one) => one.member).at(-1) ?? '';
    await client.demo.inject({ clusterId, faultId: 'power_off', member });
    const gapOf = (state: LogGap['state']) =>
      [...reader.gaps.values()].some((gap) => gap.member === member && gap.state === state);
    await eventually('the gap is there', () => gapOf('open'), 60_000);
    expect(reader.servers.find((one) => one.member === member)?.status).toBe('cut_off');
    await client.demo.inject({ clusterId, faultId: 'power_on', member });
    await eventually('the gap is filled', () => gapOf('filled') && !gapOf('open'), 90_000);
  }, 160_000);

  it('are read back by time, and without a line that was there twice', async () => {
    const page = await client.logs.page({ clusterId, from: null, before: Date.now(), most: 500 });
    expect(page.records.length).toBeGreaterThan(10);
    expect(new Set(page.records.map((one) => one.id)).size).toBe(page.records.length);
    const times = page.records.map((one) => one.at);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    const older = await client.logs.page({ clusterId, from: null, before: page.records[5]?.at ?? 0, most: 500 });
    expect(older.records.every((one) => one.at < (page.records[5]?.at ?? 0))).toBe(true);
  });

  it('leave nothing behind when their reader has left', async () => {
    reader.leave();
    await eventually('nothing is followed', async () => {
      const before = reader.records.length;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return reader.records.length === before;
    });
  });
});
