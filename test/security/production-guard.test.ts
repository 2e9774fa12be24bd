import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effects, type Effect } from '../../shared/contract/effects';
import { clusterSpecSchema } from '../../shared/model/deploy/spec/cluster-spec';
import { createProductionGuard } from '../../electron/core/rpc/production-guard';
import type { Prompt } from '../../shared/model/app/prompt';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';
import { specFixture } from '../support/deploy/facts';
import { aCluster, aServer } from '../unit/inventory/entries';

type Call = (input: unknown) => Promise<unknown>;

/** Every procedure that works on the servers of a spec, with its path. */
function onServers(part: unknown, path: readonly string[]): readonly string[] {
  const effect = part as Effect | Readonly<Record<string, unknown>>;
  if (typeof effect === 'string') return effect === 'spec' ? [path.join('.')] : [];
  return 'of' in effect ? [] : Object.entries(effect).flatMap(([name, inner]) => onServers(inner, [...path, name]));
}

const calls = onServers(effects, []);

/** A spec of a cluster with this id, whose first server is at this address. */
const spec = (id: string, host: string) => ({
  ...specFixture(),
  id,
  servers: specFixture().servers.map((server, index) =>
    index === 0 ? { ...server, ssh: { host, user: 'admin' } } : server,
  ),
});

describe('the servers of a production cluster', () => {
  let app: TestApp;
  let page: TestConnection;
  const shop = aCluster({ id: 'shop', title: 'Shop', production: true });

  beforeAll(async () => {
    app = await startApp({ page: false });
    const { inventory } = app.app.core.services;
    await inventory.saveServer(aServer({ host: '127.0.0.1', port: 22 }));
    await inventory.saveCluster(shop);
    page = await app.connect();
    await page.client.vault.useSession();
  });
  afterAll(async () => {
    page.close();
    await app.close();
  });

  /** Calls, and answers each question that comes up; what came of it, and what was asked. */
  async function call(path: string, input: unknown, answer: string | null) {
    const asked: Prompt[] = [];
    const { prompts } = app.app.core.services;
    const undo = prompts.watch((open) => {
      for (const prompt of open.slice(0, 1)) {
        asked.push(prompt);
        void prompts.answer(prompt.id, { value: answer, remember: false });
      }
    });
    const procedure = path.split('.').reduce<unknown>((part, name) => Reflect.get(Object(part), name), page.client);
    try {
      await (procedure as Call)(input);
      return { code: 'it was carried out', asked };
    } catch (thrown) {
      return { code: Reflect.get(Object(Reflect.get(Object(thrown), 'data')), 'code') as unknown, asked };
    } finally {
      undo();
    }
  }

  it('are reached by the calls that set up, change, rotate and undo', () => {
    expect(calls).toEqual(
      expect.arrayContaining(['deploy.apply', 'deploy.rotateCertificates', 'deploy.undo', 'deploy.day2.apply']),
    );
  });

  it.each(calls)('%s leaves them alone until the name of the cluster is typed', async (path) => {
    const input = { spec: spec(shop.id, '192.0.2.9'), requestId: randomUUID() };
    for (const answer of [null, 'Stop']) {
      const { code, asked } = await call(path, input, answer);
      expect(code).toBe('operation.not_confirmed');
      expect(asked).toMatchObject([{ kind: 'production_name', clusterName: 'Shop' }]);
    }
    // The input is no whole one: with the name typed, it is the procedure itself that refuses it.
    expect((await call(path, input, 'Shop')).code).not.toBe('operation.not_confirmed');
  });

  it('are asked about also where it is another cluster that comes to them', async () => {
    const input = { spec: spec('another', '127.0.0.1'), requestId: randomUUID() };
    expect(await call('deploy.apply', input, null)).toMatchObject({
      code: 'operation.not_confirmed',
      asked: [{ clusterName: 'Shop' }],
    });
  });

  it('are asked about where it is the server that a change brings', async () => {
    const whole = spec('another', '192.0.2.9');
    const server = { ...whole.servers[1], name: 'newcomer', ssh: { host: '127.0.0.1', user: 'admin' } };
    const change = { kind: 'add_server', server };
    const input = { spec: whole, change, fingerprint: 'f', typed: null, requestId: randomUUID() };
    expect(await call('deploy.day2.apply', input, null)).toMatchObject({ code: 'operation.not_confirmed' });
  });

  it('are asked about where its load balancers run', async () => {
    const { inventory } = app.app.core.services;
    await inventory.saveServer(aServer({ id: 'lb1', name: 'lb1', host: '127.0.0.7', port: 22 }));
    await inventory.saveCluster({ ...shop, balancerServers: ['lb1'] });
    const input = { spec: spec('another', '127.0.0.7'), requestId: randomUUID() };
    expect(await call('deploy.apply', input, null)).toMatchObject({ asked: [{ clusterName: 'Shop' }] });
    await inventory.saveCluster(shop);
  });

  it('of a Citus cluster are asked about once, not for each group', async () => {
    const names: string[] = [];
    const guard = createProductionGuard({
      clusters: () => [0, 1, 2].map((citusGroup) => ({ ...shop, id: `shop-${citusGroup}`, citusGroup })),
      servers: () => [aServer({ host: '127.0.0.1', port: 22 })],
      specOf: () => clusterSpecSchema.parse(spec(shop.id, '192.0.2.9')),
      askName: (name) => {
        names.push(name);
        return Promise.resolve(name);
      },
    });
    await guard(['deploy', 'apply'], { spec: spec('another', '127.0.0.1') }, new AbortController().signal);
    expect(names).toEqual(['Shop']);
  });

  it('are not asked about where the cluster is none of production', async () => {
    await app.app.core.services.inventory.saveCluster({ ...shop, production: false });
    const { asked } = await call('deploy.apply', { spec: spec(shop.id, '192.0.2.9'), requestId: randomUUID() }, null);
    expect(asked).toEqual([]);
    await app.app.core.services.inventory.saveCluster(shop);
  });

  it('are asked about before a run that was interrupted goes on', async () => {
    const names: string[] = [];
    const guard = createProductionGuard({
      clusters: () => [shop],
      servers: () => [],
      specOf: () => clusterSpecSchema.parse(spec(shop.id, '192.0.2.9')),
      askName: (name) => {
        names.push(name);
        return Promise.resolve(null);
      },
    });
    const signal = new AbortController().signal;
    await expect(guard(['deploy', 'runs', 'resume'], { runId: 'r1' }, signal)).rejects.toMatchObject({
      data: { code: 'operation.not_confirmed', target: 'shop' },
    });
    expect(names).toEqual(['Shop']);
  });
});
