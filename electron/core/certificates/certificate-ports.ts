import type { CertificateService } from '../../../shared/model/certificates/certificates';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { hostPortOfUrl, toNormalHost } from '../../../shared/model/connect/host-port';
import type { TlsListener } from '../../../shared/rules/certificates/certificate-settings';
import type { CertificateFiles, FoundCertificates, ServerTls } from './server-certificates';

/** A port that is to be looked at. */
export interface WantedPort {
  readonly service: CertificateService;
  /** The server from which it is dialled; null: from this computer. */
  readonly serverId: string | null;
  /** The name of its server, for people. */
  readonly server: string;
  readonly part: string | null;
  readonly host: string;
  readonly port: number;
  /** `asks`: TLS is asked for on the port itself, as PostgreSQL does; `no`: its address says that there is none. */
  readonly tls: 'yes' | 'no' | 'asks';
  /** The server name to ask for; null: none. */
  readonly name: string | null;
  readonly file: string | null;
  /** Whether that file is another one than the certificate that is shown first, in a directory of several. */
  readonly found: FoundCertificates | null;
}

type Parts = Pick<WantedPort, 'service' | 'serverId' | 'server' | 'host' | 'port' | 'tls' | 'file'>;

function wanted(parts: Parts): WantedPort {
  return { ...parts, part: null, name: parts.host, found: null };
}

/** All ports of a cluster that show a certificate or could, as far as its state, its inventory and its servers name them. */
export function portsOfCluster(
  state: ClusterState,
  entry: ClusterEntry,
  servers: readonly ServerTls[],
): readonly WantedPort[] {
  return [
    ...memberPorts(state, servers),
    ...etcdPorts(entry, servers),
    ...servers.flatMap(({ serverId, server, pgbouncer }) =>
      pgbouncer === null
        ? []
        : [wanted({ ...onServer(pgbouncer), service: 'pgbouncer', serverId, server, tls: 'asks' })],
    ),
  ];
}

function memberPorts({ members }: ClusterState, servers: readonly ServerTls[]): readonly WantedPort[] {
  return members.flatMap(({ name, serverId, apiUrl, host, port }) => {
    const own = servers.find((one) => one.serverId === serverId);
    const head = { serverId, server: own?.server ?? name };
    const rest = apiUrl === null ? null : hostPortOfUrl(apiUrl, 8008);
    return [
      ...(rest === null || apiUrl === null
        ? []
        : [
            wanted({
              ...head,
              ...rest,
              service: 'patroni',
              tls: /^https:/i.test(apiUrl) ? 'yes' : 'no',
              file: own?.ofMember?.restFile ?? null,
            }),
          ]),
      ...(host === null || port === null
        ? []
        : [
            wanted({
              ...head,
              host,
              port,
              service: 'postgresql',
              tls: 'asks',
              file: own?.ofMember?.postgresFile ?? null,
            }),
          ]),
    ];
  });
}

function onServer({ host, port, file }: TlsListener): Pick<WantedPort, 'host' | 'port' | 'file'> {
  return { host, port, file };
}

/** What etcd's processes say of their ports, and the addresses of the inventory that none of them has. */
function etcdPorts(entry: ClusterEntry, servers: readonly ServerTls[]): readonly WantedPort[] {
  const own = servers.flatMap(({ serverId, server, etcd }) => {
    const toPort = (service: 'etcd_client' | 'etcd_peer') => (one: TlsListener) =>
      wanted({ ...onServer(one), service, serverId, server, tls: one.isTls ? 'yes' : 'no' });
    return [...(etcd?.clients ?? []).map(toPort('etcd_client')), ...(etcd?.peers ?? []).map(toPort('etcd_peer'))];
  });
  const known = new Set(own.map(({ host, port }) => `${toNormalHost(host)} ${port}`));
  const fromServer = new Set(own.map(({ serverId }) => serverId));
  const others = (entry.etcd?.endpoints ?? []).filter(
    ({ host, port, serverId }) => !known.has(`${toNormalHost(host)} ${port}`) && !fromServer.has(serverId),
  );
  const tls = entry.etcd?.tls === null ? 'no' : 'yes';
  return [
    ...own,
    ...others.map(({ host, port, serverId }) =>
      wanted({
        service: 'etcd_client',
        serverId,
        server: servers.find((one) => one.serverId === serverId)?.server ?? host,
        host,
        port,
        tls,
        file: null,
      }),
    ),
  ];
}

/**
 * The ports of HAProxy, once its files are read: the first certificate of a port is shown to whoever asks for no name, and each other one
 * to whoever asks for a name of its own.
 */
export function haproxyTlsPorts(
  { serverId, server, haproxy }: ServerTls,
  files: CertificateFiles,
): readonly WantedPort[] {
  return haproxy.flatMap(({ section, host, port, files: named }) => {
    const all = named.flatMap((path): readonly (readonly [string, FoundCertificates])[] => {
      const found = files.get(path) ?? { kind: 'none', why: 'it was not read' };
      return found.kind === 'directory' ? [...found.files] : [[path, found]];
    });
    const places = all.length === 0 ? [[null, null] as const] : all;
    return places.map(([file, found], index) => ({
      service: 'haproxy' as const,
      serverId,
      server,
      part: section,
      host,
      port,
      tls: 'yes' as const,
      name: index === 0 ? null : nameIn(found),
      file,
      found,
    }));
  });
}

function nameIn(found: FoundCertificates | null): string | null {
  const names = found?.kind === 'file' ? (found.certificates[0]?.subjectAltName ?? '') : '';
  return /DNS:([^,\s"]+)/.exec(names)?.[1]?.replace(/^\*\./, 'any.') ?? null;
}
