import { describe, expect, it } from 'vitest';
import { isLosslessJson } from '../../../../shared/rules/configure/lossless-json';

describe('a configuration is written back from here only where every number stays the same', () => {
  it.each([
    ['{"ttl":30,"a":[1,-2,9007199254740991]}', true],
    ['{"a":0.9,"b":1e-5,"c":1.5E+3}', true],
    ['{"name":"9223372036854775807"}', true],
    ['{"name":"a \\" 9223372036854775807"}', true],
    ['{"slot":9223372036854775807}', false],
    ['{"a":[{"b":-9007199254740993}]}', false],
  ])('%s', (text, expected) => {
    expect(isLosslessJson(text)).toBe(expected);
  });
});
