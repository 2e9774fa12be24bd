import { describe, expect, it } from 'vitest';
import { hrefOf, parseRoute, type Route } from '../../../../renderer/navigation/route';

const cluster = { page: 'cluster', clusterId: 'c 1', tab: 'logs' } as const;

describe('the address of the page', () => {
  it.each<Route>([
    cluster,
    { ...cluster, at: 1_700_000_000_000 },
    { ...cluster, at: 'last-change' },
    { ...cluster, member: 'db/1 ?' },
    { ...cluster, at: 'last-change', member: 'db1' },
    { ...cluster, view: 'patroni' },
    { ...cluster, at: 5, member: 'db1', view: 'system' },
    { page: 'cluster', clusterId: 'c1', tab: 'postgres', view: 'locks' },
    { page: 'cluster', clusterId: 'c1', tab: 'overview' },
    { page: 'servers' },
  ])('leads back to where it was made: %j', (route) => {
    expect(parseRoute(hrefOf(route))).toEqual(route);
  });
});
