import { describe, expect, it } from 'vitest';
import { allRows, fieldValue, type SettingRow } from '../../../../../renderer/features/configure/setting-rows';

const unknown: SettingRow = {
  path: ['postgresql', 'parameters', 'my.setting'],
  name: 'my.setting',
  group: 'Others',
  description: '',
  note: '',
  definition: null,
  choices: null,
  builtIn: '',
};

describe('what is written in a field of a setting that no server knows', () => {
  it.each([
    ['1.10', '1.10'],
    ['2.0', '2.0'],
    ['007', '007'],
    ['10', 10],
    ['1.5', 1.5],
    ['true', true],
    ['on', 'on'],
    [' ', undefined],
  ])('%j is stored as %j, so that nothing of it is lost', (text, value) => {
    expect(fieldValue(unknown, text)).toBe(value);
  });
});

describe('what is said of a setting beside its field', () => {
  it.each([
    ['ttl', 'In seconds, at least 20.'],
    ['maximum_lag_on_failover', 'In bytes, at least 0.'],
  ])('%s: %s', (name, note) => {
    expect(allRows([], {}).find((row) => row.name === name)?.note).toBe(note);
  });
});
