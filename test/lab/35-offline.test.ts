import { copyFile, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor, runCommand, type CommandResult } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
const program = fileURLToPath(new URL('../../electron/deploy-cli.mjs', import.meta.url));

/**
 * What must be as before: apt's configuration but for the file that PostgreSQL's own packages bring, its lists unless
 * they are fetched, and the places where files tend to be left behind.
 */
const LEFT =
  `find /etc/apt -type f ! -name '0?autoremove-postgresql' -exec sha256sum {} + | sort -k2; ` +
  `ls -A /tmp /var/tmp /var/cache/apt/archives/*.deb 2>/dev/null | ` +
  `grep -v -e systemd-private -e '-unix$' || true; ls -d /var/lib/matriarch/*/bundle 2>/dev/null || true`;

describe('three servers whose only route is SSH, behind a jump host', () => {
  let lab: Lab;
  let directory: string;
  const path = (name: string): string => join(directory, name);
  const deploy = (...words: string[]): Promise<CommandResult> =>
    runCommand(
      process.execPath,
      [program, ...words, '--secrets', path('secrets.yml'), '--data', path('data'), '--accept-host-keys', '--yes'],
      { timeoutMs: 12 * MINUTE },
    );

  /** A spec whose servers are reached as root, or as the user who must type a password for sudo. */
  const writeSpec = async (name: string, user: 'root' | 'dba', route: object): Promise<string> => {
    const servers = NODES.map((node) => {
      const { ip } = lab.node(node);
      return {
        name: node,
        address: ip,
        roles: ['etcd', 'postgres', 'haproxy', 'pgbouncer'],
        ssh: {
          host: ip,
          user,
          key: lab.keyPath,
          jump: [`root@${lab.node('j1').ip}`],
          ...(user === 'dba' ? { sudo: 'password' } : {}),
        },
      };
    });
    await writeFile(
      path(name),
      stringify({ version: 1, scope: 'far', tls: 'off', servers, users: [{ name: 'app' }], sources: { route } }),
    );
    return path(name);
  };
  const streaming = async (): Promise<number> => {
    const states = await Promise.all(
      NODES.map((node) =>
        lab
          .node(node)
          .exec('patronictl -c /etc/patroni/config.yml list -f tsv')
          .catch(() => ''),
      ),
    );
    return Math.max(
      ...states.map((text) => text.split('\n').filter((line) => /\tReplica\tstreaming\t/.test(line)).length),
    );
  };
  /**
   * patronictl reads the DCS, where a member says that it streams with its next heartbeat: up to loop_wait, 10 s,
   * after the leader sees it.
   */
  const bothStream = (): Promise<unknown> =>
    waitFor('patronictl shows two replicas that stream', 30_000, async () => (await streaming()) === 2);
  const left = (): Promise<readonly string[]> => Promise.all(NODES.map((node) => lab.node(node).exec(LEFT)));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'matriarch-offline-'));
    lab = await openLab({ name: 'offline', net: 86, suite: 'trixie', nodes: NODES, nat: false, jump: 'only' });
    await writeFile(path('secrets.yml'), NODES.map((node) => `sudo:${node}: ${lab.passwords.dba ?? ''}\n`).join(''), {
      mode: 0o600,
    });
  }, 15 * MINUTE);

  afterAll(async () => {
    await lab?.down();
    await rm(directory, { recursive: true, force: true });
  }, 3 * MINUTE);

  it('have no outside network of their own', async () => {
    expect(
      (
        await lab
          .node('n1')
          .tryExec(
            'timeout 5 apt-get -o Acquire::Retries=0 -o Dir::State::lists=/run/none update 2>&1 | ' +
              'grep -c "^\\(Err\\|Get\\)"; ip route show default',
          )
      ).stdout,
    ).not.toContain('default');
  });

  it('become a cluster from a bundle, which leaves nothing behind', async () => {
    const before = await left();
    const spec = await writeSpec('bundle.yml', 'root', { kind: 'bundle', file: path('packages.tar') });
    const bundled = await deploy('bundle', spec, '--out', path('packages.tar'), '--from', 'n1', '--through');
    expect(bundled, bundled.stderr).toMatchObject({ code: 0 });
    expect((await stat(path('packages.tar'))).size).toBeGreaterThan(30_000_000);
    const applied = await deploy('apply', spec);
    expect(applied, applied.stdout + applied.stderr).toMatchObject({ code: 0 });
    await bothStream();
    expect(await left()).toEqual(before);
  });

  it('are left untouched by an incomplete bundle', async () => {
    await lab.reset(NODES);
    await copyFile(path('packages.tar'), path('damaged.tar'));
    await truncate(path('damaged.tar'), 20_000_000);
    const refused = await deploy(
      'apply',
      await writeSpec('damaged.yml', 'root', { kind: 'bundle', file: path('damaged.tar') }),
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/bundle/i);
    expect(await lab.node('n1').exec('ls -d /var/lib/matriarch /etc/matriarch 2>/dev/null || true')).toBe('');
  });

  it('become a cluster with packages through the workstation, by a user who needs a password for sudo', async () => {
    const before = await left();
    const applied = await deploy('apply', await writeSpec('through.yml', 'dba', { kind: 'through_workstation' }));
    expect(applied, applied.stdout + applied.stderr).toMatchObject({ code: 0 });
    await bothStream();
    expect(await left()).toEqual(before);
  });
});
