import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../shared/model/operate/job';
import type { TestClient } from '../support/app/app';
import { startAppProcess, type AppProcess } from './support/app-process';
import { BackupsPage } from './support/backups-page';
import type { ReferenceCluster } from './support/cluster-file';
import { addCluster, trustHostKeys } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2'];
/** A version of the release before, whose packages can be installed beside those of this one. */
const OLD = 15;
const NEW = 17;
const TITLE = 'Orders';
/** What every server may not have afterwards: directories, processes and units of an assessment, and traces of apt. */
const TRACES = `ls -d /var/lib/postgresql/matriarch-* /srv/*/matriarch-* /run/matriarch-* /usr/sbin/policy-rc.d* \
  /etc/postgresql-common/createcluster.d/*matriarch* /etc/postgresql 2>/dev/null || true
systemctl list-units --all --plain --no-legend 'matriarch-*'
ps axww -o args | grep -E '[m]atriarch-assess|/usr/lib/[p]ostgresql/${NEW}/' || true`;

describe('the assessment of a new major version (one release: trixie alone installs PostgreSQL of two releases)', () => {
  let opened: PageLab;
  let cluster: ReferenceCluster;
  let clusterId: string;
  let client: TestClient;
  let close: () => void;
  let app: AppProcess | undefined;
  let killedHome: string | undefined;

  const on = (name: NodeName, command: string): Promise<string> =>
    opened.lab.node(name).console(command, { timeoutMs: 10 * MINUTE });
  const both = (command: string): Promise<readonly string[]> => Promise.all(NODES.map((name) => on(name, command)));
  const psql = (name: NodeName, query: string): Promise<string> => opened.lab.node(name).psql(query);
  const traces = async (): Promise<string> => (await both(TRACES)).join('').trim();
  const newPackages = async (): Promise<string> =>
    (
      await on(
        'n2',
        `dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' 'postgresql*-${NEW}*' | grep -v '^un' || true`,
      )
    ).trim();
  /** All of the cluster that an assessment must leave as it is: roles, timelines, starts, slots, senders, files, keys of the DCS. */
  const untouched = async (): Promise<string> =>
    [
      (await opened.lab.node('n1').patronictl(['list', '--format', 'json'])).replaceAll(/"Lag[^,}]*[,}]/g, ''),
      await opened.lab.node('n1').patronictl(['history', '--format', 'json']),
      ...(await Promise.all(NODES.map((name) => psql(name, 'select pg_postmaster_start_time(), pg_is_in_recovery()')))),
      await psql('n1', 'select slot_name, slot_type, temporary from pg_replication_slots order by 1'),
      await psql('n2', 'select slot_name, slot_type, temporary from pg_replication_slots order by 1'),
      await psql('n1', 'select system_identifier from pg_control_system()'),
      ...(await both(
        `sha256sum ${cluster.config}; ls -A /var/lib/postgresql /etc/patroni /etc/postgresql-common/createcluster.d`,
      )),
    ].join('\n');

  /** The form as a user fills it in. */
  const check = async (fields: {
    readonly keepPackages?: boolean;
    readonly directory?: string;
  }): Promise<BackupsPage> => {
    const { page } = opened;
    await page.goto(`${opened.app.origin}/#/cluster/${clusterId}/maintenance/upgrade`);
    await page.reload();
    const part = page.getByTestId('assessments');
    const button = part.getByRole('button', { name: 'Check and assess' });
    await button.waitFor({ timeout: 3 * MINUTE });
    expect(await part.getByLabel('On a copy of').inputValue(), 'a replica is chosen').toBe('n2');
    await part.getByLabel('Copy below').fill(fields.directory ?? '');
    const removes = part.getByLabel(/Remove the packages at the end/);
    await removes.setChecked(fields.keepPackages !== true, { force: true });
    await button.click();
    await page.getByTestId('assessment-dialog').waitFor();
    return new BackupsPage(page, opened.app.origin, clusterId);
  };
  const report = (): Promise<string> => opened.page.getByTestId('assessment-report').innerText();

  beforeAll(async () => {
    opened = await openPageLab(
      { name: 'major-trixie', net: 248, nodes: NODES, suite: 'trixie', image: 'stack' },
      { patienceMs: MINUTE },
    );
    await both(
      `sed 's/trixie/bookworm/g' /etc/apt/sources.list > /etc/apt/sources.list.d/before.list
mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/lab.conf
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
apt-get install -y -q --no-install-recommends postgresql-${OLD} >/dev/null
apt-get purge -y -q postgresql-${NEW} postgresql-client-${NEW} >/dev/null
rm -f /etc/postgresql-common/createcluster.d/lab.conf; rm -rf /etc/postgresql /var/lib/postgresql/${NEW}`,
    );
    cluster = await opened.lab.cluster({ layout: 'plain', nodes: NODES, postgres: OLD });
    await psql('n1', `create table filler as select n, repeat('x', 900) as text from generate_series(1, 120000) as n`);
    await trustHostKeys(opened, NODES);
    const core = await opened.app.connect();
    ({ client } = core);
    close = () => core.close();
    await client.vault.useSession();
    clusterId = await addCluster(opened.lab, client, NODES, TITLE);
    await opened.page.setViewportSize({ width: 1280, height: 1000 });
  }, 25 * MINUTE);
  afterEach(({ task }) => opened.pictureOf(task));
  afterAll(async () => {
    await app?.kill();
    close?.();
    if (killedHome !== undefined) await rm(killedHome, { recursive: true, force: true });
    await opened?.close();
  }, 3 * MINUTE);

  it(
    'is refused below the data of the cluster and where there is no room',
    async () => {
      await on('n2', 'mkdir -p /srv/tiny && mount -t tmpfs -o size=40m,mode=0777 tmpfs /srv/tiny');
      const tiny = await check({ directory: '/srv/tiny' });
      await tiny.checked(/\/srv\/tiny on n2 has .* free; .* are needed/);
      expect(await tiny.refused()).toBe(true);
      await tiny.cancel();
      const inside = await check({ directory: `/var/lib/postgresql/${OLD}/main/base` });
      await inside.checked(/is within the data of the cluster/);
      expect(await inside.refused()).toBe(true);
      await inside.cancel();
      expect(await traces()).toBe('');
      await on('n2', 'umount /srv/tiny');
    },
    6 * MINUTE,
  );

  it(
    'says that pg_upgrade has nothing against it, with what it would take, and leaves the cluster and its servers as they were',
    async () => {
      const before = await untouched();
      await on(
        'n2',
        `cat > /root/watch <<'X'
while [ ! -e /root/watch-stop ]; do
  ps axeww | grep -c 'lab-replicatio[n]-password' >> /root/seen
  ls /var/lib/postgresql/matriarch-assess-*/data/PG_VERSION >> /root/copies 2>/dev/null
  sleep 0.2
done
X
rm -f /root/seen /root/copies /root/watch-stop; setsid bash /root/watch >/dev/null 2>&1 </dev/null &`,
      );
      const page = await check({});
      await page.checked(/would install .*postgresql-17.* and change nothing that is there/);
      await page.picture('assess-dialog');
      console.log(await page.confirm(/Done(?!, with)/));
      await on('n2', 'touch /root/watch-stop');
      const text = await waitFor('the report', MINUTE, async () => {
        const shown = await report().catch(() => '');
        return /nothing against upgrading n2/.test(shown) ? shown : undefined;
      });
      console.log(text);
      await page.picture('assess-report');
      expect(text).toMatch(/17\.\d+/);
      expect(text).toMatch(/n2 has to be copied anew/);
      expect((await on('n2', 'sort -u /root/seen')).trim(), 'the password among processes').toBe('0');
      expect(await on('n2', 'sort -u /root/copies'), 'the copy was seen').toMatch(/matriarch-assess/);
      expect(await traces()).toBe('');
      expect(await newPackages()).toBe('');
      expect(await untouched()).toBe(before);
      const [kept] = (await client.assessments.view({ clusterId })).reports;
      expect(kept).toMatchObject({
        verdict: 'clean',
        target: NEW,
        checksums: true,
        unknownParameters: [],
        packagesRemoved: true,
      });
      const size = Number(await psql('n1', 'select sum(pg_database_size(oid)) from pg_database'));
      expect(kept?.copy?.bytes ?? 0).toBeGreaterThan(size * 0.9);
    },
    25 * MINUTE,
  );

  it(
    'names what pg_upgrade refuses, in its own words and files, and what the new version does not know; its packages go when asked to',
    async () => {
      await psql('n1', 'create table public.odd (n int, what regproc)');
      await opened.lab
        .node('n1')
        .patronictl(['edit-config', '--force', '--set', 'postgresql.parameters.vacuum_defer_cleanup_age=7']);
      await waitFor('the parameter is set on n2', MINUTE, async () =>
        (await psql('n2', 'show vacuum_defer_cleanup_age')) === '7' ? true : undefined,
      );
      await waitFor('n2 has the table', MINUTE, async () =>
        (await psql('n2', `select count(*) from pg_class where relname = 'odd'`)) === '1' ? true : undefined,
      );
      const before = await untouched();
      const page = await check({ keepPackages: true });
      console.log(await page.confirm(/with a warning/));
      const text = await waitFor('the report', MINUTE, async () => {
        const shown = await report().catch(() => '');
        return /would not upgrade n2/.test(shown) ? shown : undefined;
      });
      console.log(text);
      await page.picture('assess-refused');
      expect(text).toMatch(/it stopped at "Checking for .*reg\*/);
      expect(text).toMatch(/vacuum_defer_cleanup_age is set, and 17 does not know it/);
      expect(text).toMatch(/New: pg_upgrade stops at/);
      const [kept] = (await client.assessments.view({ clusterId })).reports;
      expect(
        kept?.files.some((file) => /public\.odd\.what/.test(file.text)),
        JSON.stringify(kept?.files),
      ).toBe(true);
      expect(kept).toMatchObject({ verdict: 'refused', unknownParameters: ['vacuum_defer_cleanup_age'] });
      expect(await traces()).toBe('');
      expect(await newPackages()).toMatch(/^ii +postgresql-17$/m);
      await opened.page.getByTestId('assessments').getByRole('button', { name: 'Remove them' }).click();
      await page.followed(/Done/);
      expect(await newPackages()).toBe('');
      expect(await traces()).toBe('');
      expect(await untouched()).toBe(before);
    },
    25 * MINUTE,
  );

  it(
    'that is stopped by the user leaves nothing, and one that the app was killed in is found by its next start and cleaned up',
    async () => {
      const before = await untouched();
      killedHome = await mkdtemp(join(tmpdir(), 'matriarch-lab-assess-'));
      await trustHostKeys({ lab: opened.lab, directory: killedHome }, NODES);
      app = await startAppProcess(killedHome);
      const core = (): TestClient => (app === undefined ? client : app.core.client);
      await core().vault.useSession();
      const own = await addCluster(opened.lab, core(), NODES, TITLE);
      const choice = { member: 'n2', target: NEW, directory: null, maxRateMb: 1, removePackages: true };
      const begin = async (): Promise<Job> => {
        const shown = await waitFor('nothing is in the way', 2 * MINUTE, async () => {
          const now = await core().assessments.preview({ clusterId: own, choice });
          return now.allowed ? now : undefined;
        });
        const { fingerprint } = shown;
        return core().assessments.start({ clusterId: own, choice, fingerprint, typed: null, requestId: randomUUID() });
      };
      const jobOf = async (id: string): Promise<Job | undefined> => {
        const ending = new AbortController();
        try {
          for await (const update of await core().jobs.watch(undefined, { signal: ending.signal })) {
            const jobs = update.kind === 'snapshot' ? update.jobs : [update.job];
            return jobs.find((job) => job.id === id);
          }
          return undefined;
        } finally {
          ending.abort();
        }
      };
      const ended = (id: string): Promise<Job> =>
        waitFor('the end of the job', 8 * MINUTE, async () => {
          const now = await jobOf(id);
          return now?.endedAt == null ? undefined : now;
        });
      const copying = (): Promise<unknown> =>
        waitFor('the copy is being made', 8 * MINUTE, async () =>
          (await on('n2', 'pgrep -x pg_basebackup || true')).trim() === '' ? undefined : true,
        );

      const first = await begin();
      await copying();
      await core().jobs.cancel({ id: first.id });
      const cancelled = await ended(first.id);
      expect(cancelled.status, JSON.stringify(cancelled.lines)).toBe('cancelled');
      expect(await traces()).toBe('');
      expect(await newPackages()).toBe('');

      await begin();
      await copying();
      await app.kill();
      app = await startAppProcess(killedHome);
      await core().vault.useSession();
      const left = await waitFor('what it left is told', 2 * MINUTE, async () =>
        core()
          .assessments.view({ clusterId: own })
          .then((view) => view.left ?? undefined)
          .catch(() => undefined),
      );
      expect(left.sentence).toMatch(/was broken off\. It may still be at work on n2/);
      expect(await traces()).not.toBe('');
      const cleaned = await ended((await core().assessments.clean({ clusterId: own, requestId: randomUUID() })).id);
      expect(cleaned.status, JSON.stringify(cleaned.error)).toBe('done');
      expect(await traces()).toBe('');
      const { packages } = await core().assessments.view({ clusterId: own });
      expect(packages).toMatchObject([{ server: 'n2', major: NEW }]);
      const removal = await core().assessments.removePackages({
        clusterId: own,
        serverId: packages[0]?.serverId ?? '',
        major: NEW,
        requestId: randomUUID(),
      });
      expect(await ended(removal.id)).toMatchObject({ status: 'done' });
      expect(await newPackages()).toBe('');
      expect(await untouched()).toBe(before);
    },
    25 * MINUTE,
  );
});
