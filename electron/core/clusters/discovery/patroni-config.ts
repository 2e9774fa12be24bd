import { namespaceSchema } from '../../../../shared/model/cluster/namespace';
import { bracketHost, ETCD_CLIENT_PORT, readHostPort, type HostPort } from '../../../../shared/model/connect/host-port';
import {
  bracketPatroniAddress,
  etcdHostsOfPatroni,
  readEtcdUrl,
} from '../../../../shared/rules/configure/patroni-addresses';
import { isConfigSection } from '../../patroni/config/patch-config';
import { readYaml } from '../../../../shared/rules/configure/yaml/read-yaml';
import { textOfValue, type ConfigSection } from '../../../../shared/rules/configure/yaml/yaml-scalars';
import { loopbackOfWildcard } from '../connect/server-dial';

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
  /** The group of a Citus cluster that this member belongs to; null for every other cluster. */
  readonly citusGroup: number | null;
  readonly name: string | null;
  readonly dcs: 'etcd3' | 'etcd' | 'other' | 'none';
  readonly dcsName: string | null;
  readonly dcsHosts: readonly HostPort[];
  readonly dcsAuth: FoundAuth | null;
  readonly dcsTls: FoundTls | null;
  /** host:port of this member's own REST API, as it is reached from its server. */
  readonly restAddress: string | null;
  readonly restAuth: FoundAuth | null;
  readonly restTls: FoundTls | null;
  /** PEM files that the configuration names and that were not read. */
  readonly missingPems: readonly string[];
}

/** Every DCS in the order in which Patroni looks for its section (dcs/__init__.py, dcs_modules). */
const DCS_SECTIONS = ['consul', 'etcd', 'etcd3', 'exhibitor', 'kubernetes', 'raft', 'zookeeper'];

const restPort = 8008;

/** The text of a key, or null where there is none. */
function textOf(fields: ConfigSection, key: string): string | null {
  const value = textOfValue(fields[key]);
  return value === null || value === '' ? null : value;
}

function sectionOf(fields: ConfigSection, key: string): ConfigSection {
  const value = fields[key];
  return isConfigSection(value) ? value : {};
}

function urlsOf(text: string): readonly HostPort[] {
  return text
    .split(',')
    .filter((url) => url.trim() !== '')
    .flatMap((url) => readHostPort(url, ETCD_CLIENT_PORT) ?? []);
}

function authOf(username: string | null, password: string | null): FoundAuth | null {
  return username === null || password === null ? null : { username, password };
}

/** Name and password of etcd; those in a URL replace the others (dcs/etcd.py, get_etcd_client). */
function dcsAuth(fields: ConfigSection): FoundAuth | null {
  const url = textOf(fields, 'proxy') ?? textOf(fields, 'url');
  if (url === null) return authOf(textOf(fields, 'username'), textOf(fields, 'password'));
  const { login } = readEtcdUrl(url);
  // Patroni logs in only with both (dcs/etcd3.py, authenticate).
  return login === null || login.username === '' || login.password === ''
    ? null
    : authOf(login.username, login.password);
}

/** A path's PEM text, or the text itself where the configuration holds PEM. */
type ReadPem = (path: string | null) => string | null;

/** etcd is spoken to by TLS where its protocol is https; http is the default (dcs/etcd.py, get_etcd_client). */
function dcsTls(fields: ConfigSection, readPem: ReadPem): FoundTls | null {
  const url = textOf(fields, 'proxy') ?? textOf(fields, 'url');
  const protocol = url === null ? textOf(fields, 'protocol') : (/^[a-z]+/i.exec(url)?.[0] ?? null);
  if (protocol?.toLowerCase() !== 'https') return null;
  const [cacert, cert] = [textOf(fields, 'cacert'), textOf(fields, 'cert')];
  // Without cacert Patroni itself does not verify etcd (dcs/etcd.py): the app can do no better, and says so.
  return {
    ca: readPem(cacert),
    cert: readPem(cert),
    key: readPem(textOf(fields, 'key') ?? cert),
    insecure: cacert === null,
  };
}

function restTls(rest: ConfigSection, ctl: ConfigSection, readPem: ReadPem): FoundTls | null {
  if (textOf(rest, 'certfile') === null) return null;
  const verifies = ['required', 'optional'].includes((textOf(rest, 'verify_client') ?? '').toLowerCase());
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

function restAuth(rest: ConfigSection, ctl: ConfigSection): FoundAuth | null {
  const [own, shared] = [sectionOf(ctl, 'authentication'), sectionOf(rest, 'authentication')];
  const [, username = null, password = null] = /^([^:]*):(.*)$/s.exec(textOf(rest, 'auth') ?? '') ?? [];
  return (
    authOf(textOf(own, 'username'), textOf(own, 'password')) ??
    authOf(textOf(shared, 'username'), textOf(shared, 'password')) ??
    authOf(username, password)
  );
}

/** Where Patroni reaches itself: `connect_address`, or else what it listens on (api.py); every address of a server has loopback. */
function restAddress(rest: ConfigSection): string | null {
  const found = textOf(rest, 'connect_address') ?? textOf(rest, 'listen');
  if (found === null) return null;
  const written = bracketPatroniAddress(found);
  const [, host = '', port = String(restPort)] = /^(.*?)(?::(\d+))?$/.exec(written) ?? [];
  const loopback = loopbackOfWildcard(host.replace(/^\[|\]$/g, ''));
  return loopback === null ? written : `${bracketHost(loopback)}:${port}`;
}

function dcsKind(config: ConfigSection): {
  readonly kind: PatroniConfig['dcs'];
  readonly name: string | null;
} {
  const name = DCS_SECTIONS.find((one) => one in config) ?? null;
  if (name === null) return { kind: 'none', name };
  return { kind: name === 'etcd3' || name === 'etcd' ? name : 'other', name };
}

/** A Citus group counts only with a database (patroni/config.py, _build_effective_configuration). */
function citusGroupOf(config: ConfigSection): number | null {
  const { group, database } = sectionOf(config, 'citus');
  return typeof group === 'number' && Number.isInteger(group) && typeof database === 'string' ? group : null;
}

/** What a merged Patroni configuration says; null where it names no scope (Debian's dcs.yml, or none of Patroni's at all). */
export function readPatroniConfig(config: ConfigSection, pems: ReadonlyMap<string, string>): PatroniConfig | null {
  const scope = textOf(config, 'scope');
  if (scope === null) return null;
  const missing = new Set<string>();
  const readPem: ReadPem = (path) => {
    if (path === null) return null;
    const pem = path.includes('-----BEGIN') ? path : (pems.get(path) ?? null);
    if (pem === null) missing.add(path);
    return pem;
  };
  const [rest, ctl] = [sectionOf(config, 'restapi'), sectionOf(config, 'ctl')];
  const { kind, name } = dcsKind(config);
  const dcs = name === null ? {} : sectionOf(config, name);
  return {
    scope,
    namespace: namespaceSchema.parse(textOfValue(config['namespace']) ?? 'service'),
    citusGroup: citusGroupOf(config),
    name: textOf(config, 'name') ?? textOf(sectionOf(config, 'postgresql'), 'name'),
    dcs: kind,
    dcsName: name,
    dcsHosts: kind === 'etcd3' || kind === 'etcd' ? [...etcdHostsOfPatroni(dcs)] : [],
    dcsAuth: dcsAuth(dcs),
    dcsTls: dcsTls(dcs, readPem),
    restAddress: restAddress(rest),
    restAuth: restAuth(rest, ctl),
    restTls: restTls(rest, ctl, readPem),
    missingPems: [...missing],
  };
}

/** etcd's client addresses from its own configuration: shell variables or YAML. */
export function parseEtcdConfig(text: string): readonly HostPort[] {
  const variable = (name: string): string | undefined =>
    new RegExp(`^\\s*(?:export\\s+)?${name}=["']?([^"'\\n#]*)`, 'm').exec(text)?.[1];
  const answer = readYaml(text);
  const yaml = answer.kind === 'value' && isConfigSection(answer.value) ? answer.value : {};
  const named = [
    variable('ETCD_ADVERTISE_CLIENT_URLS'),
    textOf(yaml, 'advertise-client-urls'),
    variable('ETCD_LISTEN_CLIENT_URLS'),
    textOf(yaml, 'listen-client-urls'),
  ];
  // A variable that is set to nothing counts as not set (etcd, pkg/flags).
  const urls = named.find((one) => (one ?? '').trim() !== '') ?? '';
  return urlsOf(urls.replaceAll(/['"]/g, '')).filter((one) => one.host !== '0.0.0.0');
}
