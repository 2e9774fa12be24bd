import { readFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDeployArguments } from '../../../electron/headless/deploy/arguments';
import { readSpec } from '../../../shared/rules/deploy/spec/spec-file';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

describe('the README', () => {
  it('shows a cluster file that can be used as it is', () => {
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(readSpec(text)).toMatchObject({
      problems: [],
      spec: { scope: 'shop', servers: [{ name: 'db1' }, { name: 'db2' }, { name: 'db3' }] },
    });
  });

  it('shows commands of the deployment that are understood as they stand', () => {
    const commands = [...readme.matchAll(/^npm run deploy -- (.*?)(?: +#.*)?$/gm)].map(([, words = '']) => words);
    expect(commands).toHaveLength(4);
    for (const words of commands) expect(readDeployArguments(words.split(' '))).not.toHaveProperty('usage');
  });

  it('links only to images and pages that exist', () => {
    const targets = [...readme.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !target.includes('://'));
    expect(targets.length).toBeGreaterThan(5);
    expect(targets.filter((target) => !existsSync(`${root}${target}`))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
