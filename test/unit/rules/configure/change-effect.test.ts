import { describe, expect, it } from 'vitest';
import { neededActions } from '../../../../shared/rules/configure/change-effect';
import { configChanges } from '../../../../shared/rules/configure/config-patch';
import { knownParameters } from '../../../../shared/rules/configure/parameter-table';
import { cluster } from '../../../support/cluster/operable-cluster';

const definitions = new Map(knownParameters.map((one) => [one.name.toLowerCase(), one]));
const parameters = (values: Record<string, unknown>) => ({ postgresql: { parameters: values } });
const state = cluster();
const needed = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  neededActions(configChanges(before, after), definitions, state);

describe('what a change of the configuration needs', () => {
  it.each([
    ['a setting of Patroni counts from the next loop on', { ttl: 30 }, { ttl: 40 }, 'loop'],
    ['a rule of pg_hba needs a reload', {}, { postgresql: { pg_hba: ['x'] } }, 'reload'],
    ['work_mem needs a reload', parameters({ work_mem: '4MB' }), parameters({ work_mem: '8MB' }), 'reload'],
    ['shared_buffers needs a restart', parameters({}), parameters({ shared_buffers: '1GB' }), 'restart'],
    ['log_connections counts for new sessions', parameters({}), parameters({ log_connections: 'on' }), 'new_sessions'],
  ])('%s', (_what, before, after, effect) => {
    expect(needed(before, after).effects.map((one) => one.effect)).toEqual([effect]);
  });

  it('replicas restart first when max_connections grows', () => {
    const { order } = needed(parameters({ max_connections: 100 }), parameters({ max_connections: '200' }));
    expect(order?.members).toEqual(['db2', 'db3', 'db1']);
    expect(order?.sentence).toMatch(/max_connections grows/);
  });

  it('the leader restarts first when max_connections shrinks, also back to what is built in', () => {
    expect(needed(parameters({ max_connections: 200 }), parameters({})).order?.members).toEqual(['db1', 'db2', 'db3']);
  });

  it('replicas restart twice when one grows and another shrinks', () => {
    const both = needed(
      parameters({ max_connections: 100, max_wal_senders: 20 }),
      parameters({ max_connections: 200, max_wal_senders: 10 }),
    );
    expect(both.order?.sentence).toMatch(/replicas once more, because max_wal_senders shrinks/);
  });

  it('nobody restarts for a change that needs none', () => {
    expect(needed({ ttl: 30 }, { ttl: 40 }).order).toBeNull();
  });
});
