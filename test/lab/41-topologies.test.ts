import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole } from '../../shared/model/deploy/spec/server-spec';
import {
  etcdMembers,
  labServer,
  labSpec,
  openDeployLab,
  sql,
  starts,
  streaming,
  type DeployLab,
} from './support/deploy-lab';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'];
const MINUTE = 60_000;
const patroni = { ttl: 20, loopWait: 2, retryTimeout: 5 };
const voters = (...names: readonly NodeName[]): readonly string[] => names.map((name) => `${name} started voter`);

let lab: Lab;
let cluster: DeployLab;
const server = (name: NodeName, roles: readonly ServerRole[]) => labServer(lab, name, roles);
const apply = async (spec: ClusterSpec): Promise<unknown> =>
  cluster.finish(await cluster.deploy.apply(spec, null, randomUUID()));

beforeAll(async () => {
  lab = await openLab({ name: 'places', net: 77, nodes: NODES, suite: 'trixie', image: 'stack' });
  cluster = await openDeployLab(NODES.map((name) => server(name, ['etcd'])));
}, 10 * MINUTE);

afterAll(async () => {
  await cluster?.close();
  await lab?.down();
}, 3 * MINUTE);

describe('a cluster whose etcd is on three other servers', () => {
  let spec: ClusterSpec;

  it(
    'is deployed with no etcd beside PostgreSQL',
    async () => {
      spec = labSpec({
        scope: 'apart',
        patroni,
        servers: [
          server('n1', ['postgres', 'haproxy', 'pgbouncer']),
          server('n2', ['postgres', 'haproxy', 'pgbouncer']),
          ...(['n4', 'n5', 'n6'] as const).map((name) => server(name, ['etcd'])),
        ],
      });
      await apply(spec);
      expect(await etcdMembers(lab, 'n4')).toEqual(voters('n4', 'n5', 'n6'));
      expect(await streaming(lab, 'n1')).toBe('n2');
      expect(await lab.node('n1').exec('systemctl is-active etcd || true')).toBe('inactive\n');
      expect(await lab.node('n5').exec('systemctl is-active patroni haproxy pgbouncer || true')).toBe(
        'inactive\ninactive\ninactive\n',
      );
      expect((await cluster.deploy.check(spec)).steps).toEqual([]);
    },
    8 * MINUTE,
  );

  it(
    'grows to five etcd members, one at a time, and no PostgreSQL restarts',
    async () => {
      const before = await Promise.all([starts(lab, 'n1'), starts(lab, 'n2')]);
      spec = await cluster.change(spec, { kind: 'add_server', server: server('n7', ['etcd']) });
      spec = await cluster.change(spec, { kind: 'add_server', server: server('n3', ['etcd']) });
      expect(await etcdMembers(lab, 'n4')).toEqual(voters('n3', 'n4', 'n5', 'n6', 'n7'));
      for (const name of ['n1', 'n2'] as const)
        expect(await lab.node(name).exec('grep hosts: /etc/patroni/config.yml')).toContain(lab.node('n7').ip);
      expect(await Promise.all([starts(lab, 'n1'), starts(lab, 'n2')])).toEqual(before);
      expect((await cluster.deploy.check(spec)).steps).toEqual([]);
    },
    6 * MINUTE,
  );

  it(
    'goes on without two of the five, and has a dead one replaced by another server',
    async () => {
      await lab.kill('n6', 'n7');
      await waitFor('etcd takes writes from the three that are left', MINUTE, async () =>
        (await lab.node('n4').exec('ETCDCTL_API=3 etcdctl put /probe 1')).includes('OK'),
      );
      await new Promise((resolve) => setTimeout(resolve, (patroni.ttl + patroni.loopWait) * 1000));
      expect(
        await sql(lab, 'n1', 'create table kept (n int); insert into kept values (1); select not pg_is_in_recovery()'),
      ).toBe('t');
      await lab.up(['n7']);
      spec = await cluster.change(spec, { kind: 'replace_etcd', name: 'n6', server: server('n2', ['etcd']) });
      expect(await etcdMembers(lab, 'n4')).toEqual(voters('n2', 'n3', 'n4', 'n5', 'n7'));
      expect(spec.servers.find((entry) => entry.name === 'n2')?.roles).toContain('etcd');
      expect(spec.servers.some((entry) => entry.name === 'n6')).toBe(false);
      await waitFor('n2 streams', 2 * MINUTE, async () => (await streaming(lab, 'n1')) === 'n2');
      expect((await cluster.deploy.check(spec)).steps).toEqual([]);
    },
    8 * MINUTE,
  );
});

describe('a cluster with five etcd members from the beginning', () => {
  it(
    'is deployed in one run, and removed again',
    async () => {
      const five = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;
      await lab.reset(five);
      const spec = labSpec({
        scope: 'five',
        patroni,
        servers: five.map((name) => server(name, name < 'n4' ? ['etcd', 'postgres'] : ['etcd'])),
      });
      await apply(spec);
      expect(await etcdMembers(lab, 'n5')).toEqual(voters(...five));
      expect(await streaming(lab, 'n1')).toBe('n2,n3');
      expect((await cluster.deploy.check(spec)).steps).toEqual([]);
      await cluster.finish(await cluster.deploy.undo(spec, 'five', false, randomUUID()));
      for (const name of five)
        expect(
          await lab
            .node(name)
            .exec('ls -d /etc/matriarch /var/lib/etcd/five /var/lib/postgresql/17/main 2>/dev/null || true'),
          name,
        ).toBe('');
    },
    10 * MINUTE,
  );
});
