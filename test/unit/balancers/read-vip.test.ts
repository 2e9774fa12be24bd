import { describe, expect, it } from 'vitest';
import { readVip } from '../../../electron/core/balancers/read-vip';

const CONFIG = `# Written for the cluster orders.
global_defs { router_id lb1 }
vrrp_script alive {
  script "/usr/local/bin/alive"
  interval 1
}
vrrp_instance orders {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100   ! the highest
  unicast_src_ip 10.0.0.11
  unicast_peer {
    10.0.0.12
    10.0.0.13
  }
  virtual_ipaddress {
    10.0.0.100/24 dev eth0
    fd00::64/64
  }
}
`;
const ADDRESSES = `1: lo    inet 127.0.0.1/8 scope host lo
1: lo    inet 10.0.0.100/32 scope global lo
2: eth0    inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0
2: eth0    inet6 fd00:0::64/64 scope global
`;
const LOG = `1700000000.5 lb1 Keepalived[10]: Starting Keepalived v2.3.3
1700000001.5 lb1 Keepalived_vrrp[11]: (orders) Entering BACKUP STATE (init)
1700000002.5 lb1 Keepalived_vrrp[11]: (orders) Entering MASTER STATE
1700000003.5 lb1 Keepalived_vrrp[11]: (other) Entering FAULT STATE
1700000004.5 lb1 Keepalived_vrrp[11]: (orders) Changing effective priority from 100 to 120
`;

const read = (texts: Partial<Parameters<typeof readVip>[1]>, running = true) =>
  readVip(running, { config: CONFIG, log: LOG, addresses: ADDRESSES, ...texts });

describe('keepalived on a server', () => {
  it('is told with its state and since when, its priority and what checks made of it, and which addresses the server has', () => {
    expect(read({})).toEqual({
      running: true,
      problem: null,
      ownAddresses: ['10.0.0.11', 'fd00:0::64'],
      instances: [
        {
          name: 'orders',
          state: 'master',
          since: 1_700_000_002_500,
          priority: 100,
          effectivePriority: 120,
          addresses: [
            { address: '10.0.0.100', holds: false },
            { address: 'fd00::64', holds: true },
          ],
          peers: ['10.0.0.12', '10.0.0.13'],
        },
      ],
    });
  });

  it('has no state that it said before it was started again, and none when it does not run', () => {
    const restarted = `${LOG}1700000009.5 lb1 Keepalived[20]: Starting Keepalived v2.3.3\n`;
    expect(read({ log: restarted }).instances[0]).toMatchObject({ state: 'unknown', effectivePriority: null });
    expect(read({}, false).instances[0]).toMatchObject({ state: 'unknown', since: null });
    expect(read({ log: '' }).instances[0]).toMatchObject({ state: 'unknown', since: null, effectivePriority: null });
  });

  it('is read in the words of older versions, too', () => {
    const old = '1700000002.5 lb1 Keepalived_vrrp[11]: VRRP_Instance(orders) Entering FAULT STATE\n';
    expect(read({ log: old }).instances[0]?.state).toBe('fault');
  });

  it('holds nobody knows what where the addresses of the server could not be read', () => {
    expect(read({ addresses: '' }).instances[0]?.addresses).toEqual([
      { address: '10.0.0.100', holds: null },
      { address: 'fd00::64', holds: null },
    ]);
  });

  it.each([
    ['includes other files', `${CONFIG}include /etc/keepalived/more/*.conf\n`, /includes other files/],
    ['names no address', 'vrrp_instance a {\n  priority 1\n}\n', /names no address/],
    ['is empty', '', /names no address/],
    ['is no configuration', '}}}} {{{ vrrp_instance\n\u0000{', /names no address/],
  ])('says that it is not known completely where its configuration %s', (_what, config, problem) => {
    expect(read({ config }).problem).toMatch(problem);
  });

  it('takes what a name stands for, and blocks that are written in one line', () => {
    const config = '$VIP=10.0.0.7\nvrrp_instance one { priority 9\n virtual_ipaddress { ${VIP}/32 dev eth0 } }\n';
    expect(read({ config }).instances).toMatchObject([
      { name: 'one', priority: 9, addresses: [{ address: '10.0.0.7', holds: false }] },
    ]);
    const unknown = 'vrrp_instance one {\n virtual_ipaddress {\n ${GONE}/32\n 10.0.0.8\n }\n priority 9\n}\n';
    expect(read({ config: unknown }).instances).toMatchObject([{ priority: 9, addresses: [{ address: '10.0.0.8' }] }]);
  });
});
