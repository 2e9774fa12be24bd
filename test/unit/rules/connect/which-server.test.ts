import { describe, expect, it } from 'vitest';
import { connectSpec } from '../../../../electron/headless/deploy/connections';
import { connectToSpecServer } from '../../../../electron/core/app/deployment';
import { exportText, planImport } from '../../../../electron/core/inventory/exchange';
import { freeServers } from '../../../../renderer/features/cluster/servers/new-server';
import { emptyServer } from '../../../../renderer/server-editor/server-form';
import { portableSpec } from '../../../../renderer/deployment/form/portable';
import { serverKey } from '../../../../renderer/deployment/form/server-key';
import { readServerLines } from '../../../../renderer/deployment/form/server-lines';
import {
  addLines,
  addServersOfSpec,
  type InventoryCalls,
} from '../../../../renderer/features/deploy/wizard/server-calls';
import { serverSchema, type Server } from '../../../../shared/model/connect/server';
import { printHostPort } from '../../../../shared/model/connect/host-port';
import { clusterSpecSchema, type ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { findServer, wantedBySpec } from '../../../../shared/rules/connect/find-server';
import { completeFile } from '../../../../shared/rules/deploy/spec/complete-file';
import { readSpec, printSpec } from '../../../../shared/rules/deploy/spec/spec-file';
import { localRemote } from '../../../support/ssh/local-remote';
import { inventoryServer, twoSites, whichServer, type WhichServer } from '../../../support/connect/which-server';

/** An inventory that servers are added to, as the page sees it. */
function inventoryOf(servers: readonly Server[]): InventoryCalls & { added(): readonly Server[] } {
  const added: Server[] = [];
  return {
    list: () => Promise.resolve([...servers, ...added]),
    add: (input) => {
      const made = serverSchema.parse({ ...input, id: `new-${added.length}` });
      added.push(made);
      return Promise.resolve(made);
    },
    added: () => added,
  };
}

/** A cluster file with one server, as a user writes it. */
function specOf({ user, host, port, jump }: WhichServer): ClusterSpec {
  return specWith({ user, host, port, jump: [...jump] });
}

function specWith(ssh: object): ClusterSpec {
  return clusterSpecSchema.parse({
    version: 1,
    id: 'main-1',
    scope: 'main',
    servers: [{ name: 'n1', ssh, address: '10.0.0.1', roles: ['etcd', 'postgres'] }],
  });
}

const idIn = (spec: ClusterSpec): string => {
  const ssh = spec.servers[0]?.ssh;
  return ssh !== undefined && 'server' in ssh ? ssh.server : 'none';
};

/** Everybody who asks which server is meant, and how each answers: the id, or null for "not in the inventory". */
const askers: Readonly<Record<string, (asked: WhichServer) => Promise<string | null>>> = {
  'a rule': (asked) => {
    const [one] = specOf(asked).servers;
    return Promise.resolve((one && findServer(twoSites, wantedBySpec(one))?.id) ?? null);
  },
  'a cluster file that the page opens': async (asked) => {
    const inventory = inventoryOf(twoSites);
    const id = idIn(await addServersOfSpec(inventory, specOf(asked)));
    return inventory.added().some((one) => one.id === id) ? null : id;
  },
  'lines that the user types': async (asked) => {
    const inventory = inventoryOf(twoSites);
    const { servers } = readServerLines(`${asked.user}@${printHostPort(asked)}`);
    const [found] = await addLines(inventory, servers, { ...emptyServer, jump: asked.jumpIds }, twoSites);
    return inventory.added().length > 0 ? null : (found?.id ?? null);
  },
  'the core that sets up a cluster': (asked) => {
    const [one] = specOf(asked).servers;
    const pool = { remote: (serverId: string) => ({ ...localRemote(), serverId }) };
    const inventory = { servers: () => twoSites };
    return Promise.resolve()
      .then(() => (one === undefined ? null : connectToSpecServer({ inventory, pool }, one).serverId))
      .catch(() => null);
  },
  'an import from another workstation': (asked) => {
    const theirs = twoSites.map((one) => ({
      ...one,
      id: `their ${one.id}`,
      jump: one.jump.map((id) => `their ${id}`),
    }));
    const { user, host, port, jumpIds } = asked;
    const wanted = inventoryServer('wanted', host, { user, port, jump: jumpIds.map((id) => `their ${id}`) });
    const text = exportText([...theirs, wanted], []);
    const plan = planImport(text, twoSites, []);
    expect(plan.servers.filter((one) => one.id !== 'wanted' && one.sshConfigHost === undefined)).toEqual([]);
    if (plan.servers.some((one) => one.id === 'wanted')) return Promise.resolve(null);
    const sentence = plan.skipped.find((one) => one.startsWith('Server wanted'));
    return Promise.resolve(/as (.*)\.$/.exec(sentence ?? '')?.[1] ?? null);
  },
  'the list of servers that a cluster may still take': (asked) => {
    const free = new Set(freeServers(specOf(asked), twoSites).map((one) => one.id));
    return Promise.resolve(twoSites.find((one) => !free.has(one.id))?.id ?? null);
  },
};

describe.each(Object.entries(askers))('%s means', (_who, ask) => {
  it.each(whichServer)('$what', async (asked) => {
    expect(await ask(asked)).toBe(asked.found);
  });
});

describe('a cluster file that leaves the workstation', () => {
  const known = twoSites.filter((one) => one.sshConfigHost === undefined);

  it.each(known.map((one) => [one.id, one] as const))('leads back to %s', async (_id, one) => {
    const file = printSpec(portableSpec(specWith({ server: one.id }), twoSites));
    const { spec } = readSpec(file);
    expect(file).not.toContain(`server: ${one.id}`);
    const inventory = inventoryOf(twoSites);
    const whole = spec === null ? null : completeFile(spec, 'main-1', null);
    expect(whole === null ? null : idIn(await addServersOfSpec(inventory, whole))).toBe(one.id);
    expect(inventory.added()).toEqual([]);
  });

  it('brings its jump hosts along, each behind those before it, where they are not known', async () => {
    const inventory = inventoryOf([]);
    const file = portableSpec(specWith({ server: 'deep-b' }), twoSites);
    await addServersOfSpec(inventory, file);
    const added = inventory.added();
    expect(added.map((one) => [one.host, one.jump])).toEqual([
      ['gate-b.example.net', []],
      ['192.168.0.1', [added[0]?.id]],
      ['172.16.0.1', [added[0]?.id, added[1]?.id]],
    ]);
    await addServersOfSpec(inventory, file);
    expect(inventory.added()).toHaveLength(3);
  });

  it('keeps the reference of a server whose jump host is not known: without it, the file would mean another machine', () => {
    const lost = inventoryServer('lost', '10.0.0.1', { jump: ['gone'] });
    expect(portableSpec(specWith({ server: 'lost' }), [lost]).servers[0]?.ssh).toEqual({ server: 'lost' });
  });

  it('gives each of two servers at one address its own row', () => {
    const keys = whichServer.map((asked) => serverKey({ ssh: specOf(asked).servers[0]?.ssh ?? { server: '' } }));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    { host: 'a b' },
    { host: '10.0.0.300' },
    { host: 'db1', jump: ['root:pw@gate'] },
    { host: 'db1', jump: ['gate:ssh'] },
  ])('is refused when it says %j', (ssh) => {
    expect(() => specWith(ssh)).toThrow(/host|user@host:port/);
  });
});

describe('the command line', () => {
  const connect = (spec: ClusterSpec, inventory: readonly Server[]) =>
    connectSpec({ spec, inventory, secrets: null, dataDirectory: '/nonexistent', acceptHostKeys: false });
  const refused = (code: string) => expect.objectContaining({ data: expect.objectContaining({ code }) });

  it('takes a server of the inventory by id or name', () => {
    const spec = specWith({ server: 'a1' });
    const [one] = spec.servers;
    expect(one && connect(spec, twoSites).connectServer(one).serverId).toBe('a1');
    expect(connect(spec, twoSites).connectNamed('b1').serverId).toBe('b1');
  });

  it('refuses a name that two servers have, and one that nobody has', () => {
    const twins = [inventoryServer('x', '10.0.0.1', { name: 'db' }), inventoryServer('y', '10.0.0.2', { name: 'db' })];
    expect(() => connect(specWith({ server: 'db' }), twins)).toThrow(refused('deploy.server_ambiguous'));
    expect(() => connect(specWith({ server: 'db' }), [])).toThrow(refused('deploy.server_unknown'));
    expect(() => connect(specWith({ host: 'db1' }), []).connectNamed('db9')).toThrow(refused('deploy.server_unknown'));
  });
});
