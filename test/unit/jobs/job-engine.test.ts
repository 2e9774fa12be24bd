import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJobEngine } from '../../../electron/core/jobs/create-job-engine';
import type { JobContext, JobDefinition, JobEnd, JobEngine } from '../../../electron/core/jobs/job-engine';
import type { Job, JobsUpdate } from '../../../shared/model/operate/job';

const SECRET = 'correct horse battery';
let directory: string;
const engines: JobEngine[] = [];

async function open(): Promise<JobEngine> {
  const engine = await createJobEngine({ directory, now: Date.now, secrets: { known: () => [SECRET] }, user: 'ann' });
  engines.push(engine);
  return engine;
}

function definition(requestId: string, more: Partial<JobDefinition> = {}): JobDefinition {
  return {
    kind: 'switchover',
    clusterId: 'c1',
    clusterTitle: 'Orders',
    title: 'Switch over Orders to db2',
    target: 'db2',
    command: 'patronictl switchover',
    confirmation: 'confirmed',
    phases: [
      { id: 'check', label: 'Check' },
      { id: 'act', label: 'Act' },
      { id: 'follow', label: 'Follow' },
    ],
    exclusive: 'cluster:c1',
    cancellable: true,
    requestId,
    ...more,
  };
}

const done: JobEnd = { status: 'done', result: { sentence: 'db2 leads', withoutPrimaryMs: 1200, facts: {} } };

function ended(engine: JobEngine, id: string): Promise<Job> {
  return new Promise((resolve) => {
    const undo = engine.watch((update) => {
      const job = update.kind === 'job' ? update.job : update.jobs.find((one) => one.id === id);
      if (job?.id === id && job.endedAt !== null)
        setTimeout(() => {
          undo();
          resolve(job);
        }, 0);
    });
  });
}

async function runToEnd(
  engine: JobEngine,
  request: string,
  body: (context: JobContext) => Promise<JobEnd>,
  more: Partial<JobDefinition> = {},
): Promise<Job> {
  const job = await engine.start(definition(request, more), body);
  return ended(engine, job.id);
}

const untilAborted = (context: JobContext): Promise<JobEnd> =>
  new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason)));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'matriarch-jobs-'));
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  rmSync(directory, { recursive: true, force: true });
});

describe('a job', () => {
  it('goes through its phases and ends with a row in the history that survives a restart', async () => {
    const engine = await open();
    const job = await runToEnd(engine, 'request-1', async (context) => {
      context.phase('check');
      context.phase('act', 'running');
      context.answer('200 Successfully switched over');
      context.phase('follow', 'following');
      return done;
    });
    expect(job.status).toBe('done');
    expect(job.phases.map((phase) => phase.status)).toEqual(['done', 'done', 'done']);
    await engine.close();
    const [row] = (await open()).history('c1', 10);
    expect(row).toMatchObject({
      who: 'ann',
      clusterTitle: 'Orders',
      status: 'done',
      sentence: 'db2 leads',
      withoutPrimaryMs: 1200,
      answers: ['200 Successfully switched over'],
    });
  });

  it('that throws fails with the code of the error, its remaining phases skipped', async () => {
    const engine = await open();
    const job = await runToEnd(engine, 'request-1', async (context) => {
      context.phase('check');
      throw new Error('boom');
    });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'app.unexpected', message: 'boom' } });
    expect(job.phases.map((phase) => phase.status)).toEqual(['failed', 'skipped', 'skipped']);
  });

  it('keeps its result, whatever its body still reports', async () => {
    const engine = await open();
    let late: JobContext | undefined;
    const job = await runToEnd(engine, 'request-1', async (context) => {
      late = context;
      return done;
    });
    late?.phase('act', 'running');
    late?.log('error', 'too late');
    expect(engine.get(job.id)).toMatchObject({ status: 'done', lines: [] });
  });

  it('keeps the newest 2000 lines of its log', async () => {
    const engine = await open();
    const job = await runToEnd(engine, 'request-1', async (context) => {
      for (let line = 0; line < 2500; line += 1) context.log('info', `line ${line}`);
      return done;
    });
    expect(job.lines).toHaveLength(2000);
    expect(job.lines.at(-1)?.text).toBe('line 2499');
  });

  it('throttles its progress but always reports its result', async () => {
    const engine = await open();
    const updates: JobsUpdate[] = [];
    const undo = engine.watch((update) => updates.push(update));
    const job = await runToEnd(engine, 'request-1', async (context) => {
      context.phase('act', 'running');
      for (let step = 0; step <= 1000; step += 1) context.detail(`step ${step}`, step / 1000);
      return done;
    });
    undo();
    expect(updates.length).toBeLessThan(20);
    expect(job.phases[1]).toMatchObject({ detail: 'step 1000', progress: 1 });
  });

  it('never shows or records a secret', async () => {
    const engine = await open();
    const job = await runToEnd(
      engine,
      'request-1',
      async (context) => {
        context.phase('act', 'running');
        context.detail(`password ${SECRET}`);
        context.log('info', `password ${SECRET}`);
        context.answer(`password ${SECRET}`);
        return {
          status: 'failed',
          error: {
            code: 'patroni.refused',
            message: SECRET,
            hint: SECRET,
            retryable: false,
            cause: { code: 'app.unexpected', message: SECRET, retryable: false },
          },
        };
      },
      { title: `with ${SECRET}`, command: SECRET, confirmation: SECRET },
    );
    await engine.close();
    const files = ['jobs.journal', 'history.jsonl']
      .map((name) => readFileSync(join(directory, name), 'utf8'))
      .join('\n');
    expect(JSON.stringify(job) + files).not.toContain(SECRET);
    expect(job.error?.message).toBe('***');
  });
});

describe('two jobs', () => {
  it('on the same cluster exclude each other: the second is refused, names the first and never runs', async () => {
    const engine = await open();
    await engine.start(definition('request-1'), untilAborted);
    let ran = false;
    const second = engine.start(definition('request-2'), async () => {
      ran = true;
      return done;
    });
    await expect(second).rejects.toMatchObject({
      code: 'job.busy',
      message: expect.stringContaining('Switch over Orders to db2'),
    });
    expect(ran).toBe(false);
  });

  it('on different clusters run side by side', async () => {
    const engine = await open();
    await engine.start(definition('request-1'), untilAborted);
    const other = await runToEnd(engine, 'request-2', async () => done, { exclusive: 'cluster:c2', clusterId: 'c2' });
    expect(other.status).toBe('done');
  });

  it('with the same request id run once', async () => {
    const engine = await open();
    let runs = 0;
    const first = await runToEnd(engine, 'request-1', async () => {
      runs += 1;
      return done;
    });
    const again = await engine.start(definition('request-1'), async () => {
      runs += 1;
      return done;
    });
    expect(again.id).toBe(first.id);
    await engine.close();
    const afterRestart = await (
      await open()
    ).start(definition('request-1'), async () => {
      runs += 1;
      return done;
    });
    expect(afterRestart).toMatchObject({ id: first.id, status: 'done' });
    expect(runs).toBe(1);
  });
});

describe('stopping jobs:', () => {
  it('a cancelled job ends and frees the cluster', async () => {
    const engine = await open();
    const job = await engine.start(definition('request-1'), untilAborted);
    engine.cancel(job.id);
    expect(await ended(engine, job.id)).toMatchObject({ status: 'cancelled', error: { code: 'job.cancelled' } });
    expect((await runToEnd(engine, 'request-2', async () => done)).status).toBe('done');
  });

  it('a job that may not be cancelled runs on', async () => {
    const engine = await open();
    const job = await engine.start(definition('request-1', { cancellable: false }), untilAborted);
    engine.cancel(job.id);
    expect(engine.get(job.id)?.status).toBe('checking');
  });

  it('the end of the app interrupts its jobs and starts no more', async () => {
    const engine = await open();
    const job = await engine.start(definition('request-1'), untilAborted);
    await engine.close();
    expect(engine.get(job.id)?.status).toBe('interrupted');
    await expect(engine.start(definition('request-2'), async () => done)).rejects.toMatchObject({
      code: 'job.closing',
    });
  });
});

describe('the job journal', () => {
  it('of an app that died shows its job as interrupted, once, and runs nothing of it again', async () => {
    const dying = await open();
    const job = await dying.start(definition('request-1'), (context) => {
      context.phase('act', 'running');
      context.answer('sent');
      context.phase('follow', 'following');
      return new Promise(() => undefined);
    });
    const found = await open();
    expect(found.get(job.id)).toMatchObject({ status: 'interrupted', error: { code: 'job.interrupted' } });
    expect(found.get(job.id)?.phases.map((phase) => phase.status)).toEqual(['skipped', 'done', 'failed']);
    expect(found.history(null, 10)).toMatchObject([{ id: job.id, status: 'interrupted', answers: ['sent'] }]);
    const again = await found.start(definition('request-1'), async () => done);
    expect(again).toMatchObject({ id: job.id, status: 'interrupted' });
    await found.close();
    expect((await open()).history(null, 10)).toHaveLength(1);
  });

  it('has a job on disk before its body starts', async () => {
    const engine = await open();
    let journal = '';
    await runToEnd(engine, 'request-1', async () => {
      journal = readFileSync(join(directory, 'jobs.journal'), 'utf8');
      return done;
    });
    expect(journal).toContain('"request-1"');
  });

  it('with an incomplete last line, garbage or foreign records still opens and keeps the rest', async () => {
    const engine = await open();
    await runToEnd(engine, 'request-1', async () => done);
    await engine.close();
    appendFileSync(join(directory, 'jobs.journal'), 'garbage\n{"type":"start"}\n[]\n{"type":"sta');
    appendFileSync(join(directory, 'history.jsonl'), '42\n{"id":"torn');
    const reopened = await open();
    await runToEnd(reopened, 'request-2', async () => done);
    await reopened.close();
    expect((await open()).history(null, 10)).toHaveLength(2);
  });

  it('and its history are readable by their owner only', async () => {
    await open();
    for (const name of ['jobs.journal', 'history.jsonl'])
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  });
});
