import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { scanDirectory } from '../support/secret-scan';
import { ClusterPageUser } from './support/cluster-page';
import type { ReferenceCluster } from './support/cluster-file';
import type { Lab, NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { waitFor } from './support/run';
import { releasesToTest } from './support/releases';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

const RELEASES = [
  { suite: 'bookworm', layout: 'plain', net: 63 },
  { suite: 'trixie', layout: 'debian-layout', net: 64 },
] as const;

describe.each(releasesToTest('20-secured', RELEASES, 'bookworm'))(
  'a cluster with TLS and passwords everywhere on $suite ($layout)',
  ({ suite, layout, net }) => {
    let opened: PageLab;
    let lab: Lab;
    let cluster: ReferenceCluster;
    let ui: ClusterPageUser;

    beforeAll(async () => {
      opened = await openPageLab(
        { name: `tls-${suite}`, net, suite, image: 'stack' },
        { viewport: { width: 1440, height: 1000 }, patienceMs: 20_000 },
      );
      lab = opened.lab;
      cluster = await lab.cluster({
        layout,
        nodes: NODES,
        restAuth: true,
        restTls: true,
        restClientCerts: 'optional',
        etcdAuth: true,
        etcdTls: true,
      });
      ui = new ClusterPageUser(opened.page);
    }, 15 * MINUTE);

    afterEach(({ task }) => opened.pictureOf(task));
    afterAll(() => opened?.close(), 3 * MINUTE);

    const allWell = (): Promise<unknown> =>
      waitFor('the page shows three healthy members', 2 * MINUTE, async () => {
        const rows = await Promise.all(NODES.map((name) => ui.member(name).innerText()));
        return rows.every((row) => /healthy/i.test(row));
      });

    it(
      'is found, and opens live with certificates and passwords read from its server into the vault',
      async () => {
        await ui.page.getByRole('link', { name: 'Connect to a cluster' }).first().click();
        await ui.fillServer({ host: lab.node('n1').ip, user: 'dba', password: 'asked', sudo: 'sudo with a password' });
        await ui.page.getByRole('button', { name: 'Test the connection' }).click();
        const password = lab.passwords.dba ?? '';
        await ui.answerUntil(ui.page.getByLabel('Test result'), password);
        await ui.page.getByRole('button', { name: 'Find Patroni' }).click();
        const session = ui.page.getByRole('button', { name: 'Keep secrets until I close the app' });
        const add = ui.page.getByRole('button', { name: 'Add this cluster' });
        await ui.answerUntil(session.or(add), password);
        if (await session.isVisible()) await session.click();
        await ui.answerUntil(add, password);
        expect(await ui.page.getByText('REST with TLS').first().innerText()).toMatch(
          /REST asks for a password.*etcd with TLS.*etcd asks for a password/,
        );
        await add.click();
        await ui.answerUntil(ui.page.getByRole('heading', { name: 'Leader lock' }).or(session), password);
        if (await session.isVisible()) await session.click();
        // etcd lists members before their servers are asked: versions come from REST, through each server's own connection.
        for (const name of NODES) await ui.answerUntil(ui.member(name).filter({ hasText: /PostgreSQL \d/ }), password);
        await allWell();
      },
      5 * MINUTE,
    );

    it(
      'switches over through REST with TLS and a password, and psql agrees',
      async () => {
        const target = (await lab.primaries(cluster))[0] === 'n2' ? 'n3' : 'n2';
        await ui.switchOverTo(target);
        expect(await ui.jobEnd(2 * MINUTE)).toMatch(/^Done$/m);
        await waitFor(
          'the target alone is writable',
          MINUTE,
          async () => (await lab.primaries(cluster)).join() === target,
        );
        await ui.closeJobs();
        await allWell();
      },
      4 * MINUTE,
    );

    it("leaves no secret in the app's files", async () => {
      const { etcd } = await lab.clusterFile();
      const secrets = [
        lab.passwords.dba,
        cluster.rest.auth?.password,
        etcd.auth?.patroni.password,
        ...Object.values(cluster.users).map((user) => user.password),
      ];
      expect(
        await scanDirectory(
          opened.directory,
          secrets.filter((secret) => secret !== undefined),
        ),
      ).toEqual([]);
    });
  },
);
