/** Builds what runs: the page into dist/renderer and the programs of the Node side into dist/<name>. */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The programs of the Node side. A preload in a sandbox must be CommonJS and hold everything it needs. */
const programs = [
  { name: 'main', entry: 'electron/main/main.ts', format: 'es' },
  { name: 'core', entry: 'electron/main/core-main.ts', format: 'es' },
  { name: 'preload', entry: 'electron/preload/preload.ts', format: 'cjs' },
  { name: 'headless', entry: 'electron/headless/main.ts', format: 'es' },
  { name: 'deploy', entry: 'electron/headless/deploy-main.ts', format: 'es' },
];

/** Builds the page. */
export async function buildPage() {
  await build({ root: `${root}renderer`, configFile: `${root}renderer/vite.config.ts`, logLevel: 'warn' });
}

/** Builds the programs; packages of node_modules stay outside. */
export async function buildPrograms() {
  const present = programs.filter((program) => existsSync(`${root}${program.entry}`));
  await Promise.all(present.map(buildProgram));
}

/** Builds one program of the Node side by its name. */
export async function buildOne(name) {
  const program = programs.find((one) => one.name === name);
  if (program !== undefined) await buildProgram(program);
}

async function buildProgram({ name, entry, format }) {
  const extension = format === 'cjs' ? 'cjs' : 'js';
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { target: 'node', noExternal: format === 'cjs' ? true : [], external: ['electron'] },
    build: {
      ssr: entry,
      outDir: `${root}dist/${name}`,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rollupOptions: {
        output: {
          format,
          entryFileNames: `${entry.replace(/^.*\//, '').replace(/\.ts$/, '')}.${extension}`,
          chunkFileNames: `[name]-[hash].${extension}`,
        },
      },
    },
  });
}

/** Builds everything anew. */
export async function buildAll() {
  await Promise.all([buildPage(), buildPrograms()]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const began = Date.now();
  await buildAll();
  console.log(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
}
