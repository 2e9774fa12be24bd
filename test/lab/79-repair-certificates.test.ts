import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import { authoritySecrets } from '../../shared/model/deploy/secret-name';
import { issue, makeAuthority, type Authority } from '../../electron/core/deploy/tls/authority';
import type { TestConnection } from '../support/app/app';
import { scanDirectory } from '../support/secret-scan';
import { labSpec } from './support/deploy-lab';
import { addServers, trustHostKeys } from './support/known-cluster';
import type { Lab, NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { RepairPage } from './support/repair-page';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const REPAIR = 'Renew certificates';
const SCOPE = 'tls';

/** The files of one server, by who reads them. */
const FILES = [
  { cert: '/etc/etcd/tls/etcd.crt', key: '/etc/etcd/tls/etcd.key', owner: 'etcd' },
  { cert: '/etc/patroni/tls/server.crt', key: '/etc/patroni/tls/server.key', owner: 'postgres' },
  { cert: '/etc/pgbouncer/tls/pgbouncer.crt', key: '/etc/pgbouncer/tls/pgbouncer.key', owner: 'postgres' },
] as const;
const AUTHORITIES = ['etcd', 'patroni', 'pgbouncer', 'haproxy'].map((name) => `/etc/${name}/tls/ca.crt`);
/** Every port that shows a certificate, and how openssl is to begin there. */
const PORTS = ['5432 -starttls postgres', '6432 -starttls postgres', '8008', '2379', '2380'];

const RELEASES = [
  { suite: 'trixie', net: 252 },
  { suite: 'bookworm', net: 253 },
] as const;

/** The lines of a key of P-256 that hold its secret half: the third holds what a certificate shows to everybody. */
const secretLines = (key: string): readonly string[] => key.split('\n').slice(1, 3);

describe.each(releasesToTest('79-repair-certificates', RELEASES, 'trixie'))(
  'certificates that have ended are renewed on the page ($suite)',
  ({ suite, net }) => {
    let opened: PageLab;
    let lab: Lab;
    let core: TestConnection;
    let repair: RepairPage;
    let spec: ClusterSpec;

    const on = (name: NodeName, command: string): Promise<string> => lab.node(name).exec(command);
    const psql = async (name: NodeName, query: string): Promise<string> =>
      (await on(name, `runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -c "${query}"`)).trim();
    const book = () => opened.app.app.core.services.deployment.secrets;
    const authority = async (): Promise<Authority> => ({
      cert: (await book().read(spec.id, authoritySecrets.cert)) ?? '',
      key: (await book().read(spec.id, authoritySecrets.key)) ?? '',
    });
    /** A certificate for a server as the set-up makes it, made so long ago, ms. */
    const certificate = (by: Authority, name: NodeName, agoMs: number) =>
      issue(
        { ...by, trusted: by.cert },
        { commonName: name, names: [name, 'localhost'], addresses: [lab.node(name).ip, '127.0.0.1'] },
        Date.now() - agoMs,
      );
    const put = async (name: NodeName, path: string, text: string, owner: string, mode: string): Promise<void> => {
      await on(
        name,
        `base64 -d > ${path} <<'END'\n${Buffer.from(text).toString('base64')}\nEND\nchown ${owner}: ${path}; chmod ${mode} ${path}`,
      );
    };
    const install = async (by: Authority, name: NodeName, agoMs: number): Promise<void> => {
      for (const { cert, key, owner } of FILES) {
        const made = await certificate(by, name, agoMs);
        await put(name, key, made.key, owner, '600');
        await put(name, cert, made.cert, owner, '644');
      }
    };
    const etcdctl = (name: NodeName, words: string): Promise<string> =>
      on(
        name,
        `ETCDCTL_API=3 etcdctl --endpoints https://${lab.node(name).ip}:2379 --cacert /etc/etcd/tls/ca.crt ` +
          `--cert /etc/etcd/tls/etcd.crt --key /etc/etcd/tls/etcd.key --command-timeout=3s ${words} 2>&1 || true`,
      );
    const primary = async (): Promise<NodeName | undefined> => {
      const answers = await Promise.all(NODES.map((name) => psql(name, 'select pg_is_in_recovery()').catch(() => 't')));
      const leaders = NODES.filter((_, index) => answers[index] === 'f');
      return leaders.length === 1 ? leaders[0] : undefined;
    };
    const write = async (n: number): Promise<void> => {
      const leader = await waitFor('one PostgreSQL takes writes', 3 * MINUTE, primary);
      await psql(leader, `insert into ledger values (${n})`);
      await waitFor('a replica has the row', MINUTE, async () => {
        const rows = await Promise.all(NODES.map((name) => psql(name, `select count(*) from ledger where n = ${n}`)));
        return rows.every((count) => count === '1') ? true : undefined;
      });
    };
    /** All services start again with the files that lie there; answers when etcd serves nobody and nobody takes writes. */
    const takeDown = async (): Promise<void> => {
      await Promise.all(NODES.map((name) => on(name, 'systemctl restart --no-block etcd patroni pgbouncer')));
      await waitFor('etcd serves nobody', 2 * MINUTE, async () => {
        const answers = await Promise.all(NODES.map((name) => etcdctl(name, 'endpoint health')));
        return answers.every((text) => !text.includes('is healthy')) ? true : undefined;
      });
      await waitFor('nobody takes writes', 2 * MINUTE, async () =>
        (await primary()) === undefined ? true : undefined,
      );
    };
    /** When the certificate on each port ends, ms, as openssl sees it; verified against the authority that lies there. */
    const endsShown = async (name: NodeName): Promise<readonly number[]> => {
      const { ip } = lab.node(name);
      const ends: number[] = [];
      for (const port of PORTS) {
        const text = await on(
          name,
          `openssl s_client -connect ${ip}:${port} -CAfile /etc/patroni/tls/ca.crt -verify_return_error -verify_ip ${ip} ` +
            '-cert /etc/etcd/tls/etcd.crt -key /etc/etcd/tls/etcd.key </dev/null 2>/dev/null | openssl x509 -noout -enddate',
        );
        ends.push(Date.parse(/notAfter=(.*)/.exec(text)?.[1] ?? ''));
      }
      return ends;
    };
    const sumsOfOthers = (name: NodeName): Promise<string> => {
      const own = [...FILES.flatMap(({ cert, key }) => [cert, key]), ...AUTHORITIES].map(
        (path) => `! -path '${path}*'`,
      );
      return on(name, `find /etc -xdev -type f ${own.join(' ')} -print0 | sort -z | xargs -0 sha256sum`);
    };

    beforeAll(async () => {
      opened = await openPageLab(
        { name: `repcert-${suite}`, net, nodes: NODES, suite, image: 'stack' },
        { patienceMs: 2 * MINUTE },
      );
      ({ lab } = opened);
      await trustHostKeys(opened, NODES);
      core = await opened.app.connect();
      const { client } = core;
      await client.vault.useSession();
      const servers = await addServers(lab, client, NODES);
      spec = labSpec({
        scope: SCOPE,
        tls: 'on',
        patroni: { ttl: 20, loopWait: 2, retryTimeout: 5 },
        servers: servers.map(({ id, name, host }) => ({
          name,
          ssh: { server: id },
          address: host,
          roles: ['etcd', 'postgres', 'haproxy', 'pgbouncer'],
        })),
      });
      const plan = await client.deploy.plan({ spec });
      const { runId } = await client.deploy.apply({ spec, fingerprint: plan.fingerprint, requestId: randomUUID() });
      await waitFor('the set-up is over', 12 * MINUTE, async () => {
        const run = (await client.deploy.runs.list()).find((one) => one.id === runId);
        if (run?.status === 'failed') throw new Error(run.error?.message ?? 'failed');
        return run?.status === 'done';
      });
      repair = new RepairPage({ opened, clusterId: spec.id });
      const leader = await waitFor('one PostgreSQL takes writes', 2 * MINUTE, primary);
      await psql(leader, 'create table ledger (n int)');
    }, 20 * MINUTE);

    afterEach(({ task }) => opened.pictureOf(task));
    afterAll(async () => {
      core?.close();
      await opened?.close();
    }, 3 * MINUTE);

    it(
      'is refused while nothing has ended',
      async () => {
        await repair.open(REPAIR);
        await repair.refusedWith(/No certificate has ended or ends within 30 days: the first to end is \//);
        await repair.cancel();
      },
      3 * MINUTE,
    );

    it(
      'brings a cluster back that is down for them: every port shows a new one, writes go on, and nothing else was touched',
      async () => {
        const by = await authority();
        for (const name of NODES) await install(by, name, 400 * DAY);
        expect(await on('n1', 'openssl x509 -checkend 0 -noout -in /etc/etcd/tls/etcd.crt || true')).toMatch(
          /will expire/,
        );
        await takeDown();
        const before = await Promise.all(NODES.map(sumsOfOthers));

        await repair.open(REPAIR);
        await repair.shown(/\/etc\/etcd\/tls\/etcd\.crt \(etcd\) ended 3 days ago/);
        await repair.shown(/\/etc\/patroni\/tls\/server\.crt \(Patroni and PostgreSQL\) ended/);
        expect(await repair.confirm(null)).toMatch(
          /9 certificates are new, and every port shows its own\. n\d leads\./,
        );

        await write(1);
        for (const name of NODES) {
          for (const end of await endsShown(name)) expect(end - Date.now()).toBeGreaterThan(390 * DAY);
          expect(await etcdctl(name, 'endpoint health')).toContain('is healthy');
          for (const { cert, key, owner } of FILES) {
            expect(
              await on(name, `stat -c '%U %a' ${key} ${cert} ${key}.matriarch-kept-* ${cert}.matriarch-kept-*`),
            ).toBe(`${owner} 600\n${owner} 644\n${owner} 600\n${owner} 644\n`);
            expect(await on(name, `openssl x509 -noout -ext subjectAltName -in ${cert}`)).toContain(
              `IP Address:${lab.node(name).ip}`,
            );
          }
        }
        expect(await Promise.all(NODES.map(sumsOfOthers))).toEqual(before);
        expect(await on('n1', 'ls -A /var/lib | grep matriarch- || true')).toBe('');
        const keys = await Promise.all(FILES.map(({ key }) => on('n1', `cat ${key}`)));
        expect(await scanDirectory(join(opened.directory, 'data'), keys.flatMap(secretLines))).toEqual([]);
        const { steps } = await core.client.deploy.check({ spec });
        expect(steps.map(({ id }) => id)).toEqual([]);
      },
      12 * MINUTE,
    );

    it(
      'goes on where it was broken off: a key without its certificate, and a service that was not told',
      async () => {
        const by = await authority();
        const pids = (): Promise<string[]> => Promise.all(NODES.map((name) => on(name, 'pidof etcd')));
        const before = await pids();
        const other = await certificate(by, 'n2', 0);
        await put('n2', '/etc/patroni/tls/server.key', other.key, 'postgres', '600');
        const ended = await certificate(by, 'n3', 400 * DAY);
        await put('n3', '/etc/pgbouncer/tls/pgbouncer.key', ended.key, 'postgres', '600');
        await put('n3', '/etc/pgbouncer/tls/pgbouncer.crt', ended.cert, 'postgres', '644');
        await on('n3', 'systemctl reload pgbouncer');
        await waitFor('PgBouncer on n3 shows the ended one', MINUTE, async () => {
          const text = await on(
            'n3',
            `openssl s_client -connect ${lab.node('n3').ip}:6432 -starttls postgres </dev/null 2>/dev/null | ` +
              'openssl x509 -noout -checkend 0 || true',
          );
          return /will expire/.test(text) ? true : undefined;
        });
        const good = await certificate(by, 'n3', 0);
        await put('n3', '/etc/pgbouncer/tls/pgbouncer.key', good.key, 'postgres', '600');
        await put('n3', '/etc/pgbouncer/tls/pgbouncer.crt', good.cert, 'postgres', '644');

        await repair.open(REPAIR);
        await repair.shown(/server\.crt \(Patroni and PostgreSQL\) is not that of the key beside it/);
        await repair.shown(/PgBouncer still shows one until/);
        expect(await repair.confirm(null)).toMatch(/1 certificates? (is|are) new/);
        for (const name of NODES)
          for (const end of await endsShown(name)) expect(end - Date.now()).toBeGreaterThan(390 * DAY);
        expect(await pids(), 'no etcd was started again').toEqual(before);
        await write(2);
      },
      8 * MINUTE,
    );

    it(
      'makes a new authority where that one has ended itself, and takes the old one out of every file at the end',
      async () => {
        const old = await makeAuthority('Matriarch tls of old', Date.now() - 3652 * DAY);
        await book().write(spec.id, authoritySecrets.key, old.key);
        await book().write(spec.id, authoritySecrets.cert, old.cert);
        for (const name of NODES) {
          await install(old, name, 400 * DAY);
          for (const path of AUTHORITIES)
            await put(name, path, old.cert, (await on(name, `stat -c %U ${path}`)).trim(), '644');
        }
        await takeDown();

        await repair.open(REPAIR);
        await repair.shown(/authority CN=Matriarch tls of old that this app made for the cluster ended/);
        expect(await repair.confirm(SCOPE)).toMatch(
          /9 certificates are new, and every port shows its own\. n\d leads\./,
        );

        await write(3);
        const now = await authority();
        expect(now.cert).not.toBe(old.cert);
        for (const name of NODES) {
          for (const end of await endsShown(name)) expect(end - Date.now()).toBeGreaterThan(390 * DAY);
          for (const path of AUTHORITIES) expect((await on(name, `cat ${path}`)).trim()).toBe(now.cert.trim());
        }
        expect((await core.client.certificates.read({ clusterId: spec.id })).authority?.trim()).toBe(now.cert.trim());
        await waitFor('the app itself sees a healthy cluster', 2 * MINUTE, () =>
          Promise.resolve(
            opened.app.app.core.services.hub.state(spec.id)?.health.level === 'healthy' ? true : undefined,
          ),
        );
      },
      12 * MINUTE,
    );

    it(
      'of an authority that the app does not have are refused with the requests, and renewed with files that are given',
      async () => {
        const { client } = core;
        const by = await authority();
        await client.clusters.remove({ clusterId: spec.id });
        const serverId = (await client.servers.list()).find(({ name }) => name === 'n1')?.id ?? '';
        const found = await client.clusters.discover({ serverId });
        const { id } = await client.clusters.addDiscovered({
          ...{ serverId, key: found.clusters[0]?.key ?? '', title: 'Orders' },
        });
        const foreign = new RepairPage({ opened, clusterId: id });
        for (const name of NODES) await install(by, name, 400 * DAY);
        await takeDown();

        await foreign.open(REPAIR);
        await foreign.refusedWith(/The key of the authority that signed them .* is not in this app/);
        const { page } = opened;
        const requests = await page.getByRole('list', { name: 'Requests for what is missing' }).innerText();
        expect(requests).toContain('openssl req -new -key /etc/etcd/tls/etcd.key');
        const [, command = ''] = /(sudo openssl req .*etcd\.csr'?)/.exec(requests) ?? [];
        await on('n1', `cd /tmp && ${command.replace('sudo ', '')} && openssl req -noout -verify -in /tmp/n1-etcd.csr`);

        const folder = join(opened.directory, 'given');
        await mkdir(folder);
        const give = async (files: Readonly<Record<string, string>>): Promise<void> => {
          for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
          await page
            .getByLabel('Certificates and keys')
            .setInputFiles(Object.keys(files).map((name) => join(folder, name)));
        };
        const stranger = await makeAuthority('Stranger', Date.now());
        const [wrong, late] = [await certificate(stranger, 'n1', 0), await certificate(by, 'n2', 400 * DAY)];
        const noKey = await certificate(by, 'n3', 0);
        await give({
          'n1.crt': wrong.cert,
          'n1.key': wrong.key,
          'n2.crt': late.cert,
          'n2.key': late.key,
          'n3.crt': noKey.cert,
        });
        await foreign.refusedWith(/the chain of the certificate in n1\.crt does not fit/);
        await foreign.refusedWith(/the certificate in n2\.crt has ended/);
        await foreign.refusedWith(/the key of the certificate in n3\.crt was not given/);

        await give({ 'ca.crt': by.cert, 'ca.key': by.key });
        await page.getByText('the authority CN=').waitFor();
        expect(await foreign.confirm(null)).toMatch(
          /9 certificates are new, and every port shows its own\. n\d leads\./,
        );
        await write(4);
        for (const name of NODES)
          for (const end of await endsShown(name)) expect(end - Date.now()).toBeGreaterThan(390 * DAY);
        expect(await scanDirectory(join(opened.directory, 'data'), secretLines(by.key))).toEqual([]);
      },
      12 * MINUTE,
    );
  },
);
