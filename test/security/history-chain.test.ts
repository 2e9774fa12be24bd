import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJobEngine } from '../../electron/core/jobs/create-job-engine';
import type { JobEngine } from '../../electron/core/jobs/job-engine';
import type { HistoryCheck } from '../../shared/model/operate/job';

/** A row of version 0.1.0, which had no seals. */
const oldRow = (id: string): string =>
  `${JSON.stringify({ id, at: 1, endedAt: 2, who: 'ann', kind: 'restart', status: 'done', sentence: 'Restarted.', answers: [] })}\n`;

describe('the history as a record of what was done', () => {
  let directory: string;
  const file = (): string => join(directory, 'history.jsonl');
  const lines = (): string[] => readFileSync(file(), 'utf8').trimEnd().split('\n');
  const put = (changed: readonly string[]): void => {
    writeFileSync(file(), `${changed.join('\n')}\n`);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'history-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (): Promise<JobEngine> =>
    createJobEngine({ directory, now: () => Date.now(), secrets: { known: () => [] }, user: 'ann' });

  /** Carries out jobs by these names, one after the other. */
  async function carryOut(engine: JobEngine, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const job = await engine.start(
        {
          kind: 'restart',
          clusterId: 'c1',
          clusterTitle: 'Shop',
          title: name,
          target: name,
          command: null,
          confirmation: null,
          phases: [],
          exclusive: null,
          cancellable: false,
          requestId: `request-${name}`,
        },
        () =>
          Promise.resolve({
            status: 'done',
            result: { sentence: `${name} was restarted.`, withoutPrimaryMs: null, facts: {} },
          }),
      );
      await expect.poll(() => engine.get(job.id)?.endedAt).not.toBe(null);
    }
  }

  async function record(...names: readonly string[]): Promise<void> {
    const engine = await open();
    await carryOut(engine, names);
    await engine.close();
  }

  async function checkAtStart(): Promise<HistoryCheck> {
    const engine = await open();
    const check = engine.checkHistory();
    await engine.close();
    return check;
  }

  it('is whole over restarts of the app, with the hash of its last entry', async () => {
    await record('n1', 'n2');
    await record('n3');
    const check = await checkAtStart();
    expect(check).toMatchObject({ sealed: 3, unsealed: 0, firstBreak: null });
    expect(check.lastHash).toMatch(/^[0-9a-f]{64}$/);
    expect(lines().at(-1)).toContain(check.lastHash);
  });

  it.each([
    [
      'an entry is changed',
      (all: string[]) => all.map((line, index) => (index === 1 ? line.replace('n2', 'n9') : line)),
      'changed',
      1,
    ],
    ['an entry is taken out', (all: string[]) => all.filter((_, index) => index !== 1), 'missing', 1],
    ['the first entry is taken out', (all: string[]) => all.slice(1), 'missing', 0],
    ['two entries change places', (all: string[]) => [all[1], all[0], all[2]].map(String), 'missing', 0],
    ['an entry stands there twice', (all: string[]) => [all[0], ...all].map(String), 'missing', 1],
    ['an entry without a seal is added', (all: string[]) => [...all, oldRow('x').trim()], 'added', 3],
    [
      'a line is damaged',
      (all: string[]) => [all[0], String(all[1]).slice(0, 40), all[2]].map(String),
      'unreadable',
      1,
    ],
    ['the last entry is cut off', (all: string[]) => all.slice(0, 2), 'missing', 2],
  ])('says where it is broken when %s', async (_, change, kind, after) => {
    await record('n1', 'n2', 'n3');
    put(change(lines()));
    expect((await checkAtStart()).firstBreak).toEqual({ after, kind });
  });

  it('notices a change also while the app runs, and goes on recording', async () => {
    const engine = await open();
    await carryOut(engine, ['n1', 'n2']);
    put(lines().slice(0, 1));
    expect(engine.checkHistory().firstBreak).toEqual({ after: 1, kind: 'missing' });
    await carryOut(engine, ['n3']);
    expect(engine.history(null, 10)).toHaveLength(3);
    await engine.close();
  });

  it('seals what an earlier version wrote without seals, as a whole', async () => {
    put([oldRow('a').trim(), oldRow('b').trim()]);
    await record('n1');
    expect(await checkAtStart()).toMatchObject({ sealed: 1, unsealed: 2, firstBreak: null });
    put(lines().map((line, index) => (index === 0 ? line.replace('ann', 'bob') : line)));
    expect((await checkAtStart()).firstBreak).toEqual({ after: 0, kind: 'missing' });
  });

  it('is whole after a crash in the middle of a line', async () => {
    await record('n1');
    appendFileSync(file(), '{"seal":{"number":2,"prev');
    expect(await checkAtStart()).toMatchObject({ sealed: 1, firstBreak: null });
  });

  it('keeps every entry on disk, however many there are', async () => {
    put(Array.from({ length: 20_010 }, (_, index) => oldRow(`r${index}`).trim()));
    await record('n1');
    expect(lines()).toHaveLength(20_011);
    expect((await checkAtStart()).firstBreak).toBe(null);
  }, 60_000);
});
