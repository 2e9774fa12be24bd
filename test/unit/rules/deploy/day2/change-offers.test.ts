import { describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../../shared/model/deploy/spec/server-spec';
import { missingRoles, offerChanges, suggestRoles } from '../../../../../shared/rules/deploy/day2/change-offers';
import { specFixture } from '../../../../support/deploy/facts';

const spec = specFixture();
const [n3] = spec.servers.slice(2);
if (n3 === undefined) throw new Error('The spec of this test has three servers.');

const reason = (of: ClusterSpec, server: ServerSpec, label: RegExp) =>
  offerChanges(of, server).find((offer) => label.test(offer.label))?.why;

describe('the changes offered for a server', () => {
  it('are all but a further role where the server has every role', () => {
    const offered = offerChanges(spec, n3).filter((offer) => offer.why === null);
    expect(offered.map((offer) => offer.request.kind)).toEqual(['replace_etcd', 'remove_etcd', 'remove']);
  });

  it('never remove the only member, and replace the only etcd member instead of removing it', () => {
    const alone = specFixture({ servers: [n3] });
    expect(reason(alone, n3, /^Remove from the cluster/)).toContain('the only member');
    expect(reason(alone, n3, /^Remove from etcd/)).toContain('replace it instead');
    expect(reason(alone, n3, /^Replace/)).toBeNull();
  });

  it('leave the etcd of a cluster that others set up alone', () => {
    const foreign = specFixture({
      servers: [{ ...n3, roles: ['postgres'] }],
      adopted: ['n3'],
      etcd: { external: ['10.0.0.9:2379'] },
    });
    expect(reason(foreign, { ...n3, roles: ['postgres'] }, /etcd/)).toContain('set up by others');
    expect(missingRoles(foreign, [])).toEqual(['postgres']);
  });
});

describe('the roles suggested for a further server', () => {
  it.each([
    [1, ['postgres', 'etcd', 'haproxy', 'pgbouncer']],
    [2, ['postgres', 'etcd', 'haproxy', 'pgbouncer']],
    [3, ['postgres', 'haproxy', 'pgbouncer']],
  ])('in a cluster of %i are those of its members, with etcd until there are three etcd members', (count, roles) => {
    expect(suggestRoles(specFixture({ servers: spec.servers.slice(0, count) }), 'add')).toEqual(roles);
  });

  it('leave out etcd where etcd has dedicated servers, unless the server replaces an etcd member', () => {
    const apart = specFixture({
      servers: spec.servers.map((server, index) => ({
        ...server,
        roles: index === 0 ? ['etcd' as const] : ['postgres' as const],
      })),
    });
    expect(suggestRoles(apart, 'add')).toEqual(['postgres']);
    expect(suggestRoles(apart, 'replace_etcd')).toEqual(['etcd']);
  });
});
