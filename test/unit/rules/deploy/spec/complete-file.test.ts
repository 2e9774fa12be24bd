import { describe, expect, it } from 'vitest';
import { smallestMember, withSuggestions } from '../../../../../renderer/deployment/form/parameters';
import {
  completeFile,
  leavesParameters,
  withSuggestedParameters,
} from '../../../../../shared/rules/deploy/spec/complete-file';
import { readSpec } from '../../../../../shared/rules/deploy/spec/spec-file';
import { suggestParameters } from '../../../../../shared/rules/deploy/spec/suggest';
import { bareServer, specFixture } from '../../../../support/deploy/facts';

const fileOf = (more: string) => {
  const text =
    'version: 1\nscope: main\nservers:\n  - { name: n1, address: 10.0.0.11, roles: [etcd, postgres], ssh: { server: n1 } }\n';
  const { spec } = readSpec(text + more);
  if (spec === null) throw new Error('The file cannot be read.');
  return spec;
};
const spec = specFixture();
const seen = spec.servers.map((server, index) =>
  bareServer(server.name, server.address, { memoryBytes: (8 + index) * 1024 ** 3, cpus: 4 + index }),
);

describe('a cluster file without parameters', () => {
  it('gets the parameters that the guided set-up suggests for the smallest member', () => {
    const byPage = smallestMember(spec, new Map(seen.map((facts) => [facts.server, facts])));
    if (byPage === null) throw new Error('Nothing was suggested.');
    const suggested = suggestParameters({ ...byPage, solidState: true });
    expect(suggested.length).toBeGreaterThan(10);
    expect(withSuggestedParameters(spec, seen).postgres.parameters).toEqual(withSuggestions({}, suggested));
  });

  it('leaves them open only where nothing is known of its cluster', () => {
    expect(leavesParameters(fileOf(''), null)).toBe(true);
    expect(leavesParameters(fileOf('postgres: { port: 5433 }\n'), null)).toBe(true);
    expect(leavesParameters(fileOf('postgres: { parameters: {} }\n'), null)).toBe(false);
    const settled = specFixture({ postgres: { parameters: { work_mem: '8MB' } } });
    expect(leavesParameters(fileOf(''), settled)).toBe(false);
    expect(completeFile(fileOf(''), 'x', settled).postgres.parameters).toEqual({ work_mem: '8MB' });
  });
});
