import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { openLab, type Lab, type NodeName } from '../lab/support/lab';
import { runCommand, runToSuccess } from '../lab/support/run';
import { benchRow, type Bench, type BenchRow } from '../support/bench/bench';
import { median } from './support/samples';

const MINUTE = 60_000;
const here = fileURLToPath(new URL('deploy/', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
/** How often a whole deployment is made by each of the three, in turn; one of them takes about a minute on a quiet machine. */
const WHOLE = Number(process.env['BENCH_DEPLOYMENTS'] ?? 5);
const AGAIN = 5;
const THREE: readonly NodeName[] = ['n1', 'n2', 'n3'];
const SIX: readonly NodeName[] = [...THREE, 'n4', 'n5', 'n6'];
const VERSION = '17';

/** Three bare servers to a cluster, three ways in turn on fresh disks; then the second run, and the look at six servers. */
export default (async () => {
  await needAnsible();
  const directory = await mkdtemp(join(tmpdir(), 'matriarch-bench-'));
  const lab = await openLab({ name: 'bench-deploy', net: 76, suite: 'trixie' });
  try {
    await buildProgram();
    const ways = { ours: ours(lab, directory), script: script(lab), ansible: await ansible(lab, directory) };
    const whole = await inTurn(ways, (way) => onFreshDisks(lab, directory, way));
    const again = { ansible: await timed(ways.ansible), ours: 0 };
    console.log(
      `Whole deployments, ${WHOLE} of each: ours ${whole.ours.join(' ')} s, the script ` +
        `${whole.script.join(' ')} s, Ansible ${whole.ansible.join(' ')} s; Ansible again ` +
        `${again.ansible.toFixed(1)} s.`,
    );
    return [
      ...wholeRows(whole),
      ...(await secondRun(lab, directory, ways.ours, again.ansible)),
      ...(await lookAtSix(lab, directory)),
    ];
  } finally {
    await lab.down();
    await rm(directory, { recursive: true, force: true });
  }
}) satisfies Bench;

const NAMES = ['ours', 'script', 'ansible'] as const;
type Name = (typeof NAMES)[number];
type Way = () => Promise<unknown>;
type Samples = Readonly<Record<Name, readonly number[]>>;

/** Seconds of each way, round after round, so that all three meet the machine in the same state. */
async function inTurn(ways: Readonly<Record<Name, Way>>, measure: (way: Way) => Promise<number>): Promise<Samples> {
  const samples: Record<Name, number[]> = { ours: [], script: [], ansible: [] };
  for (let turn = 0; turn < WHOLE; turn += 1) for (const name of NAMES) samples[name].push(await measure(ways[name]));
  return samples;
}

/**
 * Seconds of one run on servers as an installer leaves them: booted to the end, and the machine with nothing left to
 * write of the run before.
 */
async function onFreshDisks(lab: Lab, directory: string, way: Way): Promise<number> {
  await lab.reset(THREE, { suite: 'trixie', image: 'bare' });
  await Promise.all(THREE.map((name) => lab.node(name).console('systemctl is-system-running --wait || true')));
  await runToSuccess('sync', []);
  await rm(join(directory, 'data'), { recursive: true, force: true });
  return Number((await timed(way)).toFixed(1));
}

async function timed(way: Way): Promise<number> {
  const began = performance.now();
  await way();
  return (performance.now() - began) / 1000;
}

function wholeRows(whole: Samples): readonly BenchRow[] {
  const times = WHOLE === 1 ? 'one run each' : `median of ${WHOLE}`;
  return [
    benchRow(
      `three bare servers to a cluster, against a hand-tuned script (${times})`,
      's',
      median(whole.ours),
      median(whole.script),
      0.95,
    ),
    benchRow(
      `three bare servers to a cluster, against Ansible's defaults (${times})`,
      's',
      median(whole.ours),
      median(whole.ansible),
      0.6,
    ),
  ];
}

/** A run that finds everything as it should be; Ansible's is shown beside it. */
async function secondRun(lab: Lab, directory: string, way: Way, ansibleAgain: number): Promise<readonly BenchRow[]> {
  await lab.reset(THREE, { suite: 'trixie', image: 'stack' });
  await rm(join(directory, 'data'), { recursive: true, force: true });
  await way();
  const samples: number[] = [];
  for (let turn = 0; turn < AGAIN; turn += 1) {
    await way();
    samples.push(await lastRunSeconds(join(directory, 'data')));
  }
  console.log(`A second run: ${samples.map((one) => one.toFixed(2)).join(', ')} s.`);
  return [
    benchRow(`a second run that changes nothing (median of ${AGAIN})`, 's', median(samples), null, 0.5),
    benchRow("a second run that changes nothing, against Ansible's", 's', median(samples), ansibleAgain, null),
  ];
}

/** From the journal of the newest run: its own time, without the start of Node.js. */
async function lastRunSeconds(data: string): Promise<number> {
  const runs = join(data, 'deploy', 'runs');
  const texts = await Promise.all((await readdir(runs)).map((name) => readFile(join(runs, name), 'utf8')));
  const spans = texts.map(
    (text) => [Number(/"startedAt":(\d+)/.exec(text)?.[1]), Number(/"type":"end","at":(\d+)/.exec(text)?.[1])] as const,
  );
  const [began = Number.NaN, ended = Number.NaN] = [...spans].sort((a, b) => b[0] - a[0])[0] ?? [];
  return (ended - began) / 1000;
}

async function lookAtSix(lab: Lab, directory: string): Promise<readonly BenchRow[]> {
  await lab.up(SIX.slice(3), { suite: 'trixie', image: 'bare' });
  await lab.reset(THREE, { suite: 'trixie', image: 'bare' });
  const spec = join(directory, 'six.yml');
  await writeFile(
    spec,
    specText(lab, SIX, (index) => (index < 3 ? ['etcd'] : ['postgres', 'haproxy', 'pgbouncer'])),
  );
  const samples: number[] = [];
  for (let turn = 0; turn < AGAIN; turn += 1) {
    const { stdout } = await program(directory, ['preflight', spec, '--json']);
    samples.push(Number(/"durationMs":(\d+)/.exec(stdout)?.[1]) / 1000);
  }
  console.log(`Facts and preflight of six servers: ${samples.map((one) => one.toFixed(2)).join(', ')} s.`);
  return [benchRow(`facts and preflight of six bare servers (median of ${AGAIN})`, 's', median(samples), null, 3)];
}

function specText(lab: Lab, nodes: readonly NodeName[], roles: (index: number) => readonly string[]): string {
  const servers = nodes.map((name, index) => ({
    name,
    address: lab.node(name).ip,
    roles: [...roles(index)],
    ssh: { host: lab.node(name).ip, user: 'root', key: lab.keyPath },
  }));
  return stringify(
    {
      version: 1,
      scope: 'bench',
      tls: 'off',
      postgres: { parameters: {} },
      servers,
      users: [{ name: 'app' }],
      databases: [{ name: 'appdb', owner: 'app' }],
    },
    { aliasDuplicateObjects: false },
  );
}

function ours(lab: Lab, directory: string): Way {
  const spec = join(directory, 'three.yml');
  return async () => {
    await writeFile(
      spec,
      specText(lab, THREE, () => ['etcd', 'postgres', 'haproxy', 'pgbouncer']),
    );
    const { code, stdout, stderr } = await program(directory, ['apply', spec, '--yes']);
    if (code !== 0)
      throw new Error(
        `The deployment ended with ${code ?? 'a signal'}.\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
      );
  };
}

/** The built program, as `npm run deploy` starts it. */
function program(directory: string, args: readonly string[]): ReturnType<typeof runCommand> {
  return runCommand(
    process.execPath,
    [
      join(root, 'dist/deploy/deploy-main.js'),
      ...args,
      '--accept-host-keys',
      '--secrets',
      join(directory, 'secrets.yml'),
      '--data',
      join(directory, 'data'),
    ],
    { timeoutMs: 12 * MINUTE },
  );
}

/** Builds it once, so that no measurement does. */
async function buildProgram(): Promise<void> {
  await runCommand(process.execPath, [join(root, 'electron/deploy-cli.mjs'), '--help'], { timeoutMs: 3 * MINUTE });
}

function script(lab: Lab): Way {
  return () =>
    runToSuccess('bash', [join(here, 'parallel.sh'), lab.keyPath, VERSION, ...THREE.map((name) => lab.node(name).ip)], {
      timeoutMs: 12 * MINUTE,
    });
}

/** Ansible gets the same texts of configuration, made before it is timed. */
async function ansible(lab: Lab, directory: string): Promise<Way> {
  const addresses = THREE.map((name) => lab.node(name).ip);
  await writeFile(
    join(directory, 'inventory'),
    addresses.map((address) => `${address} ansible_ssh_private_key_file=${lab.keyPath}\n`).join(''),
  );
  for (const address of addresses) {
    for (const file of await readdir(join(here, 'templates')))
      await writeFile(
        join(directory, `${address}.${file}`),
        settle(await readFile(join(here, 'templates', file), 'utf8'), address, addresses),
      );
  }
  const env = {
    ANSIBLE_HOST_KEY_CHECKING: 'False',
    ANSIBLE_SSH_ARGS: '-C -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null',
    ANSIBLE_HOME: join(directory, 'ansible'),
  };
  return () =>
    runToSuccess(
      'ansible-playbook',
      [
        '-i',
        join(directory, 'inventory'),
        '-e',
        `version=${VERSION}`,
        '-e',
        `files=${directory}`,
        join(here, 'playbook.yml'),
      ],
      { env, timeoutMs: 12 * MINUTE },
    );
}

function settle(text: string, address: string, addresses: readonly string[]): string {
  const values: Readonly<Record<string, string>> = {
    ADDRESS: address,
    VERSION,
    NETWORK: address.replace(/\d+$/, '0/24'),
    INITIAL: addresses.map((one) => `${one}=http://${one}:2380`).join(','),
    HOSTS: addresses.map((one) => `${one}:2379`).join(','),
    MEMBERS: addresses.map((one) => `  server ${one} ${one}:5432 check port 8008`).join('\n'),
  };
  return text.replaceAll(/@([A-Z]+)@/g, (all, name: string) => values[name] ?? all);
}

/** Debian's own ansible-core; it is installed when it is missing. */
async function needAnsible(): Promise<void> {
  if ((await runCommand('sh', ['-c', 'command -v ansible-playbook'])).code === 0) return;
  await runToSuccess(
    'sh',
    [
      '-c',
      'DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q ' +
        '--no-install-recommends ansible-core || { apt-get -o DPkg::Lock::Timeout=300 update -q && ' +
        'DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ansible-core; ' +
        '}',
    ],
    { timeoutMs: 10 * MINUTE },
  );
}
