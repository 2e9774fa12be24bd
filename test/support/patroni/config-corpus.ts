/** A Patroni configuration as its service is started: files of a directory in any order, and variables without `PATRONI_`. */
export interface ConfigCase {
  readonly about: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

const base =
  'scope: shop\nname: n1\nrestapi:\n  listen: 0.0.0.0:8008\n  authentication: {username: u, password: old}\n';

function one(about: string, text: string, env: Readonly<Record<string, string>> = {}): ConfigCase {
  return { about, files: { 'patroni.yml': text }, env };
}

/** Configurations for comparing the app's reading with Patroni's own. */
export const CONFIG_CORPUS: readonly ConfigCase[] = [
  one('a file alone', base),
  one('a null section', `${base}etcd3:\n`),
  one('a null value inside a section', `${base}etcd3: {host: a, cacert: ~}\n`),
  one('values of all types', `${base}x: [1, 1.5, 1.0, yes, 2024-01-01, ~, 0x10, 1e3, 12345678901234567890]\n`),
  one('anchors', `${base}a: &a {k: 1}\nb: {<<: *a, l: 2}\n`),
  one('a scope, a name and a namespace', base, { SCOPE: 'other', NAME: 'n2', NAMESPACE: '/x/' }),
  one('an empty scope', base, { SCOPE: '' }),
  one("REST's password", base, { RESTAPI_PASSWORD: 'new' }),
  one("REST's password that looks like a number", base, { RESTAPI_PASSWORD: '007' }),
  one("REST's listener, certificates and allow list", base, {
    ...{ RESTAPI_LISTEN: '*:8009', RESTAPI_CERTFILE: '/c', RESTAPI_KEYFILE: '/k', RESTAPI_CAFILE: '/ca' },
    ...{
      RESTAPI_VERIFY_CLIENT: 'required',
      RESTAPI_ALLOWLIST: '10.0.0.0/8, fd00::/8',
      RESTAPI_ALLOWLIST_INCLUDE_MEMBERS: 'on',
    },
  }),
  one('a list that YAML refuses', base, { RESTAPI_ALLOWLIST: '10.0.0.0/8, ::1' }),
  one('headers as a mapping', base, { RESTAPI_HTTP_EXTRA_HEADERS: "'X-A': a, 'X-B': 'b: c'" }),
  one('headers that are no mapping', base, { RESTAPI_HTTP_EXTRA_HEADERS: "'unclosed" }),
  one('patronictl', base, { CTL_INSECURE: 'yes', CTL_CACERT: '/ca', CTL_CERTFILE: '/c', CTL_KEYFILE: '/k' }),
  one('a word that is neither yes nor no', base, { CTL_INSECURE: 'maybe', CTL_CACERT: '/ca' }),
  one("etcd's TLS", `${base}etcd3: {host: a}\n`, {
    ...{ ETCD3_PROTOCOL: 'https', ETCD3_CACERT: '/ca', ETCD3_CERT: '/c', ETCD3_KEY: '/k' },
  }),
  one("etcd's hosts over those of the file", `${base}etcd3: {hosts: [a, b]}\n`, { ETCD3_HOSTS: 'c:1,d:2' }),
  one("etcd's hosts as a list", base, { ETCD3_HOSTS: '[\'c:1\', "d:2"]' }),
  one("etcd's hosts as a list of lines", base, { ETCD3_HOSTS: '- c:1\n- d:2' }),
  one("etcd's hosts of IPv6", base, { ETCD3_HOSTS: "'[fd00::1]:2379','[fd00::2]:2379'" }),
  one("etcd's login with a host", base, { ETCD3_HOST: 'a', ETCD3_USERNAME: 'u', ETCD3_PASSWORD: 'p' }),
  one("etcd's login without a host", `${base}etcd3: {host: a}\n`, { ETCD3_USERNAME: 'u', ETCD3_PASSWORD: 'p' }),
  one('etcd v2', base, { ETCD_HOST: 'a', ETCD_PORT: '4001', ETCD_USE_PROXIES: 'on', ETCD_SRV_SUFFIX: 'x' }),
  one('a URL and a proxy', base, { ETCD3_URL: 'https://a:1', ETCD3_PROXY: 'http://b:2' }),
  one('a port that is no number', base, { ETCD3_PORT: 'x' }),
  one('Consul', base, {
    CONSUL_HOST: 'c:8500',
    CONSUL_TOKEN: 't',
    CONSUL_CHECKS: 'a,b',
    CONSUL_REGISTER_SERVICE: 'true',
  }),
  one('ZooKeeper', base, { ZOOKEEPER_HOSTS: "'z1:2181','z2:2181'", ZOOKEEPER_USE_SSL: 'on' }),
  one('Kubernetes', base, {
    ...{ KUBERNETES_NAMESPACE: 'ns', KUBERNETES_LABELS: '{app: x}', KUBERNETES_USE_ENDPOINTS: 'true' },
    ...{ KUBERNETES_PORTS: '[{"name": "pg", "port": 5432}]' },
  }),
  one('Raft', base, { RAFT_SELF_ADDR: 'a:1', RAFT_PARTNER_ADDRS: "'b:2','c:3'", RAFT_PASSWORD: 'p' }),
  one('Citus', base, { CITUS_GROUP: '1', CITUS_DATABASE: 'app', CITUS_HOST: 'ignored' }),
  one("PostgreSQL's addresses", base, {
    POSTGRESQL_LISTEN: '*:5433',
    POSTGRESQL_DATA_DIR: '/d',
    POSTGRESQL_BIN_DIR: '/b',
  }),
  one('accounts', `${base}postgresql: {authentication: {superuser: {username: a, password: b, sslmode: x}}}\n`, {
    ...{
      SUPERUSER_USERNAME: 'pg',
      SUPERUSER_PASSWORD: '0987654',
      REPLICATION_USERNAME: 'r',
      REPLICATION_PASSWORD: '1e10',
    },
    ...{ REWIND_USERNAME: 'w', REWIND_SSLMODE: 'verify-full' },
  }),
  one('variables that Patroni does not know', base, { COLOUR: 'red', ETCD3_COLOUR: 'red', RESTAPI: 'x', X: 'y' }),
  {
    about: 'two files whose sections are merged',
    files: {
      '10-node.yml': 'name: n2\nrestapi: {connect_address: "h:2"}\n',
      '00-base.yml': `${base}etcd3: {hosts: [a]}\n`,
    },
    env: {},
  },
  {
    about: 'three files, a null and a list',
    files: {
      'b.yml': 'etcd3: {hosts: [b]}\nraft:\n',
      'a.yml': `${base}etcd3: {hosts: [a], cacert: /x}\nraft: {x: 1}\n`,
      'c.yaml': 'etcd3: {cacert: }\nname: "n3"\n',
      'd.conf': 'name: ignored\n',
    },
    env: { NAME: 'n4' },
  },
  {
    about: 'a number over the same text, and a section over a word',
    files: { 'a.yml': `${base}p: "1"\nq: word\nr: {s: 1}\n`, 'b.yml': 'p: 1\nq: {t: 1}\nr: word\n' },
    env: {},
  },
  { about: 'names in upper and lower case', files: { 'B.yml': 'name: big\n', 'a.yml': 'name: small\n' }, env: {} },
  { about: 'no file at all', files: {}, env: { SCOPE: 's', NAME: 'n', ETCD3_HOST: 'a' } },
  { about: 'a file that is not YAML', files: { 'a.yml': base, 'b.yml': 'x: [\n' }, env: {} },
  { about: 'an empty file beside another', files: { 'a.yml': base, 'b.yml': '' }, env: {} },
  {
    about: 'a whole configuration in a variable',
    files: {},
    env: { CONFIGURATION: 'scope: inline\nx: 1\n', NAME: 'n' },
  },
];
