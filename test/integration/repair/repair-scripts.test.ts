import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ASIDE_EXIT,
  ASIDE_SCRIPT,
  COPY_SCRIPT,
  DATA_SCRIPT,
  KEPT_INFIX,
} from '../../../electron/core/repair/data-scripts';
import { PLACE_SCRIPT_TEXT, readPlaceAnswer } from '../../../electron/core/repair/place-script';
import { readDataAnswer } from '../../../electron/core/repair/read-data';
import { readWalLook } from '../../../electron/core/repair/read-wal';
import { WAL_LOOK_SCRIPT } from '../../../electron/core/repair/wal-scripts';

/** The first eight bytes of a control file are the system identifier. */
const CONTROL = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 0, 0]);
const IDENTIFIER = '578437695752307201';

describe('the scripts by which a repair looks at data and keeps it', () => {
  let place: string;
  let data: string;

  const run = (script: string, ...args: readonly string[]) =>
    spawnSync('/bin/sh', ['-c', script, 'sh', ...args], { encoding: 'utf8' });
  const look = () => readDataAnswer(run(DATA_SCRIPT, data, '').stdout);
  const makeCluster = (): void => {
    for (const name of ['global', 'pg_tblspc', 'pg_wal']) mkdirSync(join(data, name), { recursive: true });
    writeFileSync(join(data, 'global/pg_control'), CONTROL);
  };

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'repair-'));
    data = join(place, "o'data; of $(a) member");
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  it('tell nothing, files and a cluster apart, whatever the directory is called', () => {
    const kinds = () => [look()?.content, readPlaceAnswer(run(PLACE_SCRIPT_TEXT, data).stdout)?.data?.kind];
    expect(kinds()).toEqual(['none', 'none']);
    mkdirSync(data);
    expect(kinds()).toEqual(['none', 'none']);
    writeFileSync(join(data, 'PG_VERSION'), '17\n');
    expect(kinds()).toEqual(['files', 'files']);
    makeCluster();
    expect(kinds()).toEqual(['cluster', 'cluster']);
    expect(look()).toMatchObject({ systemIdentifier: IDENTIFIER, directory: data, runs: false, links: [], kept: [] });
    expect(look()?.size).toBeGreaterThan(0);
    expect(look()?.free).toBeGreaterThan(0);
  });

  it('name what lies outside of the directory', () => {
    makeCluster();
    symlinkSync(place, join(data, 'pg_tblspc/16400'));
    expect(look()?.links).toEqual([place]);
  });

  it('move data aside whole, leave an empty directory of the same mode, and never take a name twice', () => {
    makeCluster();
    const kept = `${data}${KEPT_INFIX}1`;
    expect(run(ASIDE_SCRIPT, data, kept)).toMatchObject({ status: 0, stdout: `${kept}\n` });
    expect([existsSync(join(kept, 'global/pg_control')), readdirSync(data)]).toEqual([true, []]);
    expect(look()).toMatchObject({ content: 'none', kept: [kept] });
    expect(run(ASIDE_SCRIPT, data, `${data}${KEPT_INFIX}2`).status).toBe(ASIDE_EXIT.nothing);
    makeCluster();
    expect(run(ASIDE_SCRIPT, data, kept).status).toBe(ASIDE_EXIT.exists);
    expect(look()?.content).toBe('cluster');
  });

  it('copy data whole beside it, leave the original as it is, and never take a name twice', () => {
    makeCluster();
    writeFileSync(join(data, 'pg_wal/1'), 'x');
    const kept = `${data}${KEPT_INFIX}1`;
    expect(run(COPY_SCRIPT, data, kept)).toMatchObject({ status: 0, stdout: `${kept}\n` });
    expect([existsSync(join(kept, 'pg_wal/1')), existsSync(join(data, 'pg_wal/1'))]).toEqual([true, true]);
    expect(run(COPY_SCRIPT, data, kept).status).toBe(ASIDE_EXIT.exists);
    mkdirSync(`${data}${KEPT_INFIX}2.part/global`, { recursive: true });
    writeFileSync(join(`${data}${KEPT_INFIX}2.part`, 'global/pg_control'), CONTROL);
    expect(look()?.kept).toEqual([kept]);
    expect(run(COPY_SCRIPT, `${data}.other`, kept).status).toBe(ASIDE_EXIT.nothing);
  });

  it('leave data where it is while a PostgreSQL works in it', () => {
    makeCluster();
    const working = spawnSync(
      '/bin/bash',
      [
        '-c',
        'cp "$(command -v sleep)" "$2/postgres"; (cd "$1" && exec "$2/postgres" 20) & pid=$!; sleep 0.3; ' +
          'sh -c "$3" sh "$1" "$1.kept"; echo "code $?"; sh -c "$4" sh "$1" "$1.kept"; echo "copy $?"; kill $pid',
        ...['bash', data, place, ASIDE_SCRIPT, COPY_SCRIPT],
      ],
      { encoding: 'utf8' },
    );
    expect(working.stdout).toContain(`code ${ASIDE_EXIT.runs}`);
    expect(working.stdout).toContain(`copy ${ASIDE_EXIT.runs}`);
    expect(existsSync(`${data}.kept`)).toBe(false);
    expect(look()?.content).toBe('cluster');
  });

  it('tell the WAL, the slots by their files, and what else is large on the disk', () => {
    makeCluster();
    const state = Buffer.alloc(200);
    state.writeUInt32LE(5, 80);
    state.writeBigUInt64LE(0x1_0200_0000n, 96);
    mkdirSync(join(data, 'pg_replslot/reader'), { recursive: true });
    mkdirSync(join(data, 'pg_replslot/half'), { recursive: true });
    writeFileSync(join(data, 'pg_replslot/reader/state'), state);
    mkdirSync(join(data, 'pg_wal/archive_status'));
    for (const name of ['000000010000000100000002', '000000010000000100000003'])
      writeFileSync(join(data, 'pg_wal', name), Buffer.alloc(1024 * 1024));
    writeFileSync(join(data, 'pg_wal/archive_status/000000010000000100000002.ready'), '');
    mkdirSync(join(data, 'log'));
    writeFileSync(join(data, 'log/old.log'), Buffer.alloc(3 * 1024 * 1024, 'x'));
    const seen = readWalLook(run(WAL_LOOK_SCRIPT, data).stdout);
    expect(seen).toMatchObject({
      ...{ directory: data, runs: false, size: 2 * 1024 * 1024, segments: 2, segmentSize: 1024 * 1024, waiting: 1 },
      slots: [{ name: 'reader', kind: 'logical', restart: 0x1_0200_0000 }],
      newest: 2 ** 32 + 3 * 1024 * 1024,
    });
    expect(seen?.others.find(({ path }) => path === join(data, 'log'))?.size).toBeGreaterThan(2 * 1024 * 1024);
    expect(seen?.disk?.free).toBeGreaterThan(0);
  });

  it('are read whole or not at all', () => {
    expect(readDataAnswer('matriarch-data 1\ncontent none\n')).toBeNull();
    expect(readPlaceAnswer('matriarch-place 1\ndata none -\n')).toBeNull();
  });
});
