import { describe, expect, it } from 'vitest';
import type { StepView } from '../../../../../shared/model/deploy/deploy-views';
import { checkCertificate } from '../../../../../shared/rules/deploy/check/check-certificate';
import { checkFile } from '../../../../../shared/rules/deploy/check/check-server';
import { compared } from '../../../../../shared/rules/deploy/check/unanswered';
import { masked } from '../../../../../shared/rules/deploy/secrets';
import { bareServer, silentCluster } from '../../../../support/deploy/facts';

const view = (id: string, change: Partial<StepView>): StepView => ({
  id,
  server: 'n2',
  label: id,
  kind: 'unit',
  action: 'change',
  reason: null,
  commands: [],
  file: null,
  dependsOn: [],
  ...change,
});

describe('a comparison while Patroni is stopped on a member', () => {
  it('tells what differs from what could not be checked because of it', () => {
    const { differing, unchecked } = compared([
      view('n2/patroni', { reason: 'It is inactive.' }),
      view('n2/validate', { kind: 'validate', action: 'run' }),
      view('n2/replica', { kind: 'replica', action: 'run' }),
      view('n3/replica', { kind: 'replica', action: 'run', reason: 'It is starting on timeline 1.' }),
      view('cluster/verify', { kind: 'verify', action: 'run' }),
    ]);
    expect(differing.map(({ id }) => id)).toEqual(['n2/patroni', 'n3/replica']);
    expect(unchecked.map(({ id }) => id)).toEqual(['n2/validate', 'n2/replica', 'cluster/verify']);
    for (const { reason } of unchecked) expect(reason).not.toBeNull();
  });
});

describe("a comparison without the cluster's passwords and keys", () => {
  const manifest = {
    version: 1 as const,
    scope: 'main',
    server: 'n1',
    clusterToken: 'run',
    files: [],
    units: [],
    data: [],
  };
  const own = { kind: 'file', owner: 'postgres', group: 'postgres', mode: 0o600, empty: false } as const;
  const check = (content: string) =>
    checkFile(
      {
        kind: 'file',
        path: '/f',
        owner: 'postgres',
        group: 'postgres',
        mode: 0o600,
        content: `a: ${masked}\nb: (1)\n`,
        shown: '',
      },
      bareServer('n1', '10.0.0.11', { paths: { '/f': { ...own, content } } }),
    ).action;

  it('compares a file but for its passwords', () => {
    expect(check('a: any password\nb: (1)\n')).toBe('none');
    expect(check('a: any\nmore: 1\nb: (1)\n')).toBe('change');
    expect(check('a: any password\nb: 11\n')).toBe('change');
  });

  it('does not take certificates that it cannot judge for wrong', () => {
    const facts = bareServer('n1', '10.0.0.11', {
      manifest,
      paths: { '/t/cert': { ...own, content: 'x' }, '/t/key': { ...own, content: null } },
    });
    const all = { servers: { n1: facts }, cluster: silentCluster, certificates: null, at: 1 };
    const resource = {
      kind: 'certificate' as const,
      commonName: 'n1',
      names: [],
      addresses: ['fd00:1::11'],
      ca: '/t/ca',
      cert: '/t/cert',
      key: '/t/key',
      owner: 'postgres',
      group: 'postgres',
    };
    expect(checkCertificate(resource, facts, all).action).toBe('none');
    // As a rotation asks: every certificate is to be made anew.
    expect(checkCertificate(resource, facts, { ...all, certificates: {} }).action).toBe('change');
    const read = { ours: true, names: ['FD00:1:0:0:0:0:0:11'], notAfter: 1e13, authorityCurrent: true };
    expect(checkCertificate(resource, facts, { ...all, certificates: { n1: { '/t/cert': read } } }).action).toBe(
      'none',
    );
  });
});
