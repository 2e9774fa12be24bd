import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';

const clusterId = 'demo-cluster-ledger';

describe("changes of the demo's servers", () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;
  let spec: ClusterSpec;

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

  it('the simulated servers tell what is there, so that a cluster can be described', async () => {
    const found = await client.deploy.day2.adopt({ clusterId });
    spec = found.spec;
    expect(spec.servers.map((server) => server.name)).toEqual(['ledger-1', 'ledger-2', 'ledger-3']);
    expect(spec.patroni).toMatchObject({ ttl: 30, loopWait: 10 });
    expect(found.works.find((each) => each.change === 'remove_server')?.works).toBe(true);
  });

  it('shows what removing a replica would do, and refuses to let the leader go', async () => {
    const facts = await client.deploy.look({ servers: spec.servers });
    expect(facts.map((each) => each.facts?.os.codename)).toEqual(['trixie', 'trixie', 'trixie']);
    const previews = await Promise.all(
      spec.servers.map(({ name }) =>
        client.deploy.day2.preview({ spec, change: { kind: 'remove_server', name, keepData: true } }),
      ),
    );
    const refused = previews.filter((preview) => preview.plan.refused > 0);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.candidates).toHaveLength(2);
    for (const preview of previews.filter((each) => each.plan.refused === 0)) {
      const [leaving] = preview.plan.servers.filter((server) => server.name === preview.typed);
      expect(leaving?.steps.flatMap((step) => step.commands).join('\n')).toContain(
        'systemctl disable --now patroni.service',
      );
    }
  });

  it('carries nothing out: a simulated server says what it is', async () => {
    const preview = await client.deploy.day2.preview({
      spec,
      change: { kind: 'remove_server', name: 'ledger-3', keepData: true },
    });
    const name = preview.plan.refused === 0 ? 'ledger-3' : 'ledger-2';
    const { runId } = await client.deploy.day2.apply({
      spec,
      change: { kind: 'remove_server', name, keepData: true },
      fingerprint: (await client.deploy.day2.preview({ spec, change: { kind: 'remove_server', name, keepData: true } }))
        .plan.fingerprint,
      typed: name,
      requestId: 'demo-request',
    });
    await expect
      .poll(async () => (await client.deploy.runs.list()).find((run) => run.id === runId)?.status, { timeout: 30_000 })
      .toBe('failed');
  });
});
