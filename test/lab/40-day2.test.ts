import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
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

const all = ['etcd', 'postgres', 'haproxy', 'pgbouncer'] as const;

describe('a cluster that grows and shrinks', () => {
  let lab: Lab;
  let cluster: DeployLab;
  let spec: ClusterSpec;
  const server = (name: NodeName, roles: readonly (typeof all)[number][] = all) => labServer(lab, name, roles);
  beforeAll(async () => {
    lab = await openLab({ name: 'day2', net: 67, nodes: ['n1', 'n2', 'n3', 'n4'], suite: 'trixie', image: 'stack' });
    cluster = await openDeployLab((['n1', 'n2', 'n3', 'n4'] as const).map((name) => server(name)));
    spec = labSpec({
      scope: 'day2',
      servers: [server('n1')],
      patroni: { ttl: 20, loopWait: 2, retryTimeout: 5 },
      users: [{ name: 'app' }],
      databases: [{ name: 'app', owner: 'app' }],
    });
    await cluster.finish(await cluster.deploy.apply(spec, null, randomUUID()));
    await sql(lab, 'n1', 'create table kept (n int); insert into kept select generate_series(1, 1000)');
  });
  afterAll(async () => {
    await cluster.close();
    await lab.down();
  });

  it('grows from one server to three without a restart on the first', async () => {
    const before = await starts(lab, 'n1');
    spec = await cluster.change(spec, { kind: 'add_server', server: server('n2') });
    spec = await cluster.change(spec, { kind: 'add_server', server: server('n3') });
    expect(await etcdMembers(lab, 'n1')).toEqual(['n1 started voter', 'n2 started voter', 'n3 started voter']);
    expect(await streaming(lab, 'n1')).toBe('n2,n3');
    expect(await starts(lab, 'n1')).toBe(before);
    expect(await sql(lab, 'n3', 'select count(*) from kept')).toBe('1000');
    expect(await lab.node('n1').exec('cat /etc/haproxy/haproxy.cfg')).toContain('server n3 ');
    expect(await lab.node('n1').exec('grep hosts: /etc/patroni/config.yml')).toContain(lab.node('n3').ip);
  });

  it('shows no drift against the spec it grew to', async () => {
    expect((await cluster.deploy.check(spec)).steps).toEqual([]);
  });

  it('does not remove the leader, and names the members that could lead instead', async () => {
    const preview = await cluster.deploy.changes.preview(spec, { kind: 'remove_server', name: 'n1', keepData: true });
    expect(preview.plan.refused).toBe(1);
    expect(preview.candidates).toEqual(['n2', 'n3']);
    const started = await cluster.deploy.changes.apply(
      { spec, change: { kind: 'remove_server', name: 'n1', keepData: true }, fingerprint: null, typed: 'n1' },
      randomUUID(),
    );
    await expect(cluster.finish(started)).rejects.toThrow('leads the cluster');
  });

  it('removes no member before its name is typed', async () => {
    await expect(
      cluster.deploy.changes.apply(
        { spec, change: { kind: 'remove_server', name: 'n3', keepData: true }, fingerprint: null, typed: 'n2' },
        randomUUID(),
      ),
    ).rejects.toMatchObject({ code: 'deploy.not_confirmed' });
  });

  it('replaces a member of etcd whose server is dead', async () => {
    await lab.kill('n3');
    spec = await cluster.change(spec, { kind: 'remove_server', name: 'n3', keepData: true });
    expect(await etcdMembers(lab, 'n1')).toEqual(['n1 started voter', 'n2 started voter']);
    spec = await cluster.change(spec, { kind: 'add_server', server: server('n4') });
    expect(await etcdMembers(lab, 'n1')).toEqual(['n1 started voter', 'n2 started voter', 'n4 started voter']);
    await waitFor('n4 streams', 120_000, async () => (await streaming(lab, 'n1')) === 'n2,n4');
    expect(await lab.node('n1').exec('cat /etc/haproxy/haproxy.cfg')).not.toContain('server n3 ');
  });

  it('removes a replica: its units stay off, its data stays, and the others forget it', async () => {
    spec = await cluster.change(spec, { kind: 'remove_server', name: 'n2', keepData: true });
    expect(await streaming(lab, 'n1')).toBe('n4');
    expect(await etcdMembers(lab, 'n1')).toEqual(['n1 started voter', 'n4 started voter']);
    expect(await lab.node('n2').exec('systemctl is-enabled patroni etcd || true')).toBe('disabled\ndisabled\n');
    expect(await lab.node('n2').exec('cat /var/lib/postgresql/17/main/PG_VERSION')).toBe('17\n');
    const config = await lab.node('n1').exec('patronictl -c /etc/patroni/config.yml show-config');
    expect(config).not.toContain(`${lab.node('n2').ip}/32`);
    expect((await cluster.deploy.check(spec)).steps).toEqual([]);
  });
});
