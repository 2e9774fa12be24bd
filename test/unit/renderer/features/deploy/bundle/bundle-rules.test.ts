import { expect, it } from 'vitest';
import {
  fileFor,
  missingIn,
  releasesOf,
  softwareOf,
  sourceOf,
} from '../../../../../../renderer/features/deploy/bundle/bundle-rules';
import { bundleFixture } from '../../../../../support/page-double/deploy-scene';
import { bareServer, specFixture } from '../../../../../support/deploy/facts';

const spec = specFixture({ postgres: { version: 17 } });
const bundle = bundleFixture('/b.tar');

it('a bundle names the packages it lacks for a cluster', () => {
  expect(missingIn(bundle, spec)).toContain('pgbouncer');
  expect(missingIn(bundle, spec)).not.toContain('postgresql-17');
});

it('a bundle with any PostgreSQL is enough where the cluster names no version', () => {
  expect(missingIn(bundle, specFixture()).some((name) => name.startsWith('postgresql'))).toBe(false);
});

it('a new bundle names its releases, its software and a file of its own', () => {
  const facts = [
    bareServer('n1', '10.0.0.11'),
    bareServer('n2', '10.0.0.12'),
    bareServer('n3', '10.0.0.13', { architecture: 'arm64' }),
  ];
  expect(releasesOf(facts)).toEqual(['debian trixie, amd64', 'debian trixie, arm64']);
  expect(softwareOf(spec)).toBe('PostgreSQL 17, Patroni, etcd, HAProxy, PgBouncer');
  expect(fileFor(spec, facts, '/home/me/.matriarch')).toBe('/home/me/.matriarch/main-trixie-packages.tar');
});

it('a bundle is collected on the chosen server or on this workstation', () => {
  expect(sourceOf({ from: 'n1', through: true, file: '' })).toEqual({
    kind: 'server',
    server: 'n1',
    throughWorkstation: true,
  });
  expect(sourceOf({ from: 'workstation', through: true, file: '' })).toEqual({ kind: 'workstation' });
});
