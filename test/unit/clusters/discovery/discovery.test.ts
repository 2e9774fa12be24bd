import { describe, expect, it } from 'vitest';
import { parseDiscoveryAnswer } from '../../../../electron/core/clusters/discovery/discovery-answer';
import {
  DISCOVERY_SCRIPT,
  DISCOVERY_SCRIPT_FIRST_LINE,
} from '../../../../electron/core/clusters/discovery/discovery-script';
import { citusGroupsOf, scopesOf } from '../../../../electron/core/clusters/discovery/list-members';
import {
  parseEtcdConfig,
  readPatroniConfig,
  type PatroniConfig,
} from '../../../../electron/core/clusters/discovery/patroni-config';
import { mergeConfig } from '../../../../electron/core/patroni/config/environment';

const b64 = (text: string): string => (text === '' ? '-' : Buffer.from(text).toString('base64'));
const NO_PEMS = new Map<string, string>();

/** A configuration of one file and the environment. */
function read(text: string, env = {}, pems: ReadonlyMap<string, string> = NO_PEMS): PatroniConfig | null {
  const merged = mergeConfig([{ path: '/etc/patroni.yml', text }], env);
  return merged.kind === 'config' ? readPatroniConfig(merged.config, pems) : null;
}

describe('the answer of the discovery script', () => {
  it('is decoded even where paths hold spaces and quotes', () => {
    const output = [
      'a banner of the login',
      'matriarch-discover 1',
      `config debian ${b64('/etc/patroni/15-my "one".yml')} ${b64('scope: x')}`,
      `config unknown-word ${b64('/x')} ${b64('y')}`,
      `env ${b64('/etc/patroni/15-my "one".yml')} ${b64('PATRONI_SCOPE=x\nPATRONI_ETCD3_PASSWORD=a=b\u0001c')}`,
      `config process ${b64('/etc/p')} - ${b64('postgres')}`,
      `part ${b64('/etc/p')} ${b64('/etc/p/a b.yml')} ${b64('scope: y')}`,
      `loaded ${b64('/etc/p')} ${b64('{"value":{"scope":"y"}}')}`,
      `denied ${b64('/etc/patroni/secret.yml')}`,
      `version ${b64('patroni 4.0.7')}`,
      'something new',
      'end',
      '',
    ].join('\n');
    const answer = parseDiscoveryAnswer(output, 'srv');
    expect(answer.configs).toEqual([
      {
        source: 'debian',
        path: '/etc/patroni/15-my "one".yml',
        files: [{ path: '/etc/patroni/15-my "one".yml', text: 'scope: x' }],
        env: { PATRONI_SCOPE: 'x', PATRONI_ETCD3_PASSWORD: 'a=b\nc' },
        loaded: null,
        user: null,
      },
      {
        source: 'process',
        path: '/etc/p',
        files: [{ path: '/etc/p/a b.yml', text: 'scope: y' }],
        env: {},
        loaded: { value: { scope: 'y' } },
        user: 'postgres',
      },
    ]);
    expect(answer).toMatchObject({ denied: ['/etc/patroni/secret.yml'], version: '4.0.7' });
  });

  it.each([
    ['', 'empty'],
    ['matriarch-discover 1\nconfig debian', 'cut off'],
    ['end', 'without its beginning'],
  ])('is refused when it is %j (%s)', (output) => {
    expect(() => parseDiscoveryAnswer(output, 'srv')).toThrow('did not answer the search for Patroni completely');
  });

  it('begins with the name of the script and its version', () => {
    expect(DISCOVERY_SCRIPT.startsWith(`${DISCOVERY_SCRIPT_FIRST_LINE}\n`)).toBe(true);
  });
});

const FULL = `
scope: main
namespace: /db/
name: db1
restapi:
  listen: 0.0.0.0:8008
  connect_address: 10.0.0.1:8008
  certfile: /etc/ssl/rest.crt
  cafile: /etc/ssl/ca.crt
  authentication: { username: admin, password: 'rest secret' }
etcd3:
  hosts: [10.0.0.1:2379, 'https://10.0.0.2:2379', '[fd00::3]:2379', etcd4]
  protocol: https
  cacert: /etc/ssl/ca.crt
  cert: /etc/ssl/etcd.crt
  key: /etc/ssl/etcd.key
  username: root
  password: etcd secret
`;
const PEMS = new Map([
  ['/etc/ssl/ca.crt', 'CA'],
  ['/etc/ssl/etcd.crt', 'CERT'],
  ['/etc/ssl/etcd.key', 'KEY'],
]);

describe('a Patroni configuration file', () => {
  it('gives the scope, the DCS, the REST API and the credentials of both', () => {
    expect(read(FULL, {}, PEMS)).toEqual({
      scope: 'main',
      namespace: 'db',
      citusGroup: null,
      name: 'db1',
      dcs: 'etcd3',
      dcsName: 'etcd3',
      dcsHosts: [
        { host: '10.0.0.1', port: 2379 },
        { host: '10.0.0.2', port: 2379 },
        { host: 'fd00::3', port: 2379 },
        { host: 'etcd4', port: 2379 },
      ],
      dcsAuth: { username: 'root', password: 'etcd secret' },
      dcsTls: { ca: 'CA', cert: 'CERT', key: 'KEY', insecure: false },
      restAddress: '10.0.0.1:8008',
      restAuth: { username: 'admin', password: 'rest secret' },
      restTls: { ca: 'CA', cert: null, key: null, insecure: false },
      missingPems: [],
    });
  });

  it.each([
    [
      'one string with commas',
      'scope: a\netcd3: { hosts: "h1:1, h2:2" }',
      [
        { host: 'h1', port: 1 },
        { host: 'h2', port: 2 },
      ],
    ],
    ['a single host', 'scope: a\netcd3: { host: "h1:1" }', [{ host: 'h1', port: 1 }]],
    ['a URL', 'scope: a\netcd3: { url: "https://h1:2379/x" }', [{ host: 'h1', port: 2379 }]],
    ['something that is no list of hosts: none', 'scope: a\netcd3: { hosts: { a: 1 }, srv: example.org }', []],
  ])('gives the etcd endpoints written as %s', (_name, text, hosts) => {
    expect(read(text)?.dcsHosts).toEqual(hosts);
  });

  it.each([
    ['etcd', 'etcd'],
    ['consul', 'other'],
    ['kubernetes', 'other'],
    ['raft', 'other'],
  ])('with the section "%s" names the DCS kind "%s"', (section, dcs) => {
    expect(read(`scope: a\n${section}: { host: h }`)?.dcs).toBe(dcs);
  });

  it('gives way to the environment variables of the service, as in Patroni', () => {
    const env = {
      PATRONI_SCOPE: 'other',
      PATRONI_ETCD3_HOSTS: "'h9:9','h8:8'",
      PATRONI_RESTAPI_USERNAME: 'u',
      PATRONI_RESTAPI_PASSWORD: 'p',
    };
    expect(read('scope: a\netcd3: { host: h }', env, NO_PEMS)).toMatchObject({
      scope: 'other',
      dcsHosts: [
        { host: 'h9', port: 9 },
        { host: 'h8', port: 8 },
      ],
      restAuth: { username: 'u', password: 'p' },
    });
  });

  it('may have a scope or name that YAML reads as a number', () => {
    expect(read('scope: 15\nname: 1\netcd3: { host: h }')).toMatchObject({
      scope: '15',
      name: '1',
    });
  });

  it.each([
    ["Debian's dcs.yml, without a scope", 'etcd3: { host: h }'],
    ['a list', '- a\n- b'],
    ['incomplete YAML', 'scope: "a'],
    ['an empty file', ''],
    ['binary data', '\u0000\u0001'],
    [
      'an alias bomb',
      `scope: a\n${[
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefgh'.split('').map(
          (name, index) =>
            `${name}: &${name} [${Array(9)
              .fill(`*${'abcdefgh'[index] ?? 'a'}`)
              .join(',')}]`,
        ),
      ].join('\n')}`,
    ],
  ])('is not taken for one when it is %s', (_name, text) => {
    expect(read(text)).toBeNull();
  });

  it.each([
    ['a group of Citus', 'citus: { group: 1, database: app }', { citusGroup: 1 }],
    ["Citus's coordinator", 'citus: { group: 0, database: app }', { citusGroup: 0 }],
    ['a group without a database, which Patroni drops', 'citus: { group: 1 }', { citusGroup: null }],
    [
      'a password with leading zeros',
      'restapi: { auth: "x:1", authentication: { username: u, password: 0987654 } }',
      {
        restAuth: { username: 'u', password: '0987654' },
      },
    ],
    [
      'a password like a power of ten',
      'etcd3: { host: h, username: u, password: 1e10 }',
      {
        dcsAuth: { username: 'u', password: '1e10' },
      },
    ],
    [
      'a password of twenty digits',
      'etcd3: { host: h, username: u, password: 12345678901234567890 }',
      {
        dcsAuth: { username: 'u', password: '12345678901234567890' },
      },
    ],
    ['a key that stands twice: the last', 'restapi: { listen: "h:1", listen: "h:2" }', { restAddress: 'h:2' }],
    ['a namespace with slashes to spare', 'namespace: /db//x/', { namespace: 'db/x' }],
    ['a namespace that is a slash', 'namespace: /', { namespace: '' }],
    ['no namespace', 'namespace:', { namespace: 'service' }],
    ['REST on every address', "restapi: { listen: '*:8008' }", { restAddress: '127.0.0.1:8008' }],
    ['REST on every IPv4 address', 'restapi: { listen: 0.0.0.0:8009 }', { restAddress: '127.0.0.1:8009' }],
    ['REST on every IPv6 address', "restapi: { listen: '[::]:8008' }", { restAddress: '[::1]:8008' }],
    ['REST on one address', 'restapi: { listen: 10.0.0.1:8008 }', { restAddress: '10.0.0.1:8008' }],
    [
      'an IPv6 address of REST without brackets',
      'restapi: { connect_address: "fd00::1:8008" }',
      { restAddress: '[fd00::1]:8008' },
    ],
    ['REST on every IPv6 address without brackets', 'restapi: { listen: ":::8008" }', { restAddress: '[::1]:8008' }],
    [
      'IPv6 addresses of etcd with and without brackets',
      'etcd3: { hosts: ["fd00::1:2379", "[fd00::2]:2380", "::1:2381"] }',
      {
        dcsHosts: [
          { host: 'fd00::1', port: 2379 },
          { host: 'fd00::2', port: 2380 },
          { host: '::1', port: 2381 },
        ],
      },
    ],
    [
      'IPv6 addresses of etcd in one text',
      'etcd3: { hosts: "[fd00::1]:2379,[fd00::2]:2379" }',
      {
        dcsHosts: [
          { host: 'fd00::1', port: 2379 },
          { host: 'fd00::2', port: 2379 },
        ],
      },
    ],
    [
      'a REST API that asks for certificates, in any letters',
      'restapi: { listen: "h:1", certfile: /etc/ssl/etcd.crt, keyfile: /etc/ssl/etcd.key, verify_client: Required }',
      { restTls: { cert: 'CERT', key: 'KEY' } },
    ],
    [
      'quoted keys',
      '"etcd3": {"protocol": "https", "cacert": "/etc/ssl/ca.crt", "host": "h"}',
      {
        dcsTls: { ca: 'CA', cert: null, key: null, insecure: false },
      },
    ],
    [
      'an etcd that is spoken to in clear in spite of a CA',
      'etcd3: { host: h, cacert: /etc/ssl/ca.crt }',
      {
        dcsTls: null,
      },
    ],
    [
      'a login in the URL',
      'etcd3: { url: "https://u:p%40@h:2379", username: x, password: y }',
      {
        dcsAuth: { username: 'u', password: 'p%40' },
        dcsHosts: [{ host: 'h', port: 2379 }],
      },
    ],
    [
      'a login in the URL with the signs that end it',
      'etcd3: { url: "http://u:p@ss:w@h:1" }',
      { dcsAuth: { username: 'u', password: 'p@ss:w' }, dcsHosts: [{ host: 'h', port: 1 }] },
    ],
    [
      'a URL without a password beside one',
      'etcd3: { url: "http://u@h:1", username: x, password: y }',
      { dcsAuth: null, dcsHosts: [{ host: 'h', port: 1 }] },
    ],
    [
      'hosts and a port for those without',
      'etcd3: { hosts: "a, b:1", port: 7, host: c }',
      {
        dcsHosts: [
          { host: 'a', port: 7 },
          { host: 'b', port: 1 },
        ],
      },
    ],
    [
      'a file that is not there',
      'etcd3: { host: h, protocol: https, cacert: /gone.crt }',
      {
        missingPems: ['/gone.crt'],
      },
    ],
    ['a name in the old place', 'postgresql: { name: old }', { name: 'old' }],
  ])('with %s is taken as Patroni takes it', (_name, text, expected) => {
    expect(read(`scope: shop\n${text}`, {}, PEMS)).toMatchObject(expected);
  });

  it.each([
    [
      'the CA, certificate and key of etcd',
      {
        ETCD3_HOST: 'h',
        ETCD3_PROTOCOL: 'https',
        ETCD3_CACERT: '/etc/ssl/ca.crt',
        ETCD3_CERT: '/etc/ssl/etcd.crt',
        ETCD3_KEY: '/etc/ssl/etcd.key',
      },
      {
        dcsTls: { ca: 'CA', cert: 'CERT', key: 'KEY', insecure: false },
      },
    ],
    [
      'a password of REST that differs from the file',
      { RESTAPI_PASSWORD: 'new' },
      {
        restAuth: { username: 'admin', password: 'new' },
      },
    ],
    [
      'an empty password, which counts for none',
      { RESTAPI_PASSWORD: '' },
      {
        restAuth: { username: 'admin', password: 'rest secret' },
      },
    ],
    ['a group of Citus', { CITUS_GROUP: '2', CITUS_DATABASE: 'app' }, { citusGroup: 2 }],
    [
      'a password of etcd with zeros',
      { ETCD3_HOST: 'h', ETCD3_USERNAME: 'u', ETCD3_PASSWORD: '007' },
      {
        dcsAuth: { username: 'u', password: '007' },
      },
    ],
    [
      'a list of hosts',
      { ETCD3_HOSTS: '"a:1",b:2' },
      {
        dcsHosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
    ['a name and a namespace', { NAME: 'n9', NAMESPACE: '//x//' }, { name: 'n9', namespace: 'x' }],
    ['an unknown variable, which counts for nothing', { ETCD3_COLOUR: 'red', RESTAPI_LISTENS: 'x' }, { scope: 'main' }],
  ])('is overruled by the environment: %s', (_name, variables, expected) => {
    const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`PATRONI_${name}`, value]));
    expect(read(FULL, env, PEMS)).toMatchObject(expected);
  });

  it('may be a directory whose files are merged in the order of their names', () => {
    const merged = mergeConfig(
      [
        { path: '/etc/patroni/10-node.yml', text: 'name: n1\nrestapi: { listen: "h:2" }\nraft:' },
        {
          path: '/etc/patroni/00-base.yml',
          text: 'scope: s\nraft: { x: 1 }\nrestapi: { listen: "h:1", certfile: /c }',
        },
      ],
      {},
    );
    expect(merged).toEqual({
      kind: 'config',
      config: { scope: 's', name: 'n1', restapi: { listen: 'h:2', certfile: '/c' } },
    });
  });

  it('may stand whole in one variable', () => {
    expect(mergeConfig([], { PATRONI_CONFIGURATION: 'scope: inline', PATRONI_SCOPE: 'ignored' })).toEqual({
      kind: 'config',
      config: { scope: 'inline' },
    });
  });

  it('that does not read as YAML is named with its line, and nothing of it is said', () => {
    expect(mergeConfig([{ path: '/etc/patroni/a.yml', text: 'scope: a\npassword: *top-secret\n' }], {})).toEqual({
      kind: 'refused',
      file: { path: '/etc/patroni/a.yml', line: 2, reason: 'an alias of nothing' },
    });
  });

  it('without a CA leaves TLS unverified, as Patroni itself does', () => {
    expect(read('scope: a\netcd3: { host: h, protocol: https }')?.dcsTls).toMatchObject({
      insecure: true,
      ca: null,
    });
  });
});

describe('an etcd server', () => {
  it.each([
    [
      'ETCD_ADVERTISE_CLIENT_URLS="http://10.0.0.1:2379,http://10.0.0.2:2379"',
      [
        { host: '10.0.0.1', port: 2379 },
        { host: '10.0.0.2', port: 2379 },
      ],
    ],
    ['advertise-client-urls: https://10.0.0.1:2379\nname: n1', [{ host: '10.0.0.1', port: 2379 }]],
    ['ETCD_ADVERTISE_CLIENT_URLS=\nETCD_LISTEN_CLIENT_URLS=http://10.0.0.1:2379', [{ host: '10.0.0.1', port: 2379 }]],
    ['# nothing set', []],
  ])('gives its client endpoints from its own configuration %j', (text, hosts) => {
    expect(parseEtcdConfig(text)).toEqual(hosts);
  });

  it("has a scope wherever there are Patroni's keys", () => {
    expect(
      scopesOf([
        '/service/a/leader',
        '/service/a/members/x',
        '/service/a/members/y',
        '/db/b/config',
        '/registry/pods/z',
        '/c',
        '/deep/er/d/initialize',
        '/service/citus/0/members/c1',
        '/service/citus/1/leader',
        '/service/15/leader',
        '/service/e/7/leader',
        '/alone/leader',
      ]),
    ).toEqual([
      { namespace: 'service', scope: 'a', citusGroup: null, members: 2 },
      { namespace: 'db', scope: 'b', citusGroup: null, members: 0 },
      { namespace: 'deep/er', scope: 'd', citusGroup: null, members: 0 },
      { namespace: 'service', scope: 'citus', citusGroup: 0, members: 1 },
      { namespace: 'service', scope: 'citus', citusGroup: 1, members: 0 },
      { namespace: 'service', scope: '15', citusGroup: null, members: 0 },
      { namespace: 'service/e', scope: '7', citusGroup: null, members: 0 },
      { namespace: '', scope: 'alone', citusGroup: null, members: 0 },
    ]);
  });

  it.each([
    [
      ['/service/shop/2/members/c', '/service/shop/0/members/a', '/service/shop/10/members/d'],
      [0, 2, 10],
    ],
    [['/service/shop/0/members/a', '/service/shop/3/history', '/service/shop/3/config'], [0]],
    [['/service/shop/leader', '/service/shop/members/a'], []],
  ])('has the groups of a Citus cluster that have members: of %j %j', (keys, groups) => {
    expect(citusGroupsOf(keys)).toEqual(groups);
  });
});
