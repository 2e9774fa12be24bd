import { describe, expect, it } from 'vitest';
import { planImport } from '../../electron/core/inventory/exchange';
import { aCluster, aServer } from '../unit/inventory/entries';

const file = (servers: unknown[], clusters: unknown[]): string =>
  JSON.stringify({ format: 'matriarch-inventory', version: 1, servers, clusters });

describe('an inventory that somebody else wrote', () => {
  it('turns no check of certificates off', () => {
    const tls = { ca: 'PEM', insecure: true };
    const cluster = aCluster({
      rest: { tls, auth: null },
      etcd: { endpoints: [{ host: '192.0.2.1', port: 2379, serverId: 's1' }], tls, auth: null },
    });
    const [read] = planImport(file([aServer({})], [cluster]), [], []).clusters;
    expect([read?.rest.tls, read?.etcd?.tls]).toEqual([{ ca: 'PEM' }, { ca: 'PEM' }]);
  });

  it.each(['\\\\evil.example\\share\\id', '//evil.example/share/id', '\\\\?\\UNC\\evil.example\\share\\id'])(
    'names no key on a share of another computer: %s',
    (keyPath) => {
      const server = aServer({ auth: { kind: 'key', keyPath } });
      expect(planImport(file([server], []), [], []).servers[0]?.auth).toEqual({ kind: 'agent' });
    },
  );

  it('brings no secret and no name of one: not even one that this computer keeps', () => {
    const server = aServer({ auth: { kind: 'password', passwordSecret: 'known-here' } });
    const cluster = aCluster({ rest: { tls: null, auth: { username: 'u', passwordSecret: 'known-here' } } });
    expect(JSON.stringify(planImport(file([server], [cluster]), [], []))).not.toContain('known-here');
  });
});
