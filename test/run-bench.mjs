/**
 * `npm run bench`: runs test/bench/*.bench.ts, each in a process of its own, prints one table and writes
 * test/results/bench.json. The default export of a file is a function that returns BenchRow[] (test/support/bench/bench.ts).
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ensureDirectory, installPackages, root, run } from '../electron/programs.mjs';

const LIMIT_MS = 40 * 60_000;

async function main() {
  if (!(await installPackages())) return 1;
  const folder = join(root, 'test', 'bench');
  const wanted = process.argv.slice(2);
  const files = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith('.bench.ts') && (wanted.length === 0 || wanted.some((name) => file.includes(name))))
    .sort();
  const rows = [];
  for (const file of files) rows.push(...(await bench(join(folder, file), file)));
  printTable(rows);
  writeFileSync(
    join(ensureDirectory('test/results'), 'bench.json'),
    `${JSON.stringify({ at: new Date().toISOString(), cores: cpus().length, cpu: cpus()[0]?.model ?? '', rows }, null, 2)}\n`,
  );
  return rows.every((row) => row.ok) ? 0 : 1;
}

async function bench(path, file) {
  console.log(`\n== ${file}`);
  const out = join(ensureDirectory('test/results'), `${file}.json`);
  rmSync(out, { force: true });
  const code = await run(
    process.execPath,
    ['--import', 'tsx', '--expose-gc', 'test/support/bench/run-bench.ts', path, out],
    {
      limitMs: LIMIT_MS,
    },
  );
  if (code !== 0 || !existsSync(out))
    return [
      { name: file, ours: null, baseline: null, ratio: null, limit: null, unit: '', ok: false, load: loadavg()[0] },
    ];
  return JSON.parse(readFileSync(out, 'utf8'));
}

function printTable(rows) {
  const number = (value) => (value === null ? '-' : Number(value).toPrecision(4));
  const cells = [
    ['what', 'ours', 'baseline', 'ratio', 'limit', 'unit', 'load', ''],
    ...rows.map((row) => [
      row.name,
      number(row.ours),
      number(row.baseline),
      number(row.ratio),
      number(row.limit),
      row.unit,
      row.load.toFixed(1),
      row.ok ? 'ok' : 'TOO MUCH',
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  console.log('');
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  '),
    );
}

process.exitCode = await main();
