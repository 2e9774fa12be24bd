import { describe, expect, it } from 'vitest';
import type { BalancerHost } from '../../../../shared/model/balancers/balancers';
import type { VrrpState } from '../../../../shared/model/balancers/vip';
import { findVipTrouble, virtualAddresses } from '../../../../shared/rules/balancers/find-vip-trouble';

const VIP = '10.0.0.100';

/** lb1 to lb3 by their numbers; each names the two others as its peers. */
const host = (
  number: number,
  holds: boolean | null,
  more: { readonly state?: VrrpState; readonly running?: boolean; readonly peers?: readonly string[] } = {},
): BalancerHost => ({
  server: `lb${number}`,
  error: null,
  haproxy: null,
  pgbouncer: null,
  vip: {
    running: more.running ?? true,
    problem: null,
    ownAddresses: holds === null ? [] : [`10.0.0.${number}`, ...(holds ? [VIP] : [])],
    instances: [
      {
        name: 'orders',
        state: more.state ?? 'unknown',
        since: null,
        priority: 100,
        effectivePriority: null,
        addresses: [{ address: VIP, holds }],
        peers: more.peers ?? [1, 2, 3].filter((one) => one !== number).map((one) => `10.0.0.${one}`),
      },
    ],
  },
});
const silent = (number: number): BalancerHost => ({
  ...{ server: `lb${number}`, haproxy: null, pgbouncer: null, vip: null },
  error: { code: 'ssh.timeout', message: 'no answer', retryable: true },
});
const found = (...hosts: readonly BalancerHost[]): readonly string[] =>
  findVipTrouble(hosts).map(({ severity, sentence }) => `${severity}: ${sentence}`);

describe('a virtual address', () => {
  it('that one server has is well', () => {
    expect(found(host(1, false), host(2, true), host(3, false))).toEqual([]);
  });

  it('that two servers have is a finding, whatever else is known', () => {
    const words = `critical: lb1 and lb2 have the virtual address ${VIP} at the same time.`;
    expect(found(host(1, true), host(2, true), host(3, false))).toEqual([words]);
    expect(found(host(1, true), host(2, true), silent(3))).toEqual([words]);
  });

  it('that no server has is a finding once every server that may have it was read', () => {
    expect(found(host(1, false), host(2, false), host(3, false))).toEqual([
      `critical: No server has the virtual address ${VIP}: nobody gets through it.`,
    ]);
  });

  it.each([
    ['one of them does not answer', [host(1, false), host(2, false), silent(3)]],
    ['the addresses of one could not be read', [host(1, false), host(2, false), host(3, null)]],
    ['they find each other by multicast', [host(1, false, { peers: [] }), host(2, false, { peers: [] })]],
  ])('is not said to be nowhere while %s', (_why, hosts) => {
    expect(found(...hosts)).toEqual([]);
    expect(virtualAddresses(hosts)[0]?.isWhole).toBe(false);
  });

  it('is not as keepalived says where the server has it and keepalived is backup, or the other way round', () => {
    expect(found(host(1, true, { state: 'backup' }), host(2, false, { state: 'master' }), host(3, false))).toEqual([
      `warning: lb1 has the virtual address ${VIP}, though keepalived there is backup.`,
      `warning: keepalived on lb2 is master, though the server does not have the virtual address ${VIP}.`,
    ]);
  });

  it('is taken over by no server on which keepalived does not run', () => {
    expect(found(host(1, true), host(2, false, { running: false }), host(3, false))).toEqual([
      'warning: keepalived is installed on lb2 but does not run.',
    ]);
  });
});
