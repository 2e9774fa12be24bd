import { describe, expect, it } from 'vitest';
import type { ClusterSpecInput } from '../../../shared/model/spec/cluster-spec';
import { slotName } from '../../../shared/rules/deploy/validate/names';
import { validateSpec } from '../../../shared/rules/deploy/validate-spec';
import { specOf } from '../../support/deploy/facts';

type Server = ClusterSpecInput['servers'][number];
const server = (name: string, address: string, roles: Server['roles'] = ['etcd', 'postgres']): Server => ({ name, address, roles, ssh: { server: name } });
const three = (change: Partial<Server> = {}): Server[] => [server('n1', '10.0.0.11'), server('n2', '10.0.0.12'), { ...server('n3', '10.0.0.13'), ...change }];
const errors = (change: Partial<ClusterSpecInput>): string[] => validateSpec(specOf(change)).filter((problem) => problem.severity === 'error').map((problem) => problem.code);

describe('a spec is judged as one thing', () => {
  it('finds nothing wrong with three servers and the defaults', () => { expect(errors({})).toEqual([]); });

  const wrong: readonly (readonly [string, Partial<ClusterSpecInput>, string])[] = [
    ['two members whose names become the same slot', { servers: [server('db-1', '10.0.0.11'), server('db.1', '10.0.0.12'), server('n3', '10.0.0.13')] }, 'slot_collision'],
    ['two servers of one name', { servers: three({ name: 'n1' }) }, 'name_repeated'],
    ['two servers of one address', { servers: three({ address: '10.0.0.11' }) }, 'address_repeated'],
    ['a loopback address', { servers: three({ address: '127.0.1.1' }) }, 'address_loopback'],
    ['a host name in place of an address', { servers: three({ address: 'db3.example' }) }, 'address_is_name'],
    ['an address of one link only', { servers: three({ address: '169.254.3.1' }) }, 'address_link_local'],
    ['an even number of etcd members', { servers: three({ roles: ['postgres'] }) }, 'etcd_even'],
    ['no etcd at all', { servers: [server('n1', '10.0.0.11', ['postgres'])] }, 'no_etcd'],
    ['an etcd of its own and one of others', { etcd: { external: ['10.0.9.1:2379'] } }, 'etcd_twice'],
    ['no member', { servers: [server('n1', '10.0.0.11', ['etcd'])] }, 'no_member'],
    ['a first leader that is no member', { firstLeader: 'n9' }, 'first_leader_unknown'],
    ['loop_wait + 2 × retry_timeout above ttl', { patroni: { ttl: 30, loopWait: 10, retryTimeout: 11 } }, 'timing_rule'],
    ['a ttl below Patroni\'s least', { patroni: { ttl: 19, loopWait: 5, retryTimeout: 5 } }, 'value_low'],
    ['two services on one port', { haproxy: { primaryPort: 5432 } }, 'port_clash'],
    ['a parameter that Patroni sets itself', { postgres: { parameters: { listen_addresses: '*' } } }, 'parameter_owned'],
    ['a network that is none', { clientNetworks: ['10.0.0.0/33'] }, 'network_invalid'],
    ['a role PostgreSQL keeps for itself', { users: [{ name: 'pg_app' }] }, 'role_reserved'],
    ['a role of the cluster itself', { users: [{ name: 'replicator' }] }, 'role_taken'],
    ['a database of nobody', { databases: [{ name: 'shop', owner: 'nobody' }] }, 'owner_unknown'],
    ['a scope with a slash', { scope: 'a/b' }, 'scope_invalid'],
    ['a virtual address that a server has', { vip: { address: '10.0.0.11' } }, 'vip_invalid'],
    ['a virtual address, which nothing would set up', { vip: { address: '10.0.0.100' } }, 'vip_not_offered'],
    ['a repository that nobody would add', { sources: { repositories: [{ url: 'https://apt.example.org/pub' }] } }, 'source_not_offered'],
    ['an etcd from an archive', { sources: { etcd: { kind: 'archive', url: 'https://files.example.org/etcd.tar.gz', sha256: 'a'.repeat(64) } } }, 'source_not_offered'],
    ['a Patroni by pip', { sources: { patroni: { kind: 'pip' } } }, 'source_not_offered'],
  ];
  it.each(wrong)('finds %s', (_, change, code) => { expect(errors(change)).toContain(code); });

  it('says of each problem where it is and what to do', () => {
    for (const [, change] of wrong) {
      for (const problem of validateSpec(specOf(change))) expect(problem.sentence.length * problem.fix.length).toBeGreaterThan(0);
    }
  });
});

describe('the slot of a member', () => {
  it.each([['db-1', 'db_1'], ['DB.1', 'db_1'], ['db#1', 'dbu00351'], ['a'.repeat(80), 'a'.repeat(63)]])('%s is %s, as Patroni names it', (name, slot) => { expect(slotName(name)).toBe(slot); });
});
