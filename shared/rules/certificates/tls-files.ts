import type { TlsFiles, TlsPair, TlsProgram, TlsTrust } from '../../model/repair/certificate-repair';
import { isJsonObject, valueAt } from '../configure/config-patch';
import { etcdReaders, type EtcdSettings } from './certificate-settings';

type Json = Readonly<Record<string, unknown>>;
type Text = string | null;

/** No file at all. */
export const NO_TLS_FILES: TlsFiles = { pairs: [], trusts: [] };

function textAt(config: Json, ...path: readonly string[]): Text {
  const value = valueAt(config, path);
  return typeof value === 'string' && value !== '' ? value : null;
}

function pair(program: TlsProgram, cert: Text, key: Text): readonly TlsPair[] {
  return cert === null ? [] : [{ program, cert, key: key ?? cert }];
}

function trust(program: TlsProgram, path: Text): readonly TlsTrust[] {
  return path === null ? [] : [{ program, path }];
}

/** All of them, each once; a path that is not absolute names no file that could be found. */
export function joinTlsFiles(all: readonly TlsFiles[]): TlsFiles {
  const pairs = all.flatMap((one) => one.pairs).filter(({ cert, key }) => cert.startsWith('/') && key.startsWith('/'));
  const trusts = all.flatMap((one) => one.trusts).filter(({ path }) => path.startsWith('/'));
  return { pairs: once(pairs), trusts: once(trusts) };
}

function once<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/**
 * The files that a member's own configuration names, with the dynamic one of its cluster: of the REST API, of Patroni as a client of
 * etcd and of other members, of PostgreSQL, and of the members' own logins.
 */
export function memberTlsFiles(own: Json, dynamic: Json): TlsFiles {
  const at = (...path: readonly string[]): Text => textAt(own, ...path);
  const etcd = ['etcd3', 'etcd'].find((name) => isJsonObject(own[name])) ?? 'etcd3';
  const logins = ['superuser', 'replication', 'rewind'].map((name) => ['postgresql', 'authentication', name] as const);
  return joinTlsFiles([
    {
      pairs: [
        ...pair('patroni', at('restapi', 'certfile'), at('restapi', 'keyfile')),
        ...pair('patroni', at('ctl', 'certfile'), at('ctl', 'keyfile')),
        ...pair('patroni', at(etcd, 'cert'), at(etcd, 'key')),
        ...logins.flatMap((path) => pair('postgresql', at(...path, 'sslcert'), at(...path, 'sslkey'))),
      ],
      trusts: [
        ...trust('patroni', at('restapi', 'cafile')),
        ...trust('patroni', at('ctl', 'cacert')),
        ...trust('patroni', at(etcd, 'cacert')),
        ...logins.flatMap((path) => trust('postgresql', at(...path, 'sslrootcert'))),
      ],
    },
    postgresFiles(own, dynamic),
  ]);
}

/** PostgreSQL looks for `server.crt` and `server.key` in its data directory unless told otherwise. */
function postgresFiles(own: Json, dynamic: Json): TlsFiles {
  const parameters = { ...parametersOf(dynamic), ...parametersOf(own) };
  const isOn = /^(on|true|yes|1)$/i.test(String(parameters['ssl'] ?? ''));
  if (!isOn) return NO_TLS_FILES;
  const data = textAt(own, 'postgresql', 'data_dir');
  const within = (name: string, otherwise: Text): Text => {
    const value = parameters[name];
    const path = typeof value === 'string' && value !== '' ? value : otherwise;
    if (path === null || path.startsWith('/')) return path;
    return data === null ? null : `${data.replace(/\/$/, '')}/${path}`;
  };
  return {
    pairs: pair('postgresql', within('ssl_cert_file', 'server.crt'), within('ssl_key_file', 'server.key')),
    trusts: trust('postgresql', within('ssl_ca_file', null)),
  };
}

function parametersOf(config: Json): Json {
  const found = valueAt(config, ['postgresql', 'parameters']);
  return isJsonObject(found) ? found : {};
}

/** What etcd on a server reads for its clients and for its peers. */
export function etcdTlsPaths(settings: EtcdSettings): TlsFiles {
  const { flat, nested } = etcdReaders(settings);
  const ofClients = (name: string): Text => flat(name) ?? nested('client-transport-security', name);
  const ofPeers = (name: string): Text => flat(`peer-${name}`) ?? nested('peer-transport-security', name);
  return joinTlsFiles([
    {
      pairs: [
        ...pair('etcd', ofClients('cert-file'), ofClients('key-file')),
        ...pair('etcd', ofPeers('cert-file'), ofPeers('key-file')),
      ],
      trusts: [...trust('etcd', ofClients('trusted-ca-file')), ...trust('etcd', ofPeers('trusted-ca-file'))],
    },
  ]);
}

/** What PgBouncer reads for its clients and for its servers. `lines`: its configuration, or what of it concerns TLS. */
export function pgbouncerTlsPaths(lines: string): TlsFiles {
  const setting = (name: string): Text =>
    [...lines.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'gm'))].at(-1)?.[1] || null;
  return joinTlsFiles(
    ['client_tls', 'server_tls'].map((side) => ({
      pairs: pair('pgbouncer', setting(`${side}_cert_file`), setting(`${side}_key_file`)),
      trusts: trust('pgbouncer', setting(`${side}_ca_file`)),
    })),
  );
}

/** What vip-manager reads to ask etcd. */
export function vipManagerTlsPaths(lines: string): TlsFiles {
  const setting = (name: string): Text =>
    /^\s*["']?(.*?)["']?\s*$/.exec(new RegExp(`^${name}:(.*)$`, 'm').exec(lines)?.[1] ?? '')?.[1] || null;
  return joinTlsFiles([
    {
      pairs: pair('vip_manager', setting('etcd-cert-file'), setting('etcd-key-file')),
      trusts: trust('vip_manager', setting('etcd-ca-file')),
    },
  ]);
}

/** What HAProxy reads: certificates of its own with their keys, and the authorities by which it verifies servers and clients. */
export function haproxyTlsPaths(certificates: readonly string[], authorities: readonly string[]): TlsFiles {
  return joinTlsFiles([
    {
      pairs: certificates.flatMap((path) => pair('haproxy', path, path)),
      trusts: authorities.flatMap((path) => trust('haproxy', path)),
    },
  ]);
}
