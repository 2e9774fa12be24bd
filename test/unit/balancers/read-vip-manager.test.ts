import { describe, expect, it } from 'vitest';
import { readVipManagers, type VipManagerTexts } from '../../../electron/core/balancers/read-vip-manager';

const ADDRESSES = `1: lo    inet 127.0.0.1/8 scope host lo
2: eth0    inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0
2: eth0    inet 10.0.0.100/24 scope global secondary eth0
`;
/** As the package's own example has it, and as the set-up writes it. */
const FILE = `# a comment
ip: 10.0.0.100
netmask: 24
interface: eth0
trigger-key: "/service/orders/leader"
trigger-value: "n1"
dcs-type: etcd
dcs-endpoints:
  - http://127.0.0.1:2379
`;
const texts = (change: Partial<VipManagerTexts> = {}): VipManagerTexts => ({
  ...{ words: '', variables: '', file: FILE, host: 'db1' },
  ...change,
});
const read = (change: Partial<VipManagerTexts> = {}, addresses = ADDRESSES) =>
  readVipManagers(true, [texts(change)], addresses);

describe('vip-manager on a server', () => {
  it('is told with the address that it moves, whether the server has it, and whose lead it follows', () => {
    expect(read()).toEqual({
      running: true,
      problem: null,
      ownAddresses: ['10.0.0.11', '10.0.0.100'],
      instances: [
        {
          name: '/service/orders/leader',
          state: 'unknown',
          since: null,
          priority: null,
          effectivePriority: null,
          addresses: [{ address: '10.0.0.100', holds: true }],
          peers: [],
          follows: { key: '/service/orders/leader', member: 'n1' },
        },
      ],
    });
    expect(read({}, ADDRESSES.replace(/.*\.100.*\n/, '')).instances[0]?.addresses[0]?.holds).toBe(false);
    expect(read({}, '').instances[0]?.addresses[0]?.holds).toBeNull();
  });

  it.each<readonly [string, Partial<VipManagerTexts>, object]>([
    [
      'by the command line before the file',
      { words: '--config=/x\n--ip=10.0.0.9\n--trigger-value\nn7' },
      ['10.0.0.9', 'n7'],
    ],
    ['by variables before the file', { variables: 'VIP_IP=10.0.0.8\nVIP_TRIGGER_VALUE=n8' }, ['10.0.0.8', 'n8']],
    [
      'by the command line before variables',
      { words: '--ip=10.0.0.9', variables: 'VIP_IP=10.0.0.8' },
      ['10.0.0.9', 'n1'],
    ],
    [
      'in the names of version 1',
      { file: 'ip: 10.0.0.7/32\nkey: /k/leader\nnodename: n3\ntype: etcd\n' },
      ['10.0.0.7', 'n3'],
    ],
    [
      "without a value, which is the server's own name",
      { file: 'ip: 10.0.0.7\ntrigger-key: /k\n' },
      ['10.0.0.7', 'db1'],
    ],
    [
      "by Patroni's REST API, which names no member",
      { file: 'ip: 10.0.0.7\ndcs-type: patroni\ntrigger-key: /leader\ntrigger-value: 200\n' },
      ['10.0.0.7', null],
    ],
    ['for IPv6', { file: 'ip: "fd00::64"\ntrigger-value: n1\n' }, ['fd00::64', 'n1']],
  ])('is set %s', (_how, change, expected) => {
    const [instance] = read(change).instances;
    expect([instance?.addresses[0]?.address, instance?.follows?.member]).toEqual(expected);
  });

  it.each([
    ['names no address', 'interface: eth0\n'],
    ['is not YAML', 'ip: [\n'],
    ['is a list', '- ip\n'],
    ['could not be read', ''],
  ])('is not known completely where its configuration %s', (_what, file) => {
    expect(read({ file })).toMatchObject({
      instances: [],
      problem: expect.stringMatching(/names no address/) as string,
    });
  });

  it('may be one of several on a server', () => {
    const both = readVipManagers(true, [texts(), texts({ words: '--ip=10.0.0.11' }), texts({ file: '' })], ADDRESSES);
    expect(both.instances.map(({ addresses }) => addresses[0]?.address)).toEqual(['10.0.0.100', '10.0.0.11']);
    expect(both.problem).not.toBeNull();
  });
});
