import { describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { firewallLines } from '../../../../shared/rules/deploy/firewall';
import { specFixture } from '../../../support/deploy/facts';

const rules = (spec: ClusterSpec, name: string): readonly string[] =>
  spec.servers
    .filter((server) => server.name === name)
    .flatMap((server) => firewallLines(spec, server).map((line) => line.rule));

describe('the firewall rules a server needs', () => {
  it('name the other servers for traffic between servers, and the client networks for applications', () => {
    expect(rules(specFixture(), 'n2')).toEqual([
      'ip saddr { 10.0.0.11, 10.0.0.13 } tcp dport { 2380 } accept',
      'ip saddr { 10.0.0.11, 10.0.0.13 } tcp dport { 2379 } accept',
      'ip saddr { 10.0.0.11, 10.0.0.13 } tcp dport { 5432, 8008 } accept',
      'ip saddr { 10.0.0.0/24 } tcp dport { 5432 } accept',
      'ip saddr { 10.0.0.0/24 } tcp dport { 5000, 5001 } accept',
      'ip saddr { 10.0.0.0/24 } tcp dport { 6432 } accept',
    ]);
  });
  it('allow VRRP where keepalived holds an address, and not where vip-manager does', () => {
    expect(rules(specFixture({ vip: { address: '10.0.0.100' } }), 'n1').at(-1)).toBe(
      'ip saddr { 10.0.0.12, 10.0.0.13 } ip protocol 112 accept',
    );
    expect(
      rules(specFixture({ vip: { address: '10.0.0.100', follows: 'primary', manager: 'vip-manager' } }), 'n1').join(),
    ).not.toContain('112');
  });
  it('keep IPv4 and IPv6 apart', () => {
    expect(rules(specFixture({ clientNetworks: ['10.1.0.0/16', 'fd00:1::/64'] }), 'n1')).toEqual(
      expect.arrayContaining([
        'ip saddr { 10.1.0.0/16 } tcp dport { 6432 } accept',
        'ip6 saddr { fd00:1::/64 } tcp dport { 6432 } accept',
      ]),
    );
  });
  it('open nothing for roles the server does not have', () => {
    const spec = specFixture({
      servers: [
        { name: 'e1', address: '10.0.0.21', ssh: { server: 'e1' }, roles: ['etcd'] },
        { name: 'd1', address: '10.0.0.31', ssh: { server: 'd1' }, roles: ['postgres'] },
      ],
    });
    expect(rules(spec, 'e1')).toEqual(['ip saddr { 10.0.0.31 } tcp dport { 2379 } accept']);
  });
});
