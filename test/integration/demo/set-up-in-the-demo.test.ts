import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clusterSpecSchema, type ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { defaultRoles } from '../../../shared/rules/deploy/roles/role-layouts';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const RUN_LIMIT_MS = 60_000;

describe('a set-up on the bare servers of the demo', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let spec: ClusterSpec;
  let runId: string;

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await client.vault.useSession();
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  const ended = async (id: string): Promise<void> => {
    const run = async () => (await client.deploy.runs.list()).find((one) => one.id === id);
    await expect.poll(async () => (await run())?.status, { timeout: RUN_LIMIT_MS }).not.toBe('running');
    expect(await run()).toMatchObject({ status: 'done', error: null });
  };

  const state = (): ClusterState | null => app.app.core.services.hub.state(spec.id);
  const leader = () => state()?.leader.holder;
  const lives = () =>
    vi.waitFor(
      () => {
        expect(state()?.members.map((one) => one.state)).toEqual(['running', 'running', 'running']);
        expect(state()?.health.level).toBe('healthy');
      },
      { timeout: 30_000, interval: 200 },
    );

  it('finds three servers that are bare, and nothing that keeps them from a set-up', async () => {
    const servers = (await client.servers.list()).filter((server) => server.tags.includes('bare'));
    expect(servers.map((server) => server.name)).toEqual(['bare-1', 'bare-2', 'bare-3']);
    const looked = await client.deploy.look({
      servers: servers.map((server) => ({
        name: server.name,
        ssh: { server: server.id },
        address: server.host,
        roles: ['postgres' as const],
        tags: {},
      })),
    });
    spec = clusterSpecSchema.parse({
      version: 1,
      id: randomUUID(),
      scope: 'main',
      users: [{ name: 'app' }],
      databases: [{ name: 'app', owner: 'app' }],
      servers: servers.map((server, index) => ({
        name: server.name,
        ssh: { server: server.id },
        address: looked[index]?.facts?.addresses.find((address) => !address.startsWith('127.')),
        roles: defaultRoles(3)[index],
      })),
    });
    const report = await client.deploy.preflight({ spec });
    expect(report.checks.filter((check) => check.verdict === 'blocks')).toEqual([]);
    expect(report.blocked).toBe(false);
  });

  it('comes to its end, with a cluster that is in the fleet and lives', async () => {
    const plan = await client.deploy.plan({ spec });
    ({ runId } = await client.deploy.apply({ spec, fingerprint: plan.fingerprint, requestId: randomUUID() }));
    await ended(runId);
    await lives();
    expect(leader()).toBe('bare-1');
  }, 90_000);

  it('leaves nothing to do for a second run, and no difference to the servers', async () => {
    const plan = await client.deploy.plan({ spec });
    expect(plan.servers.flatMap((server) => server.steps).filter((step) => step.action !== 'none')).toEqual([]);
    expect((await client.deploy.check({ spec })).steps).toEqual([]);
  });

  it('is a cluster that can be switched over', async () => {
    const operation = { kind: 'switchover' as const, leader: 'bare-1', candidate: 'bare-2' };
    const preview = await client.operations.preview({ clusterId: spec.id, operation });
    const { id } = await client.operations.start({
      clusterId: spec.id,
      operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: randomUUID(),
    });
    await vi.waitFor(() => expect(app.app.core.services.jobs.get(id)?.status).toBe('done'), {
      timeout: 30_000,
      interval: 200,
    });
    expect(leader()).toBe('bare-2');
    await lives();
  }, 90_000);

  it('is taken away again, and leaves the servers as bare as they were', async () => {
    const undo = await client.deploy.undo({ spec, typed: 'main', keepData: false, requestId: randomUUID() });
    await ended(undo.runId);
    const [first] = await client.deploy.look({ servers: spec.servers });
    expect(first?.facts).toMatchObject({ packages: { iproute2: expect.any(String) }, ports: [], postgresClusters: [] });
    expect(Object.keys(first?.facts?.packages ?? {})).toEqual(['iproute2']);
    expect(first?.facts?.users).not.toContain('postgres');
    expect((await client.deploy.preflight({ spec })).blocked).toBe(false);
  }, 60_000);

  it('is gone from the fleet and from the records with the demo', async () => {
    await client.demo.stop();
    expect(await client.clusters.list()).toEqual([]);
    expect(await client.deploy.runs.list()).toEqual([]);
    expect(await readFile(join(app.dataDirectory, 'inventory.json'), 'utf8').catch(() => '')).not.toContain('bare');
  });
});
