import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { DrillFault, DrillReport } from '../../../shared/model/drill/drill';
import { drillFaultWords } from '../../../shared/rules/drill/drill-words';
import { connectToCore, type TestConnection } from '../../support/app/app';
import { launchChromium } from '../../support/browser/browser';
import type { ReferenceCluster } from './cluster-file';
import { ClusterPageUser } from './cluster-page';
import { addCluster, trustHostKeys } from './known-cluster';
import { openLab, type Lab, type LabOptions, type NodeName } from './lab';
import { waitFor } from './run';
import { startSoakApp, type SoakApp } from './soak-app';

const MINUTE = 60_000;

/** A cluster behind load balancers, an app in a process of its own that knows it, and a browser that shows it. */
export interface SoakLab {
  readonly lab: Lab;
  readonly cluster: ReferenceCluster;
  readonly app: SoakApp;
  readonly core: TestConnection;
  readonly clusterId: string;
  readonly page: Page;
  /** What the page complained about. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/**
 * Sets all of it up. Replication is synchronous, so that no fault of a drill may lose what was acknowledged; HAProxy and PgBouncer let the
 * roles of drills in.
 */
export async function openSoakLab(options: LabOptions, nodes: readonly NodeName[]): Promise<SoakLab> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'matriarch-soak-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const lab = await openLab({ image: 'stack', ...options });
    undo.push(() => lab.down());
    const cluster = await lab.cluster({ layout: 'plain', nodes, proxy: true });
    await prepare(lab, cluster, nodes);
    await mkdir(join(directory, 'data'));
    await trustHostKeys({ lab, directory }, nodes);
    const app = await startSoakApp(directory);
    undo.push(() => app.close());
    const core = await connectToCore(await app.link());
    undo.push(() => Promise.resolve(core.close()));
    await core.client.vault.useSession();
    const clusterId = await addCluster(lab, core.client, nodes);
    const browser = await launchChromium();
    undo.push(() => browser.close());
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    const page = await context.newPage();
    page.setDefaultTimeout(MINUTE);
    const problems: string[] = [];
    const note = (text: string): void => {
      if (!OF_THE_MACHINE.test(text)) problems.push(text);
    };
    page.on('pageerror', ({ message }) => note(message));
    page.on('console', (message) => {
      if (message.type() === 'error') note(message.text());
    });
    await page.goto(await app.link());
    await page.goto(`${new URL(page.url()).origin}/#/cluster/${clusterId}`);
    await page.getByTestId('health-sentence').filter({ hasText: 'leads' }).waitFor();
    return { lab, cluster, app, core, clusterId, page, problems, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Other labs of this machine make and remove interfaces, at which Chromium breaks off what it loads: no fault of the page. */
const OF_THE_MACHINE = /ERR_NETWORK_CHANGED|Unable to preload CSS|dynamically imported module/;

/** What drills need on the servers, and synchronous replication. */
async function prepare(lab: Lab, cluster: ReferenceCluster, nodes: readonly NodeName[]): Promise<void> {
  const script = `apt-get update -q && apt-get install -y -q --no-install-recommends nftables >/dev/null
sed -i 's/port=5000$/port=5000 auth_user=postgres/; s/^auth_type.*/auth_type = scram-sha-256/' /etc/pgbouncer/pgbouncer.ini
cat >> /etc/pgbouncer/pgbouncer.ini <<'X'
auth_query = SELECT usename, passwd FROM pg_shadow WHERE usename = $1
server_login_retry = 1
X
systemctl restart pgbouncer`;
  await Promise.all(nodes.map((name) => lab.node(name).console(script, { timeoutMs: 5 * MINUTE })));
  const [first = 'n1'] = nodes;
  await lab.node(first).patronictl(['edit-config', '--force', '-s', 'synchronous_mode=true'], { scope: cluster.scope });
  await restOf(lab, cluster, nodes);
}

/**
 * Waits until all is well, as psql on every server, patronictl and etcdctl say: one takes writes, the others stream from it, one of them
 * is synchronous, and etcd has all its members and no alarm. Answers the leader.
 */
export function restOf(lab: Lab, cluster: ReferenceCluster, nodes: readonly NodeName[]): Promise<NodeName> {
  const { scope } = cluster;
  return waitFor('one leads, two stream, and etcd is whole', 5 * MINUTE, async () => {
    const [leader, ...more] = await lab.primaries(cluster);
    if (leader === undefined || more.length > 0) return undefined;
    const query =
      "select count(*), count(*) filter (where sync_state = 'sync') from pg_stat_replication where state = 'streaming'";
    if ((await lab.node(leader).psql(query, { scope })) !== `${nodes.length - 1}|1`) return undefined;
    const listed = await lab.node(leader).patronictl(['list', '-f', 'tsv'], { scope });
    const rows = listed.split('\n').filter((line) => line.startsWith(`${scope}\t`));
    const agree =
      rows.length === nodes.length &&
      rows.every((row) => /\t(running|streaming)\t/.test(row)) &&
      rows.filter((row) => /\tLeader\t/.test(row)).every((row) => row.includes(`\t${leader}\t`));
    if (!agree) throw new Error(listed);
    await lab.node(leader).etcdctl(['endpoint', 'health']);
    return (await lab.node(leader).etcdctl(['alarm', 'list'])).trim() === '' ? leader : undefined;
  });
}

/** Holds a drill from the page, and answers its report once its job has ended and all is well again. */
export async function holdDrill(opened: SoakLab, fault: DrillFault, nodes: readonly NodeName[]): Promise<DrillReport> {
  const { page, core, clusterId, lab, cluster } = opened;
  const leader = await restOf(lab, cluster, nodes);
  const before = await core.client.drills.view({ clusterId });
  await page.goto(`${new URL(page.url()).origin}/#/cluster/${clusterId}/maintenance`);
  const view = page.getByTestId('drill-view');
  await view.getByRole('radio', { name: new RegExp(`^${drillFaultWords[fault]}`) }).check();
  await view.getByRole('button', { name: 'Check and confirm' }).click();
  const writer = nodes.find((name) => name !== leader) ?? leader;
  await page.getByRole('dialog').last().getByLabel('Server that writes').selectOption({ label: writer });
  const user = new ClusterPageUser(page);
  await user.confirm(fault === 'switchover' ? undefined : 'Orders');
  await user.jobEnd(10 * MINUTE);
  await user.closeJobs();
  const report = await waitFor('the report of the drill', MINUTE, async () => {
    const { reports } = await core.client.drills.view({ clusterId });
    return reports.length > before.reports.length ? reports[0] : undefined;
  });
  await page.goto(`${new URL(page.url()).origin}/#/cluster/${clusterId}`);
  await restOf(lab, cluster, nodes);
  return report;
}

/** Stops Patroni and etcd of a replica for a while, as an administrator would, and starts them again. */
export async function stopReplica(opened: SoakLab, nodes: readonly NodeName[], lastsMs: number): Promise<void> {
  const { lab, cluster } = opened;
  const leader = await restOf(lab, cluster, nodes);
  const replica = nodes.find((name) => name !== leader) ?? leader;
  await lab.node(replica).console(`systemctl stop '${cluster.unit}' etcd`);
  try {
    await new Promise((resolve) => setTimeout(resolve, lastsMs));
  } finally {
    await lab.node(replica).console(`systemctl start --no-block etcd '${cluster.unit}'`);
  }
  await restOf(lab, cluster, nodes);
}
