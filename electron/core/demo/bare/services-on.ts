import type { ServiceListener } from '../network/network';
import { etcdOn, haproxyPorts, patroniOn, pgbouncerOn, prometheusOn } from './settings-of';
import type { BareServer } from './site';
import { unitRuns } from './units';

/** A service that listens on a simulated server. */
export interface MachineListener extends ServiceListener {
  readonly program: 'etcd' | 'patroni' | 'postgres' | 'haproxy' | 'pgbouncer' | 'prometheus';
}

/** Who listens on a server now, by what its services were set up with. */
export function listenersOn(host: BareServer): readonly MachineListener[] {
  if (!host.member.power) return [];
  return [...etcdListeners(host), ...patroniListeners(host), ...accessListeners(host), ...prometheusListeners(host)];
}

function etcdListeners(host: BareServer): readonly MachineListener[] {
  const settings = unitRuns(host, 'etcd.service') === true ? etcdOn(host.machine) : null;
  if (settings === null) return [];
  const { tls, clientPort, peerPort } = settings;
  return [
    { port: clientPort, program: 'etcd', speaks: 'etcd', tls },
    { port: peerPort, program: 'etcd', speaks: 'nothing', tls },
  ];
}

function patroniListeners(host: BareServer): readonly MachineListener[] {
  const settings = patroniOn(host.machine);
  if (settings === null || host.site === null) return [];
  const { tls, restPort, postgresPort } = settings;
  const isUp = ['running', 'starting', 'restarting'].includes(host.member.state);
  return [
    ...(host.member.agent ? [{ port: restPort, program: 'patroni', speaks: 'rest', tls } as const] : []),
    ...(isUp ? [{ port: postgresPort, program: 'postgres', speaks: 'postgres', tls } as const] : []),
  ];
}

function prometheusListeners(host: BareServer): readonly MachineListener[] {
  const settings = unitRuns(host, 'prometheus.service') === true ? prometheusOn(host.machine) : null;
  return settings === null ? [] : [{ port: settings.port, program: 'prometheus', speaks: 'prometheus', tls: null }];
}

/** HAProxy passes TLS on to PostgreSQL, whose certificate is the server's. */
function accessListeners(host: BareServer): readonly MachineListener[] {
  const { machine } = host;
  const [statistics, ...entries] = unitRuns(host, 'haproxy.service') === true ? haproxyPorts(machine) : [];
  const pooler = unitRuns(host, 'pgbouncer.service') === true ? pgbouncerOn(machine) : null;
  const tls = patroniOn(machine)?.tls ?? null;
  return [
    ...(statistics === undefined
      ? []
      : [{ port: statistics, program: 'haproxy', speaks: 'nothing', tls: null } as const]),
    ...entries.map((port): MachineListener => ({ port, program: 'haproxy', speaks: 'postgres', tls })),
    ...(pooler === null
      ? []
      : [{ port: pooler.port, program: 'pgbouncer', speaks: 'postgres', tls: pooler.tls } as const]),
  ];
}
