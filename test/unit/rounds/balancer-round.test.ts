import { describe, expect, it, vi } from 'vitest';
import { balancerRound } from '../../../electron/core/rounds/balancer-round';
import type { BalancerHost, BalancersView } from '../../../shared/model/balancers/balancers';
import { Facts } from '../../support/cluster/cluster-facts';

const { facts } = new Facts();
const state = new Facts().fold();
const none: BalancerHost = { server: '', error: null, haproxy: null, pgbouncer: null, vip: null };
const one: BalancerHost = { ...none, haproxy: { running: true, file: '', problem: null, sections: [] } };
const silent: BalancerHost = { ...none, error: { code: 'ssh.timeout', message: 'no answer', retryable: true } };

/** A round over servers that are as `hosts` says, by id. */
function roundOver(hosts: Record<string, BalancerHost>, closed: readonly string[] = []) {
  let now = 1_000;
  /** Where somebody else found one meanwhile. */
  const found = new Set<string>();
  const glance = vi.fn((_id: string, servers: readonly string[]): Promise<BalancersView> =>
    Promise.resolve({
      hosts: servers.map((id) => hosts[id] ?? none),
      others: [],
      answers: [],
      findings: servers
        .flatMap((id) => hosts[id] ?? [])
        .flatMap(({ server, haproxy }) =>
          haproxy === null
            ? []
            : [
                {
                  code: 'balancer.closed',
                  severity: 'critical',
                  member: null,
                  server,
                  subject: `${server} primary`,
                  sentence: 'Nobody gets through.',
                  evidence: '',
                  advice: '',
                },
              ],
        ),
      asOf: now,
    }),
  );
  const round = balancerRound({
    hub: { state: () => state },
    balancers: { glance, runsOn: (id) => found.has(id) },
    mayAsk: (id) => !closed.includes(id),
    mayReach: (id) => id !== 'unreachable',
    nameOf: (id) => `name of ${id}`,
    now: () => now,
  });
  const look = (balancerServers?: string[]) =>
    round.look(
      balancerServers === undefined ? facts.entry : { ...facts.entry, balancerServers },
      new AbortController().signal,
    );
  const asked = () => glance.mock.calls.map(([, servers]) => servers);
  const later = (ms: number): void => {
    now += ms;
  };
  return { look, asked, later, found };
}

describe('load balancers, looked at in the background', () => {
  it('are searched on all servers once, and then asked only where there is one', async () => {
    const { look, asked, later } = roundOver({ s2: one });
    await look();
    later(30_000);
    await look();
    expect(asked()).toEqual([['s1', 's2', 's3'], ['s2']]);
  });

  it('are asked where somebody else found one meanwhile', async () => {
    const { look, asked, later, found } = roundOver({});
    await look();
    found.add('s3');
    later(30_000);
    await look();
    expect(asked()).toEqual([['s1', 's2', 's3'], ['s3']]);
  });

  it('are searched again on the other servers after a quarter of an hour', async () => {
    const { look, asked, later } = roundOver({ s2: one });
    await look();
    later(15 * 60_000);
    await look();
    expect(asked()[1]).toEqual(['s1', 's2', 's3']);
  });

  it('cost a cluster that has none nothing between two searches', async () => {
    const { look, asked, later } = roundOver({});
    await look();
    later(30_000);
    expect(await look()).toBeNull();
    expect(asked()).toHaveLength(1);
  });

  it('are not asked on servers that may not be asked unseen, and are once they may', async () => {
    const { look, asked } = roundOver({ s1: one }, ['s2', 's3']);
    await look();
    expect(asked()).toEqual([['s1']]);
  });

  it('are asked on the servers that were named too, also where nothing else connects to them', async () => {
    const { look, asked } = roundOver({ lb1: one }, ['s1', 's2', 's3', 'lb1']);
    await look(['lb1', 'unreachable']);
    expect(asked()).toEqual([['lb1']]);
  });

  it('that do not answer are neither agreed with nor taken for gone', async () => {
    const { look, asked } = roundOver({ s1: silent, s2: silent, s3: silent });
    await expect(look()).rejects.toMatchObject({ data: { code: 'ssh.timeout' } });
    await expect(look()).rejects.toThrow();
    expect(asked()[1]).toEqual(['s1', 's2', 's3']);
  });

  it('report a disagreement as a finding of the cluster', async () => {
    const found = await roundOver({ s1: { ...one, server: 'lb1' } }).look();
    expect(found?.findings).toMatchObject([{ code: 'balancer.closed', subject: 'lb1 primary' }]);
  });

  it('on a server that stops to answer keep what was found there open, and it is not taken for gone', async () => {
    const hosts = { s1: { ...one, server: 'db1' }, s2: { ...one, server: 'db2' } };
    const { look } = roundOver(hosts);
    expect((await look())?.unseen).toEqual([]);
    hosts.s1 = { ...silent, server: 'db1' };
    const second = await look();
    expect(second?.findings.map(({ subject }) => subject)).toEqual(['db2 primary']);
    expect(second?.unseen).toMatchObject([{ subject: 'db1 primary' }]);
  });

  it('on a server of which nothing was read yet are said to be unread, until it answers', async () => {
    const hosts = { s1: { ...silent, server: 'db1' }, s2: { ...one, server: 'db2' } };
    const { look } = roundOver(hosts, ['s3']);
    expect((await look())?.unread).toEqual(['name of s1', 'name of s3']);
    hosts.s1 = { ...one, server: 'db1' };
    expect((await look())?.unread).toEqual(['name of s3']);
    hosts.s1 = { ...silent, server: 'db1' };
    expect((await look())?.unread, 'what it said stays open by itself').toEqual(['name of s3']);
  });

  it('on a server that may not be asked any more keep what was found there open too', async () => {
    const closed: string[] = [];
    const { look } = roundOver({ s1: { ...one, server: 'db1' }, s2: { ...one, server: 'db2' } }, closed);
    await look();
    closed.push('s1');
    expect((await look())?.unseen).toMatchObject([{ subject: 'db1 primary' }]);
  });
});
