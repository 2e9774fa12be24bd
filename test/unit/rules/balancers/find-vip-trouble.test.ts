import { describe, expect, it } from 'vitest';
import type { BalancerHost } from '../../../../shared/model/balancers/balancers';
import type { VrrpInstance, VrrpState } from '../../../../shared/model/balancers/vip';
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
  findVipTrouble(hosts, { key: '/service/orders/leader', holder: 'n1' }).map(
    ({ severity, sentence }) => `${severity}: ${sentence}`,
  );

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

describe('a virtual address of vip-manager', () => {
  /** Server N with the vip-manager of the member nN. */
  const managed = (
    number: number,
    holds: boolean | null,
    follows: Partial<VrrpInstance['follows']> = {},
  ): BalancerHost => ({
    ...{ server: `db${number}`, error: null, haproxy: null, pgbouncer: null, vip: null },
    vipManager: {
      ...{ running: true, problem: null, ownAddresses: [`10.0.0.${number}`] },
      instances: [
        {
          name: '/service/orders/leader',
          state: 'unknown',
          since: null,
          priority: null,
          effectivePriority: null,
          addresses: [{ address: VIP, holds }],
          peers: [],
          follows: { key: '/service/orders/leader', member: `n${number}`, ...follows },
        },
      ],
    },
  });

  it.each<readonly [string, readonly BalancerHost[], readonly string[]]>([
    ['where the leader is is well', [managed(1, true), managed(2, false)], []],
    [
      'is not where the leader is',
      [managed(1, false), managed(2, false)],
      [`The virtual address ${VIP} shall be where n1 leads, and db1 does not have it.`],
    ],
    [
      'is where another member is',
      [managed(1, false), managed(2, true)],
      [`The virtual address ${VIP} shall be where n1 leads, and it is on db2.`],
    ],
    [
      "is where another member is while the leader's server does not answer",
      [silent(1), managed(2, true)],
      [`The virtual address ${VIP} shall be where n1 leads, and it is on db2.`],
    ],
    ['is not said to be elsewhere where addresses could not be read', [managed(1, null), managed(2, false)], []],
    [
      'on two servers is told as that alone',
      [managed(1, true), managed(2, true)],
      [`db1 and db2 have the virtual address ${VIP} at the same time.`],
    ],
    ['of another cluster is not compared', [managed(1, false, { key: '/service/ledger/leader' })], []],
    ['that asks its own Patroni is not compared', [managed(2, false, { member: null })], []],
  ])('that %s', (_what, hosts, sentences) => {
    expect(found(...hosts)).toEqual(sentences.map((sentence) => `critical: ${sentence}`));
  });

  it('is not compared while nobody is known to lead', () => {
    expect(findVipTrouble([managed(1, false)], { key: '/service/orders/leader', holder: null })).toEqual([]);
  });

  it('is taken over by no server on which vip-manager does not run', () => {
    const { vipManager, ...host } = managed(2, false);
    const stopped = vipManager === undefined ? host : { ...host, vipManager: { ...vipManager, running: false } };
    expect(found(managed(1, true), stopped)).toEqual(['warning: vip-manager is installed on db2 but does not run.']);
  });
});
