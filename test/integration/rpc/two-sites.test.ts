import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyServer } from '../../../renderer/server-editor/server-form';
import { portableSpec } from '../../../renderer/deployment/form/portable';
import { readServerLines } from '../../../renderer/deployment/form/server-lines';
import { addLines, addServersOfSpec, type InventoryCalls } from '../../../renderer/features/deploy/wizard/server-calls';
import type { Prompt } from '../../../shared/model/app/prompt';
import type { Server } from '../../../shared/model/connect/server';
import { clusterSpecSchema, type ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { startApp, type TestApp, type TestConnection } from '../../support/app/app';
import { startSshServer, type TestSshServer } from '../../support/ssh/ssh-server';

const members = ['10.0.0.1', '10.0.0.2'];

/** A site: a gate that is reached from here, and behind it two members at private addresses that every site uses. */
interface Site {
  readonly gatePort: number;
  close(): Promise<void>;
}

async function startSite(scope: string): Promise<Site> {
  const rest = createServer((request, response) => {
    const listed = members.map((host, index) => ({
      name: `db${index + 1}`,
      role: index === 0 ? 'leader' : 'replica',
      state: 'running',
      api_url: `http://${host}:8008/patroni`,
      host,
      port: 5432,
    }));
    response.end(JSON.stringify(request.url === '/cluster' ? { scope, members: listed } : { patroni: { scope } }));
  });
  await new Promise<void>((resolve) => rest.listen(0, '127.0.0.1', resolve));
  const restPort = (rest.address() as AddressInfo).port;
  const started: TestSshServer[] = [];
  const network = (): Record<string, number> => ({
    ...Object.fromEntries(members.map((host) => [`${host}:8008`, restPort])),
    ...Object.fromEntries(members.map((host, index) => [`${host}:22`, started[index]?.port ?? 0])),
  });
  for (const host of members) started.push(await startSshServer({ network, exec: () => answerDiscovery(scope, host) }));
  const gate = await startSshServer({ network });
  return {
    gatePort: gate.port,
    close: async () => {
      await Promise.all([...started, gate].map((server) => server.close()));
      await new Promise((resolve) => rest.close(resolve));
    },
  };
}

function answerDiscovery(
  scope: string,
  host: string,
): (channel: { write(text: string): void; exit(code: number): void; end(): void }) => void {
  const config = `scope: ${scope}\nname: db${members.indexOf(host) + 1}\nrestapi: { connect_address: "${host}:8008" }\n`;
  const words = ['/etc/patroni/config.yml', config].map((text) => Buffer.from(text).toString('base64'));
  return (channel) => {
    channel.write(`matriarch-discover 1\nconfig etc-patroni ${words.join(' ')}\nend\n`);
    channel.exit(0);
    channel.end();
  };
}

describe('sites that use the same private addresses, each behind a jump host of its own', () => {
  const sites: Site[] = [];
  let app: TestApp;
  let page: TestConnection;
  let inventory: InventoryCalls;
  let stopAnswering: () => Promise<void>;

  beforeAll(async () => {
    for (const scope of ['main', 'main', 'main']) sites.push(await startSite(scope));
    app = await startApp({ page: false });
    page = await app.connect();
    await page.client.vault.useSession();
    inventory = { list: () => page.client.servers.list(), add: (input) => page.client.servers.add(input) };
    stopAnswering = await answerQuestions(page);
  });
  afterAll(async () => {
    await stopAnswering();
    page.close();
    await app.close();
    await Promise.all(sites.map((site) => site.close()));
  });

  const gateOf = (site: number): string => `dba@127.0.0.1:${sites[site]?.gatePort ?? 0}`;
  const addGate = (site: number): Promise<Server> =>
    inventory.add({
      name: `gate ${site}`,
      host: '127.0.0.1',
      port: sites[site]?.gatePort ?? 0,
      user: 'dba',
      auth: { kind: 'password' },
      sudo: { kind: 'none' },
      secret: 'right horse',
    });
  const fields = {
    ...emptyServer,
    user: 'dba',
    auth: 'password' as const,
    secret: 'right horse',
    sudo: 'none' as const,
  };
  const fileOf = (site: number): ClusterSpec =>
    clusterSpecSchema.parse({
      version: 1,
      id: `site-${site}`,
      scope: 'main',
      servers: members.map((host, index) => ({
        name: `db${index + 1}`,
        ssh: { host, user: 'dba', auth: 'password', jump: [gateOf(site)] },
        address: host,
        roles: ['etcd', 'postgres'],
      })),
    });
  const idsOf = (spec: ClusterSpec): readonly string[] =>
    spec.servers.map(({ ssh }) => ('server' in ssh ? ssh.server : 'not in the inventory'));
  const ofSite: (readonly string[])[] = [];

  it('are entered in the page, read from a cluster file and discovered, and no server is taken for one of another site', async () => {
    const gate = await addGate(0);
    const { servers: lines } = readServerLines(members.join('\n'));
    const typed = await addLines(inventory, lines, { ...fields, jump: [gate.id] }, await inventory.list());
    ofSite.push(typed.map((server) => server.id));

    ofSite.push(idsOf(await addServersOfSpec(inventory, fileOf(1))));

    const third = await addGate(2);
    const [first] = await addLines(
      inventory,
      lines.slice(0, 1),
      { ...fields, jump: [third.id] },
      await inventory.list(),
    );
    const asked = first?.id ?? '';
    const { clusters } = await page.client.clusters.discover({ serverId: asked });
    expect(clusters.map((cluster) => [cluster.scope, cluster.existingClusterId])).toEqual([['main', null]]);
    const entry = await page.client.clusters.addDiscovered({
      serverId: asked,
      key: clusters[0]?.key ?? '',
      title: 'Third',
      production: false,
      tags: [],
    });
    ofSite.push(entry.members.map((member) => member.serverId ?? 'none'));

    expect(new Set(ofSite.flat()).size).toBe(6);
    const known = await inventory.list();
    expect(known).toHaveLength(9);
    const behind = ofSite.map((ids) => new Set(ids.flatMap((id) => known.find((one) => one.id === id)?.jump ?? [])));
    expect(behind.map((jump) => jump.size)).toEqual([1, 1, 1]);
    expect(new Set(behind.flatMap((jump) => [...jump])).size).toBe(3);
  });

  it('have servers that are all called as their members, also the first, which was entered by its address', async () => {
    const known = await inventory.list();
    const nameOf = (id: string) => known.find((server) => server.id === id)?.name;
    expect(ofSite[2]?.map(nameOf)).toEqual(['db1', 'db2']);
  });

  it('are found again, each at its own site, whoever asks', async () => {
    const { deployment } = app.app.core.services;
    for (const [site, ids] of ofSite.entries()) {
      const file = fileOf(site);
      expect(idsOf(await addServersOfSpec(inventory, file))).toEqual(ids);
      expect(file.servers.map((server) => deployment.connectServer(server).serverId)).toEqual(ids);
      const known = await inventory.list();
      const jump = known.find((one) => one.id === ids[0])?.jump ?? [];
      const again = await addLines(inventory, readServerLines(members.join('\n')).servers, { ...fields, jump }, known);
      expect(again.map((server) => server.id)).toEqual(ids);
      const written = portableSpec(await addServersOfSpec(inventory, file), known);
      expect(written.servers.map(({ ssh }) => ('jump' in ssh ? ssh.jump : []))).toEqual([
        [gateOf(site)],
        [gateOf(site)],
      ]);
    }
    expect(await inventory.list()).toHaveLength(9);
  });

  it('are told apart by a discovery: the cluster of one site is not the known cluster of another', async () => {
    const { clusters } = await page.client.clusters.discover({ serverId: ofSite[0]?.[0] ?? '' });
    expect(clusters[0]).toMatchObject({ existingClusterId: null });
    expect(clusters[0]?.members.map((member) => member.serverId)).toEqual(ofSite[0]);
    const { clusters: third } = await page.client.clusters.discover({ serverId: ofSite[2]?.[1] ?? '' });
    expect(third[0]?.existingClusterId).not.toBeNull();
    expect(third[0]?.members.map((member) => member.serverId)).toEqual(ofSite[2]);
  });

  it('are recognized in the export of somebody who has other ids for them', async () => {
    const exported = await page.client.app.exportInventory();
    const ids = (await inventory.list()).map((server) => server.id);
    const text = ids.reduce((whole, id) => whole.replaceAll(id, `their-${id}`), exported.text);
    await page.client.app.importInventory({ text });
    expect(await inventory.list()).toHaveLength(9);
  });
});

/** Trusts every host key and knows the one password. */
async function answerQuestions(page: TestConnection): Promise<() => Promise<void>> {
  const stream = await page.client.prompts.watch();
  const answered = new Set<string>();
  const reading = (async () => {
    for await (const open of stream)
      for (const prompt of open.filter(({ id }) => !answered.has(id))) {
        answered.add(prompt.id);
        await page.client.prompts.answer({ id: prompt.id, value: answerTo(prompt), remember: false });
      }
  })();
  return async () => {
    await stream.return?.();
    await reading.catch(() => undefined);
  };
}

function answerTo(prompt: Prompt): string {
  return prompt.kind === 'host_key' ? 'yes' : 'right horse';
}
