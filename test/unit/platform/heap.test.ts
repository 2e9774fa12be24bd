import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** What a program of its own writes to stderr. */
function complaints(program: string): string {
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { encoding: 'utf8' })
    .stderr;
}

describe('the heap of the core', () => {
  it('is limited by flags that this V8 knows', () => {
    expect(complaints("import { keepHeapSmall } from './electron/core/platform/heap.ts'; keepHeapSmall();")).toBe('');
    expect(
      complaints("import { setFlagsFromString } from 'node:v8'; setFlagsFromString('--no-such-flag=50');"),
    ).not.toBe('');
  }, 60_000);
});
