import { describe, expect, it } from 'vitest';
import {
  readEtcdTls,
  readMemberTls,
  readPgbouncerTls,
  type EtcdSettings,
} from '../../../../shared/rules/certificates/certificate-settings';

const started = (change: Partial<EtcdSettings>) => readEtcdTls({ variables: {}, args: [], file: null, ...change });

describe("a member's own configuration", () => {
  it('names the files of its certificates, where the dynamic one switches TLS of PostgreSQL on', () => {
    const own = { restapi: { certfile: '/r.crt' }, postgresql: { data_dir: '/data/' } };
    const dynamic = { postgresql: { parameters: { ssl: 'on' } } };
    expect(readMemberTls(own, {})).toMatchObject({ restFile: '/r.crt', postgresFile: null });
    expect(readMemberTls(own, dynamic)).toMatchObject({ postgresFile: '/data/server.crt' });
    const named = { ...own, postgresql: { data_dir: '/data', parameters: { ssl_cert_file: '/p.crt' } } };
    expect(readMemberTls(named, dynamic)).toMatchObject({ postgresFile: '/p.crt' });
    expect(readMemberTls({ postgresql: { parameters: { ssl: false } } }, dynamic).postgresFile).toBeNull();
  });

  it.each([
    ['ctl.cacert before restapi.cafile', { ctl: { cacert: '/a' }, restapi: { cafile: '/b' } }, '/a', null],
    ['restapi.cafile', { restapi: { cafile: '/b' } }, '/b', null],
    ['ctl.insecure, and so nobody', { ctl: { insecure: true, cacert: '/a' } }, '/a', 'verifies nothing'],
    ['nobody', {}, null, 'names no authority'],
  ])('trusts for the REST API %s', (_name, own, ca, why) => {
    const { rest } = readMemberTls(own, {});
    expect(rest.ca).toBe(ca);
    expect(rest.trustsAll === null ? null : rest.trustsAll.startsWith(why ?? '?')).toBe(why === null ? null : true);
  });

  it.each([
    ['verify-full', '/ca', true, true],
    ['verify-ca', '/ca', true, false],
    ['require', '/ca', true, false],
    ['require', undefined, false, false],
    [undefined, '/ca', false, false],
  ])(
    'with sslmode %s and sslrootcert %s verifies PostgreSQL: %s, with its name: %s',
    (sslmode, sslrootcert, verifies, name) => {
      const { postgres } = readMemberTls(
        { postgresql: { authentication: { replication: { sslmode, sslrootcert } } } },
        {},
      );
      expect([postgres.trustsAll === null, postgres.checksName]).toEqual([verifies, name]);
    },
  );

  it('that is made of anything else is read as one that says nothing', () => {
    for (const own of [{ restapi: 7 }, { restapi: null, postgresql: [], etcd3: 'x' }, {}])
      expect(readMemberTls(own, { postgresql: 'x' })).toMatchObject({ restFile: null, postgresFile: null });
  });
});

describe('the settings of etcd', () => {
  it('are the variables of its process, where arguments say nothing else', () => {
    const variables = {
      ETCD_ADVERTISE_CLIENT_URLS: 'https://10.0.0.1:2379,https://127.0.0.1:2379',
      ETCD_INITIAL_ADVERTISE_PEER_URLS: 'http://[fd00::1]:2380',
      ETCD_CERT_FILE: '/c.crt',
      ETCD_PEER_TRUSTED_CA_FILE: '/ca.crt',
    };
    expect(started({ variables })).toEqual({
      clients: [{ host: '10.0.0.1', port: 2379, isTls: true, file: '/c.crt' }],
      peers: [{ host: 'fd00::1', port: 2380, isTls: false, file: null }],
      peerCa: '/ca.crt',
    });
    expect(started({ variables, args: ['--cert-file=/x', '-peer-trusted-ca-file', '/y'] })).toMatchObject({
      clients: [{ file: '/x' }],
      peerCa: '/y',
    });
  });

  it('are its configuration file alone, where it has one', () => {
    const file = {
      'listen-client-urls': 'https://0.0.0.0:2379',
      'peer-transport-security': { 'cert-file': '/p.crt', 'trusted-ca-file': '/ca.crt' },
      'listen-peer-urls': 'https://10.0.0.1:2380',
    };
    expect(started({ file, variables: { ETCD_CERT_FILE: '/no' } })).toEqual({
      clients: [{ host: '0.0.0.0', port: 2379, isTls: true, file: null }],
      peers: [{ host: '10.0.0.1', port: 2380, isTls: true, file: '/p.crt' }],
      peerCa: '/ca.crt',
    });
  });

  it('that name no address give none', () => {
    expect(started({ variables: { ETCD_ADVERTISE_CLIENT_URLS: 'nonsense,,http://' } }).clients).toEqual([]);
  });
});

describe('the settings of PgBouncer', () => {
  it.each([
    ['', null],
    ['client_tls_sslmode = disable\nlisten_port = 1', null],
    [
      ' client_tls_sslmode= require \nlisten_addr = 10.0.0.1, ::1\nlisten_port=6433\nclient_tls_cert_file = /b.crt',
      ['10.0.0.1', 6433, '/b.crt'],
    ],
    ['client_tls_sslmode = prefer\nlisten_addr = *\nlisten_port = many', ['*', 6432, null]],
  ])('%j say where TLS is spoken to clients', (lines, place) => {
    const read = readPgbouncerTls(lines);
    expect(read === null ? null : [read.host, read.port, read.file]).toEqual(place);
  });
});
