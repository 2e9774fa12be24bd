import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDirectory } from '../../support/temp';

const test = fileURLToPath(new URL('../../', import.meta.url));

/** What `.ci/run` says at its end when its parts came to this. */
async function sum(
  parts: Readonly<Record<string, object>>,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const directory = await tempDirectory();
  for (const [name, part] of Object.entries(parts))
    writeFileSync(join(directory.path, `summary-${name}.json`), JSON.stringify(part));
  const ended = spawnSync(process.execPath, [join(test, 'sum.mjs'), directory.path], { encoding: 'utf8' });
  await directory.remove();
  return { code: ended.status, lines: ended.stdout.trimEnd().split('\n') };
}

/** The failures that a report of vitest holds. */
function failures(report: object): unknown {
  const script =
    `import { failuresOf } from '${join(test, 'failures.mjs')}'; ` +
    `console.log(JSON.stringify(failuresOf(JSON.parse(process.argv[1]))));`;
  return JSON.parse(
    spawnSync(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(report)], { encoding: 'utf8' })
      .stdout,
  );
}

describe('the summary of all test runs', () => {
  it('is one line when nothing failed', async () => {
    expect(
      await sum({
        test: { passed: 3, failed: 0, skipped: 0, failures: [] },
        lab: { passed: 4, failed: 0, skipped: 1 },
      }),
    ).toEqual({ code: 0, lines: ['7 passed, 0 failed, 1 skipped'] });
  });

  it('names what failed before the sum, with the first lines of why', async () => {
    const { code, lines } = await sum({
      test: { passed: 3, failed: 1, skipped: 0, failures: [{ name: 'a > b', lines: ['expected 1'] }] },
    });
    expect({ code, lines }).toEqual({
      code: 1,
      lines: ['FAILED a > b', '    expected 1', '3 passed, 1 failed, 0 skipped'],
    });
  });

  it('gives the first failure of a file at length, and later ones of it in a line each', async () => {
    const failures = [
      { name: 'a > one', lines: ['expected 1', 'to be 2'] },
      { name: 'a > two', lines: ['expected 3', 'to be 4'] },
      { name: 'b > one', lines: ['no'] },
    ];
    const { lines } = await sum({ test: { passed: 0, failed: 3, skipped: 0, failures } });
    expect(lines).toEqual([
      'FAILED a > one',
      '    expected 1',
      '    to be 2',
      '  then > two: expected 3',
      'FAILED b > one',
      '    no',
      '0 passed, 3 failed, 0 skipped',
    ]);
  });

  it('stays short however much failed', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ name: `file ${index} > test`, lines: [] }));
    const { lines } = await sum({ test: { passed: 0, failed: 100, skipped: 0, failures: many } });
    expect(lines.slice(-2)).toEqual(['and 60 more', '0 passed, 100 failed, 0 skipped']);
    expect(lines).toHaveLength(42);
  });
});

describe('the failures of a report', () => {
  const red = String.fromCharCode(27);
  it('are its failed tests, without colours and stacks, and files that could not be run', () => {
    expect(
      failures({
        testResults: [
          {
            name: '/x/test/unit/a.test.ts',
            status: 'failed',
            message: '',
            assertionResults: [
              { status: 'passed', fullName: 'one' },
              {
                status: 'failed',
                fullName: 'two',
                failureMessages: [`${red}[31mError: no${red}[39m\n    at f (file:///x.ts:1:2)\n\nsecond`],
              },
            ],
          },
          { name: '/x/test/lab/b.test.ts', status: 'failed', message: 'It does not load.', assertionResults: [] },
          {
            name: '/x/test/lab/c.test.ts',
            status: 'passed',
            message: '',
            assertionResults: [{ status: 'passed', fullName: 'three' }],
          },
        ],
      }),
    ).toEqual([
      { name: 'test/unit/a.test.ts > two', lines: ['Error: no', 'second'] },
      { name: 'test/lab/b.test.ts', lines: ['It does not load.'] },
    ]);
  });
});
