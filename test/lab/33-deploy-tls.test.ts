import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { z } from 'zod';
import { CliDeployment } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
/** Held by vip-manager, which reads etcd with a certificate of its server. */
const VIP = '10.77.75.100';

/** Every port that speaks TLS, and how openssl is to begin there. */
const TLS_PORTS = [
  { name: 'PostgreSQL', port: 5432, start: '-starttls postgres' },
  { name: 'PgBouncer', port: 6432, start: '-starttls postgres' },
  { name: 'the REST API', port: 8008, start: '' },
  { name: 'etcd', port: 2379, start: '' },
] as const;

/** When certificates and the CA expire, as a check reports it. */
const ending = z.object({
  certificates: z.array(z.object({ server: z.string().nullable(), path: z.string(), endsAt: z.number() })),
});

describe('a cluster with TLS everywhere (trixie)', () => {
  let lab: Lab;
  let cluster: CliDeployment;

  beforeAll(async () => {
    lab = await openLab({ name: 'set-tls', net: 75, suite: 'trixie', image: 'stack' });
    cluster = await CliDeployment.write(lab, NODES, {
      tls: 'on',
      clientNetworks: ['192.0.2.0/24'],
      vip: { address: VIP, follows: 'primary', manager: 'vip-manager' },
    });
    await cluster.done('apply');
    await cluster.healthy();
    await lab
      .node('n2')
      .console(
        'install -m 600 /etc/patroni/tls/server.key /root/before.key; install -m 644 /etc/patroni/tls/server.crt /root/before.crt',
      );
    await cluster.sql('n1', 5000, 'create table ledger(n int)', 'require');
  }, 15 * MINUTE);

  afterAll(async () => {
    await lab?.down();
    await cluster?.close();
  }, 3 * MINUTE);

  /** The certificate that a service shows, by its fingerprint. */
  const shown = async (
    node: NodeName,
    { port, start }: { readonly port: number; readonly start: string },
  ): Promise<string> => {
    const { ip } = lab.node(node);
    return (
      await lab
        .node(node)
        .console(
          `openssl s_client -connect ${ip}:${port} ${start} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
        )
    ).trim();
  };

  it(
    'accepts applications over TLS only',
    async () => {
      for (const port of [5000, 6432]) {
        expect(
          await cluster.sql('n2', port, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()', 'require'),
        ).toBe('t');
        await expect(cluster.sql('n2', port, 'select 1', 'disable')).rejects.toThrow(
          /no encryption|SSL required|TLS|SSL/,
        );
      }
      expect(
        await cluster.own(
          await cluster.primary(),
          'select count(*) from pg_stat_replication join pg_stat_ssl using (pid) where ssl',
        ),
      ).toBe('2');
    },
    MINUTE,
  );

  it(
    'gives every service a certificate from its CA, for its own address',
    async () => {
      for (const name of NODES) {
        for (const { port, start } of TLS_PORTS) {
          const { ip } = lab.node(name);
          const output = await lab
            .node(name)
            .console(
              `openssl s_client -connect ${ip}:${port} ${start} -CAfile /etc/patroni/tls/ca.crt -verify_ip ${ip} -cert ` +
                `/etc/etcd/tls/etcd.crt -key /etc/etcd/tls/etcd.key </dev/null 2>&1 | grep 'Verify return code' | ` +
                `tail -n 1`,
            );
          expect(output).toContain('0 (ok)');
        }
      }
    },
    2 * MINUTE,
  );

  it(
    'refuses clients without a certificate: etcd every request, Patroni every change',
    async () => {
      const { ip } = lab.node('n1');
      const { rest = '' } = await cluster.secrets();
      const ask = (options: string): Promise<string> =>
        lab
          .node('n2')
          .console(`curl -s -m 10 -o /dev/null -w '%{http_code}' --cacert /etc/patroni/tls/ca.crt ${options} || true`);
      const own = '--cert /etc/patroni/tls/server.crt --key /etc/patroni/tls/server.key';
      expect(await ask(`https://${ip}:2379/health`)).toBe('000');
      expect(await ask(`${own} https://${ip}:2379/health`)).toBe('200');
      expect(await ask(`http://${ip}:2379/health`)).not.toBe('200');
      const change = `-X PATCH -d '{"ttl": 30}' -u 'patroni:${rest}' https://${ip}:8008/config`;
      expect(await ask(change)).toBe('403');
      expect(await ask(`${own} ${change}`)).toBe('200');
      expect(await ask(`https://${ip}:8008/health`)).toBe('200');
    },
    MINUTE,
  );

  it(
    'turns away whoever comes from another network, and the superuser at the ports of applications',
    async () => {
      const passwords = await cluster.secrets();
      const stranger = '10.77.75.200';
      const { ip } = lab.node('n1');
      const enter = (port: number, user: string, password = ''): Promise<string> =>
        lab
          .node('n3')
          .console(
            `PGPASSWORD='${password}' PGCONNECT_TIMEOUT=10 psql -XAtqc 'select 1' ` +
              `'host=${ip} port=${port} user=${user} dbname=postgres sslmode=require' 2>&1 || true`,
          );
      const ports = [5000, 6432, 5432];
      for (const port of ports) {
        expect((await enter(port, 'app', passwords['user:app'])).trim(), `${port}`).toBe('1');
        expect(await enter(port, 'postgres', passwords['superuser']), `${port}`).toMatch(
          /rejects connection|requires a valid client certificate|authentication failed|no such user/,
        );
      }
      await lab
        .node('n3')
        .console(
          `dev=$(ip -o route get ${ip} | sed 's/.* dev \\([^ ]*\\) .*/\\1/'); ip address add ${stranger}/32 dev $dev; ` +
            `ip route add ${ip}/32 dev $dev src ${stranger}`,
        );
      try {
        for (const port of ports)
          expect(await enter(port, 'app', passwords['user:app']), `${port}`).toMatch(
            /closed|reset|no pg_hba.conf entry|rejects connection|not allowed|no authentication method/,
          );
        expect(await lab.node('n3').console(`curl -s -m 5 http://${ip}:7000/ || echo away`)).toBe('away\n');
      } finally {
        await lab
          .node('n3')
          .console(
            `dev=$(ip -o route get ${ip} | sed 's/.* dev \\([^ ]*\\) .*/\\1/'); ip route del ${ip}/32 dev $dev; ` +
              `ip address del ${stranger}/32 dev $dev`,
          );
      }
    },
    2 * MINUTE,
  );

  const starts = (): Promise<string[]> =>
    Promise.all(NODES.map((name) => cluster.own(name, 'select pg_postmaster_start_time()')));
  const certificates = (): Promise<string[]> =>
    Promise.all(NODES.flatMap((name) => TLS_PORTS.map((service) => shown(name, service))));
  const authorities = (): Promise<string[]> =>
    Promise.all(
      NODES.flatMap((name) =>
        ['etcd', 'patroni', 'haproxy', 'pgbouncer'].map((service) =>
          lab.node(name).console(`cat /etc/${service}/tls/ca.crt`),
        ),
      ),
    );

  /** What Patroni and etcd of every server said meanwhile: why writes stopped can be seen nowhere else. */
  const tellJournals = async (): Promise<void> => {
    for (const name of NODES)
      console.log(
        await lab
          .node(name)
          .console(
            'journalctl --no-pager -o short-precise --since -150s -u patroni -u etcd -u vip-manager | tail -n 250',
          ),
      );
  };

  /**
   * Writes through HAProxy, PgBouncer and the virtual address, verifying the CA each time, until the file is removed;
   * reports how many writes succeeded and how many failed, with their errors.
   */
  const writing = async (): Promise<{ readonly end: () => Promise<string> }> => {
    const password = (await cluster.secrets())['user:app'] ?? '';
    const output = lab.node('n2').console(
      `export PGPASSWORD='${password}' PGCONNECT_TIMEOUT=10
options='user=app dbname=appdb sslmode=verify-ca sslrootcert=/etc/patroni/tls/ca.crt'
touch /run/writing; ok=0; bad=0; end=$((SECONDS + 420))
while [ -e /run/writing ] && [ $SECONDS -lt $end ]; do
  for to in 'host=10.77.75.12 port=5000' 'host=10.77.75.12 port=6432' 'host=${VIP} port=5432'; do
    if output=$(timeout 20 psql -XAtqc 'insert into ledger values (1)' "$to $options" 2>&1); then ok=$((ok + 1))
    else bad=$((bad + 1)); echo "$to: $output"; fi
  done
  sleep 0.1
done; echo "written $ok failed $bad"`,
      { timeoutMs: 8 * MINUTE },
    );
    const rows = Number(await cluster.sql('n1', 5000, 'select count(*) from ledger', 'require'));
    await waitFor(
      'the loop writes',
      MINUTE,
      async () => Number(await cluster.sql('n1', 5000, 'select count(*) from ledger', 'require')) > rows + 3,
    );
    return {
      end: async () => {
        await lab.node('n2').console('rm -f /run/writing');
        return (await output).trim();
      },
    };
  };

  it.each([
    { what: 'new keys', options: [] },
    { what: 'a new CA and new keys', options: ['--authority'] },
  ] as const)(
    'gets $what while applications write: no write fails and no PostgreSQL restarts',
    async ({ what, options }) => {
      onTestFailed(tellJournals);
      const [started, old, oldAuthorities] = [await starts(), await certificates(), new Set(await authorities())];
      const rows = Number(await cluster.sql('n1', 5000, 'select count(*) from ledger', 'require'));
      const loop = await writing();
      let output = '';
      try {
        const { ms } = await cluster.done('rotate', ...options);
        console.log(`${what} on three servers in ${(ms / 1000).toFixed(1)} s`);
        await waitFor('every service shows its new certificate', MINUTE, async () =>
          (await certificates()).every((one, index) => one.includes('=') && one !== old[index]),
        );
        await new Promise((resolve) => setTimeout(resolve, 3_000));
      } finally {
        output = await loop.end();
      }
      console.log(output.split('\n').at(-1));
      expect(output).toMatch(/^written \d+ failed 0$/);
      expect(await cluster.sql('n1', 5000, 'select count(*) from ledger', 'require')).toBe(
        String(rows + Number(/written (\d+)/.exec(output)?.[1])),
      );
      expect(await starts()).toEqual(started);
      const now = new Set(await authorities());
      expect({
        same: now.size,
        alone: [...now].map((text) => text.match(/BEGIN CERTIFICATE/g)?.length),
        isOld: [...now].some((text) => oldAuthorities.has(text)),
      }).toEqual({ same: 1, alone: [1], isOld: options.length === 0 });
      await cluster.healthy();
      await cluster.unchanged();
    },
    10 * MINUTE,
  );

  it(
    'refuses a client certificate of the old CA, and shows when the new certificates expire',
    async () => {
      const { ip } = lab.node('n1');
      const ask = (own: string): Promise<string> =>
        lab
          .node('n2')
          .console(
            `curl -s -m 10 -o /dev/null -w '%{http_code}' --cacert /etc/patroni/tls/ca.crt --cert ${own}.crt --key ` +
              `${own}.key https://${ip}:2379/health || true`,
          );
      expect(await ask('/etc/patroni/tls/server')).toBe('200');
      expect(await ask('/root/before')).toBe('000');
      const { output } = await cluster.run('check', '--json');
      const { certificates: ends } = ending.parse(JSON.parse(output.slice(output.indexOf('{'))));
      expect(ends.filter((one) => one.server === null)).toHaveLength(1);
      expect(ends.filter((one) => one.server === 'n1').map((one) => one.path)).toEqual(
        expect.arrayContaining([
          '/etc/etcd/tls/etcd.crt',
          '/etc/patroni/tls/server.crt',
          '/etc/pgbouncer/tls/pgbouncer.crt',
        ]),
      );
      for (const one of ends) expect(one.endsAt).toBeGreaterThan(Date.now() + 300 * 24 * 3_600_000);
    },
    2 * MINUTE,
  );
});
