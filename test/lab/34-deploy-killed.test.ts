import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runUntilDone } from './support/interrupted-run';
import { CliDeployment, SCOPE } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';
import { deployedState } from './support/server-state';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
/** The kind of a step, whatever its server: `name` of `server/name` or `cluster/name`. */
const nameOf = (step: string): string => step.split('/')[1] ?? step;
const serverOf = (step: string): NodeName => NODES.find((name) => step.startsWith(`${name}/`)) ?? 'n1';

let lab: Lab;
let cluster: CliDeployment;
/** What an undisturbed run makes, and its steps in the order in which they began. */
let undisturbed: ReadonlyMap<NodeName, readonly string[]>;
let steps: readonly string[];

beforeAll(async () => {
  lab = await openLab({ name: 'set-killed', net: 76, suite: 'trixie', image: 'stack' });
  cluster = await CliDeployment.write(lab, NODES);
  const order = new Set<string>();
  const ended = await cluster.start(['apply', cluster.path('spec.yml'), '--json'], (id, status) => {
    if (status === 'running') order.add(id);
  }).ended;
  if (ended.code !== 0) throw new Error(ended.output.slice(-3000));
  steps = [...order];
  undisturbed = await collectMade();
}, 15 * MINUTE);

afterAll(async () => {
  await lab?.down();
  await cluster?.close();
}, 3 * MINUTE);

beforeEach(async () => {
  await lab.reset(NODES);
}, 2 * MINUTE);

/** What was made on each server, once the cluster is healthy. */
async function collectMade(): Promise<ReadonlyMap<NodeName, readonly string[]>> {
  await cluster.healthy();
  return new Map(
    await Promise.all(NODES.map(async (name) => [name, await deployedState(lab.node(name), SCOPE)] as const)),
  );
}

async function expectSameAsUndisturbed(): Promise<void> {
  const now = await collectMade();
  for (const name of NODES) expect({ name, made: now.get(name) }).toEqual({ name, made: undisturbed.get(name) });
  const again = await cluster.done('apply');
  expect(again.output).toContain('nothing was changed');
}

const apply = (): readonly string[] => ['apply', cluster.path('spec.yml')];

/**
 * Repeats whole deployments until each step was interrupted at its beginning. One deployment is not enough: a server
 * finishes the step it is at, and steps that were done meanwhile do not begin again.
 */
async function interruptAtEveryStep(
  keyOf: (step: string) => string,
  one: (todo: (step: string) => boolean) => Promise<number>,
): Promise<void> {
  const interrupted = new Set<string>();
  for (let round = 1; round <= 8; round += 1) {
    if (round > 1) await lab.reset(NODES);
    const runs = await one((step) => {
      if (interrupted.has(keyOf(step))) return false;
      interrupted.add(keyOf(step));
      return true;
    });
    const left = [...new Set(steps.map(keyOf))].filter((key) => !interrupted.has(key));
    console.log(`round ${round}: ${runs} runs; still to be interrupted: ${left.join(', ') || 'nothing'}`);
    await expectSameAsUndisturbed();
    if (left.length === 0) return;
  }
  throw new Error('Some steps never began, so that they could not be interrupted.');
}

describe('a deployment interrupted at every step', () => {
  it(
    'by the end of the program gives the same cluster once it is resumed',
    async () => {
      let dead = false;
      await interruptAtEveryStep(nameOf, (todo) =>
        runUntilDone(cluster, apply(), 2 * steps.length, {
          onBegun: (step, kill) => {
            if (dead || !todo(step)) return;
            dead = true;
            kill();
          },
          between: () => {
            dead = false;
            return Promise.resolve();
          },
        }),
      );
    },
    14 * MINUTE,
  );

  it(
    "by the loss of the server's SSH connection goes on and gives the same cluster",
    async () => {
      const cuts: Promise<unknown>[] = [];
      await interruptAtEveryStep(
        (step) => step,
        (todo) =>
          runUntilDone(cluster, apply(), steps.length, {
            onBegun: (step) => {
              if (todo(step)) cuts.push(lab.node(serverOf(step)).console("pkill -KILL -f '^sshd.*: root' || true"));
            },
            between: async () => {
              await Promise.all(cuts.splice(0));
            },
          }),
      );
    },
    14 * MINUTE,
  );

  it(
    'by a power cut of the server gives the same cluster',
    async () => {
      let cut: Promise<unknown> | null = null;
      await interruptAtEveryStep(nameOf, (todo) =>
        runUntilDone(cluster, apply(), 3 * steps.length, {
          onBegun: (step, kill) => {
            if (cut !== null || !todo(step)) return;
            cut = lab.kill(serverOf(step)).then(kill);
          },
          between: async () => {
            if (cut === null) return;
            await cut;
            await lab.up(NODES);
            cut = null;
          },
        }),
      );
    },
    30 * MINUTE,
  );

  it.each([
    { moment: 'at the end', left: 'mv backup_manifest backup_manifest.tmp && for f in pg_wal/0*; do : > "$f"; done' },
    { moment: 'in the middle', left: 'rm -rf backup_manifest global/pg_control base/4' },
    { moment: 'at the beginning', left: 'find . -mindepth 1 -maxdepth 1 ! -name pg_wal -exec rm -rf {} +' },
  ])(
    "by a power cut $moment of a replica's base backup copies the replica anew",
    async ({ left }) => {
      const copier = '/usr/lib/postgresql/17/bin/pg_basebackup';
      const data = '/var/lib/postgresql/17/main';
      const halfway = `${copier}.real "$@" && cd ${data} && ${left} && touch ../halfway && exec sleep 3600`;
      await lab
        .node('n2')
        .console(
          `mv ${copier} ${copier}.real; printf '%s\\n' '#!/bin/sh' '${halfway}' > ${copier}; chmod 755 ${copier}`,
        );
      const running = cluster.start([...apply(), '--json']);
      await waitFor(
        'half of it is copied',
        4 * MINUTE,
        async () => (await lab.node('n2').console(`ls ${data}/../halfway 2>/dev/null || true`)) !== '',
      );
      await lab.kill('n2');
      running.kill();
      await running.ended;
      await lab.up(['n2']);
      await lab.node('n2').console(`mv ${copier}.real ${copier}; rm ${data}/../halfway`);
      const { code, output } = await cluster.start(['resume', await cluster.lastRun(), '--json']).ended;
      expect(code, output.slice(-2000)).toBe(0);
      await expectSameAsUndisturbed();
    },
    8 * MINUTE,
  );

  it(
    'by a power cut during initdb bootstraps the cluster anew',
    async () => {
      const initdb = '/usr/lib/postgresql/17/bin/initdb';
      const version = '/var/lib/postgresql/17/main/PG_VERSION';
      await lab
        .node('n1')
        .console(
          `mv ${initdb} ${initdb}.real; printf '#!/bin/sh\necho 17 > ${version}; exec sleep 3600\n' > ${initdb}; chmod 755 ${initdb}`,
        );
      const running = cluster.start([...apply(), '--json']);
      await waitFor(
        'initdb has begun',
        3 * MINUTE,
        async () => (await lab.node('n1').console(`cat ${version} 2>/dev/null || true`)) === '17\n',
      );
      await lab.kill('n1');
      running.kill();
      await running.ended;
      await lab.up(['n1']);
      await lab.node('n1').console(`mv ${initdb}.real ${initdb}`);
      const { code, output } = await cluster.start(['resume', await cluster.lastRun(), '--json']).ended;
      expect(code, output.slice(-2000)).toBe(0);
      await expectSameAsUndisturbed();
    },
    8 * MINUTE,
  );
});
