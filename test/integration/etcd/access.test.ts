import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectEtcd } from '../../../electron/core/etcd/connect-etcd';
import type { EtcdClient } from '../../../electron/core/etcd/etcd-client';
import type { EtcdAccess } from '../../../shared/model/cluster/cluster-entry';
import { makeCertificates, type TestCertificates } from '../../support/network/certificates';
import { startEtcdWire, type EtcdWire, type EtcdWireOptions } from '../../support/cluster/etcd-wire';
import { eventually } from '../../support/eventually';

const KEY = '/service/main/leader';
const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

describe('an etcd that does not let everybody in', () => {
  let pki: TestCertificates;
  beforeAll(async () => {
    pki = await makeCertificates();
  });

  async function serve(options: EtcdWireOptions): Promise<EtcdWire> {
    const wire = await startEtcdWire(1, options);
    wire.put(KEY, 'db1');
    cleanup.push(() => wire.close());
    return wire;
  }
  function connect(wire: EtcdWire, access: Pick<EtcdAccess, 'tls' | 'auth'>): EtcdClient {
    const secrets: Readonly<Record<string, string>> = {
      key: pki.client.key,
      right: 'etcd horse',
      wrong: 'wrong horse',
    };
    const client = connectEtcd(
      {
        open: (endpoint) =>
          Promise.resolve({
            target: `${endpoint.host}:${String(endpoint.port)}`,
            why: () => null,
            close: () => Promise.resolve(),
          }),
        readSecret: (id) => Promise.resolve(secrets[id]),
        now: () => Date.now(),
      },
      { endpoints: wire.ports.map((port) => ({ host: '127.0.0.1', port, serverId: null })), ...access },
    );
    cleanup.push(() => client.close());
    return client;
  }
  const read = async (client: EtcdClient): Promise<string | undefined> => (await client.range(KEY)).entries[0]?.value;
  const mutual = (): EtcdWireOptions => ({
    tls: { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true },
    users: { patroni: 'etcd horse' },
  });
  const certificate = (): NonNullable<EtcdAccess['tls']> => ({ ca: pki.ca, cert: pki.client.cert, keySecret: 'key' });

  it('by TLS, client certificate and password is read and watched with all three', async () => {
    const wire = await serve(mutual());
    const client = connect(wire, { tls: certificate(), auth: { username: 'patroni', passwordSecret: 'right' } });
    expect(await read(client)).toBe('db1');
    const heard: string[] = [];
    client.watchPrefix('/service/main/', (event) => {
      heard.push(event.kind);
    });
    await eventually('the first snapshot', () => heard.includes('snapshot'));
    wire.put(KEY, 'db2');
    await eventually('the change', () => heard.includes('changes'), 15_000);
  });

  it('by a user and a password is saved as a snapshot: the stream carries the token of the user, too', async () => {
    const client = connect(await serve(mutual()), {
      tls: certificate(),
      auth: { username: 'patroni', passwordSecret: 'right' },
    });
    const { members } = await client.maintenance.read();
    let bytes = 0;
    for await (const part of client.maintenance.snapshot(members[0]?.id ?? '', AbortSignal.timeout(20_000)))
      bytes += part.bytes.length;
    expect(bytes).toBeGreaterThan(512);
  });

  it.each([
    ['without the authority', () => ({ tls: {}, auth: null }), 'etcd.tls'],
    [
      'with the wrong password',
      () => ({ tls: certificate(), auth: { username: 'patroni', passwordSecret: 'wrong' } }),
      'etcd.auth_failed',
    ],
    ['without a user', () => ({ tls: certificate(), auth: null }), 'etcd.auth_failed'],
    [
      'with a password that is no longer in the vault',
      () => ({ tls: certificate(), auth: { username: 'patroni', passwordSecret: 'gone' } }),
      'etcd.auth_failed',
    ],
  ] as const)('is not read %s, and the reason is told without the secret', async (_how, access, code) => {
    const error: unknown = await read(connect(await serve(mutual()), access())).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ data: { code } });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/horse|PRIVATE KEY/);
  });

  it('by a client certificate is not read without one', async () => {
    await expect(
      read(
        connect(await serve(mutual()), { tls: { ca: pki.ca }, auth: { username: 'patroni', passwordSecret: 'right' } }),
      ),
    ).rejects.toMatchObject({ data: { code: 'etcd.tls' } });
  });

  it('under another authority or another name is not believed', async () => {
    const other = (await makeCertificates()).ca;
    await expect(
      read(connect(await serve({ tls: pki.server }), { tls: { ca: other }, auth: null })),
    ).rejects.toMatchObject({ data: { code: 'etcd.tls' } });
    await expect(
      read(connect(await serve({ tls: pki.misnamed }), { tls: { ca: pki.ca }, auth: null })),
    ).rejects.toMatchObject({ data: { code: 'etcd.tls' } });
    expect(
      await read(
        connect(await serve({ tls: pki.misnamed }), { tls: { ca: pki.ca, serverName: 'db9.test' }, auth: null }),
      ),
    ).toBe('db1');
  });
});
