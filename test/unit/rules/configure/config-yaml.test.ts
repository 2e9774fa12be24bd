import { describe, expect, it } from 'vitest';
import { editConfigYaml, readConfigYaml, writeConfigYaml } from '../../../../shared/rules/configure/yaml/config-yaml';

describe('a configuration as YAML', () => {
  it.each([
    ['a switch that is a word', 'ssl: on\n', { ssl: true }, /on is read as true/],
    ['a number that begins with 0', 'mode: 0600\n', { mode: 384 }, /as the number 384/],
    ['a number with a colon', 'at: 1:30\n', { at: 90 }, /as the number 90/],
    ['a date', 'day: 2026-01-01\n', { day: '2026-01-01' }, /as a time/],
    ['an alias', 'a: &x [1]\nb: *x\n', { a: [1], b: [1] }, /holds no anchors/],
  ])('%s is read as Patroni reads it, and told', (_what, text, config, sentence) => {
    const read = readConfigYaml(text);
    expect(read.config).toEqual(config);
    expect(read.remarks).toEqual([
      expect.objectContaining({ severity: 'info', sentence: expect.stringMatching(sentence) }),
    ]);
  });

  it.each([
    ['a tab', 'ttl: 30\npostgresql:\n\tuse_slots: true\n', 3, 1, /tab/],
    ['a bracket that is not closed', 'ttl: [1\nx: 2\n', 2, 1, /YAML/],
    ['a list at the top', '- a\n', 1, 1, /consists of settings/],
    ['an alias of nothing', 'a: *x\n', 1, 4, /alias/],
  ])('%s is refused with its line and column', (_what, text, line, column, sentence) => {
    const { config, remarks } = readConfigYaml(text);
    expect(config).toBeNull();
    expect(remarks).toEqual([{ line, column, severity: 'error', sentence: expect.stringMatching(sentence) }]);
  });

  it('a key that stands twice is an error where it stands for the second time', () => {
    const { remarks } = readConfigYaml('ttl: 30\nloop_wait: 10\nttl: 40\n');
    expect(remarks).toEqual([
      { line: 3, column: 1, severity: 'error', sentence: expect.stringMatching(/second time/) },
    ]);
  });

  it('a text of 5 MB is refused at once, with what etcd takes', () => {
    const began = performance.now();
    const { config, remarks } = readConfigYaml(`a: ${'x'.repeat(5_000_000)}\n`);
    expect(config).toBeNull();
    expect(remarks[0]?.sentence).toMatch(/4\.8 MB; etcd takes at most 1\.5 MB/);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it.each([
    ['brackets', '['.repeat(5_000)],
    ['closed brackets', `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`],
    ['braces', `a: ${'{b: '.repeat(5_000)}`],
    ['dashes', `${'- '.repeat(5_000)}a\n`],
  ])('%s without end are refused where they become too many, and end nothing but the reading', (_what, text) => {
    const { config, remarks } = readConfigYaml(text);
    expect(config).toBeNull();
    expect(remarks).toEqual([
      expect.objectContaining({ line: 1, sentence: expect.stringMatching(/more levels than/) }),
    ]);
  });

  it('aliases that multiply are refused', () => {
    const lines = Array.from({ length: 12 }, (_, index) =>
      index === 0 ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]' : `a${index}: &a${index} [${`*a${index - 1}, `.repeat(9)}]`,
    );
    expect(readConfigYaml(`${lines.join('\n')}\n`).config).toBeNull();
  });

  it.each([
    { flags: 'on', text: 'yes', number: '0600', time: '1:30', empty: '', list: ['no', 1, true], day: '2026-01-01' },
    {
      postgresql: {
        parameters: { log_line_prefix: '%m [%p] ', search_path: '"$user", public' },
        pg_hba: ['host all all ::1/128 md5'],
      },
    },
  ])('is written so that Patroni reads the same values again', (config) => {
    expect(readConfigYaml(writeConfigYaml(config)).config).toEqual(config);
  });

  it('one changed value leaves comments and the order of the rest alone', () => {
    const text = '# for the team\nttl: 30\nloop_wait: 10\npostgresql:\n  parameters:\n    work_mem: 4MB # small\n';
    expect(editConfigYaml(text, ['postgresql', 'parameters', 'work_mem'], '8MB')).toBe(text.replace('4MB', '8MB'));
    expect(editConfigYaml(text, ['loop_wait'], undefined)).toBe(text.replace('loop_wait: 10\n', ''));
  });

  it('a value below sections that are not there makes them, and the last one takes them away', () => {
    const slot = { type: 'logical', database: 'shop' };
    const text = 'ttl: 30\nslots:\n  cdc:\n    type: logical\n    database: shop\n';
    expect(editConfigYaml('ttl: 30\n', ['slots', 'cdc'], slot)).toBe(text);
    expect(editConfigYaml('', ['slots', 'cdc'], slot)).toBe(text.replace('ttl: 30\n', ''));
    expect(editConfigYaml('ttl: 30\nslots:\n', ['slots', 'cdc'], slot)).toBe(text);
    expect(editConfigYaml(text, ['slots', 'cdc'], undefined)).toBe('ttl: 30\n');
  });
});
