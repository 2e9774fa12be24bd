import { isConfigSection, patchConfig } from './patch-config';
import { readYaml } from '../../../../shared/rules/configure/yaml/read-yaml';
import type { ConfigSection, ConfigValue } from '../../../../shared/rules/configure/yaml/yaml-scalars';

/** PATRONI_* variables by their whole names. */
export type PatroniEnvironment = Readonly<Record<string, string>>;

type Read = (text: string) => ConfigValue | undefined;

const asText: Read = (text) => text;

/** Patroni's words for yes and no (patroni/utils.py, parse_bool). */
const asBool: Read = (text) => {
  const word = text.toLowerCase();
  if (['on', 'true', 'yes', '1'].includes(word)) return true;
  return ['off', 'false', 'no', '0'].includes(word) ? false : undefined;
};

const asNumber: Read = (text) => (/^\s*[-+]?\d+\s*$/.test(text) ? Number(text) : undefined);

const asYaml =
  (open: string, close: string, isOpen: (text: string) => boolean): Read =>
  (text) => {
    const answer = readYaml(isOpen(text) ? text : `${open}${text}${close}`);
    return answer.kind === 'value' && answer.value !== null ? answer.value : undefined;
  };

const asList = asYaml('[', ']', (text) => text.trim().startsWith('-') || text.includes('['));
const asMapping = asYaml('{', '}', (text) => text.trim().startsWith('{'));

/** Variables of a section that Patroni knows by name (patroni/config.py, _build_environment_configuration). */
const SECTIONS: Readonly<Record<string, Readonly<Record<string, Read>>>> = {
  restapi: {
    ...texts('listen', 'connect_address', 'certfile', 'keyfile', 'keyfile_password', 'cafile', 'ciphers'),
    ...texts('verify_client'),
    http_extra_headers: asMapping,
    https_extra_headers: asMapping,
    allowlist: asList,
    allowlist_include_members: asBool,
    request_queue_size: asNumber,
    thread_pool_size: asNumber,
    ...texts('server_tokens'),
  },
  ctl: { ...texts('cacert', 'certfile', 'keyfile', 'keyfile_password'), insecure: asBool },
  postgresql: {
    ...texts('listen', 'connect_address', 'proxy_address', 'config_dir', 'data_dir', 'pgpass', 'bin_dir'),
  },
  raft: { ...texts('data_dir', 'self_addr', 'password', 'bind_addr'), partner_addrs: asList },
};

function texts(...names: readonly string[]): Readonly<Record<string, Read>> {
  return Object.fromEntries(names.map((name) => [name, asText]));
}

/** Variables of any DCS: `PATRONI_<DCS>_<SUFFIX>`. */
const DCS: Readonly<Record<string, Read>> = {
  ...texts('HOST', 'PROTOCOL', 'SRV', 'SRV_SUFFIX', 'URL', 'PROXY', 'CACERT', 'CERT', 'KEY', 'TOKEN', 'DC'),
  ...texts('CONSISTENCY', 'SERVICE_CHECK_INTERVAL', 'SERVICE_CHECK_TLS_SERVER_NAME', 'NAMESPACE', 'CONTEXT'),
  ...texts('SCOPE_LABEL', 'ROLE_LABEL', 'POD_IP', 'KEY_PASSWORD', 'USE_SSL', 'DATABASE'),
  PORT: asNumber,
  GROUP: asNumber,
  HOSTS: asList,
  PORTS: asList,
  CHECKS: asList,
  SERVICE_TAGS: asList,
  RETRIABLE_HTTP_CODES: asList,
  LABELS: asMapping,
  SET_ACLS: asMapping,
  USE_PROXIES: asBool,
  REGISTER_SERVICE: asBool,
  USE_ENDPOINTS: asBool,
  BYPASS_API_SERVICE: asBool,
  VERIFY: asBool,
};

const ACCOUNT = ['username', 'password'];
const POSTGRES_ACCOUNT = [
  ...ACCOUNT,
  ...['sslmode', 'sslcert', 'sslkey', 'sslpassword', 'sslrootcert', 'sslcrl', 'sslcrldir'],
  ...['gssencmode', 'channel_binding'],
];

function pick(env: PatroniEnvironment, section: string, names: readonly string[]): ConfigSection {
  return readAll(env, section, Object.fromEntries(names.map((name) => [name, asText])));
}

function readAll(env: PatroniEnvironment, section: string, fields: Readonly<Record<string, Read>>): ConfigSection {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, read]): [string, ConfigValue][] => {
      const text = env[`PATRONI_${section}_${name}`.toUpperCase()];
      const value = text === undefined || text === '' ? undefined : read(text);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function nonEmpty(name: string, section: ConfigSection): ConfigSection {
  return Object.keys(section).length === 0 ? {} : { [name]: section };
}

function dcsSections(env: PatroniEnvironment): ConfigSection {
  let found: ConfigSection = {};
  for (const [name, text] of Object.entries(env)) {
    const [, dcs, suffix] = /^PATRONI_([^_]+)_(.+)$/.exec(name) ?? [];
    if (dcs === undefined || suffix === undefined || dcs.toLowerCase() in SECTIONS) continue;
    const isCitus = dcs === 'CITUS';
    if (isCitus && suffix !== 'GROUP' && suffix !== 'DATABASE') continue;
    const value = text === '' ? undefined : DCS[suffix]?.(text);
    if (value !== undefined) found = patchConfig(found, { [dcs.toLowerCase()]: { [suffix.toLowerCase()]: value } });
  }
  return found;
}

/** Name and password of etcd count only where another variable names etcd, too. */
function etcdAccounts(env: PatroniEnvironment, sections: ConfigSection): ConfigSection {
  const named = ['etcd', 'etcd3'].filter((dcs) => dcs in sections);
  return Object.assign({}, ...named.map((dcs) => nonEmpty(dcs, pick(env, dcs, ACCOUNT))));
}

/**
 * What the environment of Patroni says of its configuration, by the rules of patroni/config.py: only variables that it knows, each as
 * text, number, list or mapping.
 */
function readEnvironment(env: PatroniEnvironment): ConfigSection {
  const top = Object.fromEntries(
    ['name', 'namespace', 'scope'].flatMap((key): [string, string][] => {
      const text = env[`PATRONI_${key.toUpperCase()}`];
      return text === undefined || text === '' ? [] : [[key, text]];
    }),
  );
  const accounts = ['replication', 'superuser', 'rewind'].map((user) =>
    nonEmpty(user, pick(env, user, POSTGRES_ACCOUNT)),
  );
  const dcs = dcsSections(env);
  const parts: readonly ConfigSection[] = [
    ...Object.entries(SECTIONS).map(([name, fields]) => nonEmpty(name, readAll(env, name, fields))),
    nonEmpty('restapi', nonEmpty('authentication', pick(env, 'restapi', ACCOUNT))),
    nonEmpty('postgresql', nonEmpty('authentication', Object.assign({}, ...accounts))),
    dcs,
    etcdAccounts(env, dcs),
  ];
  return parts.reduce(patchConfig, top);
}

/** A file that does not read as a configuration: which one, at which line, and why. */
export interface RefusedFile {
  readonly path: string;
  readonly line: number | null;
  readonly reason: string;
}

/** A sentence about a file that does not read; it holds nothing of the file. */
export function refusedInWords({ path, line, reason }: RefusedFile): string {
  return `${path} cannot be read as YAML${line === null ? '' : `, line ${line}`}: ${reason}.`;
}

/** The configuration of several files and the environment, as Patroni puts it together, or the file that it could not read. */
export type MergedConfig =
  | { readonly kind: 'config'; readonly config: ConfigSection }
  | { readonly kind: 'refused'; readonly file: RefusedFile };

/**
 * Reads the files of a configuration in the order of their names, lays each over those before, and the environment over all
 * (patroni/config.py, _load_config_path). Without any file PATRONI_CONFIGURATION is the whole configuration, or else the
 * environment is.
 */
export function mergeConfig(
  files: readonly { readonly path: string; readonly text: string }[],
  env: PatroniEnvironment,
): MergedConfig {
  const inline = env['PATRONI_CONFIGURATION'] ?? '';
  if (files.length === 0 && inline !== '') return mergeConfig([{ path: 'PATRONI_CONFIGURATION', text: inline }], {});
  let config: ConfigSection = {};
  for (const { path, text } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const answer = readYaml(text);
    if (answer.kind === 'refused') return { kind: 'refused', file: { path, line: answer.line, reason: answer.reason } };
    if (!isConfigSection(answer.value))
      return { kind: 'refused', file: { path, line: 1, reason: 'a text that is no mapping' } };
    config = patchConfig(config, answer.value);
  }
  return { kind: 'config', config: patchConfig(config, readEnvironment(env)) };
}
