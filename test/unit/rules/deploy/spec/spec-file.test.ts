import { describe, expect, it } from 'vitest';
import { printSpec, readSpec } from '../../../../../shared/rules/deploy/spec/spec-file';
import { specFixture } from '../../../../support/deploy/facts';

describe('the cluster file', () => {
  it('is read back as it was written', () => {
    const spec = specFixture({ users: [{ name: 'app' }], tls: 'on', patroni: { ttl: 60 } });
    expect(readSpec(printSpec(spec)).spec).toEqual(spec);
  });
  it.each(['off', 'on'] as const)('always says whether there is TLS (%s) and what the parameters are', (tls) => {
    const spec = specFixture({ tls });
    expect(readSpec(printSpec(spec)).spec).toMatchObject({ tls, postgres: { parameters: {} } });
  });
  it('leaves out what has its default', () => {
    expect(printSpec(specFixture())).not.toContain('haproxy:\n');
  });
  it.each([
    ['version: 1\nscope: [', 'file_unreadable'],
    ['version: 2', 'form'],
    ['just text', 'form'],
    ['a: 1\na: 2', 'file_unreadable'],
    ['version: 1\nscope: x\nservers: []\npassword: x', 'form'],
  ])('is refused with the place and the reason when it is %j', (text, code) => {
    const read = readSpec(text);
    expect(read.spec).toBeNull();
    expect(read.problems.map((problem) => problem.code)).toContain(code);
  });
  it.each([
    ['version: 1\nscope: ""\nservers:\n  - name: a', 'Line 2, column 8: scope is empty.'],
    [
      'version: 1\nscope: x\nservers:\n  - name: a\n    ssh: {server: a}\n    address: b\n    roles: []',
      'Line 7, column 12: servers.0.roles has no entry.',
    ],
    ['version: 1\nscope: x\nservers: []\npatroni:\n  ttl: many', 'Line 5, column 8: patroni.ttl must be a number.'],
    ['version: 1\nscope: x\nservers: []\ntls: perhaps', 'Line 4, column 6: tls must be one of off, on.'],
    ['version: 1\nscope: x\nservers: []\npassword: x', 'has a setting that nothing reads: password.'],
    ['version: 1\nscope: x', 'Line 1, column 1: servers is missing.'],
  ])('says the line, the column and what is wrong in plain words: %j', (text, sentence) => {
    const sentences = readSpec(text).problems.map((problem) => problem.sentence);
    expect(sentences).toContainEqual(expect.stringContaining(sentence));
    expect(sentences.join(' ')).not.toMatch(/Too small|Invalid|Unrecognized|expected/);
  });
});
