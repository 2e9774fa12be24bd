import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { scanDirectory } from '../support/secret-scan';
import { ClusterPageUser } from './support/cluster-page';
import type { ReferenceCluster } from './support/cluster-file';
import type { Lab, NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const releases = releasesToTest(
  'Connecting and operating',
  [
    { suite: 'bookworm', layout: 'debian-layout', net: 61 },
    { suite: 'trixie', layout: 'plain', net: 62 },
  ] as const,
  'bookworm',
);

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

describe.each(releases)('a cluster on $suite ($layout), behind a jump host', ({ suite, layout, net }) => {
  let opened: PageLab;
  let lab: Lab;
  let cluster: ReferenceCluster;
  let ui: ClusterPageUser;

  beforeAll(async () => {
    opened = await openPageLab(
      { name: `act-${suite}`, net, suite, image: 'stack', jump: 'available' },
      { viewport: { width: 1440, height: 1000 }, patienceMs: 20_000 },
    );
    lab = opened.lab;
    cluster = await lab.cluster({ layout, nodes: NODES });
    await lab.setJumpOnly(true);
    ui = new ClusterPageUser(opened.page);
  }, 15 * MINUTE);

  afterEach(({ task }) => opened.pictureOf(task));
  afterAll(() => opened?.close(), 3 * MINUTE);

  /** The only PostgreSQL that reports itself writable, asked without the app. */
  const primary = (): Promise<NodeName> =>
    waitFor('exactly one PostgreSQL is writable', 90_000, async () => {
      const writable = await lab.primaries(cluster);
      return writable.length === 1 ? writable[0] : undefined;
    });
  const replicas = async (): Promise<NodeName[]> => {
    const leads = await primary();
    return NODES.filter((name) => name !== leads);
  };
  const firstReplica = async (): Promise<NodeName> => (await replicas())[0] ?? 'n1';
  /** Waits until the page shows every member healthy and streaming. */
  const allWell = (timeoutMs = 2 * MINUTE): Promise<unknown> =>
    waitFor('the page shows three healthy members', timeoutMs, async () => {
      const rows = await Promise.all(NODES.map((name) => ui.member(name).innerText()));
      return (
        rows.every((row) => /healthy/i.test(row)) &&
        !(await ui.page
          .getByText(/restart pending/i)
          .first()
          .isVisible())
      );
    });
  /** Waits until this PostgreSQL reports two streaming replicas: each connects anew after a change of the leader. */
  const bothStreamFrom = (name: NodeName): Promise<true> =>
    waitFor<true>(
      'two replicas stream',
      30_000,
      async () =>
        (await lab
          .node(name)
          .psql("select count(*) from pg_stat_replication where state = 'streaming'", { scope: cluster.scope })) ===
        '2',
    );
  const leaderShown = (name: string): Promise<void> =>
    ui.member(name).getByLabel('holds the leader lock').waitFor({ timeout: 60_000 });

  it(
    'is found from one server with an encrypted key: the host key is confirmed, the other members appear by themselves',
    async () => {
      await ui.addServer({
        name: 'jump',
        host: lab.node('j1').ip,
        user: 'root',
        keyPath: lab.encryptedKeyPath,
        sudo: 'The user is root',
      });
      await ui.page.getByRole('link', { name: 'Connect to a cluster' }).first().click();
      await ui.page.getByLabel('Which server').selectOption({ label: 'New server' });
      await ui.fillServer({
        host: lab.node('n1').ip,
        user: 'admin',
        keyPath: lab.encryptedKeyPath,
        sudo: 'sudo without a password',
        jump: ['jump'],
      });
      await ui.page.getByRole('button', { name: 'Test the connection' }).click();
      const shown = await ui.answerUntil(ui.page.getByLabel('Test result'), lab.passphrase);
      const known = (await lab.node('n1').console('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).split(' ')[1];
      expect(shown).toContain(known);
      await ui.page.getByRole('button', { name: 'Find Patroni' }).click();
      await ui.answerUntil(ui.page.getByRole('button', { name: 'Add this cluster' }), lab.passphrase);
      await ui.page.getByRole('button', { name: 'Add this cluster' }).click();
      await ui.answerUntil(ui.page.getByRole('heading', { name: 'Leader lock' }), lab.passphrase);
      // etcd has a member healthy before its server is reached; only the member's own answer comes after the last host key
      // was confirmed.
      for (const name of NODES)
        await ui.answerUntil(ui.member(name).filter({ hasText: /PostgreSQL \d/ }), lab.passphrase);
      await allWell();
      await leaderShown(await primary());
    },
    4 * MINUTE,
  );

  it(
    'switches over to a chosen replica with one click and one confirmation, and psql agrees',
    async () => {
      const target = await firstReplica();
      await ui.switchOverTo(target);
      const words = await ui.jobEnd(2 * MINUTE);
      expect(words).toMatch(/^Done$/m);
      expect(words).toMatch(/without a primary/);
      expect(await primary()).toBe(target);
      await leaderShown(target);
      await ui.closeJobs();
      await allWell();
      await bothStreamFrom(target);
      await ui.page.getByRole('link', { name: 'History' }).click();
      await ui.page
        .getByRole('cell', { name: new RegExp(target) })
        .first()
        .waitFor();
      await ui.page.goBack();
      await ui.page.getByText('Leader lock').first().waitFor();
    },
    4 * MINUTE,
  );

  it(
    'shows the loss of a killed leader, the election and the new leader without any input',
    async () => {
      const before = await primary();
      await lab.crash(before);
      await ui.page
        .getByText(/No primary|nobody/)
        .first()
        .waitFor({ timeout: 60_000 });
      const after = await waitFor('another PostgreSQL is writable', 90_000, async () =>
        (await lab.primaries(cluster)).find((name) => name !== before),
      );
      await leaderShown(after);
      await lab.uncrash(before);
      await allWell(3 * MINUTE);
      expect(await primary()).toBe(after);
    },
    6 * MINUTE,
  );

  it(
    "fails over while the leader's server is without power, and takes the member back when it returns",
    async () => {
      const before = await primary();
      const target = await firstReplica();
      await lab.kill(before);
      try {
        await ui.memberAction(target, 'Fail over to this member');
        await ui.confirm(await typedWord());
        const words = await ui.jobEnd(3 * MINUTE);
        expect(words).toMatch(/^Done(, with a warning)?$/m);
        expect(await primary()).toBe(target);
        await ui.closeJobs();
      } finally {
        await lab.up([before]);
      }
      await allWell(3 * MINUTE);
    },
    8 * MINUTE,
  );

  it(
    'finds a replica one timeline behind that calls itself healthy, and repairs it by a reinit',
    async () => {
      const [broken, target] = await replicas();
      if (broken === undefined || target === undefined) throw new Error('two replicas are needed');
      await lab
        .node(broken)
        .psql("alter system set primary_conninfo = 'host=127.0.0.1 port=1'; select pg_reload_conf()", {
          scope: cluster.scope,
        })
        .catch(async () => {
          await lab
            .node(broken)
            .psql("alter system set primary_conninfo = 'host=127.0.0.1 port=1'", { scope: cluster.scope });
          await lab.node(broken).psql('select pg_reload_conf()', { scope: cluster.scope });
        });
      await lab
        .node(broken)
        .psql('select pg_terminate_backend(pid) from pg_stat_wal_receiver', { scope: cluster.scope });
      await ui.switchOverTo(target);
      await ui.jobEnd(3 * MINUTE);
      await ui.closeJobs();
      await waitFor('the page says that the replica does not stream', 90_000, async () =>
        /does not stream|not streaming|timeline/i.test(
          await ui.page
            .getByText(new RegExp(`${broken}.*(stream|timeline)`, 'i'))
            .first()
            .innerText(),
        ),
      );
      await ui.memberAction(broken, 'Reinitialize from a copy');
      await ui.confirm(broken);
      expect(await ui.jobEnd(4 * MINUTE)).toMatch(/^Done$/m);
      await ui.closeJobs();
      await allWell();
      await bothStreamFrom(await primary());
    },
    10 * MINUTE,
  );

  it(
    'shows a pending restart with old and new value, and a rolling restart ends it',
    async () => {
      await ui.clusterAction('Change one parameter');
      const dialog = ui.page.getByRole('dialog');
      await dialog.getByLabel('Parameter').fill('max_connections');
      await dialog.getByLabel('New value').fill('120');
      await ui.confirm();
      expect(await ui.jobEnd(MINUTE)).toMatch(/^Done/m);
      await ui.closeJobs();
      await ui.page.getByText('restart pending').first().waitFor({ timeout: 60_000 });
      if (suite === 'trixie')
        await ui.page
          .getByText(/max_connections 100 -> 120/)
          .first()
          .waitFor();
      await waitFor(
        'every member waits for a restart',
        60_000,
        async () => (await ui.page.getByText('restart pending').count()) === 3,
      );
      await ui.clusterAction('Rolling restart');
      await ui.confirm();
      expect(await ui.jobEnd(5 * MINUTE)).toMatch(/^Done/m);
      await ui.closeJobs();
      await allWell();
      for (const name of NODES)
        expect(await lab.node(name).psql('show max_connections', { scope: cluster.scope })).toBe('120');
    },
    10 * MINUTE,
  );

  it(
    'restarts one member',
    async () => {
      const member = await firstReplica();
      const started = () => lab.node(member).psql('select pg_postmaster_start_time()', { scope: cluster.scope });
      const before = await started();
      await ui.memberAction(member, 'Restart PostgreSQL');
      await ui.confirm();
      expect(await ui.jobEnd(2 * MINUTE)).toMatch(/^Done/m);
      await ui.closeJobs();
      expect(await started()).not.toBe(before);
      await allWell();
    },
    4 * MINUTE,
  );

  it(
    'pauses and resumes automatic failover on every member',
    async () => {
      await ui.clusterAction('Pause automatic failover');
      await ui.confirm();
      expect(await ui.jobEnd(MINUTE)).toMatch(/^Done/m);
      await ui.closeJobs();
      await ui.page.getByText('Automatic failover is paused.').waitFor();
      expect(await lab.node('n1').patronictl(['list'], { scope: cluster.scope })).toMatch(/Maintenance mode: on/);
      await ui.page.getByRole('button', { name: 'Resume', exact: true }).click();
      await ui.confirm();
      expect(await ui.jobEnd(MINUTE)).toMatch(/^Done/m);
      await ui.closeJobs();
      await ui.page.getByText('Automatic failover is paused.').waitFor({ state: 'detached' });
      expect(await lab.node('n1').patronictl(['list'], { scope: cluster.scope })).not.toMatch(/Maintenance mode: on/);
    },
    4 * MINUTE,
  );

  it(
    'counts down to a scheduled switchover, and cancels it',
    async () => {
      await ui.clusterAction('Schedule a switchover');
      await ui.confirm();
      expect(await ui.jobEnd(MINUTE)).toMatch(/^Done/m);
      await ui.closeJobs();
      await ui.page
        .getByText(/A switchover.* is scheduled/)
        .first()
        .waitFor();
      expect(await lab.node('n1').patronictl(['list'], { scope: cluster.scope })).toMatch(/Switchover scheduled/i);
      await ui.page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
      await ui.confirm();
      expect(await ui.jobEnd(MINUTE)).toMatch(/^Done/m);
      await ui.closeJobs();
      expect(await lab.node('n1').patronictl(['list'], { scope: cluster.scope })).not.toMatch(/Switchover scheduled/i);
    },
    4 * MINUTE,
  );

  it(
    'says within 5 s that etcd lost its quorum, marks the rest as stale, offers nothing that cannot work, and recovers by itself',
    async () => {
      await allWell();
      const [first, second] = await replicas();
      if (first === undefined || second === undefined) throw new Error('two replicas are needed');
      await Promise.all(
        [first, second].map((name) => lab.node(name).console('systemctl kill -s KILL etcd; systemctl stop etcd')),
      );
      const lost = Date.now();
      await ui.page.getByText('etcd has no quorum').first().waitFor({ timeout: 30_000 });
      expect(Date.now() - lost).toBeLessThanOrEqual(5000);
      expect(await ui.page.getByRole('button', { name: 'Switchover', exact: true }).isDisabled()).toBe(true);
      expect(await ui.member(first).innerText()).toMatch(first);
      await Promise.all([first, second].map((name) => lab.node(name).console('systemctl start --no-block etcd')));
      await waitFor(
        'the page no longer says that etcd has no quorum',
        60_000,
        async () => (await ui.page.getByText('etcd has no quorum').count()) === 0,
      );
      await allWell(3 * MINUTE);
    },
    6 * MINUTE,
  );

  it(
    'waits through 30 s without SSH during a switchover, reports the real result and sends nothing twice',
    async () => {
      const before = await primary();
      const target = await firstReplica();
      const since = (await lab.node(before).console('date +%s')).trim();
      await ui.page.getByRole('button', { name: `Switch over to this member: ${target}` }).click();
      await ui.confirm();
      await lab.partition({ kind: 'cut', nodes: ['j1'] });
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      await lab.heal();
      const words = await ui.jobEnd(4 * MINUTE);
      const leads = await primary();
      const sent = Number(
        (
          await lab.node(before).console(`journalctl --since @${since} | grep -c 'received switchover request' || true`)
        ).trim(),
      );
      expect(sent).toBeLessThanOrEqual(1);
      expect(words).toMatch(leads === target ? /^Done/m : /^(Failed|Refused, nothing was sent|Result not known)$/m);
      await ui.closeJobs();
      await leaderShown(leads);
      await allWell(3 * MINUTE);
    },
    8 * MINUTE,
  );

  it("leaves no secret in the app's files and no error in the page", async () => {
    expect(await scanDirectory(opened.directory, [lab.passphrase, ...passwordsOf(cluster)])).toEqual([]);
    expect(opened.problems).toEqual([]);
  });

  /** The name that the dialog asks the user to type. */
  async function typedWord(): Promise<string> {
    return (
      await ui.page.getByRole('dialog').last().locator('label', { hasText: 'to confirm' }).locator('strong').innerText()
    ).trim();
  }
});

function passwordsOf(cluster: ReferenceCluster): readonly string[] {
  return Object.values(cluster.users).map((user) => user.password);
}
