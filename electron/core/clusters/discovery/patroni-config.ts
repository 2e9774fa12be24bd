import { parse } from 'yaml';
import { z } from 'zod';
import { namespaceSchema } from '../../../../shared/model/cluster/namespace';
import { ETCD_CLIENT_PORT, readHostPort, type HostPort } from '../../../../shared/model/connect/host-port';

/** Credentials as they stand in a configuration; they go to the vault and nowhere else. */
export interface FoundAuth {
  readonly username: string;
  readonly password: string;
}

/** TLS files as PEM text, by what they are for. */
export interface FoundTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly insecure: boolean;
}

/** What the app needs of a Patroni configuration. */
export interface PatroniConfig {
  readonly scope: string;
  readonly namespace: string;
  readonly name: string | null;
  readonly dcs: 'etcd3' | 'etcd' | 'other' | 'none';
  readonly dcsName: string | null;
  readonly dcsHosts: readonly HostPort[];
  readonly dcsAuth: FoundAuth | null;
  readonly dcsTls: FoundTls | null;
  /** host:port of this member's own REST API. */
  readonly restAddress: string | null;
  readonly restAuth: FoundAuth | null;
  readonly restTls: FoundTls | null;
}

const section = z.record(z.string(), z.unknown()).catch({});
const word = z
  .union([z.string(), z.number().transform(String)])
  .nullable()
  .catch(null);

const OTHER_DCS = ['consul', 'zookeeper', 'exhibitor', 'kubernetes', 'raft'];

/** The value of a key, or null. */
function textOf(fields: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = word.parse(fields[key]);
  return value === null || value === '' ? null : value;
}

function etcdAddress(text: string): readonly HostPort[] {
  const address = readHostPort(text.trim().replace(/^['"]|['"]$/g, ''), ETCD_CLIENT_PORT);
  return address === null ? [] : [address];
}

/** `hosts` is a list or one comma-separated text; `host`, `url` and `proxy` name one (docs/yaml_configuration.rst, etcd). */
function hostsOf(fields: Readonly<Record<string, unknown>>): HostPort[] {
  const { hosts } = fields;
  const listed = Array.isArray(hosts)
    ? hosts.flatMap((one: unknown) => (typeof one === 'string' ? [one] : []))
    : (textOf(fields, 'hosts') ?? '').replace(/^\[|\]$/g, '').split(',');
  const single = ['host', 'url', 'proxy'].flatMap((key) => textOf(fields, key) ?? []);
  const all = [...listed, ...single].filter((one) => one.trim() !== '').flatMap(etcdAddress);
  return all.filter(
    (one, index) => all.findIndex((other) => other.host === one.host && other.port === one.port) === index,
  );
}

function authOf(username: string | null, password: string | null): FoundAuth | null {
  return username === null || password === null ? null : { username, password };
}

/** A path's PEM text, or the text itself where the configuration holds PEM. */
type ReadPem = (path: string | null) => string | null;

function dcsTls(fields: Readonly<Record<string, unknown>>, readPem: ReadPem): FoundTls | null {
  const cacert = textOf(fields, 'cacert');
  const cert = textOf(fields, 'cert');
  const wanted =
    textOf(fields, 'protocol') === 'https' ||
    cacert !== null ||
    cert !== null ||
    /^https:/.test(`${textOf(fields, 'url') ?? ''}`);
  if (!wanted) return null;
  // Without cacert Patroni itself does not verify etcd (dcs/etcd.py): the app can do no better, and says so.
  return {
    ca: readPem(cacert),
    cert: readPem(cert),
    key: readPem(textOf(fields, 'key') ?? cert),
    insecure: cacert === null,
  };
}

function restTls(
  rest: Readonly<Record<string, unknown>>,
  ctl: Readonly<Record<string, unknown>>,
  readPem: ReadPem,
): FoundTls | null {
  if (textOf(rest, 'certfile') === null) return null;
  const verifies = ['required', 'optional'].includes(textOf(rest, 'verify_client') ?? '');
  const cert = textOf(ctl, 'certfile') ?? (verifies ? textOf(rest, 'certfile') : null);
  const key = textOf(ctl, 'keyfile') ?? (verifies ? textOf(rest, 'keyfile') : null);
  const ca = textOf(ctl, 'cacert') ?? textOf(rest, 'cafile');
  return {
    ca: readPem(ca),
    cert: readPem(cert),
    key: cert === null ? null : readPem(key ?? cert),
    insecure: ctl['insecure'] === true || ca === null,
  };
}

/** PATRONI_SCOPE and its kin beat the file (docs/ENVIRONMENT.rst). */
function withEnvironment(
  file: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const top = Object.fromEntries(
    ['scope', 'namespace', 'name'].flatMap((key) =>
      env[`PATRONI_${key.toUpperCase()}`] === undefined ? [] : [[key, env[`PATRONI_${key.toUpperCase()}`]]],
    ),
  );
  const merged: Record<string, unknown> = { ...file, ...top };
  for (const name of ['etcd3', 'etcd', 'restapi', 'ctl']) {
    const prefix = `PATRONI_${name.toUpperCase()}_`;
    const own = Object.entries(env)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]): [string, string] => [key.slice(prefix.length).toLowerCase(), value]);
    if (own.length > 0) merged[name] = { ...section.parse(file[name]), ...Object.fromEntries(own) };
  }
  return merged;
}

function restAuth(rest: Readonly<Record<string, unknown>>, ctl: Readonly<Record<string, unknown>>): FoundAuth | null {
  const own = section.parse(ctl['authentication']);
  const shared = section.parse(rest['authentication']);
  return (
    authOf(textOf(own, 'username'), textOf(own, 'password')) ??
    authOf(
      textOf(shared, 'username') ?? textOf(rest, 'username'),
      textOf(shared, 'password') ?? textOf(rest, 'password'),
    )
  );
}

function dcsKind(config: Readonly<Record<string, unknown>>): {
  readonly kind: PatroniConfig['dcs'];
  readonly name: string | null;
} {
  if ('etcd3' in config) return { kind: 'etcd3', name: 'etcd3' };
  if ('etcd' in config) return { kind: 'etcd', name: 'etcd' };
  const other = OTHER_DCS.find((one) => one in config);
  return other === undefined ? { kind: 'none', name: null } : { kind: 'other', name: other };
}

/** Reads YAML; null when it is none or no mapping. Aliases cannot make it grow without bound. */
function readYaml(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = parse(text, { maxAliasCount: 100, logLevel: 'silent' });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? section.parse(value) : null;
  } catch {
    return null;
  }
}

/** A Patroni configuration, or null for a file that names no scope (Debian's dcs.yml, or none of Patroni's at all). */
export function parsePatroniConfig(
  text: string,
  env: Readonly<Record<string, string>>,
  pems: ReadonlyMap<string, string>,
): PatroniConfig | null {
  const file = readYaml(text);
  if (file === null && env['PATRONI_SCOPE'] === undefined) return null;
  const config = withEnvironment(file ?? {}, env);
  const scope = textOf(config, 'scope');
  if (scope === null) return null;
  const readPem: ReadPem = (path) => {
    if (path === null) return null;
    return path.includes('-----BEGIN') ? path : (pems.get(path) ?? null);
  };
  const [rest, ctl] = [section.parse(config['restapi']), section.parse(config['ctl'])];
  const { kind, name } = dcsKind(config);
  const dcs = section.parse(name === null ? {} : config[name]);
  return {
    scope,
    namespace: namespaceSchema.parse(textOf(config, 'namespace') ?? 'service'),
    name: textOf(config, 'name'),
    dcs: kind,
    dcsName: name,
    dcsHosts: kind === 'etcd3' || kind === 'etcd' ? hostsOf(dcs) : [],
    dcsAuth: authOf(textOf(dcs, 'username'), textOf(dcs, 'password')),
    dcsTls: dcsTls(dcs, readPem),
    restAddress: textOf(rest, 'connect_address') ?? textOf(rest, 'listen'),
    restAuth: restAuth(rest, ctl),
    restTls: restTls(rest, ctl, readPem),
  };
}

/** etcd's client addresses from its own configuration: shell variables or YAML. */
export function parseEtcdConfig(text: string): readonly HostPort[] {
  const variable = (name: string): string | undefined =>
    new RegExp(`^\\s*(?:export\\s+)?${name}=["']?([^"'\\n#]*)`, 'm').exec(text)?.[1];
  const yaml = readYaml(text) ?? {};
  const urls =
    variable('ETCD_ADVERTISE_CLIENT_URLS') ??
    textOf(yaml, 'advertise-client-urls') ??
    variable('ETCD_LISTEN_CLIENT_URLS') ??
    textOf(yaml, 'listen-client-urls') ??
    '';
  return urls
    .split(',')
    .filter((url) => url.trim() !== '')
    .flatMap(etcdAddress)
    .filter((one) => one.host !== '0.0.0.0');
}
