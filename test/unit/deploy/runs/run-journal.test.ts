import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunList } from '../../../../electron/core/deploy/runs/run-list';
import { openRunFiles, type RunFiles, type RunJournal } from '../../../../electron/core/deploy/runs/run-journal';
import type { DeployRun } from '../../../../shared/model/deploy/deploy-views';
import { specFixture } from '../../../support/deploy/facts';

const steps = [
  { id: 'n1/packages', server: 'n1', kind: 'packages' as const, label: 'Install packages', unchanged: false },
  { id: 'n1/file', server: 'n1', kind: 'file' as const, label: 'Write a file', unchanged: true },
  { id: 'n2/packages', server: 'n2', kind: 'packages' as const, label: 'Install packages', unchanged: false },
];

describe('a run of an earlier session', () => {
  let directory: string;
  let files: RunFiles;
  let journal: RunJournal;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'matriarch-runs-'));
    files = openRunFiles(directory);
    journal = files.create({
      id: 'r1',
      kind: 'apply',
      scope: 'main',
      title: 'Set up main',
      startedAt: 1_000,
      spec: specFixture(),
    });
    journal.plan({ at: 1_100, estimateMs: 30_000, servers: ['n1', 'n2'], steps });
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const shown = (): DeployRun => {
    let run: DeployRun | null = null;
    createRunList(files).watch('r1', (update) => {
      if (update.kind === 'snapshot') run = update.run;
    });
    if (run === null) throw new Error('no snapshot');
    return run;
  };

  it('shows its steps again: what was done and when, what needed nothing, what failed and why', () => {
    journal.step('n1/packages', 'running', 2_000);
    journal.step('n1/packages', 'done', 9_000);
    journal.step('n2/packages', 'running', 2_000);
    journal.step('n2/packages', 'failed', 5_000, {
      code: 'deploy.disk_full',
      message: 'n2 has no room left.',
      retryable: true,
    });
    journal.end('failed', 9_500, { code: 'deploy.disk_full', message: 'n2 has no room left.', retryable: true });
    journal.close();
    const run = shown();
    expect(run).toMatchObject({ status: 'failed', estimateMs: 30_000, startedAt: 1_000, endedAt: 9_500 });
    expect(run.lanes.map((lane) => [lane.server, ...lane.steps.map((step) => step.status)])).toEqual([
      ['n1', 'done', 'unchanged'],
      ['n2', 'failed'],
    ]);
    expect(run.lanes[0]?.steps[0]).toMatchObject({ label: 'Install packages', startedAt: 2_000, endedAt: 9_000 });
    expect(run.lanes[1]?.steps[0]?.error?.message).toBe('n2 has no room left.');
    expect(createRunList(files).list()[0]).toMatchObject({ stepsDone: 2, stepsTotal: 3 });
  });

  it('that was interrupted marks the step under way as interrupted, not as running', () => {
    journal.step('n1/packages', 'running', 2_000);
    journal.close();
    const run = shown();
    expect(run.status).toBe('interrupted');
    expect(run.lanes[0]?.steps[0]).toMatchObject({ status: 'todo', detail: 'It was under way when the app ended.' });
  });

  it('that was resumed shows the steps of the last attempt', () => {
    journal.step('n1/packages', 'running', 2_000);
    journal.step('n1/packages', 'done', 9_000);
    journal.end('stopped', 9_500, null);
    journal.close();
    const again = files.open('r1');
    again.plan({
      at: 20_000,
      estimateMs: 10_000,
      servers: ['n1', 'n2'],
      steps: steps.map((step) => ({ ...step, unchanged: step.server === 'n1' })),
    });
    again.step('n2/packages', 'running', 21_000);
    again.step('n2/packages', 'done', 28_000);
    again.end('done', 28_100, null);
    again.close();
    expect(shown().lanes.map((lane) => lane.steps.map((step) => step.status))).toEqual([
      ['unchanged', 'unchanged'],
      ['done'],
    ]);
  });

  it('gives how long each kind of step took, the newest first, so that the next run can be estimated', () => {
    journal.step('n1/packages', 'running', 2_000);
    journal.step('n2/packages', 'running', 2_000);
    journal.step('n1/packages', 'done', 9_000);
    journal.step('n2/packages', 'done', 12_000);
    journal.end('done', 12_100, null);
    journal.close();
    expect(files.read('r1')?.measured).toEqual([
      { kind: 'packages', ms: 10_000 },
      { kind: 'packages', ms: 7_000 },
    ]);
  });

  it('without recorded steps is still listed', () => {
    journal.close();
    const old = files.create({
      id: 'r0',
      kind: 'undo',
      scope: 'main',
      title: 'Take main away',
      startedAt: 500,
      spec: specFixture(),
    });
    old.step('x', 'done', 600);
    old.end('done', 700, null);
    old.close();
    expect(
      createRunList(files)
        .list()
        .find((run) => run.id === 'r0'),
    ).toMatchObject({ status: 'done', stepsDone: 1, stepsTotal: 1 });
  });
});
