import { stringify } from 'yaml';
import { postgresMajor } from '../rest/patroni-status';
import type { DemoHost } from '../network/network';

/** The files of a simulated server that somebody may want to read, by path. */
export function virtualFiles(host: DemoHost): Readonly<Record<string, string>> {
  return host.files?.() ?? usualFiles(host);
}

function usualFiles({ driver, member }: DemoHost): Readonly<Record<string, string>> {
  return {
    '/etc/hostname': `${member.name}\n`,
    '/etc/os-release':
      'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n',
    '/etc/patroni/config.yml': member.ownFile?.text ?? patroniYaml({ driver, member }),
    ...Object.fromEntries(
      Object.entries(member.ownFile?.kept ?? {}).map(([suffix, text]) => [`/etc/patroni/config.yml${suffix}`, text]),
    ),
    ...(member.hasEtcd ? { '/etc/default/etcd': etcdDefaults({ driver, member }) } : {}),
  };
}

function patroniYaml({ driver: { sim }, member }: DemoHost): string {
  const { spec } = sim;
  const major = postgresMajor(sim);
  return stringify({
    scope: spec.scope,
    namespace: spec.namespace ?? '/service/',
    name: member.name,
    ...(spec.citusGroup === undefined ? {} : { citus: { group: spec.citusGroup, database: 'app' } }),
    restapi: { listen: '0.0.0.0:8008', connect_address: `${member.ip}:8008` },
    etcd3: { hosts: sim.dcs.hosts.map((m) => `${m.ip}:2379`) },
    postgresql: {
      listen: '0.0.0.0:5432',
      connect_address: `${member.ip}:5432`,
      data_dir: `/var/lib/postgresql/${major}/main`,
      bin_dir: `/usr/lib/postgresql/${major}/bin`,
      authentication: {
        superuser: { username: 'postgres', password: 'only-simulated' },
        replication: { username: 'replicator', password: 'only-simulated-too' },
      },
    },
    ...(Object.keys(member.tags).length > 0 ? { tags: member.tags } : {}),
  });
}

function etcdDefaults({ driver: { sim }, member }: DemoHost): string {
  const cluster = sim.dcs.hosts.map((m) => `${m.name}=http://${m.ip}:2380`).join(',');
  return [
    `ETCD_NAME=${member.name}`,
    `ETCD_LISTEN_CLIENT_URLS=http://${member.ip}:2379,http://127.0.0.1:2379`,
    `ETCD_ADVERTISE_CLIENT_URLS=http://${member.ip}:2379`,
    `ETCD_LISTEN_PEER_URLS=http://${member.ip}:2380`,
    `ETCD_INITIAL_CLUSTER=${cluster}`,
    '',
  ].join('\n');
}
