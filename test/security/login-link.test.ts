import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserCommand, openBrowser } from '../../electron/headless/open-browser';
import { tempDirectory, type TempDirectory } from '../support/temp';

const url = 'http://127.0.0.1:8800/#token=t0ken';

describe('the link that lets a browser in', () => {
  let temp: TempDirectory;

  beforeAll(async () => {
    temp = await tempDirectory();
  });
  afterAll(() => temp.remove());

  it('stands in no argument of a program, but in a file that its owner alone can read and that is removed', async () => {
    const opened: string[] = [];
    const remove = await openBrowser(temp.path, url, (file) => {
      opened.push(file);
    });
    const [file = ''] = opened;
    for (const platform of ['linux', 'darwin', 'win32'])
      expect(JSON.stringify(browserCommand(platform, file)), platform).not.toContain('t0ken');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(`content="0; url=${url}"`);
    await remove();
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });
});
