import { describe, expect, it } from 'vitest';
import { neededSecrets } from '../../../../shared/rules/deploy/secrets';
import { specFixture } from '../../../support/deploy/facts';

const names = (change: Parameters<typeof specFixture>[0] = {}): readonly string[] =>
  neededSecrets(specFixture(change)).map(({ name }) => name);

describe('the passwords of a cluster', () => {
  it('are one for each Patroni account, one for its REST API, and one for PgBouncer where it runs', () => {
    expect(names()).toEqual(['superuser', 'replication', 'rewind', 'rest', 'pgbouncer']);
    expect(
      names({ servers: [{ name: 'n1', address: '10.0.0.11', ssh: { server: 'n1' }, roles: ['etcd', 'postgres'] }] }),
    ).not.toContain('pgbouncer');
  });

  it('are one for each role of the spec, under a name that no Patroni account uses', () => {
    const all = names({ users: [{ name: 'rest' }, { name: 'superuser' }] });
    expect(all).toEqual(expect.arrayContaining(['user:rest', 'user:superuser']));
    expect(new Set(all).size).toBe(all.length);
  });
});
