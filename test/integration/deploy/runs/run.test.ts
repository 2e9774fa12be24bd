import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stoppedByUser } from '../../../../electron/core/deploy/runs/carry-out';
import { startRun, enterStage, type RunDeps, type RunWork } from '../../../../electron/core/deploy/runs/run';
import { openRunFiles, type RunFiles } from '../../../../electron/core/deploy/runs/run-journal';
import { createRunList, type RunList } from '../../../../electron/core/deploy/runs/run-list';
import { secretReader } from '../../../../electron/core/deploy/secrets/cluster-secrets';
import { vaultSecretBook } from '../../../../electron/core/deploy/secrets/secret-book';
import { createJobEngine } from '../../../../electron/core/jobs/create-job-engine';
import type { JobEngine } from '../../../../electron/core/jobs/job-engine';
import { typicalTimes } from '../../../../shared/rules/deploy/review/estimate';
import { appError } from '../../../../shared/model/app-error';
import type { DeployOutcome, DeployRunSummary } from '../../../../shared/model/deploy/deploy-views';
import { specFixture } from '../../../support/deploy/facts';
import { memorySecrets } from '../../../support/deploy/memory-secrets';
import { localRemote } from '../../../support/ssh/local-remote';
import { tempDirectory, type TempDirectory } from '../../../support/temp';

const spec = specFixture();
const outcome: DeployOutcome = {
  sentence: 'The cluster runs.',
  connections: [],
  made: [],
  next: [],
  secrets: [],
  clusterId: null,
  durationMs: 1,
};

describe('a run', () => {
  let data: TempDirectory;
  let jobs: JobEngine;
  let files: RunFiles;
  let list: RunList;
  let deps: RunDeps;
  let now = 0;

  beforeEach(async () => {
    data = await tempDirectory();
    const vault = memorySecrets();
    const clock = () => (now += 1);
    jobs = await createJobEngine({ directory: join(data.path, 'jobs'), now: clock, secrets: vault, user: 'tester' });
    files = openRunFiles(join(data.path, 'runs'));
    list = createRunList(files);
    deps = {
      connectServer: () => localRemote(),
      now: clock,
      jobs,
      secrets: vaultSecretBook(vault, data.path),
      files,
      follow: (run) => list.follow(run),
      times: () => typicalTimes,
    };
  });
  afterEach(async () => {
    await jobs.close();
    await data.remove();
  });

  const start = (work: RunWork, isNew = true) =>
    startRun(
      deps,
      { runId: 'run-1', kind: 'apply', title: 'Set up main', spec, isNew, confirmation: null, work },
      `request-${String((now += 1))}`,
    );
  const ended = async (): Promise<DeployRunSummary> => {
    await expect.poll(() => list.list()[0]?.status).not.toBe('running');
    const [run] = list.list();
    if (run === undefined) throw new Error('There is no run.');
    return run;
  };
  const ofNextSession = () => createRunList(openRunFiles(join(data.path, 'runs'))).list()[0];

  it('inspects, applies and is done; the next session finds it so', async () => {
    const phases: string[] = [];
    const undo = jobs.watch((update) => {
      const active = update.kind === 'job' ? update.job.phases.find((phase) => phase.status === 'active') : undefined;
      if (active !== undefined) phases.push(active.id);
    });
    await start((input, context) => {
      enterStage(input, context, 'inspecting');
      enterStage(input, context, 'applying');
      return Promise.resolve({ outcome, changed: 3 });
    });
    expect(await ended()).toMatchObject({ status: 'done', outcome, clusterId: spec.id });
    undo();
    expect([...new Set(phases)]).toEqual(['inspecting', 'applying']);
    expect(ofNextSession()).toMatchObject({ status: 'done', outcome: null, error: null, clusterId: spec.id });
  });

  it('says what failed, without a secret of the cluster in it', async () => {
    await start((input) =>
      Promise.reject(appError('deploy.sql_failed', `PostgreSQL refused ${input.secrets.get('superuser') ?? ''}.`)),
    );
    const { status, error } = await ended();
    expect({ status, message: error?.message }).toEqual({ status: 'failed', message: 'PostgreSQL refused ***.' });
    expect(ofNextSession()?.error?.message).toBe('PostgreSQL refused ***.');
  });

  it('that its user stopped is resumed under the same name', async () => {
    await start((input) => {
      list.stop('run-1');
      return input.stop.aborted ? Promise.reject(stoppedByUser()) : Promise.resolve({ outcome, changed: 0 });
    });
    expect(await ended()).toMatchObject({ status: 'stopped', error: { code: 'deploy.stopped' } });
    await start(() => Promise.resolve({ outcome, changed: 1 }), false);
    expect(await ended()).toMatchObject({ id: 'run-1', status: 'done', error: null });
    expect(files.list()).toHaveLength(1);
  });

  it('that the end of the app broke off is found as interrupted', () => {
    const journal = files.create({ id: 'r', kind: 'apply', scope: 'main', title: 'Set up', startedAt: 1, spec });
    journal.close();
    expect(ofNextSession()).toMatchObject({ status: 'interrupted', endedAt: null });
  });

  it('never writes an empty password: one that is not there is an error with its name', async () => {
    await start((input) => {
      secretReader(input.secrets, spec.scope)('user:nobody');
      return Promise.resolve({ outcome, changed: 0 });
    });
    expect((await ended()).error).toMatchObject({ code: 'deploy.secret_unknown', target: 'user:nobody' });
  });
});
