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
});
