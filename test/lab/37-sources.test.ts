import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AptRepository } from '../../shared/model/deploy/spec/source-spec';
import { CliDeployment, SCOPE } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { differences, serverStates } from './support/server-state';
import { openSourceSite, type SourceSite } from './support/sources/source-site';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
let builder: Lab;
let site: SourceSite;

beforeAll(async () => {
  builder = await openLab({ name: 'sources', net: 31, suite: 'trixie', nodes: ['n4'], image: 'stack' });
  site = await openSourceSite(builder, 'n4');
}, 15 * MINUTE);

afterAll(async () => {
  await site?.close();
  await builder?.down();
}, 3 * MINUTE);

/** The repository of the lab, with packages whose versions Debian does not have. */
const mirror = (change: Partial<AptRepository> = {}): AptRepository => ({
  url: site.url,
  suite: '{codename}-mirror',
  components: ['main'],
  keyPem: site.key,
  ...change,
});
const archive = (sha256 = site.archive.sha256) => ({ kind: 'archive' as const, url: site.archive.url, sha256 });

async function expectAsBefore(lab: Lab, before: ReadonlyMap<NodeName, readonly string[]>): Promise<void> {
  const after = await serverStates(lab, [...before.keys()]);
  for (const [name, state] of before)
    expect({ name, differs: differences(state, after.get(name) ?? []) }).toEqual({ name, differs: [] });
}

const lists = (lab: Lab, node: NodeName): Promise<string> =>
  lab
    .node(node)
    .console(
      `ls /var/lib/apt/lists | grep -c '_dists_.*-mirror' || true; find /etc/apt -name 'matriarch*'; ` +
        `ls -d /opt/matriarch 2>/dev/null || true`,
    );

describe('an added repository and a release archive of etcd', () => {
  let cluster: CliDeployment;
  let before: ReadonlyMap<NodeName, readonly string[]>;

  beforeAll(async () => {
    await builder.up(NODES, { suite: 'trixie', image: 'bare' });
    cluster = await CliDeployment.write(builder, NODES);
    before = await serverStates(builder, NODES);
  }, 5 * MINUTE);

  afterAll(async () => {
    await cluster?.close();
  });

  it(
    'are refused with the cause where they cannot be used, and no server is changed',
    async () => {
      const wrong = [
        [mirror({ keyPem: site.otherKey }), /the key does not sign it/],
        [mirror({ suite: '{codename}-nothing' }), /no such suite/],
        [mirror({ components: ['nothing'] }), /no such suite or component/],
        [mirror({ url: site.url.replace(/:\d+$/, ':9') }), /cannot be reached/],
      ] as const;
      for (const [repository, cause] of wrong) {
        await cluster.spec({ sources: { repositories: [repository] } });
        const { checks, blocked } = await cluster.preflight();
        expect(blocked).toBe(true);
        const found = checks.filter((check) => check.id === 'added-sources');
        expect(found.map((check) => check.verdict)).toEqual(['blocks', 'blocks', 'blocks']);
        expect(found[0]?.evidence).toMatch(cause);
        const applied = await cluster.run('apply');
        expect({ code: applied.code, said: applied.output }).toMatchObject({
          code: 1,
          said: expect.stringMatching(cause) as string,
        });
      }
      await expectAsBefore(builder, before);
    },
    5 * MINUTE,
  );

  it(
    'are not installed when the archive has another SHA-256',
    async () => {
      await cluster.spec({ sources: { etcd: archive('0'.repeat(64)) } });
      const { code, output } = await cluster.run('apply');
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/is not the one the spec means/) as string,
      });
      expect(
        await builder
          .node('n1')
          .console(
            '(ls -d /opt/matriarch 2>/dev/null; dpkg -l etcd-server patroni 2>/dev/null | grep ^ii; getent passwd etcd) || true',
          ),
      ).toBe('');
      await cluster.done('undo');
      await expectAsBefore(builder, before);
    },
    5 * MINUTE,
  );

  it(
    "offer their versions before anything is added: the newest PostgreSQL is the repository's",
    async () => {
      await cluster.spec({ sources: { repositories: [mirror({ suite: '{codename}-next' })] } });
      expect((await cluster.run('plan')).output).toMatch(/Install .*postgresql-99/);
      await expectAsBefore(builder, before);
    },
    2 * MINUTE,
  );

  it(
    "become a healthy cluster with the repository's packages and the archive's programs",
    async () => {
      await cluster.spec({ sources: { repositories: [mirror()], etcd: archive() } });
      const { ms } = await cluster.done('apply');
      console.log(`a repository and an archive: set up in ${(ms / 1000).toFixed(1)} s`);
      await cluster.healthy();
      for (const name of NODES) {
        const output = await builder
          .node(name)
          .console(
            "dpkg-query -W -f '${Package} ${Version}\\n' patroni pgbouncer; " +
              "readlink /proc/$(systemctl show -p MainPID --value etcd)/exe; stat -c '%U %a' /opt/matriarch/etcd-*; " +
              'dpkg -l etcd-server 2>/dev/null | grep ^ii || true; apt-cache policy patroni | grep -c 10.77.31.1',
          );
        expect(output).toMatch(
          /^patroni \S+\+mirror1\npgbouncer \S+\+mirror1\n\/opt\/matriarch\/etcd-[\d.]+\/etcd\nroot 755\n1\n$/,
        );
      }
      expect(
        await builder
          .node('n1')
          .console(
            'ls /etc/apt/trusted.gpg.d | grep matriarch || true; cat /etc/apt/sources.list.d/matriarch-*.sources',
          ),
      ).toMatch(/^# Written[\s\S]*Signed-By: \/etc\/apt\/keyrings\/matriarch-/);
      expect(await builder.node('n2').console('etcdctl member list')).toContain('started');
    },
    10 * MINUTE,
  );

  it(
    'are not changed by a second run',
    async () => {
      expect((await cluster.done('apply')).output).toContain('nothing was changed');
      await cluster.unchanged();
    },
    3 * MINUTE,
  );

  it(
    'recover by themselves when all servers are rebooted at once',
    async () => {
      await builder.reboot(...NODES);
      await cluster.healthy();
    },
    5 * MINUTE,
  );

  it(
    'leave nothing behind when the cluster is removed',
    async () => {
      await cluster.done('undo');
      await expectAsBefore(builder, before);
      expect(await lists(builder, 'n1')).toBe('0\n');
    },
    5 * MINUTE,
  );
});

describe('Patroni installed by pip from an index', () => {
  let cluster: CliDeployment;
  let before: ReadonlyMap<NodeName, readonly string[]>;

  beforeAll(async () => {
    await builder.up(['n5'], { suite: 'trixie', image: 'bare' });
    cluster = await CliDeployment.write(builder, ['n5']);
    before = await serverStates(builder, ['n5']);
  }, 5 * MINUTE);

  afterAll(async () => {
    await cluster?.close();
  });

  it(
    'is refused before anything is changed when the index cannot be reached',
    async () => {
      await cluster.spec({ sources: { patroni: { kind: 'pip', indexUrl: site.url.replace(/:\d+$/, ':9/simple') } } });
      const { code, output } = await cluster.run('apply');
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/Not reachable: 10\.77\.31\.1:9/) as string,
      });
      await expectAsBefore(builder, before);
    },
    2 * MINUTE,
  );

  it(
    'names the version that is not available',
    async () => {
      await cluster.spec({ sources: { patroni: { kind: 'pip', version: '9.9.9', indexUrl: `${site.url}/simple` } } });
      const { code, output } = await cluster.run('apply');
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/pip finds nothing for patroni\S*==9\.9\.9/) as string,
      });
    },
    5 * MINUTE,
  );

  it(
    'runs in its virtual environment with its own unit, and is not changed by a second run',
    async () => {
      await cluster.spec({
        sources: { patroni: { kind: 'pip', version: site.patroniVersion, indexUrl: `${site.url}/simple` } },
      });
      await cluster.done('apply');
      await cluster.healthy();
      const output = await builder
        .node('n5')
        .console(
          'tr "\\0" " " < /proc/$(systemctl show -p MainPID --value patroni)/cmdline; echo; ' +
            'patronictl -c /etc/patroni/config.yml list; dpkg -l patroni 2>/dev/null | grep ^ii || true',
        );
      expect(output).toMatch(
        /^\/opt\/matriarch\/patroni\/bin\/python3? \/opt\/matriarch\/patroni\/bin\/patroni \/etc\/patroni\/config\.yml/,
      );
      expect(output).toMatch(/Leader +\| running/);
      expect(output).not.toMatch(/^ii /m);
      expect((await cluster.done('apply')).output).toContain('nothing was changed');
    },
    8 * MINUTE,
  );

  it(
    'leaves nothing behind when the cluster is removed',
    async () => {
      await cluster.done('undo');
      await expectAsBefore(builder, before);
    },
    3 * MINUTE,
  );
});

describe('servers whose only route is SSH', () => {
  let far: Lab;
  let cluster: CliDeployment;
  let before: ReadonlyMap<NodeName, readonly string[]>;

  beforeAll(async () => {
    await builder.off('n1', 'n2', 'n3', 'n5').catch(() => undefined);
    far = await openLab({ name: 'sources-far', net: 32, suite: 'trixie', nat: false });
    cluster = await CliDeployment.write(far, NODES);
    before = await serverStates(far, NODES);
  }, 5 * MINUTE);

  afterAll(async () => {
    await far?.down();
    await cluster?.close();
  }, 3 * MINUTE);

  it(
    'become a healthy cluster with a repository, an archive and wheels fetched through this workstation',
    async () => {
      await cluster.spec({
        sources: {
          repositories: [mirror()],
          etcd: archive(),
          patroni: { kind: 'pip', version: site.patroniVersion, wheelDirectory: site.wheels },
          route: { kind: 'through_workstation' },
        },
      });
      await cluster.done('apply');
      await cluster.healthy();
      expect(
        await far
          .node('n2')
          .console(
            "dpkg-query -W -f '${Version}' pgbouncer; echo; " +
              'readlink /proc/$(systemctl show -p MainPID --value etcd)/exe; ' +
              'pgrep -f /opt/matriarch/patroni/bin/patroni >/dev/null && echo pip',
          ),
      ).toMatch(/\+mirror1\n\/opt\/matriarch\/etcd-[\d.]+\/etcd\npip\n$/);
      expect([...site.askers].filter((asker) => asker.startsWith('10.77.32.') && !asker.endsWith('.1'))).toEqual([]);
      expect(
        await far
          .node('n1')
          .console(
            `ls -d /var/lib/matriarch/${SCOPE}/upload /var/lib/matriarch/${SCOPE}/pip ` +
              `/var/lib/matriarch/${SCOPE}/archive.* 2>/dev/null || true`,
          ),
      ).toBe('');
    },
    12 * MINUTE,
  );

  it(
    'are not changed by a second run, and are as before once the cluster is removed',
    async () => {
      expect((await cluster.done('apply')).output).toContain('nothing was changed');
      await cluster.done('undo');
      await expectAsBefore(far, before);
    },
    6 * MINUTE,
  );

  it(
    'become a healthy cluster from a bundle of the repository, with an archive and wheels of this workstation',
    async () => {
      const spec = (sha256: string) =>
        cluster.spec({
          sources: {
            repositories: [mirror()],
            etcd: { kind: 'archive', url: pathToFileURL(site.archive.path).href, sha256 },
            patroni: { kind: 'pip', version: site.patroniVersion, wheelDirectory: site.wheels },
            route: { kind: 'bundle', file: cluster.path('packages.tar') },
          },
        });
      await spec('0'.repeat(64));
      const bundled = await cluster.start([
        'bundle',
        cluster.path('spec.yml'),
        '--out',
        cluster.path('packages.tar'),
        '--from',
        'n1',
        '--through',
      ]).ended;
      expect(bundled, bundled.output).toMatchObject({ code: 0 });
      await expectAsBefore(far, before);
      const refused = (await cluster.preflight()).checks.find((check) => check.id === 'archive-file');
      expect(refused).toMatchObject({
        verdict: 'blocks',
        evidence: expect.stringContaining('has not the SHA-256 that the spec says') as string,
      });
      // Who reads a spec learns nothing of what other files of the workstation hold.
      expect(JSON.stringify(refused)).not.toContain(site.archive.sha256);
      await spec(site.archive.sha256);
      await cluster.done('apply');
      await cluster.healthy();
      expect(
        await far
          .node('n3')
          .console(
            "dpkg-query -W -f '${Version}\\n' pgbouncer; find /etc/apt -name 'matriarch*'; " +
              'readlink /proc/$(systemctl show -p MainPID --value etcd)/exe',
          ),
      ).toMatch(/^\S+\+mirror1\n\/opt\/matriarch\/etcd-[\d.]+\/etcd\n$/);
      await cluster.done('undo');
      await expectAsBefore(far, before);
    },
    14 * MINUTE,
  );
});
