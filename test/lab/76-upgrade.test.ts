import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../shared/model/operate/job';
import type { UpgradePart } from '../../shared/model/upgrade/upgrade';
import type { UpgradePreview } from '../../shared/model/upgrade/upgrade-run';
import { usualBounds } from '../../shared/rules/upgrade/upgrade-gates';
import type { TestClient } from '../support/app/app';
import { startAppProcess, type AppProcess } from './support/app-process';
import type { ReferenceCluster } from './support/cluster-file';
import { addCluster, trustHostKeys } from './support/known-cluster';
import { openLab, type Lab, type NodeName } from './support/lab';
import { startNumberedWrites } from './support/numbered-writes';
import { releasesToTest } from './support/releases';
import { RepackedSite } from './support/repacked';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const RELEASES = [
  { suite: 'trixie', net: 226, postgres: 'postgresql-17' },
  { suite: 'bookworm', net: 227, postgres: 'postgresql-15' },
] as const;
const ALL: readonly UpgradePart[] = ['postgresql', 'patroni', 'etcd', 'haproxy', 'pgbouncer'];
/** How far the longest interruption of two writers may be apart, ms: each tries again at its own pace. */
const APART_MS = 2500;

describe.each(releasesToTest('76-upgrade', RELEASES, 'trixie'))(
  'a rolling upgrade on real servers ($suite)',
  ({ suite, net, postgres }) => {
    let lab: Lab;
    let cluster: ReferenceCluster;
    let site: RepackedSite;
    let directory: string;
    let app: AppProcess;
    let clusterId: string;
    let files: readonly string[];

    const client = (): TestClient => app.core.client;
    const each = (script: string): Promise<readonly string[]> =>
      Promise.all(NODES.map((name) => lab.node(name).console(script, { timeoutMs: 3 * MINUTE })));
    const sums = (): Promise<readonly string[]> => each(`sha256sum < ${cluster.config}; ls /etc/patroni`);
    const versions = (name: string): Promise<readonly string[]> =>
      Promise.all(NODES.map((node) => site.installed(node, name)));
    /** When dpkg put a version in place on each server, by its own log; '' where it never did. */
    const placed = (name: string, suffix: string): Promise<readonly string[]> =>
      each(`grep -E ' (upgrade|install) ${name}:' /var/log/dpkg.log | grep -F '${suffix}' | cut -d' ' -f1,2 || true`);
    const starts = (): Promise<readonly string[]> =>
      Promise.all(NODES.map((name) => lab.node(name).psql('select pg_postmaster_start_time()')));

    /** One leads and the others stream from it, by psql. */
    const well = (): Promise<NodeName> =>
      waitFor('one leads and two stream', 4 * MINUTE, async () => {
        const [leader, ...more] = await lab.primaries(cluster);
        if (leader === undefined || more.length > 0) return undefined;
        const streaming = await lab
          .node(leader)
          .psql("select count(*) from pg_stat_replication where state = 'streaming'")
          .catch(() => '');
        return streaming === '2' ? leader : undefined;
      });
    const preview = (parts: readonly UpgradePart[], countWrites = false): Promise<UpgradePreview> =>
      client().upgrades.preview({
        clusterId,
        choice: { parts: [...parts], countWrites, bounds: { ...usualBounds, backMs: 60_000, drainMs: 5000 } },
      });
    const begin = async (parts: readonly UpgradePart[], countWrites = false): Promise<Job> => {
      const shown = await waitFor('nothing is in the way', 2 * MINUTE, async () => {
        const now = await preview(parts, countWrites);
        return now.allowed ? now : undefined;
      }).catch(async (thrown: unknown) => {
        throw new Error(JSON.stringify((await preview(parts, countWrites)).checks, null, 1), { cause: thrown });
      });
      const { choice, fingerprint } = shown;
      return client().upgrades.start({ clusterId, choice, fingerprint, typed: null, requestId: randomUUID() });
    };
    const jobOf = async (id: string): Promise<Job | undefined> => {
      const ending = new AbortController();
      try {
        for await (const update of await client().jobs.watch(undefined, { signal: ending.signal })) {
          const jobs = update.kind === 'snapshot' ? update.jobs : [update.job];
          return jobs.find((job) => job.id === id);
        }
        return undefined;
      } finally {
        ending.abort();
      }
    };
    const ended = (job: Job): Promise<Job> =>
      waitFor(`the end of ${job.title}`, 12 * MINUTE, async () => {
        const now = await jobOf(job.id);
        return now?.endedAt == null ? undefined : now;
      });
    const log = (job: Job): string =>
      JSON.stringify(
        [job.status, job.error, job.result, job.lines.map(({ level, text }) => `${level}: ${text}`)],
        null,
        1,
      );
    /** What a run may have left anywhere: of its own, a policy, a role, a database. */
    const leftovers = async (): Promise<string> => {
      const places = await each(
        'ls -d /run/matriarch-upgrade-* /usr/sbin/policy-rc.d* /etc/patroni/*.matriarch-upgrade 2>/dev/null || true',
      );
      const objects = await lab
        .node(await well())
        .psql(
          "select datname from pg_database where datname ~ 'matriarch' union select rolname from pg_roles where rolname ~ 'matriarch'",
        );
      return [...places, objects].join('').trim();
    };

    beforeAll(async () => {
      lab = await openLab({ name: `upgr-${suite}`, net, nodes: NODES, suite, image: 'stack' });
      cluster = await lab.cluster({ layout: 'plain', proxy: true, nodes: NODES });
      await each(
        `printf 'tags: # of this member\\n  clonefrom: true   # kept\\n  nosync:   false\\n' >> ${cluster.config}
systemctl reload patroni`,
      );
      site = await RepackedSite.open(lab, 'n3', NODES);
      await site.offer(
        [postgres, 'patroni', 'etcd-server', 'haproxy', 'pgbouncer'].map((name) => ({ name, suffix: '+matriarch1' })),
      );
      directory = await mkdtemp(join(tmpdir(), 'matriarch-lab-upgrade-'));
      await trustHostKeys({ lab, directory }, NODES);
      app = await startAppProcess(directory);
      await client().vault.useSession();
      clusterId = await addCluster(lab, client(), NODES);
      await well();
      files = await sums();
    }, 20 * MINUTE);
    afterAll(async () => {
      await app?.kill();
      await lab?.down();
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    }, 3 * MINUTE);

    it(
      'puts every program in place on every server, the leader last after a switchover, and loses no acknowledged write',
      async () => {
        const leader = await well();
        const [from = 'n1'] = NODES.filter((name) => name !== leader);
        const before = await starts();
        const writer = await startNumberedWrites(lab, { from, leader, cluster });
        await lab.node(from).console(
          `rm -f /root/etcd-up /root/etcd-stop; cat > /root/etcd-loop <<'X'
while [ ! -e /root/etcd-stop ]; do
  up=0
  for ip in ${cluster.members.map(({ ip }) => ip).join(' ')}; do
    timeout 1 bash -c "</dev/tcp/$ip/2379" 2>/dev/null && up=$((up+1))
  done
  echo $up >> /root/etcd-up; sleep 0.2
done
X
setsid bash /root/etcd-loop >/dev/null 2>&1 </dev/null &`,
        );
        const job = await ended(await begin(ALL, true));
        const seen = await writer.stop();
        const up = (await lab.node(from).console('touch /root/etcd-stop; sort -n /root/etcd-up | head -n 1')).trim();
        console.log(log(job), JSON.stringify({ longestMs: seen.longestMs, failed: seen.failed, up }));
        expect(job.status, log(job)).toBe('done');
        for (const name of [postgres, 'patroni', 'etcd-server', 'haproxy', 'pgbouncer'])
          for (const version of await versions(name)) expect(version, name).toMatch(/\+matriarch1$/);
        const now = await well();
        expect(now).not.toBe(leader);
        const times = await placed('patroni', '+matriarch1');
        const etcdTimes = await placed('etcd-server', '+matriarch1');
        expect(times.map((lines) => lines.trim().split('\n').length)).toEqual([1, 1, 1]);
        const last = times[NODES.indexOf(leader)] ?? '';
        expect(
          times.filter((time) => time > last),
          JSON.stringify(times),
        ).toEqual([]);
        expect(
          [...etcdTimes]
            .sort()
            .at(-1)
            ?.localeCompare([...times].sort()[0] ?? ''),
        ).toBeLessThanOrEqual(0);
        const after = await starts();
        expect(
          after.filter((start, index) => start === before[index]),
          'every PostgreSQL was started anew',
        ).toEqual([]);
        expect(Number(up), 'members of etcd that took connections, at least').toBeGreaterThanOrEqual(2);
        expect(await lab.node(now).etcdctl(['endpoint', 'health', '--cluster'])).toMatch(/(is healthy[\s\S]*){3}/);
        const there = await writer.there(now);
        expect(seen.acknowledged.length).toBeGreaterThan(50);
        expect(
          seen.acknowledged.filter((n) => !there.has(n)),
          'acknowledged and lost',
        ).toEqual([]);
        expect(await sums(), 'the files of the members are as before').toEqual(files);
        expect(await leftovers()).toBe('');
        const facts = job.result?.facts ?? {};
        expect(facts['Acknowledged writes that were lost']).toBe(0);
        const told = /the longest interruption ([\d.]+) s/.exec(String(facts['Writes by Direct, all members']))?.[1];
        expect(Math.abs(Number(told) * 1000 - seen.longestMs), JSON.stringify([facts, seen.longestMs])).toBeLessThan(
          APART_MS,
        );
        const { servers } = await client().upgrades.read({ clusterId });
        expect(servers.flatMap<string>(({ outdatedProcesses }) => outdatedProcesses ?? ['not known'])).toEqual([]);
        expect(await client().upgrades.stopped({ clusterId })).toBeNull();
        expect((await preview(ALL)).checks.find(({ verdict }) => verdict === 'refuses')?.code).toBe('upgrade.nothing');
      },
      20 * MINUTE,
    );

    it(
      'that the app was killed in is put back by its next start, goes on when it is asked to, and does nothing twice',
      async () => {
        await well();
        await site.offer([{ name: 'patroni', suffix: '+matriarch2', change: `sed -i '1a sleep 8' DEBIAN/postinst` }]);
        const first = await begin(['patroni']);
        await waitFor('apt is at work', 3 * MINUTE, async () => {
          const now = await jobOf(first.id);
          if (now?.endedAt != null) throw new Error(log(now));
          const places = await each('ls -d /run/matriarch-upgrade-* 2>/dev/null || true');
          return places.some((one) => one !== '') ? true : undefined;
        });
        expect(await sums(), 'a member is drained by its tags').not.toEqual(files);
        await app.kill();
        app = await startAppProcess(directory);
        await client().vault.useSession();
        await waitFor('its traces are away', 3 * MINUTE, async () => {
          const { leftovers: left } = (await client().upgrades.stopped({ clusterId })) ?? { leftovers: ['no record'] };
          return left.length === 0 ? true : undefined;
        });
        expect(await sums(), 'the files of the members are as before').toEqual(files);
        const stopped = await client().upgrades.stopped({ clusterId });
        expect(stopped?.sentence).toMatch(/app ended/);
        expect(await leftovers()).toBe('');
        const half = await versions('patroni');
        expect(half.filter((version) => version.endsWith('+matriarch2'))).toHaveLength(1);
        const job = await ended(await begin(['patroni']));
        expect(job.status, log(job)).toBe('done');
        for (const version of await versions('patroni')) expect(version).toMatch(/\+matriarch2$/);
        const times = await placed('patroni', '+matriarch2');
        expect(
          times.map((lines) => lines.trim().split('\n').length),
          JSON.stringify(times),
        ).toEqual([1, 1, 1]);
        await well();
        expect(await sums()).toEqual(files);
        expect(await leftovers()).toBe('');
        const { servers } = await client().upgrades.read({ clusterId });
        expect(servers.flatMap<string>(({ outdatedProcesses }) => outdatedProcesses ?? ['not known'])).toEqual([]);
      },
      15 * MINUTE,
    );

    const broken: readonly (readonly [string, string, string, RegExp])[] = [
      [
        'whose package cannot be configured',
        '+matriarch3',
        `sed -i '1a exit 7' DEBIAN/postinst`,
        /apt on n\d ended with exit code/,
      ],
      [
        'whose Patroni does not start',
        '+matriarch4',
        `for f in usr/bin/patroni; do rm -f $f; printf '#!/bin/sh\\necho broken on purpose >&2\\nexit 1\\n' > $f; chmod 755 $f; done`,
        /did not come back/,
      ],
    ];
    it.each(broken)(
      'stops at a member %s, leaves the others alone, and the way back that it names works',
      async (_case, suffix, change, why) => {
        const leader = await well();
        const before = await versions('patroni');
        const began = await starts();
        await site.offer([{ name: 'patroni', suffix, change }]);
        const job = await ended(await begin(['patroni']));
        console.log(log(job));
        expect(job).toMatchObject({ status: 'failed' });
        expect(job.error?.message).toMatch(why);
        const after = await versions('patroni');
        const touched = NODES.filter((_name, index) => after[index] !== before[index]);
        expect(touched).toHaveLength(1);
        expect(touched).not.toContain(leader);
        const now = await Promise.all(
          NODES.map((name) =>
            lab
              .node(name)
              .psql('select pg_postmaster_start_time()')
              .catch(() => 'down'),
          ),
        );
        expect(NODES.filter((name, index) => !touched.includes(name) && now[index] !== began[index])).toEqual([]);
        expect(await lab.primaries(cluster)).toEqual([leader]);
        await lab.node(leader).psql('create table if not exists public.still_serving (n int)');
        expect(await sums(), 'the files of the members are as before').toEqual(files);
        const stopped = await client().upgrades.stopped({ clusterId });
        expect(stopped).toMatchObject({ done: [], leftovers: [] });
        const back = stopped?.ways.find(({ title }) => title.startsWith('Back'));
        expect(back?.title, JSON.stringify(stopped)).toMatch(/still offers/);
        const [name = 'n1'] = touched;
        for (const command of back?.commands ?? [])
          await lab
            .node(name)
            .console(command.replace('apt-get install', 'apt-get install -y -q'), { timeoutMs: 3 * MINUTE });
        await well();
        expect(await versions('patroni')).toEqual(before);
        expect(await leftovers()).toBe('');
        await each(`apt-mark unhold patroni >/dev/null; true`);
        await site.home.console(`rm -f /srv/repacked/patroni${suffix}.deb`);
        await site.offer([]);
      },
      15 * MINUTE,
    );
  },
);
