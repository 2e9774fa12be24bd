import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor, runCommand, runToSuccess } from './support/run';
import { openLab, type Lab, type LabNode, type NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import type { ReferenceCluster } from './support/cluster-file';

/** A TCP connection to a port of a server; rejects when there is none within 3 s. */
function dial(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 3000 });
    socket.once('connect', () => resolve(socket));
    socket.once('timeout', () => socket.destroy(new Error('no answer in 3 s')));
    socket.once('error', reject);
  });
}

/** The first thing a server sends on a new connection within 2 s; undefined if it sends nothing. */
async function firstWords(host: string, port: number): Promise<string | undefined> {
  const socket = await dial(host, port);
  const words = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), 2000);
    socket.once('data', (data) => {
      clearTimeout(timer);
      resolve(data.toString('utf8'));
    });
  });
  socket.destroy();
  return words;
}

/** How many echo requests (ping) a server has received in its life. */
async function echoesReceived(node: LabNode): Promise<number> {
  const lines = (await node.console("awk '/^Icmp:/' /proc/net/snmp"))
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return Number(lines[1]?.[lines[0]?.indexOf('InEchos') ?? -1]);
}

const ping = (from: LabNode, to: LabNode): Promise<string> =>
  from.console(`ping -c1 -W1 ${to.ip} >/dev/null && echo yes || echo no`).then((output) => output.trim());

/** The names of the replicas that stream from this leader, sorted, as PostgreSQL reports. */
async function streaming(leader: LabNode, cluster: ReferenceCluster): Promise<string[]> {
  const rows = await leader.psql(
    "select application_name from pg_stat_replication where state = 'streaming' order by 1",
    { scope: cluster.scope },
  );
  return rows.split('\n').filter((name) => name !== '');
}

describe('bare servers of both releases behind a jump host', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab({
      name: 'test-bare',
      net: 81,
      nodes: ['n1'],
      suite: 'bookworm',
      jump: 'available',
      nat: false,
    });
    await lab.up(['n2'], { suite: 'trixie' });
  });
  afterAll(() => lab.down());

  it('run the requested release, with nothing of a cluster on it', async () => {
    expect(await lab.node('n1').exec('. /etc/os-release; echo $VERSION_CODENAME')).toBe('bookworm\n');
    expect(await lab.node('n2').exec('. /etc/os-release; echo $VERSION_CODENAME')).toBe('trixie\n');
    expect(await lab.node('n1').exec('command -v patroni etcd psql || echo nothing')).toBe('nothing\n');
  });

  it('let admin use sudo without a password, and dba only with the password', async () => {
    const n2 = lab.node('n2');
    expect(await n2.exec('sudo -n id -u', { user: 'admin' })).toBe('0\n');
    expect((await n2.tryExec('sudo -n id -u', { user: 'dba' })).code).not.toBe(0);
    expect(await n2.exec(`echo '${lab.passwords.dba ?? ''}' | sudo -S -p '' id -u`, { user: 'dba' })).toBe('0\n');
  });

  it('accept the encrypted key with its passphrase and with no other', async () => {
    const open = (passphrase: string) => runCommand('ssh-keygen', ['-y', '-P', passphrase, '-f', lab.encryptedKeyPath]);
    expect((await open(lab.passphrase)).code).toBe(0);
    expect((await open('wrong')).code).not.toBe(0);
  });

  it('reach nothing outside when the lab has no NAT', async () => {
    expect(await lab.node('n1').exec('ip -4 route show default')).toBe('');
  });

  it('can be reached through the jump host only, which reaches all of them', async () => {
    await lab.setJumpOnly(true);
    await expect(dial(lab.node('n1').ip, 22)).rejects.toThrow('no answer');
    expect(await lab.node('n1').exec('hostname')).toBe('n1\n');
    await lab.setJumpOnly(false);
    (await dial(lab.node('n1').ip, 22)).destroy();
  });

  it('lose power without sending a FIN, and keep their disk', async () => {
    const n1 = lab.node('n1');
    await n1.exec('echo kept > /root/file; sync');
    const connection = await dial(n1.ip, 22);
    const ends: string[] = [];
    connection.on('end', () => ends.push('end')).on('error', () => ends.push('error'));
    await lab.kill('n1');
    await new Promise((resume) => setTimeout(resume, 2000));
    expect(ends).toEqual([]);
    connection.destroy();
    await lab.up(['n1']);
    expect(await n1.exec('cat /root/file')).toBe('kept\n');
  });

  it('get a fresh disk and keep their host key on a reset', async () => {
    const n1 = lab.node('n1');
    const key = await n1.exec('cat /etc/ssh/ssh_host_ed25519_key.pub');
    await n1.exec('touch /root/file');
    await lab.reset(['n1']);
    expect(await n1.exec('ls /root')).toBe('');
    expect(await n1.exec('cat /etc/ssh/ssh_host_ed25519_key.pub')).toBe(key);
  });

  it('can lose one direction of one link, and only that', async () => {
    const [n1, n2, j1] = [lab.node('n1'), lab.node('n2'), lab.node('j1')];
    expect([await ping(n1, n2), await ping(n2, n1)]).toEqual(['yes', 'yes']);
    await lab.partition({ kind: 'oneway', from: 'n1', to: 'n2' });
    const before = { n1: await echoesReceived(n1), n2: await echoesReceived(n2) };
    expect([await ping(n1, n2), await ping(n2, n1), await ping(n1, j1)]).toEqual(['no', 'no', 'yes']);
    expect({ n1: await echoesReceived(n1), n2: await echoesReceived(n2) }).toEqual({
      n1: before.n1 + 1,
      n2: before.n2,
    });
    await lab.heal();
    expect(await ping(n1, n2)).toBe('yes');
  });

  it('can be cut off from their peers while this machine still reaches them, or from everybody', async () => {
    const [n1, n2] = [lab.node('n1'), lab.node('n2')];
    await lab.partition({ kind: 'iso', nodes: ['n1'] });
    expect(await ping(n1, n2)).toBe('no');
    expect(await n1.exec('hostname')).toBe('n1\n');
    await lab.partition({ kind: 'cut', nodes: ['n1'] });
    await expect(dial(n1.ip, 22)).rejects.toThrow();
    await lab.heal();
    expect(await n1.exec('hostname')).toBe('n1\n');
  });

  it.each(['n1', 'n2'] as const)(
    'can have a hanging SSH server (%s) that accepts connections, stays silent and goes on later',
    async (name) => {
      const node = lab.node(name);
      await lab.hangSsh(name);
      expect(await firstWords(node.ip, 22)).toBeUndefined();
      await lab.thawSsh(name);
      expect(await firstWords(node.ip, 22)).toMatch(/^SSH-2\.0/);
    },
  );

  it('leave nothing behind on this machine', async () => {
    const other = await openLab({ name: 'test-gone', net: 82, nodes: ['n1'] });
    const { tag } = other;
    const traces = async () =>
      (
        await runToSuccess('bash', [
          '-c',
          'ip -o link; ip -4 addr; nft list tables; find /sys/fs/cgroup -path "*matriarch-lab*" -type d; ls /run/matriarch-lab/nets',
        ])
      )
        .split('\n')
        .filter((line) => line.includes(tag) || /10\.77\.82\.|test-gone/.test(line));
    expect(await traces()).not.toEqual([]);
    await other.down();
    expect(await traces()).toEqual([]);
    expect(existsSync(other.dir)).toBe(false);
  });
});

const releases = releasesToTest(
  'The reference cluster',
  [
    { suite: 'bookworm', layout: 'debian-layout', net: 83 },
    { suite: 'trixie', layout: 'plain', net: 84 },
  ] as const,
  'trixie',
);

describe.each(releases)('a reference cluster on $suite ($layout)', ({ suite, layout, net }) => {
  let lab: Lab;
  let cluster: ReferenceCluster;
  beforeAll(async () => {
    lab = await openLab({ name: `test-${suite}`, net, nodes: [], suite });
    cluster = await lab.cluster({ layout });
  });
  afterAll(() => lab.down());

  it('comes up with one primary and two streaming replicas', async () => {
    expect(await lab.primaries(cluster)).toEqual(['n1']);
    expect(await streaming(lab.node('n1'), cluster)).toEqual(['n2', 'n3']);
  });

  it('fails over when its leader is killed, and takes the former leader back without losing a row', async () => {
    await lab.node('n1').psql('create table t as select generate_series(1, 1000) as n');
    await lab.crash('n1');
    const leader = await waitFor<NodeName>('another primary', 90_000, async () => (await lab.primaries(cluster))[0]);
    expect(leader).not.toBe('n1');
    await lab.uncrash('n1');
    await waitFor('the former leader streams again', 120_000, async () =>
      (await streaming(lab.node(leader), cluster)).includes('n1'),
    );
    // Rewound, it streams before it has reached a consistent state and answers.
    const rows = await waitFor<string>('the former leader answers', 60_000, () =>
      lab.node('n1').psql('select count(*) from t'),
    );
    expect(rows).toBe('1000');
  });
});

describe('a reference cluster with certificates and passwords everywhere', () => {
  let lab: Lab;
  let cluster: ReferenceCluster;
  beforeAll(async () => {
    lab = await openLab({ name: 'test-secure', net: 85, nodes: [] });
    cluster = await lab.cluster({
      layout: 'plain',
      restAuth: true,
      restClientCerts: 'required',
      etcdTls: true,
      etcdAuth: true,
    });
  });
  afterAll(() => lab.down());

  const curl = async (...args: string[]): Promise<string> =>
    (await runCommand('curl', ['-s', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', ...args])).stdout;

  it('streams to two replicas', async () => {
    expect(await streaming(lab.node('n1'), cluster)).toEqual(['n2', 'n3']);
  });

  it('answers REST requests only with a client certificate, and obeys only with the password', async () => {
    const { tls, auth } = cluster.rest;
    if (tls === null || auth === null) throw new Error('The cluster was made without TLS or users.');
    const url = `https://${lab.node('n1').ip}:${cluster.rest.port}`;
    const certificate = ['--cacert', tls.ca, '--cert', tls.cert, '--key', tls.key];
    expect(await curl('--cacert', tls.ca, `${url}/patroni`)).toBe('000');
    expect(await curl(...certificate, `${url}/patroni`)).toBe('200');
    expect(await curl(...certificate, '-X', 'POST', `${url}/reload`)).toBe('401');
    expect(await curl(...certificate, '-u', `${auth.username}:${auth.password}`, '-X', 'POST', `${url}/reload`)).toBe(
      '202',
    );
  });

  it('lets the etcd user patroni read its own namespace and nothing else', async () => {
    const { etcd } = await lab.clusterFile();
    if (etcd.tls === null || etcd.auth === null) throw new Error('The etcd was made without TLS or users.');
    const user = `${etcd.auth.patroni.username}:${etcd.auth.patroni.password}`;
    const get = (prefix: string) =>
      lab
        .node('n1')
        .tryExec(
          `ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/etcd/pki/ca.crt --cert ` +
            `/etc/etcd/pki/server.crt --key /etc/etcd/pki/server.key --user '${user}' get --keys-only --prefix ` +
            `${prefix}`,
        );
    expect((await get(`${cluster.namespace}${cluster.scope}/`)).stdout).toContain('/leader');
    expect((await get('/other/')).stderr).toContain('permission denied');
    const bare = await lab
      .node('n1')
      .tryExec('ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:2379 --insecure-skip-tls-verify endpoint health');
    expect(bare.code).not.toBe(0);
  });
});
