import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEntry } from '../../shared/model/cluster/cluster-entry';
import type { AdoptedCluster } from '../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import { adopt } from '../../electron/core/deploy/day2/adopt';
import { labServer, openDeployLab, sql, streaming, type DeployLab } from './support/deploy-lab';
import type { ReferenceCluster } from './support/cluster-file';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';
import { releasesToTest } from './support/releases';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3', 'n4'];
const MEMBERS: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

/** A script that prints everything about a server that an adoption must leave unchanged. */
const untouched =
  'find /etc -xdev -type f -exec sha256sum {} + | sort | sha256sum; ' +
  "ls -A /var/lib /tmp | grep -v -e systemd -e '-unix$'; " +
  "systemctl show -p ActiveEnterTimestampMonotonic,NRestarts etcd patroni 'patroni@*'";

const RELEASES = [
  { layout: 'plain', suite: 'bookworm', net: 78 },
  { layout: 'debian-layout', suite: 'trixie', net: 79 },
] as const;

describe.each(releasesToTest('42-adopt', RELEASES, 'trixie'))(
  'a cluster that others set up ($layout, $suite)',
  ({ layout, suite, net }) => {
    let lab: Lab;
    let cluster: DeployLab;
    let reference: ReferenceCluster;
    let adopted: AdoptedCluster;
    let spec: ClusterSpec;
    const states = (): Promise<readonly string[]> =>
      Promise.all(MEMBERS.map((name) => lab.node(name).console(untouched)));

    beforeAll(async () => {
      lab = await openLab({ name: `adopt-${suite}`, net, nodes: NODES, suite, image: 'stack' });
      reference = await lab.cluster({ layout, suite, restAuth: true });
      cluster = await openDeployLab(NODES.map((name) => labServer(lab, name, ['postgres'])));
    }, 10 * MINUTE);

    afterAll(async () => {
      await cluster?.close();
      await lab?.down();
    }, 3 * MINUTE);

    it(
      'is described as it is, and nothing on its servers is changed',
      async () => {
        const before = await states();
        const entry: ClusterEntry = {
          id: 'ref',
          title: 'Reference',
          scope: reference.scope,
          namespace: reference.namespace,
          tags: [],
          production: false,
          readOnly: false,
          origin: 'user',
          etcd: null,
          rest: { tls: null, auth: null },
          configPath: reference.config,
          members: reference.members.map((member) => ({
            name: member.name,
            serverId: member.name,
            apiUrl: `http://${member.ip}:${reference.rest.port}/patroni`,
          })),
        };
        adopted = await adopt(entry, {
          secrets: cluster.secrets,
          readDynamic: () => Promise.resolve(null),
          connectEntry: (id) => cluster.connectServer({ ...labServer(lab, 'n1', ['postgres']), name: id }),
        });
        spec = {
          ...adopted.spec,
          servers: adopted.spec.servers.map((server) => ({
            ...server,
            ssh: labServer(lab, MEMBERS.find((name) => name === server.name) ?? 'n3', []).ssh,
          })),
        };
        expect(spec).toMatchObject({
          scope: reference.scope,
          adopted: MEMBERS,
          postgres: { port: reference.port, dataDirectory: reference.dataDir, version: reference.pgVersion },
          accounts: {
            superuser: reference.users.superuser.username,
            replication: reference.users.replication.username,
          },
        });
        expect(spec.etcd.external).toHaveLength(3);
        for (const server of spec.servers)
          expect(server.address).toBe(lab.node('n1').ip.replace(/\d+$/, String(10 + Number(server.name.slice(1)))));
        expect(await cluster.secret(spec.id, 'replication')).toBe(reference.users.replication.password);
        expect(await states()).toEqual(before);
      },
      3 * MINUTE,
    );

    it(
      'shows no drift from its description, and shows a change made to it',
      async () => {
        expect((await cluster.deploy.check(spec)).steps).toEqual([]);
        const plan = await cluster.deploy.plan(spec);
        expect([plan.changes, plan.refused]).toEqual([0, 0]);
        await lab.node('n1').patronictl(['edit-config', '--force', '-s', 'ttl=25'], { scope: reference.scope });
        await waitFor('the change shows', MINUTE, async () =>
          (await cluster.deploy.check(spec)).steps.some((step) => /ttl/.test(step.reason ?? '')),
        );
        await lab
          .node('n1')
          .patronictl(['edit-config', '--force', '-s', `ttl=${spec.patroni.ttl}`], { scope: reference.scope });
        await waitFor(
          'nothing differs any more',
          MINUTE,
          async () => (await cluster.deploy.check(spec)).steps.length === 0,
        );
      },
      4 * MINUTE,
    );

    it(
      'gets a replica where its configuration allows one, and explains why not where it does not',
      async () => {
        const works = adopted.works.find((entry) => entry.change === 'add_server');
        console.log(`${layout}: ${works?.sentence ?? ''}`);
        const [leader] = await lab.primaries(reference);
        if (leader === undefined) throw new Error('The reference cluster has no leader.');
        if (works?.works !== true) {
          expect(works?.sentence).toMatch(/cannot be added by this app: .+/);
          return;
        }
        const files = await Promise.all(MEMBERS.map((name) => lab.node(name).console(`sha256sum ${reference.config}`)));
        spec = await cluster.change(spec, { kind: 'add_server', server: labServer(lab, 'n4', ['postgres']) });
        await waitFor('n4 streams', 2 * MINUTE, async () => (await streaming(lab, leader)).split(',').includes('n4'));
        expect(
          await Promise.all(MEMBERS.map((name) => lab.node(name).console(`sha256sum ${reference.config}`))),
        ).toEqual(files);
        await sql(lab, leader, 'create table joined (n int); insert into joined values (7)');
        await waitFor('n4 has the row', MINUTE, async () => (await sql(lab, 'n4', 'select n from joined')) === '7');
        expect((await cluster.deploy.check(spec)).steps).toEqual([]);
      },
      8 * MINUTE,
    );
  },
);
