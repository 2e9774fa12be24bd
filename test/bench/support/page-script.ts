import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds a file below test/bench as one script for a page that has nothing else, as programs are built for users; its text. */
export async function buildPageScript(path: string, outDir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir,
      emptyOutDir: true,
      lib: {
        entry: fileURLToPath(new URL(`../${path}`, import.meta.url)),
        formats: ['iife'],
        name: 'measured',
        fileName: 'measured',
      },
    },
  });
  const file = (await readdir(outDir)).find((name) => name.endsWith('.js')) ?? '';
  return readFile(join(outDir, file), 'utf8');
}
