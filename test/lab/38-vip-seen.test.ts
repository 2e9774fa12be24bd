import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { VipCarrier } from '../../shared/rules/balancers/find-vip-trouble';
import { scopePrefix } from '../../shared/rules/cluster/scope-prefix';
import { virtualAddresses } from '../../shared/rules/balancers/find-vip-trouble';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
const RELEASES = [
  { suite: 'trixie', net: 217 },
  { suite: 'bookworm', net: 218 },
] as const;

describe.each(releasesToTest('38-vip-seen', RELEASES, 'trixie'))(
  'a virtual address that others set up with keepalived ($suite)',
  ({ suite, net }) => {
    const address = `10.77.${net}.100`;
    let known: KnownClusterLab;

    /** As an administrator would write it, with a password and one name for the address. */
    const configOf = (name: NodeName): string =>
      [
        `$VIP=${address}`,
        'vrrp_instance applications {',
        '  state BACKUP',
        '  interface IFACE',
        '  virtual_router_id 77',
        `  priority ${100 - 10 * NODES.indexOf(name)}`,
        `  unicast_src_ip ${known.opened.lab.node(name).ip}`,
        `  unicast_peer { ${NODES.filter((one) => one !== name)
          .map((one) => `\n    ${known.opened.lab.node(one).ip}`)
          .join('')}`,
        '  }',
        '  authentication {',
        '    auth_type PASS',
        '    auth_pass s3cretvr',
        '  }',
        '  virtual_ipaddress {',
        '    ${VIP}/24 dev IFACE   # for applications',
        '  }',
        '}',
      ].join('\n');
    /** The servers that have the address, as `ip` there says. */
    const holders = async (): Promise<readonly NodeName[]> => {
      const said = await Promise.all(NODES.map((name) => known.on(name, 'ip -o addr show')));
      return NODES.filter((_name, index) => said[index]?.includes(` ${address}/`));
    };
    const read = async () => {
      const view = await known.core.client.balancers.read({ clusterId: known.clusterId });
      const [one] = virtualAddresses(view.hosts);
      const held = one?.carriers.filter(({ holds }) => holds === true).map(({ server }) => server) ?? [];
      return { view, one, held, codes: view.findings.map(({ code }) => code) };
    };
    const carrierOn = async (name: NodeName): Promise<VipCarrier | undefined> =>
      (await read()).one?.carriers.find(({ server }) => server === name);

    beforeAll(async () => {
      known = await openKnownCluster({ name: `vip-seen-${suite}`, net, nodes: NODES, suite }, MINUTE);
      await Promise.all(
        NODES.map(async (name) => {
          await known.on(
            name,
            'DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends keepalived >/dev/null',
          );
          await known.on(
            name,
            `iface=$(ip -o -4 addr show to ${known.opened.lab.node(name).ip} | awk '{print $2}')
sed "s/IFACE/\${iface%%@*}/" > /etc/keepalived/keepalived.conf <<'END_OF_FILE'
${configOf(name)}
END_OF_FILE
systemctl restart keepalived`,
          );
        }),
      );
      await waitFor('one server has the address', MINUTE, async () => (await holders()).length === 1);
    }, 12 * MINUTE);

    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it('is seen on the server that has it, with the state and the priority that keepalived has there', async () => {
      await waitFor('n1 has it and says so', MINUTE, async () => {
        const carrier = await carrierOn('n1');
        return carrier?.holds === true && carrier.instance.state === 'master' && (await holders()).join() === 'n1';
      });
      const { view, one, held, codes } = await read();
      expect(held).toEqual(['n1']);
      expect(one).toMatchObject({ address, isWhole: true });
      expect(one?.carriers.map(({ server, instance }) => [server, instance.state, instance.priority])).toEqual([
        ['n1', 'master', 100],
        ['n2', 'backup', 90],
        ['n3', 'backup', 80],
      ]);
      expect(codes).toEqual([]);
      expect(JSON.stringify(view)).not.toContain('s3cretvr');
      const { page } = known.opened;
      await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/balancers`);
      await page
        .getByRole('table', { name: `Virtual address ${address}` })
        .getByText('on n1 now')
        .waitFor();
    });

    it('is followed to another server when keepalived stops, and that one server takes it over no more is said', async () => {
      await known.on('n1', 'systemctl stop keepalived');
      await waitFor('n2 has it', MINUTE, async () => (await holders()).join() === 'n2');
      const { held, codes } = await read();
      expect([held, codes]).toEqual([['n2'], ['balancer.not_running']]);
      await known.on('n1', 'systemctl start keepalived');
      await waitFor('n1 has it again', MINUTE, async () => (await holders()).join() === 'n1');
    });

    it(
      'is found on two servers when it was set by hand on another one, and so on the overview',
      async () => {
        await known.on(
          'n3',
          `ip addr add ${address}/24 dev $(ip -o -4 addr show to ${known.opened.lab.node('n3').ip} | awk '{print $2}')`,
        );
        expect((await holders()).length).toBe(2);
        const { codes } = await read();
        expect(codes).toEqual(expect.arrayContaining(['balancer.vip_held_twice', 'balancer.vip_disagrees']));
        await waitFor('the overview has it', 3 * MINUTE, () => {
          const state = known.opened.app.app.core.services.hub.state(known.clusterId);
          return Promise.resolve(state?.findings.some(({ code }) => code === 'balancer.vip_held_twice'));
        });
        await known.on('n3', `ip addr del ${address}/24 dev $(ip -o -4 addr show to ${address} | awk '{print $2}')`);
        await waitFor('one has it', MINUTE, async () => (await holders()).length === 1);
      },
      5 * MINUTE,
    );

    it('that no server has is a finding', async () => {
      for (const name of NODES) await known.on(name, 'systemctl stop keepalived');
      await waitFor('nobody has it', MINUTE, async () => (await holders()).length === 0);
      const { codes, one } = await read();
      expect(one?.isWhole).toBe(true);
      expect(codes).toContain('balancer.vip_held_by_none');
    });

    it(
      'is seen with vip-manager in the place of keepalived: on the server of the leader, after a switchover, and where it does not follow',
      async ({ skip }) => {
        if (suite === 'bookworm') skip("Debian 12 has a vip-manager only that does not know etcd's v3 API");
        const file = '/etc/default/vip-manager.yml';
        const { scope, namespace } = known.cluster;
        const key = `${scopePrefix(namespace, scope)}leader`;
        for (const name of NODES) {
          await known.on(name, 'systemctl disable -q --now keepalived; rm /etc/keepalived/keepalived.conf');
          await known.on(
            name,
            'DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends vip-manager2 >/dev/null',
          );
          await known.on(
            name,
            `iface=$(ip -o -4 addr show to ${known.opened.lab.node(name).ip} | awk '{print $2}')
sed "s/IFACE/\${iface%%@*}/" > ${file} <<'END_OF_FILE'
ip: ${address}
netmask: 24
interface: IFACE
trigger-key: ${key}
trigger-value: ${name}
dcs-type: etcd
dcs-endpoints: [http://${known.opened.lab.node(name).ip}:2379]
# etcd-password: s3cretvm
interval: 1000
END_OF_FILE
mkdir -p /etc/systemd/system/vip-manager.service.d
printf '%s\\n' '[Service]' ExecStart= 'ExecStart=/usr/bin/vip-manager --config=${file}' KillSignal=SIGINT > \\
  /etc/systemd/system/vip-manager.service.d/own.conf
systemctl daemon-reload; systemctl stop vip-manager; systemctl reset-failed vip-manager 2>/dev/null || true
systemctl enable -q --now vip-manager`,
          );
        }
        const leader = async (): Promise<NodeName | undefined> => {
          const answers = await Promise.all(
            NODES.map((name) => known.psql(name, 'select pg_is_in_recovery()').catch(() => '')),
          );
          return NODES.find((_name, index) => answers[index]?.trim() === 'f');
        };
        const follows = (name: string): Promise<boolean> =>
          waitFor(`the address is on ${name}`, MINUTE, async () => (await holders()).join() === name);
        const first = await waitFor('one leads', MINUTE, leader);
        await follows(first);
        const { view, one, held, codes } = await read();
        expect([held, codes]).toEqual([[first], []]);
        expect(one?.carriers.map(({ server, instance }) => [server, instance.follows])).toEqual(
          NODES.map((name) => [name, { key, member: name }]),
        );
        expect(JSON.stringify(view)).not.toContain('s3cretvm');
        const { page } = known.opened;
        await page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}/balancers`);
        await page.reload();
        await page
          .getByRole('table', { name: `Virtual address ${address}` })
          .getByText(`on ${first} now`)
          .waitFor();
        const next = NODES.find((name) => name !== first) ?? 'n1';
        await known.on(
          first,
          `patronictl -c ${known.cluster.config} switchover ${scope} --leader ${first} --candidate ${next} --force`,
        );
        await waitFor('the candidate leads', MINUTE, async () => (await leader()) === next);
        await follows(next);
        await waitFor('the app knows the new leader', MINUTE, () =>
          Promise.resolve(known.opened.app.app.core.services.hub.state(known.clusterId)?.leader.holder === next),
        );
        expect((await read()).codes).toEqual([]);
        await known.on(
          next,
          `sed -i 's/^trigger-value:.*/trigger-value: another/' ${file}; systemctl restart vip-manager`,
        );
        await waitFor('nobody has it', MINUTE, async () => (await holders()).length === 0);
        const wrong = await read();
        expect(wrong.one?.carriers.map(({ instance }) => instance.follows?.member)).toContain('another');
        await known.on(
          next,
          `sed -i 's/^trigger-value:.*/trigger-value: ${next}/' ${file}; systemctl stop vip-manager`,
        );
        const stopped = await read();
        expect(stopped.codes).toEqual(expect.arrayContaining(['balancer.not_running', 'balancer.vip_not_at_leader']));
      },
      8 * MINUTE,
    );
  },
);
