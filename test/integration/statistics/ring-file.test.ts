import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRing, type Ring } from '../../../electron/core/statistics/ring-file';
import { tempDirectory } from '../../support/temp';

const SHAPE = { stepMs: 10_000, slots: 6 };
const NOW = 1_800_000_000_000;

describe('figures kept in a file of fixed size', () => {
  let directory: Awaited<ReturnType<typeof tempDirectory>>;
  const path = () => join(directory.path, 'db1.day');
  const open = (member = 'db1', shape = SHAPE): Promise<Ring> => openRing(path(), shape, member, NOW);
  const cpu = (ring: Ring) => [...ring.read('cpu', { from: NOW - 60_000, to: NOW + 600_000 })].map(({ high }) => high);

  beforeEach(async () => {
    directory = await tempDirectory();
  });
  afterEach(() => directory.remove());

  it('are there after the app was closed', async () => {
    const ring = await open();
    ring.put(NOW, { cpu: 0.5, connections: 7 });
    ring.put(NOW + 10_000, { cpu: 0.25 });
    await ring.settled();
    await ring.close();
    const again = await open();
    expect(cpu(again)).toEqual([0.5, 0.25]);
    expect([...again.read('connections', { from: NOW, to: NOW + 60_000 })]).toEqual([{ at: NOW, low: 7, high: 7 }]);
    await again.close();
  });

  it('are written over by the newest, and the file grows no larger', async () => {
    const ring = await open();
    const { size } = await stat(path());
    for (let step = 0; step < 20; step += 1) ring.put(NOW + step * 10_000, { cpu: step });
    await ring.settled();
    expect((await stat(path())).size).toBe(size);
    expect(cpu(ring)).toEqual([14, 15, 16, 17, 18, 19]);
    expect(ring.oldest()).toBe(NOW + 140_000);
    await ring.close();
  });

  it('of one step keep the lowest and the highest, and what came apart stands together', async () => {
    const ring = await open();
    for (const value of [3, 9, 1]) ring.put(NOW + value, { cpu: value });
    ring.put(NOW + 5, { memory: 0.5 });
    expect([...ring.read('cpu', { from: NOW, to: NOW + 10_000 })]).toEqual([{ at: NOW, low: 1, high: 9 }]);
    expect([...ring.read('memory', { from: NOW, to: NOW + 10_000 })]).toHaveLength(1);
    await ring.close();
  });

  it.each([
    [
      'was cut off',
      async () => {
        await (await open()).close();
        await truncate(path(), 900);
      },
    ],
    ['is something else', async () => writeFile(path(), 'not a ring')],
    ['is of another shape', async () => (await open('db1', { stepMs: 5_000, slots: 6 })).close()],
    ['is of another member', async () => (await open('db9')).close()],
    ['is empty', async () => writeFile(path(), '')],
  ])('begin anew where the file %s, which is put aside and not lost', async (_what, spoil) => {
    await spoil();
    const before = await readFile(path());
    const ring = await open();
    ring.put(NOW, { cpu: 1 });
    await ring.settled();
    expect(cpu(ring)).toEqual([1]);
    await ring.close();
    const aside = (await readdir(directory.path)).find((name) => name.includes('.damaged-'));
    expect(await readFile(join(directory.path, aside ?? 'none'))).toEqual(before);
  });

  it('leave out a slot that was cut off while it was written', async () => {
    const ring = await open();
    ring.put(NOW, { cpu: 1 });
    ring.put(NOW + 10_000, { cpu: 2 });
    await ring.settled();
    await ring.close();
    const bytes = await readFile(path());
    const slot = (bytes.length - 512) / SHAPE.slots;
    const first = 512 + ((NOW / 10_000) % SHAPE.slots) * slot;
    bytes.fill(0, first + slot - 8, first + slot);
    await writeFile(path(), bytes);
    const again = await open();
    expect(cpu(again)).toEqual([2]);
    await again.close();
  });

  it('is for its owner alone', async () => {
    const ring = await open();
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    await ring.close();
  });
});
