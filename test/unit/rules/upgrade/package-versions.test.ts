import { describe, expect, it } from 'vitest';
import { isOffered, partOfPackage, strideOf, upstreamVersion } from '../../../../shared/rules/upgrade/package-versions';

describe('a package', () => {
  it.each([
    ['postgresql-17', 'postgresql'],
    ['postgresql-client-17', 'postgresql'],
    ['postgresql-9.6', 'postgresql'],
    ['patroni', 'patroni'],
    ['etcd-server', 'etcd'],
    ['etcd', 'etcd'],
    ['haproxy', 'haproxy'],
    ['pgbouncer', 'pgbouncer'],
    ['postgresql-common', null],
    ['postgresql-17-postgis-3', null],
    ['haproxy-doc', null],
    ['etcd-fs', null],
  ])('%s belongs to %s', (name, part) => {
    expect(partOfPackage(name)).toBe(part);
  });

  it.each([
    ['1:3.3.2-1+b2', '3.3.2'],
    ['3.5.16+dfsg-2', '3.5.16'],
    ['17.6-1.pgdg13+1', '17.6'],
    ['4.0.7', '4.0.7'],
    ['17~beta1-1', '17~beta1'],
    ['3.0.11-1+deb13u1', '3.0.11'],
    ['2.6.12-rc1-3', '2.6.12-rc1'],
  ])('%s is version %s of its program', (version, upstream) => {
    expect(upstreamVersion(version)).toBe(upstream);
  });

  it('is offered where apt would put another version in its place', () => {
    expect(isOffered({ installed: '1-1', offered: '1-2' })).toBe(true);
    expect(isOffered({ installed: '1-1', offered: '1-1' })).toBe(false);
    expect(isOffered({ installed: '1-1', offered: null })).toBe(false);
  });
});

describe('the way from one version to another', () => {
  it.each([
    ['postgresql', '17.5-1', '17.6-1', 'minor'],
    ['postgresql', '9.6.1-1', '10.1-1', 'major'],
    ['patroni', '4.0.7-1', '4.1.0-1', 'minor'],
    ['patroni', '3.3.2-1', '4.0.7-1', 'major'],
    ['etcd', '3.4.30-1', '3.5.16-1', 'minor'],
    ['etcd', '3.4.30-1', '3.6.1-1', 'skips'],
    ['etcd', '3.5.16-4', '3.5.16-4+b5', 'minor'],
    ['haproxy', '3.0.1-1', '3.2.1-1', 'minor'],
    ['haproxy', '2.9.1-1', '3.0.1-1', 'major'],
  ] as const)('of %s, %s to %s, is %s', (part, installed, offered, stride) => {
    expect(strideOf(part, installed, offered)).toBe(stride);
  });
});
