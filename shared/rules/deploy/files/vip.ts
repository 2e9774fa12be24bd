import { bracketHost } from '../../../model/connect/host-port';
import { stringify } from 'yaml';
import type { ClusterSpec, VipSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { scopePrefix } from '../../cluster/scope-prefix';
import { serversWith } from '../layout';
import { carriers } from '../vip';
import { clientUrl } from './etcd';
import { aliveUri } from './haproxy';
import { patroniTlsFiles } from './patroni';
import { unitText } from './units';

/** What is written for one server that may hold the address. */
export interface VipInput {
  readonly spec: ClusterSpec;
  readonly vip: VipSpec;
  readonly server: ServerSpec;
  readonly networkInterface: string;
  /** The program that says whether this server may hold the address. */
  readonly aliveScript: string;
}

/**
 * /etc/keepalived/keepalived.conf (keepalived.conf(5)). The servers speak to each other by unicast, which needs no
 * multicast of the network. All start as backup and none takes the address from one that is well.
 */
export function keepalivedConfig({ spec, vip, server, networkInterface, aliveScript }: VipInput): string {
  const all = carriers(spec);
  const peers = all.filter((other) => other.name !== server.name).map((other) => `    ${other.address}`);
  const [every, limit] = vip.follows === 'haproxy' ? [1, 2] : [2, 3];
  return [
    `# Written by Matriarch for the cluster ${spec.scope}.`,
    'global_defs {',
    `  router_id ${server.name}`,
    '  script_user nobody nogroup',
    '  enable_script_security',
    '}',
    '',
    'vrrp_script alive {',
    `  script "${aliveScript}"`,
    `  interval ${every}`,
    `  timeout ${limit}`,
    '  fall 2',
    '  rise 1',
    '}',
    '',
    `vrrp_instance ${spec.scope} {`,
    '  state BACKUP',
    '  nopreempt',
    `  interface ${networkInterface}`,
    `  virtual_router_id ${vip.routerId}`,
    `  priority ${
      100 -
      Math.max(
        all.findIndex((other) => other.name === server.name),
        0,
      )
    }`,
    '  advert_int 1',
    ...(peers.length === 0 ? [] : [`  unicast_src_ip ${server.address}`, '  unicast_peer {', ...peers, '  }']),
    '  virtual_ipaddress {',
    `    ${vip.address}/${vip.prefix} dev ${networkInterface}`,
    '  }',
    '  track_script {',
    '    alive',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** The program keepalived asks. HAProxy must answer, not only accept; Patroni must say that this member holds the leader's lock. */
export function aliveScript(spec: ClusterSpec, vip: VipSpec, server: ServerSpec): string {
  return vip.follows === 'haproxy' ? haproxyAlive(spec) : primaryAlive(spec, server);
}

function haproxyAlive(spec: ClusterSpec): string {
  return [
    '#!/bin/bash',
    '# Written by Matriarch: whether HAProxy on this server answers.',
    `exec 3<> /dev/tcp/127.0.0.1/${spec.haproxy.statsPort} || exit 1`,
    `printf 'GET ${aliveUri} HTTP/1.0\\r\\n\\r\\n' >&3`,
    'IFS= read -r -t 1 line <&3 || exit 1',
    "[[ $line == *' 200 '* ]]",
    '',
  ].join('\n');
}

function primaryAlive(spec: ClusterSpec, server: ServerSpec): string {
  const [scheme, trust] = spec.tls === 'on' ? ['https', ` --cacert ${patroniTlsFiles.ca}`] : ['http', ''];
  return [
    '#!/bin/sh',
    "# Written by Matriarch: whether this member holds the leader's lock.",
    `exec curl -s -f -m 2 -o /dev/null${trust} -X OPTIONS ${scheme}://${bracketHost(server.address)}:${spec.patroni.restPort}/primary`,
    '',
  ].join('\n');
}

/** /etc/default/vip-manager.yml, as vip-manager 2 and later read it: the address is here while etcd's leader key names this member. */
export function vipManagerConfig({ spec, vip, server, networkInterface }: VipInput): string {
  const { ca, cert, key } = patroniTlsFiles;
  const own = serversWith(spec, 'etcd').map((member) => clientUrl(spec, member));
  const document = {
    ip: vip.address,
    netmask: vip.prefix,
    interface: networkInterface,
    'manager-type': 'basic',
    'dcs-type': 'etcd',
    'dcs-endpoints':
      own.length > 0 ? own : spec.etcd.external.map((host) => `${spec.tls === 'on' ? 'https' : 'http'}://${host}`),
    'trigger-key': `${scopePrefix(spec.namespace, spec.scope)}leader`,
    'trigger-value': server.name,
    interval: 1000,
    'retry-num': 3,
    'retry-after': 250,
    ...(spec.tls === 'on' ? { 'etcd-ca-file': ca, 'etcd-cert-file': cert, 'etcd-key-file': key } : {}),
  };
  return `# Written by Matriarch for the cluster ${spec.scope}.\n${stringify(document, { lineWidth: 0, version: '1.1' })}`;
}

/** Whatever ends the unit, the address does not stay behind: two servers must never hold it. */
function gone({ vip, networkInterface }: Pick<VipInput, 'vip' | 'networkInterface'>): Record<string, string> {
  return {
    Restart: 'always',
    RestartSec: '1',
    ExecStopPost: `-ip address delete ${vip.address}/${vip.prefix} dev ${networkInterface}`,
  };
}

/** systemd gives a unit up that ends often; the address must come back whenever it can. */
const keepTrying = { StartLimitIntervalSec: '0' };

/** Settings beside the distribution's unit of keepalived. */
export function keepalivedDropIn(input: VipInput): string {
  return unitText({ Unit: keepTrying, Service: gone(input) });
}

/**
 * Settings beside the distribution's unit of vip-manager: its own file in place of words on the command line, and the
 * signal on which it gives the address up.
 */
export function vipManagerDropIn(input: VipInput, config: string): string {
  return unitText({
    Unit: { After: 'etcd.service', ...keepTrying },
    Service: { ExecStart: ['', `/usr/bin/vip-manager --config=${config}`], KillSignal: 'SIGINT', ...gone(input) },
  });
}
