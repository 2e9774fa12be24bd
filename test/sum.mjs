/** The end of `.ci/run`: every failure of all parts, with the first lines of its reason, and one line with the sum. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureText } from './failures.mjs';

const directory = process.argv[2] ?? 'test/results';
const parts = readdirSync(directory)
  .filter((name) => /^summary-.*\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));
const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
for (const text of failureText(parts.flatMap((part) => part.failures ?? []))) console.log(text);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
