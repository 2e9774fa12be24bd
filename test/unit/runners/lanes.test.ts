import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const test = fileURLToPath(new URL('../../', import.meta.url));

/** Begins and ends of tasks that take this many ms, in the order in which they happened, and the answers. */
function lanes(times: readonly number[], count: number): unknown {
  const script = `import { runInLanes } from '${test}lanes.mjs';
    const seen = [];
    const tasks = ${JSON.stringify(times)}.map((ms, index) => async () => {
      seen.push('+' + index);
      await new Promise((resolve) => setTimeout(resolve, ms));
      seen.push('-' + index);
      return index;
    });
    const answers = await runInLanes(tasks, ${count});
    console.log(JSON.stringify({ seen, answers }));`;
  return JSON.parse(spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout);
}

/** What a program said in two pieces, when two of them ran beside each other. */
function shown(): readonly string[] {
  const says = (name: string): string =>
    `console.log('${name} begins'); setTimeout(() => console.log('${name} ends'), 300)`;
  const script = `import { run } from '${test}../electron/programs.mjs';
    const start = (text) => run(process.execPath, ['-e', text], { limitMs: 20_000, atEnd: true });
    await Promise.all([start(${JSON.stringify(says('one'))}), start(${JSON.stringify(says('two'))})]);`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n');
}

describe('test runs beside each other', () => {
  it('are no more than there are lanes, and the next begins when one ends', () => {
    expect(lanes([600, 50, 50], 2)).toEqual({ seen: ['+0', '+1', '-1', '+2', '-2', '-0'], answers: [0, 1, 2] });
  });

  it('come one after another in one lane', () => {
    expect(lanes([20, 1], 1)).toEqual({ seen: ['+0', '-0', '+1', '-1'], answers: [0, 1] });
  });

  it('do not mix what they say', () => {
    expect([
      ['one begins', 'one ends', 'two begins', 'two ends'],
      ['two begins', 'two ends', 'one begins', 'one ends'],
    ]).toContainEqual(shown());
  });
});
