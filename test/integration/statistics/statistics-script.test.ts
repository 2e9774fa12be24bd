import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { STATISTICS_SCRIPT } from '../../../electron/core/statistics/statistics-script';
import { readSampleLine, type SampleLine } from '../../../shared/rules/statistics/read-sample';
import { tempDirectory } from '../../support/temp';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

/** Runs the script with a psql of the test's own, until it has said so much. */
async function run(shell: string, psql: string, lines: number): Promise<{ samples: SampleLine[]; left: string }> {
  const directory = await tempDirectory();
  undo.push(() => directory.remove());
  const bin = join(directory.path, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'psql'), `#!/bin/sh\n${psql}\n`);
  await chmod(join(bin, 'psql'), 0o755);
  const child = spawn(shell, ['-s', '5499', '1'], {
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, MARK: directory.path },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(STATISTICS_SCRIPT);
  const ended = new Promise((resolve) => void child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.split('\n').length > lines) break;
  }
  child.stdout.destroy();
  await ended;
  clearTimeout(timer);
  const samples = text.split('\n').flatMap((line) => readSampleLine(line) ?? []);
  return { samples, left: child.signalCode === 'SIGKILL' ? 'it did not end by itself' : 'ended' };
}

const ANSWER = JSON.stringify({
  ...{ now: 2, start: 1, recovery: false, wal: 5, behind: null, commits: 1, rollbacks: 0, hits: 1, reads: 0 },
  ...{ total: 1, active: 0, idle: 1, idle_in_transaction: 0, waiting: 0, replicas: [] },
});

describe.each(['sh', 'bash'])('the script that reads figures, run by %s', (shell) => {
  it('tells the server’s counters and PostgreSQL’s, one psql for all readings, and ends when nobody reads', async () => {
    const psql = `echo started >> "$MARK/starts"\nwhile read -r line; do case $line in SELECT*) printf '%s\\n' 'P ${ANSWER}' ;; esac; done`;
    const { samples, left } = await run(shell, psql, 6);
    const kinds = new Set(samples.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['host', 'postgres']);
    expect(samples.filter(({ kind }) => kind === 'host').length).toBeGreaterThan(1);
    expect(left).toBe('ended');
  }, 30_000);

  it('goes on telling of the server, and that PostgreSQL is down, where psql cannot connect', async () => {
    const { samples, left } = await run(shell, 'exit 2', 6);
    expect(new Set(samples.map(({ kind }) => kind))).toEqual(new Set(['host', 'down']));
    expect(left).toBe('ended');
  }, 30_000);
});
