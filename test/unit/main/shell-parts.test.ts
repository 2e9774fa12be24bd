import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { clusterOfArguments, clusterOfLink } from '../../../electron/main/deep-link';
import { usableState } from '../../../electron/main/window-state';
import { tempDirectory } from '../../support/temp';

vi.mock('electron', () => import('../../support/electron-double'));
const { answer } = await import('../../../electron/main/app-scheme');

describe('deep links', () => {
  it.each([
    ['matriarch://cluster/c1', 'c1'],
    ['matriarch://cluster/9b2f-7/', '9b2f-7'],
    ['matriarch://cluster/', null],
    ['matriarch://cluster/../x', null],
    ['matriarch://cluster/a b', null],
    ['matriarch://run/c1', null],
    ['https://cluster/c1', null],
  ])('%s names %s', (link, id) => {
    expect(clusterOfLink(link)).toBe(id);
  });

  it('is found among the arguments of a second start', () => {
    expect(clusterOfArguments(['/opt/matriarch', '--flag', 'matriarch://cluster/c1'])).toBe('c1');
    expect(clusterOfArguments(['/opt/matriarch'])).toBeNull();
  });
});

describe('the window’s place', () => {
  const screen = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  const state = { x: 100, y: 100, width: 1200, height: 800, maximized: false };

  it('is taken up again on a screen that is there', () => {
    expect(usableState(state, screen)).toEqual(state);
  });
  it.each([
    ['on a screen that is gone', { ...state, x: 3000 }],
    ['above the screen', { ...state, y: -500 }],
    ['too small to use', { ...state, width: 10 }],
    ['not numbers', { ...state, x: 'left' }],
    ['nothing', null],
  ])('%s is forgotten', (_name, kept) => {
    expect(usableState(kept, screen)).toBeNull();
  });
});

describe('app://', () => {
  it('serves the page’s files with the CSP and nothing from outside', async () => {
    const temp = await tempDirectory();
    await mkdir(join(temp.path, 'page'));
    await writeFile(join(temp.path, 'page', 'index.html'), '<p>page</p>');
    await writeFile(join(temp.path, 'secret.html'), 'secret');
    const root = join(temp.path, 'page');
    const page = await answer('app://matriarch/', 'GET', root);
    expect(await page.text()).toBe('<p>page</p>');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const refused = [
      'app://matriarch/../secret.html',
      'app://matriarch/%2e%2e/secret.html',
      'app://matriarch/..%2fsecret.html',
      'app://matriarch/..%5csecret.html',
      'app://other/index.html',
      'app://matriarch.example/index.html',
      'app://matriarch/%',
    ];
    for (const address of refused) expect((await answer(address, 'GET', root)).status, address).toBe(404);
    expect((await answer('app://matriarch/', 'POST', root)).status).toBe(404);
    await temp.remove();
  });
});
