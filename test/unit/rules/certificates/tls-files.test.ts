import { describe, expect, it } from 'vitest';
import {
  etcdTlsPaths,
  haproxyTlsPaths,
  memberTlsFiles,
  pgbouncerTlsPaths,
  vipManagerTlsPaths,
} from '../../../../shared/rules/certificates/tls-files';

const tls = '/etc/patroni/tls';
const own = { cert: `${tls}/server.crt`, key: `${tls}/server.key` };

describe('the files of certificates that configurations name', () => {
  it('are those of Patroni as a service and as a client, of PostgreSQL, and of the members among themselves, each once', () => {
    const login = { sslcert: own.cert, sslkey: own.key, sslrootcert: '/etc/patroni/authorities.crt' };
    const files = memberTlsFiles(
      {
        restapi: { certfile: own.cert, keyfile: own.key, cafile: `${tls}/ca.crt` },
        ctl: { certfile: own.cert, keyfile: own.key, cacert: `${tls}/ca.crt` },
        etcd3: { cert: '/etc/patroni/etcd.crt', key: '/etc/patroni/etcd.key', cacert: '/etc/patroni/etcd-ca.crt' },
        postgresql: {
          data_dir: '/data/main/',
          authentication: { replication: login, rewind: login },
          parameters: { ssl: 'on', ssl_key_file: own.key, ssl_cert_file: own.cert },
        },
      },
      { postgresql: { parameters: { ssl_ca_file: 'root.crt' } } },
    );
    expect(files.pairs).toEqual([
      { program: 'patroni', ...own },
      { program: 'patroni', cert: '/etc/patroni/etcd.crt', key: '/etc/patroni/etcd.key' },
      { program: 'postgresql', ...own },
    ]);
    expect(files.trusts).toEqual([
      { program: 'patroni', path: `${tls}/ca.crt` },
      { program: 'patroni', path: '/etc/patroni/etcd-ca.crt' },
      { program: 'postgresql', path: '/etc/patroni/authorities.crt' },
      { program: 'postgresql', path: '/data/main/root.crt' },
    ]);
  });

  it('are in the data directory where PostgreSQL is told no others, and none without ssl', () => {
    const member = { postgresql: { data_dir: '/data/main' } };
    const dynamic = { postgresql: { parameters: { ssl: true } } };
    expect(memberTlsFiles(member, dynamic).pairs).toEqual([
      { program: 'postgresql', cert: '/data/main/server.crt', key: '/data/main/server.key' },
    ]);
    expect(memberTlsFiles(member, {})).toEqual({ pairs: [], trusts: [] });
  });

  it.each([
    [
      'variables',
      {
        variables: {
          ETCD_CERT_FILE: '/e/c.crt',
          ETCD_KEY_FILE: '/e/c.key',
          ETCD_TRUSTED_CA_FILE: '/e/ca.crt',
          ETCD_PEER_CERT_FILE: '/e/p.crt',
          ETCD_PEER_KEY_FILE: '/e/p.key',
          ETCD_PEER_TRUSTED_CA_FILE: '/e/ca.crt',
        },
        args: [],
        file: null,
      },
    ],
    [
      'a file',
      {
        variables: {},
        args: [],
        file: {
          'client-transport-security': {
            'cert-file': '/e/c.crt',
            'key-file': '/e/c.key',
            'trusted-ca-file': '/e/ca.crt',
          },
          'peer-transport-security': {
            'cert-file': '/e/p.crt',
            'key-file': '/e/p.key',
            'trusted-ca-file': '/e/ca.crt',
          },
        },
      },
    ],
  ])('of etcd are those for its clients and for its peers (%s)', (_how, settings) => {
    expect(etcdTlsPaths(settings)).toEqual({
      pairs: [
        { program: 'etcd', cert: '/e/c.crt', key: '/e/c.key' },
        { program: 'etcd', cert: '/e/p.crt', key: '/e/p.key' },
      ],
      trusts: [{ program: 'etcd', path: '/e/ca.crt' }],
    });
  });

  it('of the load balancers are those for both of their sides', () => {
    const ini = 'client_tls_cert_file = /p/b.crt\nclient_tls_key_file = /p/b.key\nserver_tls_ca_file = /p/ca.crt\n';
    expect(pgbouncerTlsPaths(ini)).toEqual({
      pairs: [{ program: 'pgbouncer', cert: '/p/b.crt', key: '/p/b.key' }],
      trusts: [{ program: 'pgbouncer', path: '/p/ca.crt' }],
    });
    expect(haproxyTlsPaths(['/h/one.pem'], ['/h/ca.crt', 'relative.crt'])).toEqual({
      pairs: [{ program: 'haproxy', cert: '/h/one.pem', key: '/h/one.pem' }],
      trusts: [{ program: 'haproxy', path: '/h/ca.crt' }],
    });
    expect(
      vipManagerTlsPaths('etcd-ca-file: "/v/ca.crt"\netcd-cert-file: /v/v.crt\netcd-key-file: /v/v.key\n'),
    ).toEqual({
      pairs: [{ program: 'vip_manager', cert: '/v/v.crt', key: '/v/v.key' }],
      trusts: [{ program: 'vip_manager', path: '/v/ca.crt' }],
    });
  });
});
