import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { Day2Change } from '../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import type { Metric } from '../../shared/model/statistics/metrics';
import type { TestConnection } from '../support/app/app';
import { labSpec } from './support/deploy-lab';
import { addServers } from './support/known-cluster';
import type { Lab, NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';
import { WizardUser } from './support/wizard-page';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** Where Prometheus comes to. */
const PLACE: NodeName = 'n3';
const ROLES = ['etcd', 'postgres', 'haproxy', 'pgbouncer'] as const;

/** By the wizard with the cluster, or from the page of one that runs already. */
const RELEASES = [
  { suite: 'trixie', net: 250, way: 'wizard' },
  { suite: 'bookworm', net: 251, way: 'page' },
] as const;

const targetsAnswer = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ labels: z.record(z.string(), z.string()), health: z.string() })),
  }),
});
const alertsAnswer = z.object({
  data: z.object({ alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()) })) }),
});
const notesAnswer = z.array(z.object({ labels: z.record(z.string(), z.string()) }));
const rulesAnswer = z.object({ data: z.object({ groups: z.array(z.object({ rules: z.array(z.unknown()) })) }) });

describe.each(releasesToTest('69-prometheus-set-up', RELEASES, 'trixie'))(
  'a Prometheus that comes with a cluster, by the $way ($suite)',
  ({ suite, net, way }) => {
    let opened: PageLab;
    let lab: Lab;
    let core: TestConnection;
    let page: Page;
    let clusterId = '';

    /** The user knows these servers already: their host keys are where OpenSSH keeps them. */
    const trustNodes = async (): Promise<void> => {
      if (way === 'wizard') return;
      const { stdout } = await promisify(execFile)(
        'ssh-keyscan',
        NODES.map((name) => lab.node(name).ip),
      );
      await mkdir(join(opened.directory, '.ssh'), { recursive: true });
      await writeFile(join(opened.directory, '.ssh', 'known_hosts'), stdout);
    };
    const on = (name: NodeName, command: string): Promise<string> => lab.node(name).console(command);
    const ask = (path: string, port = 9090): Promise<string> =>
      on(PLACE, `curl -sS --max-time 10 'http://127.0.0.1:${port}${path}'`);
    const targets = async (): Promise<Readonly<Record<string, string>>> => {
      const { data } = targetsAnswer.parse(JSON.parse(await ask('/api/v1/targets?state=active')));
      return Object.fromEntries(
        data.activeTargets.map(({ labels, health }) => [
          `${labels['service'] ?? ''} ${labels['member'] ?? ''}`,
          health,
        ]),
      );
    };
    const firing = async (): Promise<readonly string[]> =>
      alertsAnswer
        .parse(JSON.parse(await ask('/api/v1/alerts')))
        .data.alerts.filter(({ state }) => state === 'firing')
        .map(({ labels }) => `${labels['alertname'] ?? ''} ${labels['member'] ?? ''}`);
    const noted = async (): Promise<readonly string[]> =>
      notesAnswer
        .parse(JSON.parse(await ask('/api/v2/alerts', 9093)))
        .map(({ labels }) => `${labels['alertname'] ?? ''} ${labels['member'] ?? ''}`);
    const spec = async (): Promise<ClusterSpec> => {
      const known = await core.client.deploy.day2.spec({ clusterId });
      if (known === null) throw new Error('no spec is kept');
      return known;
    };
    const finished = async (runId: string): Promise<string> => {
      const ended = await waitFor('the run is over', 12 * MINUTE, async () => {
        const run = (await core.client.deploy.runs.list()).find((one) => one.id === runId);
        return run === undefined || run.status === 'running' ? undefined : run;
      });
      if (ended.status !== 'done') throw new Error(ended.error?.message ?? ended.status);
      return ended.outcome?.sentence ?? '';
    };
    const replica = async (): Promise<NodeName> => {
      const answers = await Promise.all(
        NODES.map((name) => on(name, "runuser -u postgres -- psql -XAtqc 'select pg_is_in_recovery()'")),
      );
      return NODES.find((name, index) => name !== PLACE && answers[index]?.trim() === 't') ?? 'n1';
    };
    const endOfRun = async (): Promise<string> => {
      const status = page.getByTestId('run-status');
      await status.getByText(/^(Done|Failed|Stopped|Interrupted)$/).waitFor({ timeout: 12 * MINUTE });
      return status.innerText();
    };

    beforeAll(async () => {
      opened = await openPageLab({ name: `setup-${suite}`, net, suite, image: 'stack' }, { patienceMs: 2 * MINUTE });
      ({ lab, page } = opened);
      await trustNodes();
      core = await opened.app.connect();
    }, 15 * MINUTE);
    afterEach(({ task }) => opened.pictureOf(task));
    afterAll(async () => {
      core?.close();
      await opened?.close();
    }, 3 * MINUTE);

    it.runIf(way === 'wizard')(
      'is chosen in the wizard, and installed with the cluster',
      async () => {
        const wizard = new WizardUser(page, opened.app.origin);
        await wizard.start();
        await wizard.addServers({ lines: NODES.map((name) => `root@${lab.node(name).ip}`), keyPath: lab.keyPath });
        for (const step of ['Roles', 'Sources and versions', 'Settings']) await wizard.goOn(step);
        await page.getByLabel('Cluster name (scope)').fill('watched');
        await page.getByLabel('Prometheus and Alertmanager').selectOption({ label: `On ${PLACE}` });
        await page
          .getByTestId('monitoring-reach')
          .getByText(/listen on n3 itself alone/)
          .waitFor();
        await wizard.goOn('Review');
        await page.getByRole('tab', { name: /^n3/ }).click();
        await page.getByText('/etc/prometheus/prometheus.yml', { exact: true }).click();
        expect(await page.getByLabel('Difference of /etc/prometheus/prometheus.yml').innerText()).toContain(
          'job_name: watched patroni',
        );
        await wizard.install('a passphrase for the lab');
        expect(await wizard.end(15 * MINUTE)).toBe('Done');
        const [cluster] = await core.client.clusters.list();
        clusterId = cluster?.id ?? '';
      },
      20 * MINUTE,
    );

    it.runIf(way === 'page')(
      'is refused from the page where somebody else has one, and then set up for a cluster that runs',
      async () => {
        const { client } = core;
        await client.vault.useSession();
        const servers = await addServers(lab, client, NODES);
        const bare = labSpec({
          scope: 'watched',
          tls: 'on',
          servers: servers.map(({ id, name, host }) => ({
            name,
            ssh: { server: id },
            address: host,
            roles: [...ROLES],
          })),
        });
        const plan = await client.deploy.plan({ spec: bare });
        const { runId } = await client.deploy.apply({
          spec: bare,
          fingerprint: plan.fingerprint,
          requestId: randomUUID(),
        });
        await finished(runId);
        clusterId = bare.id;
        await on(
          PLACE,
          'DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends prometheus >/dev/null 2>&1; ' +
            'echo "# of somebody else" >> /etc/prometheus/prometheus.yml; systemctl stop prometheus',
        );
        const theirs = await on(PLACE, 'sha256sum /etc/prometheus/prometheus.yml');
        const third = bare.servers.find(({ name }) => name === PLACE);
        if (third === undefined) throw new Error('no server');
        const change: Day2Change = { kind: 'add_monitoring', server: { ...third, roles: ['prometheus'] } };
        await page.goto(`${opened.app.origin}/#/cluster/${clusterId}/health/prometheus`);
        await page.getByLabel('Server', { exact: true }).selectOption({ label: `${PLACE} (this cluster)` });
        await page.getByRole('button', { name: 'Review the changes' }).click();
        await page
          .getByRole('alert')
          .getByText(/prometheus\.yml is there, and this deployment did not make it\..*Health, Prometheus/)
          .waitFor();
        expect(await page.getByTestId('confirm').isDisabled()).toBe(true);
        const refused = async (): Promise<string> => {
          const { plan: seen } = await client.deploy.day2.preview({ spec: bare, change });
          const { runId: started } = await client.deploy.day2.apply({
            spec: bare,
            change,
            fingerprint: seen.fingerprint,
            typed: null,
            requestId: randomUUID(),
          });
          return finished(started).then(
            () => 'done',
            (thrown: unknown) => String(thrown),
          );
        };
        // A service that is too busy to answer once makes a review out of date, and a new one is asked for.
        await waitFor('the run is refused for what it would touch', 3 * MINUTE, async () =>
          /did not make it/.test(await refused()) ? true : undefined,
        );
        expect(await on(PLACE, 'sha256sum /etc/prometheus/prometheus.yml')).toBe(theirs);
        await on(
          PLACE,
          'DEBIAN_FRONTEND=noninteractive apt-get purge -y -q prometheus >/dev/null 2>&1; rm -rf /etc/prometheus',
        );
        await page.getByRole('button', { name: 'Check again' }).click();
        await page.getByTestId('confirm').and(page.locator(':enabled')).click();
        expect(await endOfRun()).toBe('Done');
      },
      25 * MINUTE,
    );

    it(
      'collects from every target, has read its rules and is let in by every PostgreSQL',
      async () => {
        const wanted = ['patroni', 'etcd', 'node', 'postgres'].flatMap((service) =>
          NODES.map((name) => [`${service} ${name}`, 'up'] as const),
        );
        expect(await targets()).toEqual(Object.fromEntries(wanted));
        const { data } = rulesAnswer.parse(JSON.parse(await ask('/api/v1/rules?type=alert')));
        expect(data.groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(20);
        await waitFor('each exporter is logged in', 2 * MINUTE, async () => {
          const answer = await ask('/api/v1/query?query=count(pg_up==1)');
          return answer.includes('"3"') ? true : undefined;
        });
        await on(PLACE, 'promtool check config /etc/prometheus/prometheus.yml');
        expect(await firing()).toEqual([]);
      },
      5 * MINUTE,
    );

    it(
      'listens where the review said, and lets its role in from its own server alone',
      async () => {
        const ip = lab.node(PLACE).ip;
        const listening = await on(PLACE, "ss -Hltn | awk '{ print $4 }'");
        const ports = listening.split('\n').filter((line) => /:(9090|9093|9094|9100|9187|2381)$/.test(line));
        expect(ports.sort()).toEqual(
          [`${ip}:2381`, `${ip}:9100`, `${ip}:9187`, '127.0.0.1:9090', '127.0.0.1:9093'].sort(),
        );
        const password = (await on('n1', 'cat /etc/prometheus/matriarch-exporter.password')).trim();
        expect(await on('n1', "stat -c '%U:%G %a' /etc/prometheus/matriarch-exporter.password")).toBe(
          'root:prometheus 640\n',
        );
        const shown = await on(
          'n1',
          'p=$(systemctl show -p MainPID --value prometheus-postgres-exporter); ' +
            "tr '\\0' '\\n' < /proc/$p/environ; tr '\\0' '\\n' < /proc/$p/cmdline; " +
            'systemctl show prometheus-postgres-exporter; journalctl -u prometheus-postgres-exporter -o cat --no-pager',
        );
        expect(shown).toContain('DATA_SOURCE_PASS_FILE');
        expect(shown.includes(password), 'the password is in no environment, argument or log').toBe(false);
        const refused = await on(
          'n2',
          `export PGPASSWORD='${password}'; psql -XAtqc 'select 1' ` +
            `'host=${lab.node('n1').ip} user=matriarch_exporter dbname=postgres' 2>&1 || true`,
        );
        expect(refused).toMatch(/pg_hba\.conf rejects connection/);
      },
      2 * MINUTE,
    );

    it(
      'raises an alert for a member whose Patroni is stopped, tells Alertmanager, and ends it again',
      async () => {
        const name = await replica();
        await on(name, 'systemctl stop patroni');
        try {
          await waitFor('it fires', 4 * MINUTE, async () =>
            (await firing()).includes(`PatroniDown ${name}`) ? true : undefined,
          );
          await waitFor('Alertmanager has it', MINUTE, async () =>
            (await noted()).includes(`PatroniDown ${name}`) ? true : undefined,
          );
        } finally {
          await on(name, 'systemctl start patroni');
        }
        await waitFor('it is gone', 6 * MINUTE, async () => ((await firing()).length === 0 ? true : undefined));
      },
      14 * MINUTE,
    );

    it(
      'is read by the charts without being named',
      async () => {
        const place = await core.client.statistics.prometheus({ clusterId });
        expect(place).toMatchObject({ host: '127.0.0.1', port: 9090 });
        const newest = async (member: NodeName, metric: Metric): Promise<number | undefined> => {
          const view = await core.client.statistics.fromPrometheus({
            clusterId,
            from: Date.now() - 2 * MINUTE,
            to: Date.now(),
            most: 600,
          });
          return (
            view.lines
              .find((line) => line.member === member && line.metric === metric)
              ?.values.findLast((value) => value !== null) ?? undefined
          );
        };
        await waitFor('the memory of each member', 4 * MINUTE, async () => {
          for (const name of NODES) {
            const memory = await on(name, "awk '/^Mem(Total|Available):/ { print $2 }' /proc/meminfo");
            const [total = 1, available = 0] = memory.trim().split('\n').map(Number);
            const told = (await newest(name, 'memory')) ?? 9;
            if (Math.abs(told - (1 - available / total)) > 0.15) return undefined;
            if (((await newest(name, 'connections')) ?? 0) < 1) return undefined;
          }
          return true;
        });
        await page.goto(`${opened.app.origin}/#/cluster/${clusterId}/charts`);
        const box = page.getByRole('checkbox', {
          name: `From the Prometheus at 127.0.0.1:9090, as seen from ${PLACE}`,
        });
        await box.check({ force: true });
        await page.getByText(/^The charts show the Prometheus\./).waitFor();
        await page.getByTestId('prometheus-missing').waitFor();
      },
      6 * MINUTE,
    );

    it(
      'changes nothing when it is set up again, and differs in nothing',
      async () => {
        const now = await spec();
        expect(now.servers.find(({ name }) => name === PLACE)?.roles).toContain('prometheus');
        const units =
          'etcd patroni prometheus prometheus-alertmanager prometheus-node-exporter prometheus-postgres-exporter';
        const starts = (): Promise<readonly string[]> =>
          Promise.all(
            NODES.map((name) => on(name, `systemctl show -p Id,ActiveEnterTimestampMonotonic,NRestarts ${units}`)),
          );
        const before = await starts();
        await waitFor('nothing differs', 2 * MINUTE, async () => {
          const { steps, unchecked } = await core.client.deploy.check({ spec: now });
          const left = [...steps, ...unchecked].map(
            ({ server, label, reason }) => `${server} ${label}: ${reason ?? ''}`,
          );
          if (left.length > 0) throw new Error(left.join('\n'));
          return true;
        });
        const plan = await core.client.deploy.plan({ spec: now });
        const { runId } = await core.client.deploy.apply({
          spec: now,
          fingerprint: plan.fingerprint,
          requestId: randomUUID(),
        });
        expect(await finished(runId)).toMatch(/nothing was changed/);
        expect(await starts()).toEqual(before);
      },
      6 * MINUTE,
    );

    it(
      'is taken away with the cluster by an undo, without a trace',
      async () => {
        const now = await spec();
        const { runId } = await core.client.deploy.undo({
          spec: now,
          typed: now.scope,
          keepData: false,
          requestId: randomUUID(),
        });
        await finished(runId);
        for (const name of NODES)
          expect(
            await on(
              name,
              'ls -d /etc/prometheus /var/lib/prometheus /etc/default/prometheus* /etc/systemd/system/prometheus* 2>/dev/null || true; ' +
                "dpkg-query -W -f '${Package}\\n' 'prometheus*' 2>/dev/null || true; getent passwd prometheus || true",
            ),
            name,
          ).toBe('');
      },
      12 * MINUTE,
    );
  },
);
