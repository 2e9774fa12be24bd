import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { SshQuestion } from '../../electron/core/ssh/authenticate/ask';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';
import { eventually } from '../support/eventually';
import { makePool, poolServer, recordingUser } from '../support/ssh/ssh-pool';
import { tempDirectory, type TempDirectory } from '../support/temp';
import type { ReferenceCluster } from './support/cluster-file';
import { ClusterPageUser } from './support/cluster-page';
import { CliDeployment } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import {
  BANNER,
  giveFish,
  makeRootTalk,
  oneTimePassword,
  rewriteConfig,
  wantOneTimePasswords,
  type ConfigStyle,
} from './support/odd-server';
import { openPageLab, type PageLab } from './support/page-lab';
import { releasesToTest } from './support/releases';
import { runToSuccess, waitFor } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

const releases = releasesToTest(
  'Odd servers',
  [
    { suite: 'bookworm', nets: [87, 88, 89] },
    { suite: 'trixie', nets: [90, 91, 92] },
  ] as const,
  'trixie',
);

describe.each(releases)('servers whose shells print, one of them fish, with umask 077 ($suite)', ({ suite, nets }) => {
  let opened: PageLab;
  let lab: Lab;
  let cluster: CliDeployment;
  let ui: ClusterPageUser;

  beforeAll(async () => {
    opened = await openPageLab(
      { name: `odd-${suite}`, net: nets[0], suite, image: 'stack' },
      { viewport: { width: 1440, height: 1000 }, patienceMs: 20_000 },
    );
    lab = opened.lab;
    ui = new ClusterPageUser(opened.page);
    await makeRootTalk(lab.node('n1'), 'with a final newline');
    await makeRootTalk(lab.node('n2'), 'without a final newline');
    await makeRootTalk(lab.node('n3'), 'without a final newline');
    await giveFish(lab.node('n3'));
    cluster = await CliDeployment.write(lab, NODES);
    await cluster.spec({ servers: NODES.map((name) => cluster.server(name, name === 'n3' ? 'admin' : 'root')) });
  }, 15 * MINUTE);

  afterEach(({ task }) => opened.pictureOf(task));
  afterAll(async () => {
    await opened?.close();
    await cluster?.close();
  }, 3 * MINUTE);

  const patronictl = async (): Promise<string> => lab.node('n1').console('patronictl -c /etc/patroni/config.yml list');

  it('print before every command, as the logins of this test see', async () => {
    for (const name of NODES) expect(await lab.node(name).exec('true'), name).toContain(BANNER);
    expect(await lab.node('n3').exec('umask', { user: 'admin' })).toMatch(/no end of this line0?077\n/);
  });

  it(
    'become a cluster by a file, and no word of a shell gets into what is written or shown',
    async () => {
      const { output } = await cluster.done('apply');
      expect(output).not.toContain(BANNER);
      await cluster.healthy();
      await cluster.sql('n1', 5000, 'create table odd(n int); insert into odd values (49)');
      await waitFor('a replica has the row', MINUTE, async () => (await cluster.sql('n3', 5001, 'table odd')) === '49');
      expect(await patronictl()).toMatch(/Leader/);
      for (const name of NODES)
        expect(await lab.node(name).console(`grep -rl '${BANNER}' /etc /var/lib/matriarch 2>/dev/null || true`)).toBe(
          '',
        );
      await cluster.unchanged();
      expect((await cluster.done('apply')).output).toContain('nothing was changed');
    },
    8 * MINUTE,
  );

  it(
    'are found and watched, and a switchover to the one with fish ends well',
    async () => {
      await ui.addServer({
        name: 'n3',
        host: lab.node('n3').ip,
        user: 'admin',
        keyPath: lab.keyPath,
        sudo: 'sudo without a password',
      });
      await ui.page.getByRole('link', { name: 'Connect to a cluster' }).first().click();
      await ui.page.getByLabel('Which server').selectOption({ label: 'New server' });
      await ui.fillServer({ host: lab.node('n1').ip, user: 'root', keyPath: lab.keyPath, sudo: 'The user is root' });
      await ui.page.getByRole('button', { name: 'Test the connection' }).click();
      await ui.answerUntil(ui.page.getByLabel('Test result'), '');
      await ui.page.getByRole('button', { name: 'Find Patroni' }).click();
      await ui.answerUntil(ui.page.getByRole('button', { name: 'Add this cluster' }), '');
      await ui.page.getByRole('button', { name: 'Add this cluster' }).click();
      const session = ui.page.getByRole('button', { name: 'Keep secrets until I close the app' });
      await ui.answerUntil(session, '');
      await session.click();
      await ui.answerUntil(ui.page.getByRole('heading', { name: 'Leader lock' }), '');
      for (const name of NODES) await ui.answerUntil(ui.member(name).filter({ hasText: /PostgreSQL \d/ }), '');
      await waitFor('the page shows three healthy members', 2 * MINUTE, async () =>
        (await Promise.all(NODES.map((name) => ui.member(name).innerText()))).every((row) => /healthy/i.test(row)),
      );
      const target = (await cluster.primary()) === 'n3' ? 'n2' : 'n3';
      await ui.switchOverTo(target);
      expect(await ui.jobEnd(2 * MINUTE)).toMatch(/^Done$/m);
      await ui.closeJobs();
      expect(await cluster.primary()).toBe(target);
      expect(await patronictl()).toMatch(new RegExp(`${target} .*Leader`));
      await cluster.healthy();
      expect(await ui.page.locator('body').innerText()).not.toContain(BANNER);
      expect(opened.problems).toEqual([]);
    },
    6 * MINUTE,
  );
});

describe.each(releases)(
  'members configured in a directory, by environment, in flow style ($suite)',
  ({ suite, nets }) => {
    const styles: Readonly<Partial<Record<NodeName, ConfigStyle>>> = { n1: 'directory', n2: 'environment', n3: 'flow' };
    let lab: Lab;
    let reference: ReferenceCluster;
    let home: TempDirectory;
    let app: TestApp;
    let core: TestConnection;
    const servers = new Map<NodeName, string>();

    beforeAll(async () => {
      lab = await openLab({ name: `styles-${suite}`, net: nets[1], nodes: [], suite });
      reference = await lab.cluster({
        layout: 'plain',
        nodes: NODES,
        restAuth: true,
        restTls: true,
        restClientCerts: 'optional',
        etcdTls: true,
      });
      await lab.node('n1').patronictl(['edit-config', '--force', '-s', 'ttl=27', '-p', 'work_mem=7MB']);
      for (const name of NODES) {
        const style = styles[name];
        if (style !== undefined) await rewriteConfig(lab.node(name), style);
      }
      await waitFor('all three run again', 2 * MINUTE, async () =>
        /(.*(running|streaming).*\n){3}/.test(await lab.node('n3').patronictl(['list'])),
      );
      home = await tempDirectory();
      await mkdir(join(home.path, '.ssh'));
      await writeFile(
        join(home.path, '.ssh', 'known_hosts'),
        await runToSuccess(
          'ssh-keyscan',
          NODES.map((name) => lab.node(name).ip),
        ),
      );
      app = await startApp({ page: false, homeDirectory: home.path });
      core = await app.connect();
      await core.client.vault.useSession();
      for (const name of NODES) {
        const added = await core.client.servers.add({
          name,
          host: lab.node(name).ip,
          user: 'admin',
          auth: { kind: 'key', keyPath: lab.keyPath },
          sudo: { kind: 'passwordless' },
        });
        servers.set(name, added.id);
      }
    }, 15 * MINUTE);

    afterAll(async () => {
      core?.close();
      await app?.close();
      await home?.remove();
      await lab?.down();
    }, 3 * MINUTE);

    it.each(NODES)(
      'are found from each of them, with certificates, passwords and all members: %s',
      async (name) => {
        const { clusters } = await core.client.clusters.discover({ serverId: servers.get(name) ?? '' });
        expect(clusters).toHaveLength(1);
        expect(clusters[0]).toMatchObject({
          scope: reference.scope,
          namespace: reference.namespace.replaceAll('/', ''),
          dcs: 'etcd3',
          restAuth: true,
          restTls: true,
          etcdTls: true,
          problems: [],
        });
        expect(clusters[0]?.members.map((member) => member.name).sort()).toEqual(NODES);
      },
      2 * MINUTE,
    );

    it(
      'are watched and operated with the password from the environment of one, and described as they are',
      async () => {
        const { client } = core;
        const serverId = servers.get('n2') ?? '';
        const found = await client.clusters.discover({ serverId });
        const entry = await client.clusters.addDiscovered({
          serverId,
          key: found.clusters[0]?.key ?? '',
          title: 'Styles',
        });
        const preview = await waitFor('a pause may be begun', MINUTE, async () => {
          const shown = await client.operations.preview({ clusterId: entry.id, operation: { kind: 'pause' } });
          return shown.checks.every((check) => check.verdict !== 'refuses') && shown;
        });
        await client.operations.start({
          clusterId: entry.id,
          operation: { kind: 'pause' },
          fingerprint: preview.fingerprint,
          requestId: `pause-${suite}-49`,
          typed: null,
        });
        await waitFor('patronictl shows the pause', MINUTE, async () =>
          (await lab.node('n3').patronictl(['list'])).includes('Maintenance mode: on'),
        );
        await lab.node('n3').patronictl(['resume']);
        const { spec, notes } = await client.deploy.day2.adopt({ clusterId: entry.id });
        expect(notes.filter((note) => /not described|pg_hba/.test(note))).toEqual([]);
        expect(spec).toMatchObject({
          scope: reference.scope,
          adopted: NODES,
          patroni: { ttl: 27, restUser: 'patroni' },
          postgres: { port: reference.port, dataDirectory: reference.dataDir, parameters: { work_mem: '7MB' } },
          accounts: {
            superuser: reference.users.superuser.username,
            replication: reference.users.replication.username,
          },
        });
        expect(spec.servers.map((server) => server.address)).toEqual(NODES.map((name) => lab.node(name).ip));
        expect(spec.etcd.external).toHaveLength(3);
        await waitFor('nothing differs from the description', MINUTE, async () => {
          const { steps } = await client.deploy.check({ spec });
          if (steps.length > 0) throw new Error(JSON.stringify(steps.slice(0, 3)));
          return true;
        });
      },
      5 * MINUTE,
    );
  },
);

describe.each(releases)('a login with more than a key ($suite)', ({ suite, nets }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ name: `logins-${suite}`, net: nets[2], nodes: ['n1'], suite });
  }, 10 * MINUTE);
  afterAll(() => lab?.down(), 3 * MINUTE);

  /** What sshd and PAM have written since a moment, in seconds since the epoch. */
  const written = (since: string): Promise<string> =>
    lab.node('n1').console(`journalctl --no-pager -o cat --since=@${since} -t sshd -t sshd-session || true`);
  const now = async (): Promise<string> => (await lab.node('n1').console('date +%s')).trim();

  it.each(['code first', 'password first'] as const)(
    'sends the stored password as no one-time password, and asks the user for that alone: %s',
    async (order) => {
      await wantOneTimePasswords(lab.node('n1'), order);
      const since = await now();
      const asked: SshQuestion[] = [];
      const { ask } = recordingUser((question) => {
        if (question.kind === 'host_key') return null;
        asked.push(question);
        return question.kind === 'prompts' ? question.prompts.map(() => oneTimePassword(Date.now())) : null;
      });
      const made = await makePool({
        servers: [
          poolServer(22, {
            host: lab.node('n1').ip,
            auth: { kind: 'password', passwordSecret: 'login' },
            sudo: { kind: 'none' },
          }),
        ],
        secrets: { login: lab.passwords.dba ?? '' },
        ask,
      });
      onTestFinished(() => made.close());
      const answer = await made.pool.remote('db1').run(['id', '-un'], { timeoutMs: MINUTE });
      expect(answer.stdout).toBe('dba\n');
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({
        kind: 'prompts',
        prompts: [{ text: expect.stringMatching(/code/i), echo: false }],
      });
      expect(await written(since)).not.toMatch(/invalid verification code|authentication failure/i);
    },
    6 * MINUTE,
  );

  it(
    'takes of six keys of an agent the one that IdentityFile names, where sshd allows three attempts',
    async () => {
      await lab
        .node('n1')
        .console(
          "printf '%s\\n' 'MaxAuthTries 3' 'LogLevel VERBOSE' > /etc/ssh/sshd_config.d/10-few.conf; systemctl restart ssh",
        );
      const { path, remove } = await tempDirectory();
      onTestFinished(remove);
      const socket = join(path, 'agent.sock');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      onTestFinished(() => void agent.kill('SIGTERM'));
      await eventually('the agent listens', () => existsSync(socket));
      const mine = join(path, 'mine');
      await copyFile(lab.keyPath, mine);
      await copyFile(`${lab.keyPath}.pub`, `${mine}.pub`);
      const strangers = [1, 2, 3, 4, 5].map((number) => join(path, `stranger-${number}`));
      for (const file of strangers) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
      for (const file of [...strangers, mine])
        execFileSync('ssh-add', ['-q', file], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      const since = await now();
      const made = await makePool({
        servers: [
          poolServer(22, {
            host: lab.node('n1').ip,
            user: 'admin',
            auth: { kind: 'agent' },
            sshConfigHost: 'few',
          }),
        ],
        agentSocket: socket,
        sshConfig: `Host few\n  IdentitiesOnly yes\n  IdentityFile ${mine}\n`,
      });
      onTestFinished(() => made.close());
      const answer = await made.pool.remote('db1').run(['id', '-un'], { timeoutMs: MINUTE });
      expect(answer.stdout).toBe('admin\n');
      const log = await written(since);
      expect(log.match(/Accepted publickey for admin/g)).toHaveLength(1);
      expect(log).not.toMatch(/Failed publickey/);
    },
    3 * MINUTE,
  );
});
