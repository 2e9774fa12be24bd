import { isIP } from 'node:net';
import { parse } from 'yaml';
import { isObject } from '../model/json';
import type { Json, JsonObject } from '../model/json';
import type { ServiceTls } from '../network/secure';
import type { Machine } from './machine';

/** What etcd's settings on a server say. */
export interface MachineEtcd {
  readonly name: string;
  readonly members: readonly string[];
  readonly clientPort: number;
  readonly peerPort: number;
  readonly dataDirectory: string;
  /** Null without TLS; `missing` names files that are not there. */
  readonly tls: ServiceTls | null;
  readonly missing: readonly string[];
}

/** What Patroni's configuration on a server says. */
export interface MachinePatroni {
  readonly scope: string;
  readonly namespace: string;
  readonly name: string;
  readonly restPort: number;
  readonly postgresPort: number;
  readonly dataDirectory: string;
  readonly tags: JsonObject;
  /** The dynamic configuration that a new cluster begins with. */
  readonly dcs: JsonObject;
  /** The roles that Patroni makes, and their passwords. */
  readonly roles: Readonly<
    Record<'superuser' | 'replication' | 'rewind', { readonly name: string; readonly password: string }>
  >;
  readonly tls: ServiceTls | null;
  readonly missing: readonly string[];
}

const ETCD_DEFAULTS = '/etc/default/etcd';
const PATRONI_CONFIG = '/etc/patroni/config.yml';

/** etcd's settings, or null where there are none. */
export function etcdOn(machine: Machine): MachineEtcd | null {
  const text = machine.text(ETCD_DEFAULTS);
  if (text === null) return null;
  const values = new Map(
    [...text.matchAll(/^(ETCD_\w+)="?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const of = (name: string): string => values.get(name) ?? '';
  const files = ['ETCD_KEY_FILE', 'ETCD_CERT_FILE', 'ETCD_TRUSTED_CA_FILE'].map(of);
  return {
    name: of('ETCD_NAME'),
    members: of('ETCD_INITIAL_CLUSTER')
      .split(',')
      .map((entry) => entry.split('=')[0] ?? ''),
    clientPort: portIn(of('ETCD_ADVERTISE_CLIENT_URLS'), 2379),
    peerPort: portIn(of('ETCD_LISTEN_PEER_URLS'), 2380),
    dataDirectory: of('ETCD_DATA_DIR'),
    ...tlsOf(machine, files, of('ETCD_CLIENT_CERT_AUTH') === 'true'),
  };
}

/** Patroni's configuration, or null where there is none or it cannot be read. */
export function patroniOn(machine: Machine): MachinePatroni | null {
  const document = readYaml(machine.text(PATRONI_CONFIG));
  if (document === null) return null;
  const [rest, postgres, bootstrap] = ['restapi', 'postgresql', 'bootstrap'].map((name) => objectIn(document, name));
  const authentication = objectIn(postgres, 'authentication');
  const role = (name: string) => ({
    name: textIn(objectIn(authentication, name), 'username'),
    password: textIn(objectIn(authentication, name), 'password'),
  });
  return {
    scope: textIn(document, 'scope'),
    namespace: `/${textIn(document, 'namespace').replaceAll(/^\/+|\/+$/g, '')}/`,
    name: textIn(document, 'name'),
    restPort: portIn(textIn(rest, 'connect_address'), 8008),
    postgresPort: portIn(textIn(postgres, 'connect_address'), 5432),
    dataDirectory: textIn(postgres, 'data_dir'),
    tags: objectIn(document, 'tags'),
    dcs: objectIn(bootstrap, 'dcs'),
    roles: { superuser: role('superuser'), replication: role('replication'), rewind: role('rewind') },
    ...tlsOf(
      machine,
      ['keyfile', 'certfile', 'cafile'].map((name) => textIn(rest, name)),
      false,
    ),
  };
}

/** The ports HAProxy listens on: those of its sections in TCP, and that of its statistics. */
export function haproxyPorts(machine: Machine): readonly number[] {
  return [...(machine.text('/etc/haproxy/haproxy.cfg') ?? '').matchAll(/^ {2}bind :(\d+)$/gm)].map(([, port]) =>
    Number(port),
  );
}

/** The port PgBouncer listens on, and its key and certificates. */
export function pgbouncerOn(machine: Machine): { readonly port: number; readonly tls: ServiceTls | null } | null {
  const text = machine.text('/etc/pgbouncer/pgbouncer.ini');
  if (text === null) return null;
  const of = (name: string): string => new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1] ?? '';
  const files = ['client_tls_key_file', 'client_tls_cert_file', 'client_tls_ca_file'].map(of);
  return { port: Number(of('listen_port')), tls: tlsOf(machine, files, false).tls };
}

/** Where Prometheus listens and what it collects from, or null where it is not configured. */
export function prometheusOn(machine: Machine): { readonly port: number; readonly targets: readonly string[] } | null {
  const config = readYaml(machine.text('/etc/prometheus/prometheus.yml'));
  if (config === null) return null;
  const jobs = config['scrape_configs'];
  const port = /--web\.listen-address=\S*:(\d+)/.exec(machine.text('/etc/default/prometheus') ?? '')?.[1];
  const lists = (Array.isArray(jobs) ? jobs : []).flatMap((job) => {
    const groups = isObject(job) ? job['static_configs'] : [];
    return (Array.isArray(groups) ? groups : []).flatMap((group) => (isObject(group) ? group['targets'] : []));
  });
  return { port: Number(port ?? 9090), targets: lists.flat().map(String) };
}

function tlsOf(
  machine: Machine,
  [key = '', cert = '', ca = '']: readonly string[],
  strict: boolean,
): { readonly tls: ServiceTls | null; readonly missing: readonly string[] } {
  const paths = [key, cert, ca].filter((path) => path !== '');
  const missing = paths.filter((path) => machine.text(path) === null);
  const text = (path: string): string => machine.text(path) ?? '';
  if (key === '' || cert === '' || missing.length > 0) return { tls: null, missing };
  return { tls: { key: text(key), cert: text(cert), ca: text(ca), strict }, missing };
}

function readYaml(text: string | null): JsonObject | null {
  if (text === null) return null;
  try {
    const read: unknown = parse(text, { version: '1.1' });
    const plain: Json = JSON.parse(JSON.stringify(read));
    return isObject(plain) ? plain : null;
  } catch {
    return null;
  }
}

function objectIn(object: JsonObject | undefined, name: string): JsonObject {
  const value = object?.[name];
  return isObject(value) ? value : {};
}

function textIn(object: JsonObject | undefined, name: string): string {
  const value = object?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The port at the end of `host:port` or of an address on the web. */
function portIn(text: string, otherwise: number): number {
  const [first = ''] = text.split(',');
  const match = isIP(first) === 6 ? null : /:(\d+)\/?$/.exec(first);
  return match === null ? otherwise : Number(match[1]);
}
