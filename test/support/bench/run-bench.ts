import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Bench } from './bench';

/** Runs one bench file and writes its rows: `run-bench.ts <file> <output>`. */
async function main(file: string, output: string): Promise<void> {
  const loaded = (await import(pathToFileURL(file).href)) as { readonly default: Bench };
  writeFileSync(output, JSON.stringify(await loaded.default()));
}

const [file, output] = process.argv.slice(2);
if (file === undefined || output === undefined) throw new Error('usage: run-bench.ts <file> <output>');
await main(file, output);
process.exit(0);
