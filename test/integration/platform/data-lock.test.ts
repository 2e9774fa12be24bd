import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDirectory } from '../../../electron/core/platform/data-lock';
import { buildProgram } from '../../support/app/build-program';
import type { DataUserSays } from '../../support/app/data-user';
import { tempDirectory, type TempDirectory } from '../../support/temp';

const KILLS = 30;
const KILLS_LIMIT_MS = 300_000;
const LONGEST_LIFE_MS = 300;

/** A process on the data directory, with what it said. */
interface User {
  readonly child: ChildProcess;
  readonly said: DataUserSays[];
  /** Its first word: what it found, or why it leaves. */
  readonly first: Promise<DataUserSays>;
  readonly ended: Promise<void>;
}

describe('a data directory', () => {
  let temp: TempDirectory;
  let data: string;
  let program: string;
  const users: User[] = [];

  beforeAll(async () => {
    program = await buildProgram('data-user');
  });
  beforeEach(async () => {
    temp = await tempDirectory();
    data = join(temp.path, 'data');
  });
  afterEach(async () => {
    for (const { child } of users) child.kill('SIGKILL');
    await Promise.all(users.splice(0).map((user) => user.ended));
    await temp.remove();
  });

  function start(): User {
    const child = spawn(process.execPath, [program, data], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said: DataUserSays[] = [];
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    const first = new Promise<DataUserSays>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const what = JSON.parse(line) as DataUserSays;
        said.push(what);
        resolve(what);
      });
      void ended.then(() => {
        reject(new Error('The program ended without a word.'));
      });
    });
    first.catch(() => undefined);
    const user = { child, said, first, ended };
    users.push(user);
    return user;
  }

  async function end(user: User): Promise<void> {
    user.child.kill('SIGKILL');
    await user.ended;
  }

  it('belongs to one program at a time; the second says who holds it and leaves', async () => {
    const first = start();
    expect(await first.first).toMatchObject({ kind: 'found' });
    const second = start();
    expect(await second.first).toMatchObject({
      kind: 'refused',
      code: 'app.data_in_use',
      message: expect.stringContaining(`is in use by Matriarch in a browser (process ${first.child.pid ?? 0})`),
    });
    await second.ended;
    expect(second.child.exitCode).toBe(1);
  });

  it('goes to exactly one of several programs that come at the same moment', async () => {
    const words = await Promise.all(Array.from({ length: 5 }, () => start().first));
    expect(words.map(({ kind }) => kind).sort()).toEqual(['found', 'refused', 'refused', 'refused', 'refused']);
  });

  it(
    'is free again at once after its program was killed, and loses nothing by any of the kills',
    async () => {
      const kept = new Map<string, string>();
      let lastSecrets: string[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        const user = start();
        const found = await user.first;
        if (found.kind !== 'found') throw new Error(`After ${kill} kills: ${JSON.stringify(found)}`);
        for (const name of kept.keys()) expect(found.servers[name], `${name} after ${kill} kills`).toBe(name);
        expect(Object.entries(found.servers).every(([name, password]) => name === password)).toBe(true);
        expect(found.secrets.length).toBeGreaterThanOrEqual(lastSecrets.length);
        await new Promise((resolve) => {
          setTimeout(resolve, Math.random() * LONGEST_LIFE_MS);
        });
        await end(user);
        const news = user.said.flatMap((what) => (what.kind === 'kept' ? [what] : []));
        for (const { server } of news) kept.set(server, server);
        lastSecrets = [...lastSecrets, ...news.map(({ secret }) => secret)].slice(-4);
      }
      expect(kept.size).toBeGreaterThan(KILLS / 2);
      expect((await readdir(data)).filter((name) => name.includes('damaged'))).toEqual([]);
    },
    KILLS_LIMIT_MS,
  );

  it('is not taken from a program on another computer, and the hint names the file that says so', async () => {
    const lock = await lockDataDirectory(data, 'the first');
    const [name = ''] = await readdir(data);
    await lock.release();
    const claim = { program: 'the app', pid: process.pid, host: `not-${hostname()}`, began: null, pids: null };
    await writeFile(join(data, name), JSON.stringify(claim));
    await expect(lockDataDirectory(data, 'the second')).rejects.toMatchObject({
      data: {
        code: 'app.data_in_use',
        message: expect.stringContaining(`in use by the app on not-${hostname()}`),
        hint: expect.stringContaining(`remove ${join(data, name)}`),
      },
    });
  });

  it('is taken over from a process whose number another process has now', async () => {
    const lock = await lockDataDirectory(data, 'the first');
    const [name = ''] = await readdir(data);
    const claim = await readFile(join(data, name), 'utf8');
    await lock.release();
    await writeFile(join(data, name), claim.replace(/"began":"[^"]*"/, '"began":"an earlier boot 1"'));
    await (await lockDataDirectory(data, 'the second')).release();
    expect(await readdir(data)).toEqual([]);
  });
});
