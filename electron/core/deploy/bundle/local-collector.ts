import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { appError } from '../../../../shared/model/app-error';
import type { Remote } from '../../ssh/remote';

/** Where packages can be collected: a server, or this computer in its manners. */
export type Collector = Pick<Remote, 'name' | 'script' | 'readFile'>;

/** Longest output that is kept, bytes. */
const outputLimit = 64 * 1024 * 1024;

/** This computer as a place to collect packages. Scripts run as the present user. */
export const localCollector: Collector = {
  name: 'this computer',
  script: (body, args, options) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const child = spawn('sh', ['-c', body, 'sh', ...args], {
        stdio: 'pipe',
        signal: options.signal,
        timeout: options.timeoutMs,
      });
      const said = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          said[name] += text;
          options.onOutput?.(text, name);
          if (said[name].length > outputLimit) child.kill();
        });
      }
      child.once('error', (error) => {
        reject(
          appError('deploy.bundle_no_apt', `Nothing can be run on this computer: ${error.message}`, {
            hint: 'Collect the bundle on a server.',
          }),
        );
      });
      child.once('close', (code) => {
        resolve({ exitCode: code ?? 1, ...said, durationMs: performance.now() - started });
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.stdin ?? '');
    }),
  readFile: (path) =>
    readFile(path).catch((thrown: unknown) => {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
      throw thrown;
    }),
};
