import { join } from 'node:path';
import { build } from 'vite';
import { repositoryRoot } from './app';

/** Builds a program of `test/support/app` that a test starts as a process of its own; answers the file to start. */
export async function buildProgram(name: string): Promise<string> {
  const outDir = join(repositoryRoot, 'test', 'results', name);
  await build({
    root: repositoryRoot,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { target: 'node' },
    build: {
      ssr: `test/support/app/${name}.ts`,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: `${name}.js` } },
    },
  });
  return join(outDir, `${name}.js`);
}
