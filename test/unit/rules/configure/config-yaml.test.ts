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

  const odd = [
    'host\tall\tall\t10.0.0.0/8\tmd5',
    '=',
    '<<',
    'a\u0085b',
    'a\u2028b',
    'a\ufeffb',
    '\u007f',
    'one\ntwo\n',
  ];

  it.each(odd)('that the app wrote reads back as it was: %j', (value) => {
    const config = { ttl: 30, postgresql: { pg_hba: [value], parameters: { x: value } } };
    expect(readConfigYaml(writeConfigYaml(config))).toMatchObject({ config });
  });

  it.each(odd)('with a value that was set to %j reads back as that', (value) => {
    const before = writeConfigYaml({ ttl: 30, cmd: 'one\ntwo\n', pg_hba: odd });
    const text = editConfigYaml(before, ['parameters', 'x'], value) ?? '';
    expect(readConfigYaml(text).config).toEqual({ ttl: 30, cmd: 'one\ntwo\n', pg_hba: odd, parameters: { x: value } });
    expect(text).toContain('cmd: |\n  one\n  two\n');
  });

  it('that merges a section still merges it after a value was set', () => {
    const text = editConfigYaml('a: &a { k: 1 }\nb:\n  <<: *a\n', ['b', 'x'], 5) ?? '';
    expect(readConfigYaml(text).config).toEqual({ a: { k: 1 }, b: { k: 1, x: 5 } });
  });

  it.each([':1', '?x', 'a?b'])('with a value in brackets that was set to %j reads back as that', (value) => {
    const text = editConfigYaml('parameters: { work_mem: 4MB }\n', ['parameters', 'x'], value) ?? '';
    expect(readConfigYaml(text).config).toEqual({ parameters: { work_mem: '4MB', x: value } });
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
