import { describe, expect, it } from 'vitest';
import { parseDiscoveryAnswer } from '../../../../electron/core/clusters/discovery/discovery-answer';
import {
  DISCOVERY_SCRIPT,
  DISCOVERY_SCRIPT_FIRST_LINE,
} from '../../../../electron/core/clusters/discovery/discovery-script';
import { scopesOf } from '../../../../electron/core/clusters/discovery/list-members';
import { parseEtcdConfig, parsePatroniConfig } from '../../../../electron/core/clusters/discovery/patroni-config';

const b64 = (text: string): string => (text === '' ? '-' : Buffer.from(text).toString('base64'));
const NO_PEMS = new Map<string, string>();

describe('the answer of the discovery script', () => {
  it('is decoded even where paths hold spaces and quotes', () => {
    const output = [
      'a banner of the login',
      'matriarch-discover 1',
      `config debian ${b64('/etc/patroni/15-my "one".yml')} ${b64('scope: x')}`,
      `config unknown-word ${b64('/x')} ${b64('y')}`,
      `env ${b64('/etc/patroni/a.yml')} ${b64('PATRONI_SCOPE=x\nPATRONI_ETCD3_PASSWORD=a=b')}`,
      `pem ${b64('/ca.crt')} ${b64('PEM')}`,
      `denied ${b64('/etc/patroni/secret.yml')}`,
      `version ${b64('patroni 4.0.7')}`,
      'something new',
      'end',
      '',
    ].join('\n');
    const answer = parseDiscoveryAnswer(output, 'srv');
    expect(answer.configs).toEqual([{ source: 'debian', path: '/etc/patroni/15-my "one".yml', text: 'scope: x' }]);
    expect(answer.env.get('/etc/patroni/a.yml')).toEqual({ PATRONI_SCOPE: 'x', PATRONI_ETCD3_PASSWORD: 'a=b' });
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
    expect(parsePatroniConfig(FULL, {}, PEMS)).toEqual({
      scope: 'main',
      namespace: 'db',
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
    expect(parsePatroniConfig(text, {}, NO_PEMS)?.dcsHosts).toEqual(hosts);
  });

  it.each([
    ['etcd', 'etcd'],
    ['consul', 'other'],
    ['kubernetes', 'other'],
    ['raft', 'other'],
  ])('with the section "%s" names the DCS kind "%s"', (section, dcs) => {
    expect(parsePatroniConfig(`scope: a\n${section}: { host: h }`, {}, NO_PEMS)?.dcs).toBe(dcs);
  });

  it('gives way to the environment variables of the service, as in Patroni', () => {
    const env = {
      PATRONI_SCOPE: 'other',
      PATRONI_ETCD3_HOSTS: "'h9:9'",
      PATRONI_RESTAPI_USERNAME: 'u',
      PATRONI_RESTAPI_PASSWORD: 'p',
    };
    expect(parsePatroniConfig('scope: a\netcd3: { host: h }', env, NO_PEMS)).toMatchObject({
      scope: 'other',
      dcsHosts: [
        { host: 'h9', port: 9 },
        { host: 'h', port: 2379 },
      ],
      restAuth: { username: 'u', password: 'p' },
    });
  });

  it('may have a scope or name that YAML reads as a number', () => {
    expect(parsePatroniConfig('scope: 15\nname: 1\netcd3: { host: h }', {}, NO_PEMS)).toMatchObject({
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
    expect(parsePatroniConfig(text, {}, NO_PEMS)).toBeNull();
  });

  it('without a CA leaves TLS unverified, as Patroni itself does', () => {
    expect(parsePatroniConfig('scope: a\netcd3: { host: h, protocol: https }', {}, NO_PEMS)?.dcsTls).toMatchObject({
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
      ]),
    ).toEqual([
      { namespace: 'service', scope: 'a', members: 2 },
      { namespace: 'db', scope: 'b', members: 0 },
      { namespace: 'deep/er', scope: 'd', members: 0 },
    ]);
  });
});
