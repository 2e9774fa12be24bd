import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataDirectory } from '../../../electron/core/platform/data-directory';
import { openLog } from '../../../electron/core/platform/log';
import { mask } from '../../../electron/core/platform/mask';
import { tempDirectory } from '../../support/temp';

describe('the data directory', () => {
  it.each([
    ['linux', {}, '/home/u/.config/matriarch'],
    ['linux', { XDG_CONFIG_HOME: '/cfg' }, '/cfg/matriarch'],
    ['linux', { XDG_CONFIG_HOME: 'relative' }, '/home/u/.config/matriarch'],
    ['linux', { MATRIARCH_HOME: '/elsewhere' }, '/elsewhere'],
    ['darwin', {}, '/home/u/Library/Application Support/Matriarch'],
  ])('on %s with the environment %j is %s', (platform, env, path) => {
    expect(dataDirectory({ platform, env, home: '/home/u' })).toBe(path);
  });
});

describe('the log', () => {
  it('hides secrets, also inside errors, and is readable by its owner only', async () => {
    const temp = await tempDirectory();
    const path = join(temp.path, 'matriarch.log');
    const { log, close } = openLog({ path, mask: (line) => mask(line, ['hunter "2"']) });
    log.error({ err: new Error('login with hunter "2" failed') }, 'it said hunter "2"');
    close();
    log.info('after closing nothing is written, and nothing breaks');
    const text = await readFile(path, 'utf8');
    expect(text).toContain('login with');
    expect(text).not.toContain('hunter');
    expect(text).not.toContain('after closing');
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    await temp.remove();
  });

  it('does not grow without end', async () => {
    const temp = await tempDirectory();
    const { log, close } = openLog({ path: join(temp.path, 'matriarch.log'), mask: (line) => line });
    const line = 'x'.repeat(100_000);
    for (let count = 0; count < 80; count += 1) log.info(line);
    close();
    expect((await readdir(temp.path)).sort()).toEqual(['matriarch.log', 'matriarch.log.1']);
    expect((await stat(join(temp.path, 'matriarch.log'))).size).toBeLessThan(2.3 * 1024 * 1024);
    await temp.remove();
  });
});
