import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import type { TestConnection } from '../support/app/app';
import { labSpec } from './support/deploy-lab';
import { trustHostKeys } from './support/known-cluster';
import type { Lab, NodeName } from './support/lab';
import { expectNothingLost, letsIn, startLoginLoop, type LoginWay } from './support/login-loop';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';
import { filesWith, tracesOn, watchProcesses } from './support/traces';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** A server that is no member's, with load balancers alone. */
const SEPARATE: NodeName = 'n4';
const ALL = [...NODES, SEPARATE];
const ROLES = ['etcd', 'postgres', 'haproxy', 'pgbouncer'] as const;
const CONFIG = '/etc/patroni/config.yml';
/** Each has what an order of quoting may trip over: YAML, SQL, a shell, PgBouncer's list. */
const TYPED = {
  postgres: `Super: 'quoted' "twice" $HOME #1`,
  replicator: 'Replica\\on: {of} [things], %s & more!',
  app: `App "list" 'sql' \\ back`,
} as const;

const RELEASES = [
  { suite: 'trixie', net: 190 },
  { suite: 'bookworm', net: 191 },
] as const;

describe.each(releasesToTest('55-passwords', RELEASES, 'trixie'))(
  'passwords of a cluster that was set up here ($suite)',
  ({ suite, net }) => {
    let opened: PageLab;
    let lab: Lab;
    let core: TestConnection;
    let spec: ClusterSpec;
    let clusterId: string;
    const former = new Map<string, string>();
    const given = new Map<string, string>();

    const secretNames = {
      postgres: 'superuser',
      replicator: 'replication',
      rewind_user: 'rewind',
      patroni: 'rest',
      pgbouncer: 'pgbouncer',
      app: 'user:app',
    } as const;
    type Account = keyof typeof secretNames;
    const accounts = Object.keys(secretNames) as readonly Account[];
    const secret = async (account: Account | 'steady'): Promise<string> =>
      (
        await core.client.deploy.revealSecret({
          clusterId: spec.id,
          name: account === 'steady' ? 'user:steady' : secretNames[account],
        })
      ).value;
    const psql = (name: NodeName, sql: string, database = 'postgres'): Promise<string> =>
      lab
        .node(name)
        .console(
          `runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d ${database} <<'END_OF_SQL'\n${sql}\nEND_OF_SQL`,
        )
        .then((text) => text.trimEnd());
    const leader = (): Promise<NodeName> =>
      waitFor('exactly one PostgreSQL is writable', 2 * MINUTE, async () => {
        const answers = await Promise.all(
          NODES.map((name) => psql(name, 'select pg_is_in_recovery()').catch(() => 't')),
        );
        const writable = NODES.filter((_name, index) => answers[index] === 'f');
        return writable.length === 1 ? writable[0] : undefined;
      });
    const streaming = (on: NodeName, wanted: number): Promise<boolean> =>
      waitFor(`${wanted} replicas stream from ${on}`, 2 * MINUTE, async () => {
        const rows = await psql(on, "select count(*) from pg_stat_replication where state = 'streaming'");
        return rows === String(wanted);
      });
    /** Whether a password lets a role of Patroni in over TCP, from one server to another, as psql there says. */
    const opens = async (account: Account, password: string, parameters: string): Promise<boolean> => {
      const now = await leader();
      const from = NODES.find((name) => name !== now) ?? now;
      const { ip } = lab.node(now);
      const line = `${ip}:*:*:${account}:${password.replaceAll(/[\\:]/g, String.raw`\$&`)}`;
      const said = await lab.node(from).console(`pass=$(mktemp); chmod 600 "$pass"; cat > "$pass" <<'END_OF_FILE'
${line}
END_OF_FILE
PGPASSFILE="$pass" psql -XAtq 'host=${ip} user=${account} ${parameters}' -c 'IDENTIFY_SYSTEM' 2>&1 || true; rm -f "$pass"`);
      if (/password authentication failed/.test(said)) return false;
      if (/FATAL|could not|refused/.test(said)) throw new Error(said);
      return true;
    };
    const restAnswers = async (password: string): Promise<readonly string[]> =>
      Promise.all(
        NODES.map(async (name) => {
          const { status } = await fetch(`http://${lab.node(name).ip}:8008/reload`, {
            method: 'POST',
            headers: { authorization: `Basic ${Buffer.from(`patroni:${password}`).toString('base64')}` },
          });
          return `${name} ${String(status)}`;
        }),
      );
    const page = () => opened.page;
    const press = (name: string): Promise<void> => page().getByRole('button', { name, exact: true }).click();
    const openGuide = async (): Promise<void> => {
      await page().goto(`${opened.app.origin}/#/cluster/${clusterId}/configuration`);
      await page()
        .getByRole('group', { name: 'Views of the configuration' })
        .getByRole('button', { name: 'Passwords', exact: true })
        .click();
      await page().getByTestId('password-accounts').waitFor();
    };
    const ways = (
      user: string,
      passwords: readonly string[],
      which: readonly (readonly [string, number, NodeName])[],
    ) =>
      which.map(([name, port, at]) =>
        startLoginLoop({
          name: `${user} ${name}`,
          host: lab.node(at).ip,
          port,
          database: 'app',
          user,
          passwords,
        }),
      );
    const rows = async (way: LoginWay): Promise<string> =>
      psql(await leader(), `select n from written where way = '${way.name}'`, 'app');

    beforeAll(async () => {
      opened = await openPageLab(
        { name: `passwords-${suite}`, net, nodes: ALL, suite, image: 'stack' },
        { patienceMs: MINUTE },
      );
      ({ lab } = opened);
      await trustHostKeys(opened, ALL);
      core = await opened.app.connect();
      await core.client.vault.useSession();
      const servers = [];
      for (const name of ALL)
        servers.push(
          await core.client.servers.add({
            name,
            host: lab.node(name).ip,
            user: 'root',
            auth: { kind: 'key', keyPath: lab.keyPath },
            sudo: { kind: 'root' },
          }),
        );
      spec = labSpec({
        scope: 'words',
        servers: servers.map(({ id, name, host }) => ({
          name,
          ssh: { server: id },
          address: host,
          roles: name === SEPARATE ? ['haproxy', 'pgbouncer'] : [...ROLES],
        })),
        patroni: { ttl: 20, loopWait: 2, retryTimeout: 5 },
        users: [{ name: 'app' }, { name: 'steady' }],
        databases: [{ name: 'app', owner: 'app' }],
        postgres: {
          parameters: {
            log_statement: 'all',
            log_min_duration_statement: 0,
            shared_preload_libraries: 'pg_stat_statements',
          },
        },
      });
      const plan = await core.client.deploy.plan({ spec });
      const { runId } = await core.client.deploy.apply({
        spec,
        fingerprint: plan.fingerprint,
        requestId: randomUUID(),
      });
      await waitFor('the set-up is over', 12 * MINUTE, async () => {
        const run = (await core.client.deploy.runs.list()).find((one) => one.id === runId);
        if (run?.status === 'failed') throw new Error(run.error?.message ?? 'failed');
        return run?.status === 'done';
      });
      clusterId = (await core.client.clusters.list())[0]?.id ?? '';
      const now = await leader();
      await streaming(now, 2);
      await psql(now, 'create extension pg_stat_statements');
      await psql(
        now,
        'set role app; create table written (way text, n int); grant insert on written to steady; reset role; ' +
          'grant connect on database app to steady; grant usage on schema public to steady;',
        'app',
      );
      for (const account of accounts) former.set(account, await secret(account));
      await waitFor('the app finds every member well', 2 * MINUTE, async () => {
        const view = await core.client.passwords.accounts({ clusterId });
        return view.refused === null && view.accounts.every(({ refused }) => refused === null);
      });
    }, 15 * MINUTE);

    afterEach(({ task }) => opened.pictureOf(task));
    afterAll(async () => {
      core?.close();
      await opened?.close();
    }, 3 * MINUTE);

    it(
      'are changed from the page while applications log in anew ten times a second by every way: no login fails, no write is lost',
      async () => {
        const at = await leader();
        const everyWay = [
          ['directly', 5432, at],
          ['by HAProxy', 5000, at],
          ['by PgBouncer', 6432, at],
          ['by PgBouncer on a server of its own', 6432, SEPARATE],
        ] as const;
        await openGuide();
        for (const account of accounts) {
          const name = account === 'patroni' ? `${account} (REST API)` : account;
          await page()
            .getByRole('checkbox', { name: `Change the password of ${name}`, exact: true })
            .check();
        }
        for (const [account, password] of Object.entries(TYPED))
          await page().getByLabel(`New password of ${account}; empty: made by the app`).fill(password);
        const endProcesses = await watchProcesses(lab, ALL);
        const loops = [
          ...ways('steady', [await secret('steady')], everyWay),
          ...ways(
            'app',
            [former.get('app') ?? '', TYPED.app],
            everyWay.filter(([, port]) => port !== 5000),
          ),
        ];
        await page().getByTestId('change-passwords').click();
        await expect
          .poll(() => page().getByTestId('job-status').innerText(), { timeout: 3 * MINUTE })
          .toMatch(/Done|Failed|Refused|Warning|unknown/i);
        const ended = await page().getByTestId('job-status').innerText();
        await new Promise((resolve) => setTimeout(resolve, 3000));
        const reports = await expectNothingLost(loops, rows);
        await endProcesses();
        expect(ended).toContain('Done');
        // One role has one password: the former one is refused from the change on, and never before.
        expect(reports.slice(0, everyWay.length).flatMap(({ refusals }) => refusals)).toEqual([]);
        expect(reports.slice(everyWay.length).every(({ refusals }) => refusals.length > 10)).toBe(true);
        for (const account of accounts) {
          const id = account === 'patroni' ? 'rest' : `role:${account}`;
          given.set(account, (await core.client.passwords.reveal({ clusterId, account: id })).password);
        }
        expect(Object.fromEntries([...given].filter(([account]) => account in TYPED))).toEqual(TYPED);
        expect(new Set([...given.values(), ...former.values()]).size).toBe(2 * accounts.length);
        await press('Close the jobs');
      },
      6 * MINUTE,
    );

    it(
      'stand in no argument, environment, log or journal, neither on the servers nor here; PostgreSQL logs no verifier',
      async () => {
        const now = await leader();
        const passwords = [...given.values()];
        const verifiers = (await psql(now, 'select rolpassword from pg_authid where rolpassword is not null')).split(
          '\n',
        );
        for (const name of ALL) expect(await tracesOn(lab, name, [...passwords, ...verifiers]), name).toEqual([]);
        expect(await tracesOn(lab, now, ['log_statement = ']), 'statements are logged').not.toEqual([]);
        expect(await psql(now, `select count(*) from pg_stat_statements where query like '%SCRAM-SHA-256%'`)).toBe('0');
        expect(await filesWith(opened.directory, passwords)).toEqual([]);
        expect(JSON.stringify(await core.client.history.list({ clusterId, limit: 50 }))).not.toContain(
          'SCRAM-SHA-256$4',
        );
        for (const password of passwords)
          expect(JSON.stringify(await core.client.history.list({ clusterId, limit: 50 }))).not.toContain(password);
      },
      4 * MINUTE,
    );

    it.each([
      ['postgres', 'dbname=postgres'],
      ['replicator', 'dbname=replication replication=1'],
      ['rewind_user', 'dbname=postgres'],
    ] as const)(
      'of %s: PostgreSQL lets the new one in and refuses the former one',
      async (account, parameters) => {
        // What is no command of replication is refused after the login, with a syntax error.
        expect([
          await opens(account, given.get(account) ?? '', parameters),
          await opens(account, former.get(account) ?? '', parameters),
        ]).toEqual([true, false]);
      },
      2 * MINUTE,
    );

    it('of an application and of the look-ups work through PgBouncer, the former ones do not', async () => {
      const { ip } = lab.node('n2');
      const app = { host: ip, port: 6432, database: 'app', user: 'app' };
      expect([await letsIn(app, TYPED.app), await letsIn(app, former.get('app') ?? '')]).toEqual([true, false]);
      for (const name of ALL) {
        await lab.node(name).exec('systemctl restart pgbouncer');
        expect(await letsIn({ ...app, host: lab.node(name).ip }, TYPED.app), name).toBe(true);
      }
    });

    it('of the REST API: every member takes the new one only', async () => {
      const both = [await restAnswers(given.get('patroni') ?? ''), await restAnswers(former.get('patroni') ?? '')];
      expect(
        both[0]?.every((one) => / 20[02]$/.test(one)),
        both[0]?.join(),
      ).toBe(true);
      expect(both[1]).toEqual(NODES.map((name) => `${name} 401`));
    });

    it(
      'are what a restarted replica streams with, and a switchover goes by',
      async () => {
        const now = await leader();
        for (const name of NODES.filter((one) => one !== now)) {
          await lab.node(name).exec('systemctl restart patroni');
          await waitFor(`${name} streams`, 2 * MINUTE, async () =>
            (await psql(now, "select application_name from pg_stat_replication where state = 'streaming'")).includes(
              name,
            ),
          );
        }
        const next = NODES.find((one) => one !== now) ?? now;
        await lab
          .node(now)
          .exec(`patronictl -c ${CONFIG} switchover words --leader ${now} --candidate ${next} --force`);
        await waitFor('the candidate leads', 2 * MINUTE, async () => (await leader()) === next);
        await streaming(next, 2);
      },
      6 * MINUTE,
    );

    it(
      'are what a killed former leader is rewound with',
      async () => {
        const old = await leader();
        await lab.partition({ kind: 'cut', nodes: [old] });
        await lab
          .node(old)
          .console(
            `runuser -u postgres -- psql -XAtq -c 'create table apart (n int); insert into apart select generate_series(1, 5000)'`,
          );
        await lab.crash(old);
        // The kernel of a killed server still sends what PostgreSQL had handed to it, once the others are reached again.
        const next = await waitFor('another member leads', 2 * MINUTE, async () => {
          const others = NODES.filter((name) => name !== old);
          const answers = await Promise.all(others.map((name) => psql(name, 'select pg_is_in_recovery()')));
          return others[answers.indexOf('f')];
        });
        await lab.heal();
        await psql(next, 'checkpoint');
        await lab.uncrash(old);
        await streaming(next, 2);
        const journal = await lab
          .node(old)
          .console('journalctl -u patroni --no-pager -o cat | grep -iE "pg_rewind" | tail -n 20');
        expect(journal).toMatch(/running pg_rewind/i);
        expect(journal).not.toMatch(/failed/i);
        expect(await psql(next, "select to_regclass('apart') is null")).toBe('t');
      },
      6 * MINUTE,
    );

    it(
      'are in the vault under the names of the set-up, which finds no drift',
      async () => {
        for (const account of accounts) expect(await secret(account), account).toBe(given.get(account));
        const { steps } = await core.client.deploy.check({ spec });
        expect(steps).toEqual([]);
      },
      3 * MINUTE,
    );

    it(
      'are shown while a server of PgBouncer alone does not answer: it is named, and only what may stand in its list waits for it',
      async () => {
        await lab.partition({ kind: 'cut', nodes: [SEPARATE] });
        try {
          const view = await core.client.passwords.accounts({ clusterId });
          expect(view.unread.map(({ server }) => server)).toEqual([SEPARATE]);
          expect(view.accounts.map(({ username }) => username)).toEqual(expect.arrayContaining([...accounts]));
          for (const { id, refused } of view.accounts)
            if (id === 'rest') expect(refused).toBeNull();
            else expect(refused, id).toContain(`PgBouncer on ${SEPARATE}`);
          await openGuide();
          await page().getByText(`Whether PgBouncer on ${SEPARATE} has a list of users is not known`).waitFor();
          const isRest = page().getByRole('checkbox', { name: 'Change the password of patroni (REST API)' });
          const isRole = page().getByRole('checkbox', { name: 'Change the password of app', exact: true });
          expect([await isRest.isEnabled(), await isRole.isEnabled()]).toEqual([true, false]);
          const before = await restAnswers(given.get('patroni') ?? '');
          const accountsOfApp = [{ id: 'role:app', password: null }];
          await expect(
            core.client.passwords.change({ clusterId, accounts: accountsOfApp, typed: null, requestId: randomUUID() }),
          ).rejects.toThrow(SEPARATE);
          expect(await restAnswers(given.get('patroni') ?? '')).toEqual(before);
        } finally {
          await lab.heal();
        }
        await waitFor('its list is read again', MINUTE, async () => {
          const view = await core.client.passwords.accounts({ clusterId });
          return view.unread.length === 0 && view.accounts.every(({ refused }) => refused === null);
        });
      },
      4 * MINUTE,
    );

    it(
      'are the former ones again once they are put back from the page: in PostgreSQL, in every list of PgBouncer, and in the vault',
      async () => {
        await openGuide();
        await press('Put back the former passwords');
        await page().getByTestId('confirm').click();
        await expect
          .poll(() => page().getByTestId('job-status').innerText(), { timeout: 3 * MINUTE })
          .toMatch(/Done|Failed|Refused|Warning|unknown/i);
        expect(await page().getByTestId('job-status').innerText()).toContain('Done');
        await press('Close the jobs');
        for (const name of ALL) {
          await lab.node(name).exec('systemctl restart pgbouncer');
          const app = { host: lab.node(name).ip, port: 6432, database: 'app', user: 'app' };
          expect([await letsIn(app, former.get('app') ?? ''), await letsIn(app, TYPED.app)], name).toEqual([
            true,
            false,
          ]);
        }
        expect([
          await opens('postgres', former.get('postgres') ?? '', 'dbname=postgres'),
          await opens('postgres', TYPED.postgres, 'dbname=postgres'),
        ]).toEqual([true, false]);
        for (const account of accounts) expect(await secret(account), account).toBe(former.get(account));
        const { steps } = await core.client.deploy.check({ spec });
        expect(steps).toEqual([]);
        expect((await core.client.passwords.accounts({ clusterId })).change).toBeNull();
      },
      5 * MINUTE,
    );
  },
);
