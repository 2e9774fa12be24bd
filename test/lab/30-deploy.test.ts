import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openLab, type Lab, type NodeName } from './support/lab';
import { eventually } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
const program = fileURLToPath(new URL('../../electron/deploy-cli.mjs', import.meta.url));

/** What an undo must bring back: packages, users, groups, units, files. apt's and ucf's own logs are no state. */
const LOOK = `
dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' | sort
getent passwd | cut -d: -f1,3,4,6,7 | sort; getent group | sort
systemctl list-unit-files --no-pager --no-legend | awk '$1 !~ /scope$/ {print $1, $2}' | sort
find /etc /usr/local /opt /root /home /srv /var -xdev \\( -path /var/lib/apt -o -path /var/cache -o -path /var/log -o -path /var/lib/dpkg -o -path /var/tmp -o -path /var/lib/systemd -o -path /var/lib/ucf \\) -prune -o -printf '%y %m %u:%g %p\\n' | sort -k4
ls -A /tmp | grep -v systemd-private || true`;

describe.each([{ suite: 'bookworm', net: 78 }, { suite: 'trixie', net: 79 }] as const)('three bare servers on $suite, by one file', ({ suite, net }) => {
  let lab: Lab;
  let directory: string;
  let found: readonly string[];
  const nodes = () => NODES.map((name) => lab.node(name));

  /** Runs the program to its end, or kills it as soon as `killWhen` says so. */
  const deploy = (command: readonly string[], killWhen?: () => Promise<boolean>): Promise<{ readonly code: number | null; readonly output: string }> => new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...command, '--secrets', join(directory, 'secrets.yml'), '--data', join(directory, 'data'), '--accept-host-keys', '--yes'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (code) => { clearInterval(watch); resolve({ code, output }); });
    const watch = setInterval(() => { void killWhen?.().then((now) => { if (now) child.kill('SIGKILL'); }); }, 50);
  });
  const journal = async (): Promise<readonly string[]> => {
    const runs = join(directory, 'data', 'deploy', 'runs');
    const names = await readdir(runs).catch(() => []);
    return (await Promise.all(names.map((name) => readFile(join(runs, name), 'utf8')))).join('').split('\n').filter((line) => line !== '');
  };
  const password = async (name: string): Promise<string> => {
    const text = await readFile(join(directory, 'secrets.yml'), 'utf8');
    return new RegExp(`^"?${name}"?: "?([^"\\n]+)"?$`, 'm').exec(text)?.[1] ?? '';
  };
  const ask = async (port: number, sql: string): Promise<string> =>
    (await lab.node('n2').exec(`f=$(mktemp); printf '*:*:*:app:%s\\n' '${await password('user:app')}' > $f; PGPASSFILE=$f psql -h ${lab.node('n1').ip} -p ${port} -U app -d shop -Atc "${sql}"; r=$?; rm -f $f; exit $r`)).trim();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'matriarch-deploy-'));
    lab = await openLab({ name: `make-${suite}`, net, suite, nodes: NODES });
    found = await Promise.all(nodes().map((node) => node.exec(LOOK)));
    await writeFile(join(directory, 'spec.yml'), stringify({
      version: 1, scope: 'made', users: [{ name: 'app' }], databases: [{ name: 'shop', owner: 'app' }],
      servers: nodes().map((node) => ({ name: node.name, address: node.ip, roles: ['etcd', 'postgres', 'haproxy', 'pgbouncer'], ssh: { host: node.ip, user: 'admin', sudo: 'passwordless', key: lab.keyPath } })),
    }));
  }, 15 * MINUTE);

  afterAll(async () => {
    await lab?.down();
    await rm(directory, { recursive: true, force: true });
  }, 3 * MINUTE);

  it('become a cluster although the app is killed five times on the way', async () => {
    let command = ['apply', join(directory, 'spec.yml')];
    for (let kill = 0; kill < 5; kill += 1) {
      const target = (await journal()).length + 7;
      await deploy(command, async () => (await journal()).length >= target);
      const [run] = await readdir(join(directory, 'data', 'deploy', 'runs'));
      command = ['resume', (run ?? '').replace('.jsonl', '')];
    }
    const end = await deploy(command);
    expect(end.output).toContain('The cluster made runs with 3 members');
  }, 15 * MINUTE);

  it('take writes through HAProxy and PgBouncer and reads from the replicas', async () => {
    expect(await ask(5000, 'create table t (i int); insert into t values (1) returning pg_is_in_recovery()')).toContain('f');
    expect(await ask(6432, 'insert into t values (2) returning i')).toContain('2');
    await eventually('both rows can be read from a replica', MINUTE, async () => (await ask(5001, 'select pg_is_in_recovery(), count(*) from t')) === 't|2');
  }, 3 * MINUTE);

  it('are left alone by a second run', async () => {
    expect((await deploy(['apply', join(directory, 'spec.yml')])).output).toContain('nothing was changed');
    expect((await deploy(['check', join(directory, 'spec.yml')])).code).toBe(0);
  }, 3 * MINUTE);

  it('hold no secret in a journal and nothing in /tmp', async () => {
    const secret = await password('superuser');
    expect(secret.length).toBeGreaterThan(10);
    expect((await journal()).join('\n')).not.toContain(secret);
    for (const node of nodes()) expect(await node.exec('ls -A /tmp | grep -v systemd-private || true')).toBe('');
  }, MINUTE);

  it('come back by themselves after a reboot of all at once', async () => {
    await lab.reboot(...NODES);
    await eventually('a write goes through PgBouncer', 3 * MINUTE, async () => (await ask(6432, 'insert into t values (3) returning i')).includes('3'));
  }, 6 * MINUTE);

  it('are as they were found after an undo', async () => {
    expect((await deploy(['undo', join(directory, 'spec.yml')])).output).toContain('The servers are as they were found.');
    const now = await Promise.all(nodes().map((node) => node.exec(LOOK)));
    expect(now).toEqual(found);
  }, 5 * MINUTE);
});
