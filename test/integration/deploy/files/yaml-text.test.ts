import { spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { yamlText } from '../../../../shared/rules/deploy/files/yaml-text';

/** Values that one reader of YAML or another takes for something else, or not at all. */
const values = [
  ...['a\tb', '\tx', 'x\t', 'a\u2028b', 'a\u2029b', 'a\u0085b', '=', '==', '=x', '<<', '<<x', '~', 'null', 'yes', 'no'],
  ...['on', 'off', 'y', 'n', 'Y', 'N', 'true', 'TRUE', '0', '007', '0o7', '0x1F', '0b1', '1_000', '1:20', '12:30:45'],
  ...[
    '1e5',
    '1e10',
    '1.5e+3',
    '.5',
    '.inf',
    '-.INF',
    '.nan',
    '0987654',
    '12345678901234567890',
    '+1',
    '-1',
    '190:20:30',
  ],
  ...['2001-01-01', '2001-12-14 21:59:43.10 -5', '', '  ', ' lead', 'trail ', '#x', 'a #b', 'a: b', 'a:', '- a', '-'],
  ...['?', '? a', '!x', '!!str x', '&a', '*a', '%x', '@x', '`x', '|', '>', '[a', '{a', 'a]', '"', "'", "''", '"a"'],
  ...['\\', '\\n', 'a\nb', '\n', 'a\r\nb', '\u007f', '\u009b31m', '\ufeff', 'a\ufeff', '\uffff', 'ü', '🐘', '\u00a0x'],
  ...['\u0000', '\u001b[0m', '---', '...', '--- a', ',', 'a  b', '%YAML 1.1', `${'x'.repeat(200)} ${'y'.repeat(200)}`],
];
const document = { plain: Object.fromEntries(values.map((value, index) => [`k${index}`, value])), list: values };
const python = spawnSync('python3', ['-c', 'import yaml']).status === 0;

function pyYaml(text: string): unknown {
  const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))';
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Where PyYAML is not installed, only the app's own reader can be asked. */
const readers: readonly (readonly [string, (text: string) => unknown])[] = [
  ['the app itself', (text) => parse(text, { version: '1.1' })],
  ...(python ? [['PyYAML', pyYaml] as const] : []),
];

describe('the file that Patroni reads', () => {
  it.each(readers)('gives every value back exactly when it is read by %s', (_reader, read) => {
    expect(read(yamlText(document))).toEqual(document);
  });

  it('holds nothing that PyYAML refuses or folds in a scalar', () => {
    expect(yamlText(document)).toMatch(
      /^[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u,
    );
  });

  it('writes what needs no quotation marks without them', () => {
    expect(yamlText({ scope: 'main', listen: '0.0.0.0:5432' })).toBe('scope: main\nlisten: 0.0.0.0:5432\n');
  });
});
