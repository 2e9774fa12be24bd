import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { adviceRuleIds, type AdviceUpdate } from '../../../shared/model/advice/advice';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('the advice for a cluster', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let last: AdviceUpdate | null = null;
  const seen: AdviceUpdate[] = [];
  const ending = new AbortController();

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await vi.waitFor(() => expect(app.app.core.services.hub.state(clusterId)?.health.level).toBe('healthy'), {
      timeout: 60_000,
      interval: 200,
    });
    const stream = await client.advice.watch({ clusterId }, { signal: ending.signal });
    void (async () => {
      for await (const update of stream) {
        last = update;
        seen.push(update);
      }
    })().catch(() => undefined);
  });
  afterAll(async () => {
    ending.abort();
    close();
    await app.close();
  });

  it('is there after a reading that tells how far it is, with a word of every rule and something of each gravity', async () => {
    const report = await client.advice.read({ clusterId });
    const told = new Set([...report.advice, ...report.notChecked, ...report.well].map(({ rule }) => rule));
    expect([...told].toSorted()).toEqual([...adviceRuleIds].toSorted());
    expect(new Set(report.advice.map(({ severity }) => severity))).toEqual(new Set(['critical', 'warning', 'info']));
    expect(report.notChecked).toEqual([]);
    await vi.waitFor(() => expect(last?.report).toEqual(report));
    expect(last?.progress).toBeNull();
    expect(seen.some(({ progress }) => progress !== null && progress.done > 0)).toBe(true);
  });

  it('holds no secret of the servers', async () => {
    expect(JSON.stringify(await client.advice.read({ clusterId }))).not.toMatch(/only-simulated|SCRAM-SHA-256\$/);
  });

  it('is read once for two who ask at the same time', async () => {
    const [one, other] = await Promise.all([client.advice.read({ clusterId }), client.advice.read({ clusterId })]);
    expect(one.from).toBe(other.from);
  });

  it('is set aside with a reason and comes back', async () => {
    await client.advice.setAside({ clusterId, rule: 'watchdog', reason: 'Virtual machines.' });
    await vi.waitFor(() => expect(last?.asides).toMatchObject([{ rule: 'watchdog', reason: 'Virtual machines.' }]));
    await client.advice.bringBack({ clusterId, rule: 'watchdog' });
    await vi.waitFor(() => expect(last?.asides).toEqual([]));
  });

  it('is not set aside where it was not given, nor without a reason', async () => {
    await expect(client.advice.setAside({ clusterId, rule: 'timing', reason: 'No.' })).rejects.toMatchObject({
      data: { code: 'advice.unknown' },
    });
    await expect(client.advice.setAside({ clusterId, rule: 'watchdog', reason: '  ' })).rejects.toThrow();
  });

  it('says of a member whose PostgreSQL is down that it was not checked, and calls nothing of it well', async () => {
    await client.demo.inject({ clusterId, faultId: 'crash', member: 'ledger-3' });
    await vi.waitFor(
      async () => {
        const { notChecked, well } = await client.advice.read({ clusterId });
        expect(notChecked.filter(({ about }) => about === 'ledger-3').map(({ rule }) => rule)).toContain('hba_trust');
        expect(well.map(({ rule }) => rule)).not.toContain('hba_trust');
      },
      { timeout: 20_000, interval: 500 },
    );
  });

  it('of the demo leaves nothing on the disk', async () => {
    const { dataDirectory } = await client.app.info();
    await expect(readFile(join(dataDirectory, 'advice.json'), 'utf8')).rejects.toThrow(/ENOENT/);
  });

  it('is refused for a cluster that is not there', async () => {
    await expect(client.advice.read({ clusterId: 'nobody' })).rejects.toMatchObject({
      data: { code: 'operation.unknown_cluster' },
    });
  });
});
