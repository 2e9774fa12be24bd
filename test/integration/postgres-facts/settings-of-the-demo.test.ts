import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe('the settings that running servers report', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await vi.waitFor(() => expect(app.app.core.services.hub.state(clusterId)?.health.level).toBe('healthy'), {
      timeout: 60_000,
      interval: 200,
    });
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('are those of every member, with where each value comes from', async () => {
    const settings = await client.configure.settings({ clusterId });
    expect(settings.from).toBe('servers');
    expect(settings.definitions.length).toBeGreaterThan(300);
    expect(Object.keys(settings.members).sort()).toEqual(['ledger-1', 'ledger-2', 'ledger-3']);
    const second = settings.members['ledger-2'];
    if (second?.kind !== 'known') throw new Error('ledger-2 was not asked');
    expect(second.values['max_connections']).toMatchObject({ value: '100', source: 'command line' });
    expect(second.values['shared_buffers']).toMatchObject({ value: '16384', source: 'configuration file' });
    expect(second.values['log_min_duration_statement']?.file).toMatch(/postgresql\.auto\.conf$/);
  });

  it('are not asked for again within a minute unless the user wants them fresh', async () => {
    const ages = async (fresh: boolean) =>
      Object.values((await client.configure.settings({ clusterId, fresh })).members).map((one) =>
        one.kind === 'known' ? one.asOf : 0,
      );
    const first = await ages(false);
    expect(await ages(false)).toEqual(first);
    expect(Math.min(...(await ages(true)))).toBeGreaterThan(Math.max(...first));
  });

  it('are said to be unknown, with the reason, on a member whose PostgreSQL does not answer', async () => {
    await client.demo.inject({ clusterId, faultId: 'crash', member: 'ledger-3' });
    await vi.waitFor(
      async () => {
        const { members } = await client.configure.settings({ clusterId, fresh: true });
        const third = members['ledger-3'];
        expect(third?.kind === 'unknown' ? third.error.code : null).toBe('postgres.not_answered');
      },
      { timeout: 20_000, interval: 500 },
    );
  });
});
