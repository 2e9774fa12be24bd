import { describe, expect, it } from 'vitest';
import { confirmDrift } from '../../../../electron/core/deploy/survey/confirm-drift';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { compared, onlyAsked } from '../../../../shared/rules/deploy/check/unanswered';
import { toRun, settled } from '../../../../shared/rules/deploy/check/verdict';
import type { StepView } from '../../../../shared/model/deploy/deploy-views';
import { bareFacts, specFixture } from '../../../support/deploy/facts';

const step = (id: string, reason: string | null = null): StepView => ({
  id,
  server: 'n1',
  kind: 'file',
  label: id,
  dependsOn: [],
  action: 'change',
  reason,
  commands: [],
  file: null,
});

/** Looks that give these answers in turn. */
function looks(...answers: readonly (readonly StepView[])[]): {
  readonly look: () => Promise<readonly StepView[]>;
  readonly asked: () => number;
} {
  let asked = 0;
  return { look: () => Promise.resolve(answers[asked++] ?? []), asked: () => asked };
}

describe('a comparison with the spec', () => {
  it('looks once where nothing differs', async () => {
    const { look, asked } = looks([]);
    expect([await confirmDrift(look), asked()]).toEqual([[], 1]);
  });

  it('calls no drift what a second look does not see', async () => {
    expect(await confirmDrift(looks([step('n2/replica')], []).look)).toEqual([]);
    expect(await confirmDrift(looks([step('n2/replica')], [step('n3/replica')]).look)).toEqual([]);
  });

  it('tells what differs both times, as the second look saw it', async () => {
    expect(await confirmDrift(looks([step('a', 'first'), step('b')], [step('a', 'second')]).look)).toEqual([
      step('a', 'second'),
    ]);
  });
});

describe('what nobody answers for', () => {
  it('is called not known, and what was seen to differ keeps its reason', () => {
    const { differing, unchecked } = compared([
      { ...step('cluster/leader'), kind: 'leader', action: 'run' },
      { ...step('n2/replica', 'It is starting.'), kind: 'replica', action: 'run' },
      step('n1/patroni-config'),
    ]);
    expect(unchecked.map(({ id, reason }) => [id, reason])).toEqual([
      ['cluster/leader', expect.stringMatching(/not known/)],
    ]);
    expect(differing.map(({ id, reason }) => [id, reason])).toEqual([
      ['n2/replica', 'It is starting.'],
      ['n1/patroni-config', null],
    ]);
  });
});

describe('what is left to do', () => {
  const spec = specFixture();
  const plan = planCluster({ spec, facts: bareFacts(spec), secret: () => 'secret', postgresVersion: 17, token: 'run' });
  const leaving = (...ids: readonly string[]) =>
    new Map(plan.steps.map(({ id }) => [id, ids.includes(id) ? toRun() : settled]));

  it.each([
    ['only answers of services', ['cluster/leader', 'n2/replica', 'cluster/sql'], true],
    ['answers, and the entry points that are probed each time', ['n2/replica', 'cluster/verify'], true],
    ['a file, too', ['n2/replica', 'n1/patroni-config'], false],
    ['the entry points alone', ['cluster/verify'], false],
    ['nothing', [], false],
  ] as const)('%s: a second look is worth its time: %s', (_what, ids, worth) => {
    expect(onlyAsked(plan, leaving(...ids))).toBe(worth);
  });
});
