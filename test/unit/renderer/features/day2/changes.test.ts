import { describe, expect, it } from 'vitest';
import {
  consequencesOfChange,
  missingRoles,
  serverOffers,
  startWords,
} from '../../../../../renderer/features/day2/changes';
import { freeServers, memberToBe, suggestedRoles } from '../../../../../renderer/features/day2/new-server';
import type { Server } from '../../../../../shared/model/connect/server';
import type { ServerSpec } from '../../../../../shared/model/deploy/spec/server-spec';
import { changedSpec } from '../../../../../shared/rules/deploy/day2/changed-spec';
import { bareServer, specOf } from '../../../../support/deploy/facts';

const spec = specOf();
const n3 =
  spec.servers[2] ??
  (() => {
    throw new Error('no n3');
  })();
const reason = (of: ReturnType<typeof specOf>, server: ServerSpec, label: RegExp) =>
  serverOffers(of, server).find((offer) => label.test(offer.label))?.why;
const inventory = (id: string, host: string): Server => ({
  id,
  name: id,
  host,
  port: 22,
  user: 'root',
  auth: { kind: 'agent' },
  sudo: { kind: 'root' },
  jump: [],
  tags: [],
});

describe('what can be done with a server', () => {
  it('of three that are all of it: anything but getting more roles', () => {
    expect(
      serverOffers(spec, n3)
        .filter((offer) => offer.why === null)
        .map((offer) => offer.wish.kind),
    ).toEqual(['replace_etcd', 'remove_etcd', 'remove']);
  });

  it('the only member is not removed, and the only member of etcd is replaced, not taken out', () => {
    const alone = specOf({ servers: [n3] });
    expect(reason(alone, n3, /^Remove/)).toContain('the only member');
    expect(reason(alone, n3, /^Take it out/)).toContain('replace it instead');
    expect(reason(alone, n3, /^Replace/)).toBeNull();
  });

  it('the etcd of a cluster set up by others is left alone, and its members are only members', () => {
    const foreign = specOf({
      servers: [{ ...n3, roles: ['postgres'] }],
      adopted: ['n3'],
      etcd: { external: ['10.0.0.9:2379'] },
    });
    expect(reason(foreign, { ...n3, roles: ['postgres'] }, /etcd/)).toContain('belongs to others');
    expect(missingRoles(foreign, [])).toEqual(['postgres']);
  });
});

describe('what a change means', () => {
  it('removing a member with its data says that it is deleted, how many are left, and what etcd survives then', () => {
    const change = { kind: 'remove_server', name: 'n3', keepData: false } as const;
    const said = consequencesOfChange(change, spec, changedSpec(spec, change).spec).join(' ');
    expect(said).toContain('2 members are left');
    expect(said).toContain('its copy of the data too. There is no way back.');
    expect(said).toContain('etcd has 2 members then and goes on while none of them is lost');
    expect(startWords(change)).toBe('Remove n3 and its data');
  });

  it('the last replica that leaves leaves nobody to fail over to', () => {
    const two = specOf({ servers: spec.servers.slice(0, 2) });
    const change = { kind: 'remove_server', name: 'n2', keepData: true } as const;
    expect(consequencesOfChange(change, two, changedSpec(two, change).spec)[0]).toBe(
      'One member is left: nothing can fail over to another any more.',
    );
  });
});

describe('a server that comes', () => {
  const fresh = inventory('db9', '10.0.0.19');

  it('is one of the inventory that is not part of the cluster, whatever way it is named there', () => {
    const byHost = specOf({ servers: [{ ...n3, ssh: { host: '10.0.0.18', port: 22, user: 'root', jump: [] } }] });
    expect(freeServers(spec, [inventory('n1', '10.0.0.11'), fresh]).map((one) => one.id)).toEqual(['db9']);
    expect(freeServers(byHost, [inventory('x', '10.0.0.18'), fresh]).map((one) => one.id)).toEqual(['db9']);
  });

  it('gets the name and the address it has, and never a name that is taken', () => {
    expect(memberToBe(spec, fresh, bareServer('n1', '10.0.0.19'))).toMatchObject({
      name: 'n1-2',
      address: '10.0.0.19',
      ssh: { server: 'db9' },
    });
  });

  it.each([
    [1, ['postgres', 'etcd', 'haproxy', 'pgbouncer']],
    [2, ['postgres', 'etcd', 'haproxy', 'pgbouncer']],
    [3, ['postgres', 'haproxy', 'pgbouncer']],
  ])('of a cluster of %i is suggested what its members run; etcd until there are three', (count, roles) => {
    expect(suggestedRoles(specOf({ servers: spec.servers.slice(0, count) }), 'add')).toEqual(roles);
  });

  it('is suggested no etcd where etcd has servers of its own', () => {
    const apart = specOf({
      servers: spec.servers.map((server, index) => ({
        ...server,
        roles: index === 0 ? ['etcd' as const] : ['postgres' as const],
      })),
    });
    expect(suggestedRoles(apart, 'add')).toEqual(['postgres']);
    expect(suggestedRoles(apart, 'replace_etcd')).toEqual(['etcd']);
  });
});
