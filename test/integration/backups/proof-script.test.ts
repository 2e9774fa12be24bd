import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProofRecord } from '../../../shared/rules/backups/judge-proof';
import { PROOF_PLACE, PROOF_RECORDS, proofScript } from '../../../shared/rules/backups/proof-files';

let directory: string;

/** As pgBackRest 2.54 prints it: one line, newest last. */
const info = JSON.stringify([
  {
    archive: [{ database: { id: 1, 'repo-key': 1 }, id: '15-1', max: 'A', min: 'B' }],
    backup: ['20261101-010000F', '20261101-010000F_20261102-010000D'].map((label, index) => ({
      archive: { start: 'A', stop: 'B' },
      backrest: { format: 5, version: '2.54.2' },
      database: { id: 2, 'repo-key': index + 1 },
      error: false,
      info: { delta: 1, repository: { delta: 7, size: 8 }, size: 1000 + index },
      label,
      timestamp: { start: 1, stop: 2 },
      type: 'full',
    })),
    cipher: 'none',
    db: [
      { id: 1, 'repo-key': 1, 'system-id': 41, version: '14' },
      { id: 2, 'repo-key': 1, 'system-id': 42, version: '17' },
    ],
    name: 'orders',
    repo: [],
    status: { code: 0, message: 'ok' },
  },
]);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'proof-script-'));
  await mkdir(join(directory, 'records'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs the script of the timer with a pgBackRest that prints `said` and a proof that does `body`; answers its exit code. */
async function run(said: string, body: string): Promise<number> {
  await writeFile(join(directory, 'said'), said);
  await writeFile(join(directory, 'pgbackrest'), `#!/bin/sh\ncat '${directory}/said'\n`);
  await chmod(join(directory, 'pgbackrest'), 0o755);
  const { text } = proofScript('orders', body);
  const script = join(directory, 'script');
  await writeFile(script, text.replaceAll(PROOF_RECORDS, `${directory}/records`).replaceAll(PROOF_PLACE, directory));
  const env = { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
  const ended = promisify(execFile)('sh', [script], { env });
  return ended.then(
    () => 0,
    (thrown: { readonly code?: number }) => thrown.code ?? -1,
  );
}
const record = (): Promise<string> => readFile(join(directory, 'records', 'orders'), 'utf8');

describe('the script of the timer that proves backups', () => {
  it('hands on the newest backup with its repository, size and version, and keeps what the proof said, whole', async () => {
    const body = `printf '%s\\n' "args $*" 'system 42' 'tables 1' 'checksums good' end; echo careful >&2`;
    expect(await run(info, body)).toBe(0);
    const text = await record();
    expect(text).toContain(
      `args orders 20261101-010000F_20261102-010000D 2 ${directory}/matriarch-proof-orders 268436556 17\n`,
    );
    expect(text).toContain('said careful\n');
    expect(readProofRecord(text, 'db2', '42')).toMatchObject({
      good: true,
      label: '20261101-010000F_20261102-010000D',
    });
    expect(await readdir(join(directory, 'records'))).toEqual(['orders']);
  });

  it('keeps a failure with its words, and ends with its code', async () => {
    expect(await run(info, `trap 'echo gone' EXIT; echo 'ERROR: [041]: nothing there' >&2; exit 93`)).toBe(93);
    expect(readProofRecord(await record(), 'db2', '42')?.sentence).toMatch(/could not restore it.*\[041\]/);
    expect(await record()).toContain('gone\n');
  });

  it('says so where there is no backup, and proves nothing', async () => {
    expect(await run('[]', 'echo never')).toBe(89);
    expect(await record()).not.toContain('never');
    expect(readProofRecord(await record(), 'db2', '42')?.sentence).toMatch(/tells no backup/);
  });

  it('removes what a killed proof left, and nothing that is not marked as one', async () => {
    const left = join(directory, 'matriarch-proof-orders');
    await mkdir(join(left, 'data'), { recursive: true });
    await writeFile(join(left, 'data', 'mine'), '');
    const body = '[ -e "$4" ] && exit 92; exit 0';
    expect(await run(info, body)).toBe(92);
    await writeFile(join(left, 'proof-by-matriarch'), '');
    expect(await run(info, body)).toBe(0);
  });
});
