import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { refuseTlsChange } from '../../electron/core/deploy/survey/refuse-tls-change';
import { emptyForm } from '../../renderer/deployment/form/form';
import type { DeployManifest } from '../../shared/model/deploy/manifest';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import { etcdDefaults, newEtcdCluster } from '../../shared/rules/deploy/files/etcd';
import { pgHba } from '../../shared/rules/deploy/files/hba';
import { patroniConfig } from '../../shared/rules/deploy/files/patroni';
import { pgbouncerConfig } from '../../shared/rules/deploy/files/pgbouncer';
import { completeFile } from '../../shared/rules/deploy/spec/complete-file';
import { readSpec } from '../../shared/rules/deploy/spec/spec-file';
import { validateSpec } from '../../shared/rules/deploy/spec/validate-spec';
import { bareServer, specFixture } from '../support/deploy/facts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
const specOfFile = (text: string, settled: ClusterSpec | null = null): ClusterSpec => {
  const { spec } = readSpec(text);
  if (spec === null) throw new Error('The file cannot be read.');
  return completeFile(spec, 'an-id', settled);
};
const silent = example.replace('tls: on\n', '');
const warnings = (spec: ClusterSpec): readonly string[] =>
  validateSpec(spec)
    .filter(({ severity }) => severity === 'warning')
    .map(({ code }) => code);

describe('a cluster that is set up as the program suggests', () => {
  const servers = specFixture().servers;
  it.each([
    ['by the guided set-up', { ...emptyForm().spec, servers }],
    ['by the file in the README', specOfFile(example)],
    ['by a file that says nothing of TLS', specOfFile(silent)],
  ])('%s speaks TLS alone, and etcd and the REST API want certificates', (_how, spec) => {
    const [server] = spec.servers;
    if (server === undefined) throw new Error('The spec has no servers.');
    expect(etcdDefaults(spec, server, newEtcdCluster(spec))).not.toContain('http://');
    expect(etcdDefaults(spec, server, newEtcdCluster(spec))).toContain('ETCD_CLIENT_CERT_AUTH="true"');
    expect(pgHba(spec).filter((line) => line.startsWith('host ') && !/127\.0\.0\.1\/32| reject$/.test(line))).toEqual(
      [],
    );
    expect(patroniConfig({ spec, server, postgresVersion: 17, secret: () => 'x' })).toContain(
      'verify_client: optional',
    );
    expect(pgbouncerConfig(spec, server)).toContain('client_tls_sslmode = require');
    expect(warnings(spec)).not.toContain('tls_off');
  });

  it('is warned about in plain words where TLS is off', () => {
    expect(warnings(specFixture({ tls: 'off' }))).toContain('tls_off');
    const external = specOfFile(`${silent}etcd: { external: ['10.0.9.1:2379'] }\n`);
    expect(external.tls).toBe('off');
    expect(warnings(external)).toContain('tls_off');
  });
});

describe('a cluster that runs without TLS', () => {
  const manifest: DeployManifest = {
    version: 1,
    scope: 'main',
    server: 'n1',
    clusterToken: 'run',
    files: [],
    units: [],
    data: [],
  };
  const running = (spec: ClusterSpec) => {
    const [first] = spec.servers;
    if (first === undefined) throw new Error('The spec has no servers.');
    const content = etcdDefaults(spec, first, newEtcdCluster(spec));
    const path = { kind: 'file', owner: 'root', group: 'root', mode: 0o644, empty: false, content } as const;
    return {
      n1: bareServer('n1', '10.0.0.11', {
        manifest,
        units: { 'etcd.service': { load: 'loaded', active: 'active', enabled: 'enabled', fresh: true } },
        paths: { '/etc/default/etcd': path },
      }),
    };
  };

  it('stays as it is when its file says nothing of TLS', () => {
    expect(specOfFile(silent, specFixture({ tls: 'off' })).tls).toBe('off');
  });

  it.each([
    ['off', 'on'],
    ['on', 'off'],
  ] as const)('(TLS %s) is not turned %s under way', (now, wanted) => {
    const servers = running(specFixture({ tls: now }));
    expect(() => refuseTlsChange(specFixture({ tls: wanted }), servers)).toThrow(
      expect.objectContaining({ code: 'deploy.tls_change' }),
    );
    expect(() => refuseTlsChange(specFixture({ tls: now }), servers)).not.toThrow();
  });
});
