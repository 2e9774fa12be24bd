import { describe, expect, it } from 'vitest';
import type { ServerFacts } from '../../../../../shared/model/deploy/facts';
import type { TakeoverResource } from '../../../../../shared/model/deploy/plan';
import { checkTakeover } from '../../../../../shared/rules/deploy/check/check-takeover';
import { facts, found } from '../day2/fixtures';

const takeover = (part: TakeoverResource['part']): TakeoverResource => ({
  kind: 'adopt',
  part,
  superuser: 'postgres',
  replication: 'replicator',
  rewind: 'rewind_user',
  cluster: {
    version: 17,
    name: 'main',
    port: 5432,
    dataDirectory: '/var/lib/postgresql/17/main',
    configDirectory: '/etc/postgresql/17/main',
  },
});
const running: ServerFacts = {
  ...found('n1'),
  units: { 'patroni.service': { load: 'loaded', enabled: 'enabled', active: 'active', fresh: true } },
};

describe('a standalone PostgreSQL that is handed over to Patroni', () => {
  it('is stopped only while Patroni does not run and the cluster has no leader, and the plan says so', () => {
    expect(checkTakeover(takeover('restart'), facts([found('n1')], null), found('n1'))).toMatchObject({
      action: 'run',
      reason: expect.stringContaining('stopped') as string,
    });
  });

  it.each(['roles', 'restart'] as const)('is left alone by the step "%s" once Patroni runs it', (part) => {
    expect(checkTakeover(takeover(part), facts([running], null), running).action).toBe('none');
  });

  it.each(['roles', 'restart'] as const)('is left alone by the step "%s" while any member leads', (part) => {
    expect(checkTakeover(takeover(part), facts([found('n1')], null, 'n2'), found('n1')).action).toBe('none');
  });
});
