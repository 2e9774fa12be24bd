import { describe, expect, it } from 'vitest';
import { refuseOtherCluster } from '../../../../electron/core/deploy/survey/refuse-other-cluster';
import { checkManifest } from '../../../../shared/rules/deploy/check/check-server';
import { planUndo } from '../../../../shared/rules/deploy/plan/plan-undo';
import type { DeployManifest } from '../../../../shared/model/deploy/manifest';
import { bareServer, silentCluster, specFixture } from '../../../support/deploy/facts';

const spec = specFixture();
const manifest = (cluster?: string): DeployManifest => ({
  version: 1,
  ...(cluster === undefined ? {} : { cluster }),
  scope: 'main',
  server: 'n1',
  clusterToken: 'run',
  files: [],
  units: [{ unit: 'etcd.service', before: 'absent' }],
  data: [],
});
const servers = (cluster?: string) => ({ n1: bareServer('n1', '10.0.0.11', { manifest: manifest(cluster) }) });
const undone = (cluster?: string): readonly string[] =>
  planUndo({
    spec,
    facts: { servers: servers(cluster), cluster: silentCluster, certificates: {}, at: 1 },
    keepData: false,
    changed: {},
  }).steps.map((step) => step.id);

describe('a server whose manifest names another cluster of the same scope', () => {
  it('is refused before anything is done', () => {
    expect(() => refuseOtherCluster(spec, servers('another'))).toThrow(
      expect.objectContaining({
        code: 'deploy.other_cluster',
        data: expect.objectContaining({ target: 'n1' }) as unknown,
      }),
    );
    expect(() => refuseOtherCluster(spec, servers(spec.id))).not.toThrow();
  });

  it('loses nothing by an undo', () => {
    expect(undone('another')).toEqual([]);
    expect(undone(spec.id)).toContain('n1/undo-remove');
  });

  it('is left alone where others set it up', () => {
    expect(() => refuseOtherCluster({ ...spec, adopted: ['n1'] }, servers('another'))).not.toThrow();
  });
});

describe('a manifest of version 0.1.0, which names its scope alone', () => {
  it('is read as before: it belongs to its scope, can be taken away, and differs in nothing', () => {
    expect(() => refuseOtherCluster(spec, servers())).not.toThrow();
    expect(undone()).toContain('n1/undo-remove');
    const facts = bareServer('n1', '10.0.0.11', { manifest: manifest() });
    expect(checkManifest({ kind: 'manifest', manifest: manifest(spec.id) }, facts).action).toBe('none');
    expect(checkManifest({ kind: 'manifest', manifest: { ...manifest(spec.id), data: ['/srv'] } }, facts).action).toBe(
      'change',
    );
  });
});
