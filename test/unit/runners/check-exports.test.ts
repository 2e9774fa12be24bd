import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDirectory } from '../../support/temp';

const program = fileURLToPath(new URL('../../check-exports.mjs', import.meta.url));

/** What the check says of a project of these files. */
async function check(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly faults: readonly string[] }> {
  const directory = await tempDirectory();
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory.path, 'src', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const ended = spawnSync(process.execPath, [program, 'src'], { encoding: 'utf8', cwd: directory.path });
  await directory.remove();
  return { code: ended.status, faults: ended.stderr.split('\n').filter((line) => line !== '') };
}

describe('the check of the exports', () => {
  it('fails when two files export one name for different things, whatever each of them is', async () => {
    const { code, faults } = await check({
      'a.ts': 'export interface Offer { a: number }\nexport const [first] = [1];',
      'b.ts': 'type Offer = string;\nconst first = 2;\nexport { first };\nexport type { Offer };',
      'main.ts': "import { first } from './a';\nimport { first as second } from './b';\nconsole.log(first, second);",
    });
    expect(faults).toEqual([
      'error: Offer is exported by src/a.ts, src/b.ts',
      'error: first is exported by src/a.ts, src/b.ts',
    ]);
    expect(code).toBe(1);
  });

  it('takes a name that is passed on for the same thing', async () => {
    const passedOn = await check({
      'a.ts': 'export const first = 1;\nexport const second = 2;',
      'b.ts': "import { second } from './a';\nexport { first } from './a';\nexport { second };",
    });
    expect(passedOn).toEqual({ code: 0, faults: [] });
  });

  it('fails when nothing imports a value', async () => {
    const { code, faults } = await check({
      'a.ts': 'export const used = 1;\nexport function left(): void {}\nexport interface Left { a: number }',
      'main.ts': "import { used } from './a';\nexport const ran = used;",
    });
    expect({ code, faults }).toEqual({ code: 1, faults: ['error: nothing imports left of src/a.ts'] });
  });

  it.each([
    ['of all of a file', "import * as all from './a';\nconsole.log(all);"],
    ['when it is needed', "void import('./a').then(console.log);"],
    ['under another name', "import { used as other } from './a';\nconsole.log(other);"],
  ])('knows an import %s', async (_, text) => {
    expect(await check({ 'a.ts': 'export const used = 1;', 'main.ts': text })).toEqual({ code: 0, faults: [] });
  });

  it('leaves tests and programs alone, which nothing imports', async () => {
    const files = { 'a.test.ts': 'export const one = 1;', 'vite.config.ts': 'export const two = 2;' };
    expect(await check(files)).toEqual({ code: 0, faults: [] });
  });
});
