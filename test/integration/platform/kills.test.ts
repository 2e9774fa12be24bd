import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../support/app/build-program';
import type { DataWriterSays, Kept } from '../../support/app/data-writer';
import { tempDirectory } from '../../support/temp';

/** Data directories at the same time, and how often the program on each is killed. */
const LANES = 4;
const KILLS_EACH = 50;
/** The longest life after the program found what there is, and from its very beginning, ms. */
const LIFE_MS = { working: 120, starting: 300 } as const;
const LIMIT_MS = 240_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What must be there: every turn that was said to be kept, in order. */
interface Lane {
  readonly directory: string;
  readonly kept: string[];
}

/** Starts the program, kills it at a random moment, and answers what it said. */
async function oneLife(program: string, { directory }: Lane, duringStart: boolean): Promise<readonly DataWriterSays[]> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: DataWriterSays[] = [];
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const first = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(JSON.parse(line) as DataWriterSays);
      resolve();
    });
  });
  if (duringStart) await pause(Math.random() * LIFE_MS.starting);
  else {
    await Promise.race([first, ended]);
    await pause(Math.random() * LIFE_MS.working);
  }
  child.kill('SIGKILL');
  await ended;
  return said;
}

/** What was acknowledged is there. What is replaced again and again is the last that was acknowledged, or newer. */
function nothingIsLost(found: Kept, { kept }: Lane): void {
  for (const all of [found.servers, found.passwords, found.jobs, found.runs])
    expect(kept.filter((turn) => !all.includes(turn))).toEqual([]);
  const last = kept.at(-1);
  if (last === undefined) return;
  for (const one of [found.secret, found.draft]) {
    expect(one).not.toBeNull();
    expect(kept.slice(0, -1)).not.toContain(one);
  }
}

/** Every file is whole; only the last line of one that is appended to may have been cut off. */
async function everyFileParses(directory: string): Promise<void> {
  const names = await readdir(directory, { recursive: true });
  expect(names.filter((name) => name.includes('damaged'))).toEqual([]);
  for (const name of names.filter((each) => each.endsWith('.json')))
    JSON.parse(await readFile(join(directory, name), 'utf8'));
  for (const name of names.filter((each) => each.endsWith('.jsonl'))) {
    const lines = (await readFile(join(directory, name), 'utf8')).split('\n').slice(0, -1);
    for (const line of lines) JSON.parse(line);
  }
}

describe('everything that the app keeps', () => {
  let program: string;

  beforeAll(async () => {
    program = await buildProgram('data-writer');
  }, 60_000);

  async function manyLives(): Promise<number> {
    const temp = await tempDirectory();
    const lane: Lane = { directory: temp.path, kept: [] };
    for (let kill = 0; kill < KILLS_EACH; kill += 1) {
      for (const what of await oneLife(program, lane, kill % 4 === 3)) {
        if (what.kind === 'found') nothingIsLost(what.found, lane);
        else lane.kept.push(what.turn);
      }
      await everyFileParses(lane.directory);
    }
    const afterAll = (await oneLife(program, lane, false))[0];
    expect(afterAll?.kind).toBe('found');
    if (afterAll?.kind === 'found') nothingIsLost(afterAll.found, lane);
    await temp.remove();
    return lane.kept.length;
  }

  it(
    'is there after 200 kills at random moments: inventory, vault, history, journals and drafts',
    async () => {
      const kept = await Promise.all(Array.from({ length: LANES }, manyLives));
      // How much is written between kills is the machine's matter; each lane has something that could have been lost.
      expect(Math.min(...kept)).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
