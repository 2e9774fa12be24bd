import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliDeployment, SCOPE, type Report } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

let lab: Lab;
let cluster: CliDeployment;

beforeAll(async () => {
  lab = await openLab({ name: 'set-broken', net: 74, suite: 'trixie', image: 'stack' });
  cluster = await CliDeployment.write(lab, NODES);
}, 15 * MINUTE);

afterAll(async () => {
  await lab?.down();
  await cluster?.close();
}, 3 * MINUTE);

function find(report: Report, id: string, server: string | null): Report['checks'][number] | undefined {
  return report.checks.find((check) => check.id === id && check.server === server);
}

describe('a deployment on an external etcd', () => {
  const keys = (prefix: string): Promise<string> =>
    lab.node('n1').console(`ETCDCTL_API=3 etcdctl get --prefix --keys-only ${prefix}`);

  it(
    'refuses an existing scope and an etcd without a majority; it makes its own scope and removes it',
    async () => {
      await cluster.done('apply');
      await cluster.healthy();
      await lab.up(['n4'], { suite: 'trixie', image: 'stack' });
      const other = await CliDeployment.write(lab, ['n4']);
      try {
        const external = NODES.map((name) => `${lab.node(name).ip}:2379`);
        const servers = [{ ...other.server('n4'), roles: ['postgres' as const] }];
        await other.spec({ servers, etcd: { external } });
        expect(find(await other.preflight(), 'scope', null)).toMatchObject({
          verdict: 'blocks',
          evidence: expect.stringContaining(SCOPE),
        });
        expect(await other.run('apply')).toMatchObject({
          code: 1,
          output: expect.stringContaining('it is another cluster'),
        });
        await other.spec({ servers, etcd: { external }, scope: 'fresh' });
        for (const name of ['n2', 'n3'] as const) await lab.node(name).console('systemctl stop etcd');
        await waitFor(
          'no member answers any more',
          MINUTE,
          async () => find(await other.preflight(), 'quorum', null)?.verdict === 'blocks',
        );
        expect(await other.run('apply')).toMatchObject({
          code: 1,
          output: expect.stringMatching(/None of the members named answers[\s\S]*Nothing was changed/),
        });
        expect(await lab.node('n4').console('ls -d /etc/matriarch /var/lib/matriarch 2>/dev/null || true')).toBe('');
        for (const name of ['n2', 'n3'] as const) await lab.node(name).console('systemctl start --no-block etcd');
        await cluster.healthy();
        await cluster.unchanged();
        await other.done('apply');
        expect(await keys('/service/fresh/')).toContain('/service/fresh/initialize');
        await other.done('undo');
        expect(await keys('/service/fresh/')).toBe('');
        expect(await keys(`/service/${SCOPE}/`)).toContain(`/service/${SCOPE}/initialize`);
        await cluster.unchanged();
      } finally {
        await other.close();
      }
    },
    6 * MINUTE,
  );
});

describe('servers with an obstacle to a deployment', () => {
  let report: Report;

  beforeAll(async () => {
    await lab.reset(NODES);
    await lab.node('n1').console(`
systemd-run -q --unit=squatter python3 -m http.server 6432
mkdir -p /var/lib/postgresql; mount -t tmpfs -o size=30m tmpfs /var/lib/postgresql; chown postgres: /var/lib/postgresql`);
    await lab.node('n2').console(`
data=/var/lib/postgresql/17/main; install -d -o postgres -g postgres -m 700 $data; echo 17 > $data/PG_VERSION; echo rows > $data/rows
mkdir -p /var/lib/etcd/${SCOPE}/member; echo keys > /var/lib/etcd/${SCOPE}/member/keys
hostname n1`);
    await lab.node('n3').console(`
printf '#!/bin/sh\\nexec /bin/date -d "+10 minutes" "$@"\\n' > /usr/local/bin/date; chmod 755 /usr/local/bin/date
dpkg -r --force-depends pgbouncer
echo 'deb http://10.77.74.250/debian trixie main' > /etc/apt/sources.list; rm -f /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/80proxy`);
    await cluster.spec({ postgres: { locale: 'de_DE.UTF-8' } });
    report = await cluster.preflight();
  }, 5 * MINUTE);

  it.each([
    ['a port in use', 'ports', 'n1', 'blocks', /6432/],
    ['a full disk', 'disk', 'n1', 'blocks', /30 MB|2\d MB/],
    ['a missing locale', 'locale', 'n1', 'blocks', /de_DE/],
    ['data of another PostgreSQL', 'pgdata', 'n2', 'blocks', /\/var\/lib\/postgresql\/17\/main/],
    ['data of another etcd', 'etcd-data', 'n2', 'blocks', /\/var\/lib\/etcd\/dep/],
    ['a host name that two servers share', 'hostname', 'n2', 'warning', /n1/],
    ['a clock that is ten minutes off', 'clock', 'n3', 'blocks', /(599|60[0-9])\.\d s before/],
    ['a repository that cannot be reached', 'repositories', 'n3', 'blocks', /10\.77\.74\.250/],
    ['a package that nobody offers', 'packages', 'n3', 'blocks', /pgbouncer/],
  ] as const)('have it found by the preflight: %s', (_, id, server, verdict, evidence) => {
    const check = find(report, id, server);
    expect(check).toMatchObject({ verdict, evidence: expect.stringMatching(evidence) });
    expect(check?.reason).not.toBe('');
  });

  it(
    'keep their data: the deployment is refused before anything is changed',
    async () => {
      const { code, output } = await cluster.run('apply');
      expect(code).toBe(1);
      expect(output).toMatch(/n2: .*holds data that this deployment did not make/);
      expect(output).toMatch(/Nothing was changed/);
      expect(
        await lab
          .node('n2')
          .console(
            `cat /var/lib/postgresql/17/main/rows /var/lib/etcd/${SCOPE}/member/keys; ls /etc/matriarch 2>/dev/null || true`,
          ),
      ).toBe('rows\nkeys\n');
      expect(await lab.node('n1').console('ls -d /etc/matriarch /var/lib/matriarch 2>/dev/null || true')).toBe('');
    },
    2 * MINUTE,
  );

  it(
    'stay untouched while the preflight blocks, which names all obstacles at once',
    async () => {
      await lab.node('n2').console(`rm -rf /var/lib/postgresql/17 /var/lib/etcd/${SCOPE}`);
      const { code, output } = await cluster.run('apply');
      expect(code).toBe(1);
      for (const named of [
        /n1: Ports in use: Taken: 6432/,
        /n1: Room on the disks/,
        /n1: Locale: de_DE/,
        /n3: Clock: (599|60\d)\.\d s before/,
        /n3: Packages: Not offered: pgbouncer/,
        /Nothing was changed/,
      ])
        expect(output).toMatch(named);
      for (const name of NODES)
        expect(await lab.node(name).console('ls -d /etc/matriarch /var/lib/matriarch 2>/dev/null || true'), name).toBe(
          '',
        );
    },
    2 * MINUTE,
  );

  it(
    'are not mistaken for servers with a wrong sudo password',
    async () => {
      const secrets = await cluster.secrets();
      await cluster.spec({}, 'dba');
      await cluster.writeSecrets({
        ...secrets,
        'sudo:n1': 'wrong',
        'sudo:n2': lab.passwords.dba ?? '',
        'sudo:n3': lab.passwords.dba ?? '',
      });
      const checks = await cluster.preflight();
      expect(find(checks, 'sudo', 'n1')).toMatchObject({
        verdict: 'blocks',
        evidence: expect.stringMatching(/password/i),
      });
      expect(find(checks, 'sudo', 'n2')).toMatchObject({ verdict: 'ok' });
      const { code, output } = await cluster.run('apply');
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/n1 could not be inspected: .*password/i),
      });
      await cluster.writeSecrets(secrets);
    },
    3 * MINUTE,
  );
});

describe('a step that fails during a deployment', () => {
  /** A program that waits until the deployment has begun, and then does this, unnoticed by the preflight. */
  const later = (then: string): string =>
    `systemd-run -q --unit=later bash -c 'until [ -e /etc/matriarch ]; do sleep 0.02; done; ${then}'`;
  /** Deploys one server after preparing it with a script; returns the output of the program. */
  const failsAt = async (script: string, change: Parameters<CliDeployment['spec']>[0] = {}): Promise<string> => {
    await lab.reset(['n1']);
    await lab.node('n1').console(script);
    const one = await CliDeployment.write(lab, ['n1'], change);
    try {
      const checked = await one.preflight();
      expect(checked.checks.filter((check) => check.verdict === 'blocks')).toEqual([]);
      const { code, output } = await one.run('apply');
      expect(code).toBe(1);
      return output;
    } finally {
      await one.close();
    }
  };

  it.each([
    [
      'a disk that fills up',
      `mount -t tmpfs -o size=1100m tmpfs /var/lib/postgresql; chown postgres: /var/lib/postgresql; ` +
        `${later('fallocate -l 1090M /var/lib/postgresql/filler')}`,
      {},
      /A disk is full\./,
    ],
    ['a port taken meanwhile', later('exec python3 -m http.server 5432'), {}, /A port is taken by another program\./],
    [
      'a locale that is listed and missing',
      'printf \'#!/bin/sh\\n/usr/bin/locale "$@"; echo de_DE.utf8\\n\' > /usr/local/bin/locale; chmod 755 /usr/local/bin/locale',
      { postgres: { locale: 'de_DE.UTF-8' } },
      /The locale of the spec does not exist on this server\./,
    ],
    [
      'a repository that has nothing',
      'dpkg -r --force-depends pgbouncer; systemd-run -q --unit=mirror python3 -m http.server -d /srv 3142; ' +
        'until (: < /dev/tcp/127.0.0.1/3142) 2>/dev/null; do sleep 0.1; done; ' +
        "echo 'deb http://10.77.74.11:3142/debian trixie main' > /etc/apt/sources.list; " +
        'rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/* /etc/apt/apt.conf.d/80proxy',
      {},
      /The package repository http:\/\/10\.77\.74\.11:3142\/debian has nothing for trixie\./,
    ],
  ] as const)(
    'names %s as its cause',
    async (_, script, change, cause) => {
      expect(await failsAt(script, change)).toMatch(cause);
    },
    8 * MINUTE,
  );
});
