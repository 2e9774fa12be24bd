import { describe, expect, it } from 'vitest';
import { freeServers, memberToBe } from '../../../../../../renderer/features/cluster/servers/new-server';
import type { Server } from '../../../../../../shared/model/connect/server';
import { bareServer, specFixture } from '../../../../../support/deploy/facts';

const spec = specFixture();
const inventory = (id: string, host: string): Server => ({
  id,
  name: id,
  host,
  port: 22,
  user: 'root',
  auth: { kind: 'agent' },
  sudo: { kind: 'root' },
  jump: [],
  tags: [],
});

describe('adding a server to a cluster', () => {
  const fresh = inventory('db9', '10.0.0.19');

  it('offers the servers of the inventory that are not part of the cluster, by id or by address', () => {
    const byHost = specFixture({
      servers: spec.servers.slice(2).map((server) => ({
        ...server,
        ssh: { host: '10.0.0.18', port: 22, user: 'root', jump: [] },
      })),
    });
    expect(freeServers(spec, [inventory('n1', '10.0.0.11'), fresh]).map((one) => one.id)).toEqual(['db9']);
    expect(freeServers(byHost, [inventory('x', '10.0.0.18'), fresh]).map((one) => one.id)).toEqual(['db9']);
  });

  it('suggests the host name and address of the server, and never a name that is taken', () => {
    expect(memberToBe(spec, fresh, bareServer('n1', '10.0.0.19'))).toMatchObject({
      name: 'n1-2',
      address: '10.0.0.19',
      ssh: { server: 'db9' },
    });
  });
});
