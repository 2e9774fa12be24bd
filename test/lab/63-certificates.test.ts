import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, AlertsUpdate } from '../../shared/model/alerts/alert';
import type { CertificateInventory, TlsPort } from '../../shared/model/certificates/certificates';
import { scanDirectory } from '../support/secret-scan';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];

const RELEASES = [
  { suite: 'trixie', net: 198 },
  { suite: 'bookworm', net: 199 },
] as const;

describe.each(releasesToTest('63-certificates', RELEASES, 'trixie'))(
  'the certificates and the diagnostic bundle of a cluster that others set up ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let update: AlertsUpdate | null = null;
    const ending = new AbortController();

    const lasting = (): readonly Alert[] => (update?.alerts ?? []).filter(({ endedAt }) => endedAt === null);
    const raised = (rule: string, subject: string): Promise<Alert> =>
      waitFor(`the alert ${rule} about ${subject}`, 4 * MINUTE, () =>
        Promise.resolve(lasting().find((alert) => alert.rule === rule && alert.subject === subject)),
      );
    const over = (rule: string, subject: string): Promise<true> =>
      waitFor(`the end of the alert ${rule} about ${subject}`, 4 * MINUTE, () =>
        Promise.resolve(lasting().some((one) => one.rule === rule && one.subject === subject) ? undefined : true),
      );
    const read = (): Promise<CertificateInventory> =>
      known.core.client.certificates.read({ clusterId: known.clusterId });
    const placeOf = (view: CertificateInventory, service: TlsPort['service'], server: string): TlsPort => {
      const found = view.places.find((place) => place.service === service && place.server === server);
      if (found === undefined) throw new Error(`${service} on ${server} is not in the list`);
      return found;
    };
    const openssl = (node: NodeName, args: string): Promise<string> =>
      known.on(
        node,
        `openssl s_client -connect ${known.opened.lab.node(node).ip}:${args} </dev/null 2>/dev/null | ` +
          'openssl x509 -noout -fingerprint -sha256 -enddate -subject',
      );
    /** A new certificate for PostgreSQL of a node; it is shown after a reload. */
    const certify = (node: NodeName, days: number): Promise<string> =>
      known.on(
        node,
        `cd ${known.cluster.dataDir} && openssl req -x509 -newkey rsa:2048 -nodes -days ${days} -subj /CN=${node} ` +
          '-keyout server.key -out server.crt 2>/dev/null && chown postgres: server.key server.crt && chmod 600 server.key',
      );
    const reload = (node: NodeName): Promise<string> => known.psql(node, 'select pg_reload_conf()');

    beforeAll(async () => {
      known = await openKnownCluster({ name: `certs-${suite}`, net, nodes: NODES, suite, secured: true }, MINUTE);
      for (const node of NODES) await certify(node, 90);
      const ctl = `patronictl -c ${known.cluster.config}`;
      await known.on('n1', `${ctl} edit-config --force -s postgresql.parameters.ssl=on > /dev/null`);
      await waitFor('PostgreSQL speaks TLS everywhere', 2 * MINUTE, async () => {
        const shown = await Promise.all(NODES.map((node) => known.psql(node, 'show ssl')));
        return shown.every((text) => text.trim() === 'on') ? true : undefined;
      });
      const stream = await known.core.client.alerts.watch(undefined, { signal: ending.signal });
      void (async () => {
        for await (const next of stream) update = next;
      })().catch(() => undefined);
    }, 15 * MINUTE);
    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(async () => {
      ending.abort();
      await known?.close();
    }, 3 * MINUTE);

    it(
      'are on every port what openssl reads there, with who trusts them',
      async () => {
        const view = await read();
        expect(view.problems).toEqual([]);
        for (const node of NODES) {
          const ports = [
            ['patroni', String(known.cluster.rest.port)],
            ['postgresql', `${known.cluster.port} -starttls postgres`],
            ['etcd_client', '2379'],
            ['etcd_peer', '2380'],
          ] as const;
          for (const [service, args] of ports) {
            const place = placeOf(view, service, node);
            const said = await openssl(node, args);
            if (place.sight.kind !== 'shown') throw new Error(`${service} on ${node}: ${JSON.stringify(place.sight)}`);
            const { fingerprint, until } = place.sight.certificate;
            expect(said).toContain(fingerprint);
            expect(Date.parse(/notAfter=(.*)/.exec(said)?.[1] ?? '')).toBe(until);
            expect(place.file, `${service} on ${node}`).toMatchObject({ kind: 'same' });
          }
          for (const service of ['patroni', 'etcd_client', 'etcd_peer'] as const)
            expect(placeOf(view, service, node), service).toMatchObject({
              trust: { kind: 'verified' },
              name: { kind: 'fits' },
            });
          expect(placeOf(view, 'postgresql', node).trust).toMatchObject({ kind: 'not_checked' });
        }
      },
      5 * MINUTE,
    );

    it(
      'that are renewed in their file alone are told to be still the older ones, until the service reads them',
      async () => {
        await certify('n2', 300);
        expect(placeOf(await read(), 'postgresql', 'n2').file).toMatchObject({ kind: 'differs' });
        const { page, app } = known.opened;
        await page.goto(`${app.origin}/#/cluster/${known.clusterId}/health/certificates`);
        await page.getByText('PostgreSQL on n2 still shows an older certificate than its file holds.').waitFor();
        await reload('n2');
        await waitFor('the new certificate', MINUTE, async () =>
          placeOf(await read(), 'postgresql', 'n2').file.kind === 'same' ? true : undefined,
        );
      },
      4 * MINUTE,
    );

    it(
      'that end soon are an alert, which ends when they are renewed',
      async () => {
        await certify('n3', 5);
        await reload('n3');
        await waitFor('the ending certificate', MINUTE, async () =>
          placeOf(await read(), 'postgresql', 'n3').file.kind === 'same' ? true : undefined,
        );
        const alert = await raised('certificate', 'PostgreSQL on n3');
        expect(alert).toMatchObject({ severity: 'critical' });
        await certify('n3', 200);
        await reload('n3');
        await waitFor('the renewed certificate', MINUTE, async () =>
          placeOf(await read(), 'postgresql', 'n3').file.kind === 'same' ? true : undefined,
        );
        await over('certificate', 'PostgreSQL on n3');
      },
      6 * MINUTE,
    );

    it(
      'a disk that is nearly full is an alert while nobody looks, which ends when it is freed',
      async () => {
        const { client } = known.core;
        const { clusterId } = known;
        await client.alerts.setRule({ clusterId, rule: 'disk', settings: { afterMs: 0 } });
        await known.opened.page.goto(`${known.opened.app.origin}/#/`);
        await known.on('n3', 'mount -t tmpfs -o size=16m tmpfs /var/log && head -c 15900000 /dev/zero > /var/log/full');
        try {
          const alert = await raised('disk', 'n3 /var/log');
          expect(alert.sentence).toContain('of 16 MB are free on /var/log of n3');
        } finally {
          await known.on('n3', 'umount /var/log');
        }
        await over('disk', 'n3 /var/log');
      },
      10 * MINUTE,
    );

    it(
      'are in a bundle that is made on the page, in which no secret of the lab stands in any form',
      async () => {
        const { page, app, lab, directory } = known.opened;
        await page.goto(`${app.origin}/#/cluster/${known.clusterId}/health/bundle`);
        await page.getByRole('button', { name: 'Gather', exact: true }).click();
        await page
          .getByTestId('bundle-progress')
          .filter({ hasText: 'Gathered' })
          .waitFor({ timeout: 4 * MINUTE });
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        const path = await page
          .getByText(/diagnostics\/.*\.zip/)
          .first()
          .innerText();
        const into = join(directory, 'unpacked');
        mkdirSync(into);
        execFileSync('python3', [
          '-c',
          'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])',
          path.trim(),
          into,
        ]);
        const files = execFileSync('find', [into, '-type', 'f', '-printf', '%P\n']).toString('utf8').split('\n');
        for (const node of NODES)
          for (const name of [
            `logs/${node}.txt`,
            `servers/${node}/system/uname.txt`,
            `servers/${node}/postgresql/pg_hba.conf.txt`,
          ])
            expect(files).toContain(name);
        expect(files).toContain('postgresql/settings.json');
        const { etcd } = await lab.clusterFile();
        const verifiers = await known.psql('n1', 'select rolpassword from pg_authid where rolpassword is not null');
        const keys = await known.on('n1', 'cat /etc/patroni/tls/*.key /etc/etcd/pki/*.key | grep -v -e -----');
        const secrets = [
          lab.passwords.dba,
          known.cluster.rest.auth?.password,
          etcd.auth?.patroni.password,
          etcd.auth?.root.password,
          ...Object.values(known.cluster.users).map(({ password }) => password),
          ...[...verifiers.split('\n'), ...keys.split('\n')].map((line) => line.trim()),
        ];
        const looked = secrets.filter((secret) => secret !== undefined && secret.length > 3) as readonly string[];
        expect(looked.length).toBeGreaterThan(10);
        expect(await scanDirectory(into, looked)).toEqual([]);
      },
      8 * MINUTE,
    );
  },
);
