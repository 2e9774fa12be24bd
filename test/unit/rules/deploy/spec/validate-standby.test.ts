import { describe, expect, it } from 'vitest';
import type { ClusterSpecInput } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { refuseUnsafe } from '../../../../../shared/rules/deploy/spec/refuse-unsafe';
import { validateSpec } from '../../../../../shared/rules/deploy/spec/validate-spec';
import { specFixture } from '../../../../support/deploy/facts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const servers = ['n1', 'n2', 'n3'].map((name, index) => ({
  name,
  address: `10.0.0.${11 + index}`,
  ssh: { server: name },
  roles: ['etcd' as const, 'postgres' as const],
}));

function codes(standby: ClusterSpecInput['standby'], change: Partial<ClusterSpecInput> = {}): readonly string[] {
  return validateSpec(specFixture({ servers, standby, ...change }))
    .map(({ code }) => code)
    .filter((code) => code.startsWith('standby'));
}

describe('a cluster file of a standby cluster', () => {
  it('is in order with addresses and a slot', () => {
    expect(codes({ hosts: ['10.1.0.1', 'db.example'], slot: 'south' })).toEqual([]);
  });

  it.each([
    ['names nobody', { hosts: [], slot: 's' }],
    ['names no host', { hosts: ["10.1.0.1' x"], slot: 's' }],
    ['names two hosts in one', { hosts: ['10.1.0.1,10.1.0.2'], slot: 's' }],
    ['names the server itself', { hosts: ['localhost'], slot: 's' }],
    ['names one of its own servers', { hosts: ['10.0.0.12'], slot: 's' }],
  ])('is refused when it %s', (_what, standby) => {
    expect(codes(standby)).toEqual(['standby_host']);
  });

  it('keeps a host and a slot that are none away from every server', () => {
    expect(() => refuseUnsafe(specFixture({ servers, standby: { hosts: ['a b'], slot: 's' } }))).toThrow(
      /no.* host name/,
    );
    expect(() => refuseUnsafe(specFixture({ servers, standby: { hosts: ['a'], slot: 's; x' } }))).toThrow(/slot/);
  });

  it('warns where no slot keeps WAL, and goes on', () => {
    const found = validateSpec(specFixture({ servers, standby: { hosts: ['10.1.0.1'] } }));
    expect(found.find(({ code }) => code === 'standby_slot')?.severity).toBe('warning');
  });

  it('is refused with databases, roles or PgBouncer of its own, which cannot be made in it', () => {
    const standby = { hosts: ['10.1.0.1'], slot: 's' };
    expect(codes(standby, { users: [{ name: 'app' }], databases: [{ name: 'app', owner: 'app' }] })).toEqual([
      'standby_databases',
    ]);
    const pooled = servers.map((server) => ({
      ...server,
      roles: [...server.roles, 'haproxy' as const, 'pgbouncer' as const],
    }));
    expect(codes(standby, { servers: pooled })).toEqual(['standby_pooler']);
  });

  it('needs the authority of the followed cluster with TLS, as certificates and nothing else', () => {
    const standby = { hosts: ['10.1.0.1'], slot: 's' };
    expect(codes(standby, { tls: 'on' })).toEqual(['standby_authority']);
    expect(codes({ ...standby, authority: PEM + PEM }, { tls: 'on' })).toEqual([]);
    expect(codes({ ...standby, authority: `${PEM}-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----` })).toEqual(
      ['standby_authority'],
    );
  });
});
