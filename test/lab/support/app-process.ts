import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectToCore, repositoryRoot, type TestConnection } from '../../support/app/app';

const START_MS = 60_000;

/** The app without a window in a process of its own, so that it can be killed. */
export interface AppProcess {
  readonly core: TestConnection;
  /** Kills it, which leaves no time to clean up, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts the app with its data below a directory, whose `.ssh` it reads, and connects to its core. */
export async function startAppProcess(directory: string): Promise<AppProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'electron/headless/main.ts', '--port', '0'], {
    cwd: repositoryRoot,
    env: { ...process.env, HOME: directory, MATRIARCH_HOME: join(directory, 'data') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error('The app did not say its address.'));
      }, START_MS);
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = /^Matriarch is at (\S+)$/.exec(line)?.[1];
        if (said === undefined) return;
        clearTimeout(timer);
        resolve(said);
      });
    });
    const core = await connectToCore(url);
    return {
      core,
      kill: async () => {
        core.close();
        await kill();
      },
    };
  } catch (thrown) {
    await kill();
    throw thrown;
  }
}
