import { hostPortOfUrl, type HostPort } from '../../model/connect/host-port';
import { isJsonObject, valueAt } from '../configure/config-patch';

type Json = Readonly<Record<string, unknown>>;

/** Where a service listens with TLS, and the file of its certificate; null where its configuration names none. */
export interface TlsListener extends HostPort {
  readonly isTls: boolean;
  readonly file: string | null;
}

/** Somebody who connects to a service: the file of the authority that it trusts, and whether it looks at the name. */
export interface TlsClient {
  readonly ca: string | null;
  /** Why it verifies nothing; null: it verifies. */
  readonly trustsAll: string | null;
  readonly checksName: boolean;
}

/** What a member's own configuration says of TLS: its files, and how this member connects to the others. */
export interface MemberTls {
  readonly restFile: string | null;
  readonly postgresFile: string | null;
  readonly rest: TlsClient;
  readonly etcd: TlsClient;
  readonly postgres: TlsClient;
}

function textAt(config: Json, ...path: readonly string[]): string | null {
  const value = valueAt(config, path);
  return typeof value === 'string' && value !== '' ? value : null;
}

function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(on|true|yes|1)$/i.test(value)) || value === 1;
}

function parametersOf(config: Json): Json {
  const found = valueAt(config, ['postgresql', 'parameters']);
  return isJsonObject(found) ? found : {};
}

/**
 * What the configuration of a member and the dynamic one of its cluster say. Patroni asks the REST API of others with `ctl.cacert`, or
 * else `restapi.cafile` (patroni/request.py), etcd with `cacert` and unverified without it (patroni/dcs/etcd.py), and replicas connect
 * as `authentication.replication` says (libpq: without `sslmode` nothing is verified).
 */
export function readMemberTls(own: Json, dynamic: Json): MemberTls {
  const parameters = { ...parametersOf(dynamic), ...parametersOf(own) };
  return {
    restFile: textAt(own, 'restapi', 'certfile'),
    postgresFile: isOn(parameters['ssl']) ? postgresFile(own, parameters) : null,
    rest: restClient(own),
    etcd: etcdClient(own),
    postgres: replicationClient(own),
  };
}

/** PostgreSQL looks for `server.crt` in its data directory unless told otherwise. */
function postgresFile(own: Json, parameters: Json): string | null {
  const named = parameters['ssl_cert_file'];
  const file = typeof named === 'string' && named !== '' ? named : 'server.crt';
  const data = textAt(own, 'postgresql', 'data_dir');
  if (file.startsWith('/')) return file;
  return data === null ? null : `${data.replace(/\/$/, '')}/${file}`;
}

function restClient(own: Json): TlsClient {
  const ca = textAt(own, 'ctl', 'cacert') ?? textAt(own, 'restapi', 'cafile');
  const isInsecure = isOn(valueAt(own, ['ctl', 'insecure']));
  const why = ca === null ? 'names no authority for the REST API (ctl.cacert, restapi.cafile)' : null;
  return { ca, trustsAll: isInsecure ? 'verifies nothing (ctl.insecure)' : why, checksName: true };
}

function etcdClient(own: Json): TlsClient {
  const section = ['etcd3', 'etcd'].find((name) => isJsonObject(own[name])) ?? 'etcd3';
  const ca = textAt(own, section, 'cacert');
  return { ca, trustsAll: ca === null ? `names no authority for etcd (${section}.cacert)` : null, checksName: true };
}

function replicationClient(own: Json): TlsClient {
  const section = ['postgresql', 'authentication', 'replication'] as const;
  const mode = textAt(own, ...section, 'sslmode') ?? 'prefer';
  const ca = textAt(own, ...section, 'sslrootcert');
  const isVerifying = mode.startsWith('verify') || (mode === 'require' && ca !== null);
  return {
    ca,
    trustsAll: isVerifying && ca !== null ? null : `does not verify it (sslmode ${mode})`,
    checksName: mode === 'verify-full',
  };
}

/** What etcd on a server was started with: variables of its process, its arguments, and its configuration file as data. */
export interface EtcdSettings {
  readonly variables: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** null: it has none. Where there is one, variables and arguments count for nothing. */
  readonly file: Json | null;
}

/** How etcd on a server listens for its clients and for its peers, and the file of the authority that peers trust. */
export interface EtcdTls {
  readonly clients: readonly TlsListener[];
  readonly peers: readonly TlsListener[];
  readonly peerCa: string | null;
}

const LOOPBACK = /^(127\.|::1$|localhost$)/i;

/** The addresses that etcd gives to others, where its own are all addresses of a server or loopback beside them. */
export function readEtcdTls(settings: EtcdSettings): EtcdTls {
  const { flat, nested } = etcdReaders(settings);
  const clientFile = flat('cert-file') ?? nested('client-transport-security', 'cert-file');
  const peerFile = flat('peer-cert-file') ?? nested('peer-transport-security', 'cert-file');
  return {
    clients: listenersOf(flat('advertise-client-urls') ?? flat('listen-client-urls'), clientFile),
    peers: listenersOf(flat('initial-advertise-peer-urls') ?? flat('listen-peer-urls'), peerFile),
    peerCa: flat('peer-trusted-ca-file') ?? nested('peer-transport-security', 'trusted-ca-file'),
  };
}

/** Reads settings of etcd by their names: as its process has them, or its configuration file where there is one. */
export function etcdReaders({ variables, args, file }: EtcdSettings): {
  readonly flat: (name: string) => string | null;
  readonly nested: (section: string, name: string) => string | null;
} {
  if (file !== null) return { flat: (name) => textAt(file, name), nested: (...path) => textAt(file, ...path) };
  return {
    flat: (name) =>
      argumentOf(args, name) ?? (variables[`ETCD_${name.toUpperCase().replaceAll('-', '_')}`]?.trim() || null),
    nested: () => null,
  };
}

/** `--name value`, `--name=value`, and both with one hyphen. */
function argumentOf(args: readonly string[], name: string): string | null {
  for (const [index, arg] of args.entries()) {
    const [, own, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (own === name) return value ?? args[index + 1] ?? null;
  }
  return null;
}

function listenersOf(urls: string | null, file: string | null): readonly TlsListener[] {
  const all = (urls ?? '').split(',').flatMap((url) => {
    const place = hostPortOfUrl(url.trim(), 2379);
    return place === null ? [] : [{ ...place, isTls: /^\s*https:/i.test(url), file }];
  });
  const outer = all.filter(({ host }) => !LOOPBACK.test(host));
  return outer.length > 0 ? outer : all.slice(0, 1);
}

/** PgBouncer's own TLS for its clients; null where it has none. `lines`: its configuration, or what of it concerns TLS. */
export function readPgbouncerTls(lines: string): TlsListener | null {
  const setting = (name: string): string | null => {
    const found = [...lines.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'gm'))].at(-1)?.[1];
    return found === undefined || found === '' ? null : found;
  };
  const mode = setting('client_tls_sslmode') ?? 'disable';
  if (mode === 'disable') return null;
  const host = (setting('listen_addr') ?? '127.0.0.1').split(',')[0]?.trim() ?? '*';
  const port = Number(setting('listen_port') ?? 6432);
  const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
  return { host, port: isPort ? port : 6432, isTls: true, file: setting('client_tls_cert_file') };
}
