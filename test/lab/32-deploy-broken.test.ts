import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployment, SCOPE, type Ended, type Report } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { eventually } from './support/run';
import { deployedState } from './support/server-state';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
/** Which steps are broken off is drawn from this; another number draws others. */
const SEED = Number(process.env['DEPLOY_SEED'] ?? 1);

let lab: Lab;
let cluster: Deployment;
/** What an undisturbed run makes, and its steps in the order in which they began. */
let undisturbed: ReadonlyMap<NodeName, readonly string[]>;
let steps: readonly string[];

beforeAll(async () => {
  lab = await openLab({ name: 'set-broken', net: 74, suite: 'trixie', image: 'stack' });
  cluster = await Deployment.write(lab, NODES);
}, 15 * MINUTE);

afterAll(async () => {
  await lab?.down();
  await cluster?.close();
}, 3 * MINUTE);

/** What was made on each server, once the cluster is healthy. */
async function made(): Promise<ReadonlyMap<NodeName, readonly string[]>> {
  await cluster.healthy();
  return new Map(await Promise.all(NODES.map(async (name) => [name, await deployedState(lab.node(name), SCOPE)] as const)));
}

/** Draws one of each stretch of the plan, so that breaks are spread over the whole of it. */
function spread(count: number, turn: number): readonly string[] {
  let state = (SEED * 7919 + turn * 104_729) % 2_147_483_647;
  return Array.from({ length: count }, (_, index) => {
    state = (state * 48_271) % 2_147_483_647;
    const [from, to] = [Math.floor((index * steps.length) / count), Math.floor(((index + 1) * steps.length) / count)];
    return steps[from + (state % (to - from))] ?? '';
  });
}

/** Starts or resumes the set-up; `at` hears the first word of the wanted step. */
async function begin(wanted: string, at: () => void): Promise<Ended> {
  let heard = false;
  const runs = await cluster.lastRun().catch(() => null);
  const known = runs !== null && current === runs;
  const running = cluster.start(known ? ['resume', runs, '--json'] : ['apply', cluster.path('spec.yml'), '--json'], (id, status) => {
    if (id !== wanted || heard || (status !== 'running' && status !== 'done')) return;
    heard = true;
    at();
    if (killing) running.kill();
  });
  const ended = await running.ended;
  current = await cluster.lastRun();
  return ended;
}
let current: string | null = null;
let killing = false;

/** Resumes until the run says that it came to its end; three times at most. */
async function finish(last: Ended): Promise<void> {
  let ended = last;
  for (let turn = 0; turn < 3 && ended.code !== 0; turn += 1) ended = await cluster.start(['resume', current ?? '', '--json']).ended;
  if (ended.code !== 0) throw new Error(`It does not come to its end: ${ended.output.slice(-2000)}`);
}

async function sameAsUndisturbed(): Promise<void> {
  const now = await made();
  for (const name of NODES) expect({ name, made: now.get(name) }).toEqual({ name, made: undisturbed.get(name) });
}

describe('a set-up that is broken off', () => {
  beforeAll(async () => {
    const order: string[] = [];
    const ended = await cluster.start(['apply', cluster.path('spec.yml'), '--json'], (id, status) => {
      if ((status === 'running' || status === 'done') && !order.includes(id)) order.push(id);
    }).ended;
    if (ended.code !== 0) throw new Error(ended.output.slice(-3000));
    steps = order;
    undisturbed = await made();
    console.log(`${steps.length} steps; seed ${SEED} (DEPLOY_SEED draws others)`);
  }, 10 * MINUTE);

  it('by the end of the program, again and again, ends in the same cluster', async () => {
    await lab.reset(NODES);
    current = null;
    killing = true;
    const drawn = spread(6, 1);
    console.log(`the program is killed at: ${drawn.join(', ')}`);
    let ended: Ended = { code: null, output: '', ms: 0 };
    for (const step of drawn) {
      ended = await begin(step, () => undefined);
      if (ended.code === 0) break;
    }
    killing = false;
    await finish(ended);
    await sameAsUndisturbed();
  }, 12 * MINUTE);

  it('by the loss of its SSH connections, again and again, goes on by itself and ends in the same cluster', async () => {
    await lab.reset(NODES);
    current = null;
    const drawn = spread(4, 2);
    console.log(`SSH is cut at: ${drawn.join(', ')}`);
    const cuts: Promise<unknown>[] = [];
    const cut = (step: string): Promise<unknown> => {
      const named = NODES.find((name) => step.startsWith(`${name}/`)) ?? 'n1';
      return lab.node(named).console("pkill -KILL -f '^sshd.*: root' || true");
    };
    const left = new Set(drawn);
    const ended = await cluster.start(['apply', cluster.path('spec.yml'), '--json'], (id, status) => {
      if (left.delete(id) && status !== 'unchanged') cuts.push(cut(id));
    }).ended;
    current = await cluster.lastRun();
    await Promise.all(cuts);
    expect(cuts).toHaveLength(new Set(drawn).size);
    await finish(ended);
    await sameAsUndisturbed();
  }, 12 * MINUTE);

  it('by a power cut of a server, and of another, ends in the same cluster', async () => {
    await lab.reset(NODES);
    current = null;
    const drawn = spread(2, 3);
    console.log(`the power is cut at: ${drawn.join(', ')}`);
    let ended: Ended = { code: null, output: '', ms: 0 };
    for (const step of drawn) {
      const named = NODES.find((name) => step.startsWith(`${name}/`)) ?? 'n1';
      let cut: Promise<unknown> = Promise.resolve();
      ended = await begin(step, () => { cut = lab.kill(named).then(() => lab.up([named])); });
      await cut;
      if (ended.code === 0) break;
    }
    await finish(ended);
    await sameAsUndisturbed();
  }, 15 * MINUTE);

  it('knows a scope that exists and an etcd without a majority, and touches neither', async () => {
    await lab.up(['n4'], { suite: 'trixie', image: 'stack' });
    const other = await Deployment.write(lab, ['n4']);
    try {
      const external = NODES.map((name) => `${lab.node(name).ip}:2379`);
      const servers = [{ ...other.server('n4'), roles: ['postgres' as const] }];
      await other.spec({ servers, etcd: { external } });
      expect(find(await other.preflight(), 'scope', null)).toMatchObject({ verdict: 'blocks', evidence: expect.stringContaining(SCOPE) });
      await Promise.all(['n2', 'n3'].map((name) => lab.node(name === 'n2' ? 'n2' : 'n3').console('systemctl stop etcd')));
      await eventually('no member answers any more', MINUTE, async () => find(await other.preflight(), 'quorum', null)?.verdict === 'blocks');
      await Promise.all(['n2', 'n3'].map((name) => lab.node(name === 'n2' ? 'n2' : 'n3').console('systemctl start --no-block etcd')));
      await cluster.healthy();
      await cluster.unchanged();
    } finally {
      await other.close();
    }
  }, 6 * MINUTE);
});

function find(report: Report, id: string, server: string | null): Report['checks'][number] | undefined {
  return report.checks.find((check) => check.id === id && check.server === server);
}

describe('servers on which something stands in the way', () => {
  let report: Report;

  beforeAll(async () => {
    await lab.reset(NODES);
    await lab.node('n1').console(`
systemd-run -q --unit=squatter python3 -m http.server 6432
mkdir -p /var/lib/postgresql; mount -t tmpfs -o size=30m tmpfs /var/lib/postgresql; chown postgres: /var/lib/postgresql`);
    await lab.node('n2').console(`
install -d -o postgres -g postgres -m 700 /var/lib/postgresql/17/main; echo 17 > /var/lib/postgresql/17/main/PG_VERSION; echo rows > /var/lib/postgresql/17/main/rows
mkdir -p /var/lib/etcd/${SCOPE}/member; echo keys > /var/lib/etcd/${SCOPE}/member/keys
hostname n1`);
    await lab.node('n3').console(`
printf '#!/bin/sh\\nexec /bin/date -d "+10 minutes" "$@"\\n' > /usr/local/bin/date; chmod 755 /usr/local/bin/date
dpkg -r --force-depends pgbouncer
echo 'deb http://10.77.74.250/debian trixie main' > /etc/apt/sources.list; rm -f /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/80proxy`);
    await cluster.spec({ postgres: { locale: 'de_DE.UTF-8' } });
    report = await cluster.preflight();
  }, 5 * MINUTE);

  it.each([
    ['a port that is taken', 'ports', 'n1', 'blocks', /6432/],
    ['a disk that is full', 'disk', 'n1', 'blocks', /30 MB|2\d MB/],
    ['a locale that is missing', 'locale', 'n1', 'blocks', /de_DE/],
    ['data of another PostgreSQL', 'pgdata', 'n2', 'blocks', /\/var\/lib\/postgresql\/17\/main/],
    ['data of another etcd', 'etcd-data', 'n2', 'blocks', /\/var\/lib\/etcd\/dep/],
    ['a host name that two servers have', 'hostname', 'n2', 'warning', /n1/],
    ['a clock that is ten minutes off', 'clock', 'n3', 'blocks', /(599|60[0-9])\.\d s before/],
    ['a repository that cannot be reached', 'repositories', 'n3', 'blocks', /10\.77\.74\.250/],
    ['a package that nobody offers', 'packages', 'n3', 'blocks', /pgbouncer/],
  ] as const)('%s is found by the preflight', (_, id, server, verdict, evidence) => {
    const check = find(report, id, server);
    expect(check).toMatchObject({ verdict, evidence: expect.stringMatching(evidence) });
    expect(check?.reason).not.toBe('');
  });

  it('keep their data: a set-up is refused before anything is done', async () => {
    const { code, output } = await cluster.run('apply');
    expect(code).toBe(1);
    expect(output).toMatch(/n2: .*holds data that this deployment did not make/);
    expect(output).toMatch(/Nothing was changed/);
    expect(await lab.node('n2').console(`cat /var/lib/postgresql/17/main/rows /var/lib/etcd/${SCOPE}/member/keys; ls /etc/matriarch 2>/dev/null || true`)).toBe('rows\nkeys\n');
    expect(await lab.node('n1').console('ls -d /etc/matriarch /var/lib/matriarch 2>/dev/null || true')).toBe('');
  }, 2 * MINUTE);

  it('are told apart from a wrong sudo password', async () => {
    const secrets = await cluster.secrets();
    await cluster.spec({}, 'dba');
    await cluster.writeSecrets({ ...secrets, 'sudo:n1': 'wrong', 'sudo:n2': lab.passwords.dba ?? '', 'sudo:n3': lab.passwords.dba ?? '' });
    const checks = await cluster.preflight();
    expect(find(checks, 'sudo', 'n1')).toMatchObject({ verdict: 'blocks', evidence: expect.stringMatching(/password/i) });
    expect(find(checks, 'sudo', 'n2')).toMatchObject({ verdict: 'ok' });
    await cluster.writeSecrets(secrets);
  }, 3 * MINUTE);
});

describe('a step that fails on the way', () => {
  /** Sets up one server after something was done to it; answers what the program said at its end. */
  const failsAt = async (script: string, change: Parameters<Deployment['spec']>[0] = {}): Promise<string> => {
    await lab.reset(['n1']);
    await lab.node('n1').console(script);
    const one = await Deployment.write(lab, ['n1'], change);
    try {
      const { code, output } = await one.run('apply');
      expect(code).toBe(1);
      return output;
    } finally {
      await one.close();
    }
  };

  it.each([
    ['a full disk', 'mount -t tmpfs -o size=30m tmpfs /var/lib/postgresql; chown postgres: /var/lib/postgresql', {}, /A disk is full\./],
    ['a port that is taken', 'systemd-run -q --unit=squatter python3 -m http.server 5000', {}, /A port is taken by another program\./],
    ['a locale that is missing', ':', { postgres: { locale: 'de_DE.UTF-8' } }, /The locale of the spec does not exist on this server\./],
    ['a repository that cannot be reached', "dpkg -r --force-depends pgbouncer; echo 'deb http://10.77.74.250/debian trixie main' > /etc/apt/sources.list; rm -rf /var/lib/apt/lists/* /etc/apt/apt.conf.d/80proxy", {}, /A package repository cannot be reached|The sources of this server do not have the package/],
  ] as const)('names %s as its cause', async (_, script, change, cause) => {
    expect(await failsAt(script, change)).toMatch(cause);
  }, 8 * MINUTE);
});
