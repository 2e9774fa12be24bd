import { fork } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { repositoryRoot } from '../../support/app/app';
import { builtPage } from '../../support/browser/built-page';

const START_MS = 90_000;
const ANSWER_MS = 30_000;

const memorySchema = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number(), resources: z.number() });
const linkSchema = z.object({ url: z.string() });

/** What the app uses at a moment, as the system and its own process say. Sizes in bytes. */
export interface AppUse extends z.infer<typeof memorySchema> {
  readonly at: number;
  /** Open files, sockets and pipes of its process. */
  readonly handles: number;
  readonly threads: number;
  readonly children: number;
  /** Files in its data directory, and how large they are together and the largest. */
  readonly files: number;
  readonly bytes: number;
  readonly largest: { readonly path: string; readonly bytes: number };
}

/** The app in a process of its own. */
export interface SoakApp {
  /** A link that lets a page or a client in, once. */
  link(): Promise<string>;
  /** What it uses once what it does not need is collected. */
  use(): Promise<AppUse>;
  /** The lines of its log from a level on: 40 are warnings, 50 errors. */
  logged(level: number): Promise<readonly string[]>;
  /** What it wrote to its standard error. */
  complaints(): string;
  close(): Promise<void>;
}

/** Starts it with its data in `directory`/data and `directory` as the user's home. */
export async function startSoakApp(directory: string): Promise<SoakApp> {
  const dataDirectory = join(directory, 'data');
  const child = fork(
    fileURLToPath(new URL('soak-main.ts', import.meta.url)),
    [dataDirectory, directory, await builtPage()],
    {
      cwd: repositoryRoot,
      execArgv: ['--import', 'tsx', '--expose-gc'],
      env: { PATH: process.env['PATH'], HOME: directory },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    },
  );
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const answer = (asked: string, limitMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`The app did not answer "${asked}": ${said}`)), limitMs);
      const listen = (message: unknown): void => {
        if (z.object({ asked: z.literal(asked) }).safeParse(message).success) {
          clearTimeout(timer);
          child.off('message', listen);
          resolve(message);
        }
      };
      child.on('message', listen);
      if (asked !== 'ready') child.send(asked);
    });
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  await answer('ready', START_MS).catch(async (thrown: unknown) => {
    await close();
    throw thrown;
  });
  const pid = child.pid ?? 0;
  return {
    link: async () => linkSchema.parse(await answer('link', ANSWER_MS)).url,
    use: async () => ({
      at: Date.now(),
      ...memorySchema.parse(await answer('memory', ANSWER_MS)),
      ...(await processOf(pid)),
      ...(await filesOf(dataDirectory)),
    }),
    logged: async (level) => (await logOf(dataDirectory)).filter((line) => levelOf(line) >= level),
    complaints: () => said,
    close,
  };
}

async function processOf(pid: number): Promise<Pick<AppUse, 'handles' | 'threads' | 'children'>> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return {
    handles: (await readdir(`/proc/${pid}/fd`)).length,
    threads: tasks.length,
    children: children.trim() === '' ? 0 : children.trim().split(' ').length,
  };
}

async function filesOf(directory: string): Promise<Pick<AppUse, 'files' | 'bytes' | 'largest'>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(
    paths.map(async (path) => ({
      path: path.slice(directory.length + 1),
      // One that was written beside and renamed meanwhile is gone.
      bytes: await stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    })),
  );
  return {
    files: sizes.length,
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    largest: sizes.toSorted((a, b) => b.bytes - a.bytes)[0] ?? { path: '', bytes: 0 },
  };
}

async function logOf(dataDirectory: string): Promise<readonly string[]> {
  const read = (name: string): Promise<string> => readFile(join(dataDirectory, name), 'utf8').catch(() => '');
  const texts = [await read('matriarch.log.1'), await read('matriarch.log')];
  return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
}

function levelOf(line: string): number {
  return z.object({ level: z.number() }).parse(JSON.parse(line)).level;
}
