import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { untilDone } from './support/broken-off';
import { Deployment, SCOPE } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { deployedState } from './support/server-state';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
/** Steps that wait do not change a server by themselves: `name` of `server/name` or `cluster/name`. */
const nameOf = (step: string): string => step.split('/')[1] ?? step;
const serverOf = (step: string): NodeName => NODES.find((name) => step.startsWith(`${name}/`)) ?? 'n1';

let lab: Lab;
let cluster: Deployment;
/** What an undisturbed run makes, and its steps in the order in which they began. */
let undisturbed: ReadonlyMap<NodeName, readonly string[]>;
let steps: readonly string[];

beforeAll(async () => {
  lab = await openLab({ name: 'set-killed', net: 76, suite: 'trixie', image: 'stack' });
  cluster = await Deployment.write(lab, NODES);
  const order = new Set<string>();
  const ended = await cluster.start(['apply', cluster.path('spec.yml'), '--json'], (id, status) => { if (status === 'running') order.add(id); }).ended;
  if (ended.code !== 0) throw new Error(ended.output.slice(-3000));
  steps = [...order];
  undisturbed = await made();
}, 15 * MINUTE);

afterAll(async () => {
  await lab?.down();
  await cluster?.close();
}, 3 * MINUTE);

beforeEach(async () => { await lab.reset(NODES); }, 2 * MINUTE);

/** What was made on each server, once the cluster is healthy. */
async function made(): Promise<ReadonlyMap<NodeName, readonly string[]>> {
  await cluster.healthy();
  return new Map(await Promise.all(NODES.map(async (name) => [name, await deployedState(lab.node(name), SCOPE)] as const)));
}

async function sameAsUndisturbed(): Promise<void> {
  const now = await made();
  for (const name of NODES) expect({ name, made: now.get(name) }).toEqual({ name, made: undisturbed.get(name) });
  const again = await cluster.done('apply');
  expect(again.output).toContain('nothing was changed');
}

const apply = (): readonly string[] => ['apply', cluster.path('spec.yml')];

describe('a set-up that is broken off at every step', () => {
  it('by the end of the program: resumed each time, it ends in the same cluster', async () => {
    const struck = new Set<string>();
    let dead = false;
    const turns = await untilDone(cluster, apply(), 2 * steps.length, {
      onBegun: (step, kill) => {
        if (dead || struck.has(step)) return;
        struck.add(step);
        dead = true;
        kill();
      },
      between: () => { dead = false; return Promise.resolve(); },
    });
    console.log(`the program was killed ${struck.size} times at the beginning of a step, of ${steps.length}; ${turns} runs`);
    expect(struck.size).toBe(turns - 1);
    expect(new Set([...struck].map(nameOf))).toEqual(new Set(steps.map(nameOf)));
    await sameAsUndisturbed();
  }, 14 * MINUTE);

  it('by the loss of the server\'s SSH connection: it goes on, and ends in the same cluster', async () => {
    const struck = new Set<string>();
    const cuts: Promise<unknown>[] = [];
    const turns = await untilDone(cluster, apply(), steps.length, {
      onBegun: (step) => {
        if (struck.has(step)) return;
        struck.add(step);
        cuts.push(lab.node(serverOf(step)).console("pkill -KILL -f '^sshd.*: root' || true"));
      },
      between: async () => { await Promise.all(cuts.splice(0)); },
    });
    console.log(`SSH was cut at ${struck.size} steps of ${steps.length}; ${turns} runs`);
    expect(new Set([...struck].map(nameOf))).toEqual(new Set(steps.map(nameOf)));
    await sameAsUndisturbed();
  }, 14 * MINUTE);

  it('by a power cut of the server, at every kind of step: it ends in the same cluster', async () => {
    const struck = new Set<string>();
    let cut: Promise<unknown> | null = null;
    const turns = await untilDone(cluster, apply(), 3 * new Set(steps.map(nameOf)).size, {
      onBegun: (step, kill) => {
        if (cut !== null || struck.has(nameOf(step))) return;
        struck.add(nameOf(step));
        cut = lab.kill(serverOf(step)).then(kill);
      },
      between: async () => {
        if (cut === null) return;
        await cut;
        await lab.up(NODES);
        cut = null;
      },
    });
    console.log(`the power was cut at ${struck.size} kinds of steps; ${turns} runs`);
    expect(struck).toEqual(new Set(steps.map(nameOf)));
    await sameAsUndisturbed();
  }, 14 * MINUTE);
});
