import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  'test/lab/README.md',
];

const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('links only to pages and files that exist', () => {
    const targets = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !target.includes('://'));
    expect(targets.filter((target) => !existsSync(resolve(root, dirname(page), target)))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('names only files of the source tree that exist', () => {
    const named = [...text.matchAll(/`((?:electron|renderer|shared|test|docs)\/[\w./-]+)`/g)]
      .map(([, path = '']) => path.replace(/\/$/, ''))
      // X stands for any name.
      .filter((path) => !path.startsWith('test/results') && !path.endsWith('/X'));
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('the glossary', () => {
  it('is in alphabetical order', () => {
    const words = [...read('docs/glossary.md').matchAll(/^\| ([^|]+?) \|/gm)]
      .map(([, word = '']) => word.toLowerCase())
      .slice(1);
    expect(words.length).toBeGreaterThan(20);
    expect(words).toEqual(words.toSorted());
  });
});

describe('the list of decisions', () => {
  it('names every page', () => {
    const list = read('docs/decisions/README.md');
    const all = pages.filter((page) => page.startsWith('docs/decisions/') && !page.endsWith('README.md'));
    expect(all.filter((page) => !list.includes(`(${page.slice('docs/decisions/'.length)})`))).toEqual([]);
  });
});
