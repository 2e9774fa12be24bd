/**
 * `npm run deploy -- plan|apply|check|undo|resume|runs SPEC`: the same deployment as the app's, from a terminal.
 * Builds its program when a source is newer.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDirectory, newestChange, root } from './programs.mjs';

const program = join(root, 'dist', 'deploy', 'deploy-main.js');
const stamp = join(root, 'dist', '.deploy-built-from');
const newest = String(newestChange(['electron', 'shared', 'package-lock.json']));
if (!existsSync(program) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== newest) {
  const { buildOne } = await import('./build.mjs');
  await buildOne('deploy');
  ensureDirectory('dist');
  writeFileSync(stamp, newest);
}
await import(pathToFileURL(program).href);
