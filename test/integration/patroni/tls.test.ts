import type { ServerOptions } from 'node:https';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { directDial } from '../../../electron/core/clusters/connect/direct-dial';
import { connectPatroni } from '../../../electron/core/patroni/connect-patroni';
import type { PatroniClient } from '../../../electron/core/patroni/patroni-client';
import type { RestAccess } from '../../../shared/model/cluster/cluster-entry';
import { makeCertificates, type TestCertificates } from '../../support/network/certificates';
import { startTlsService, type TlsService } from '../../support/network/tls-service';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

describe('a REST API over TLS', () => {
  let pki: TestCertificates;
  beforeAll(async () => {
    pki = await makeCertificates();
  });

  /** A Patroni behind TLS. */
  async function serve(options: ServerOptions): Promise<TlsService> {
    const service = await startTlsService(options, '{"state":"running"}');
    cleanup.push(() => {
      service.close();
    });
    return service;
  }
  function client(port: number, tls: RestAccess['tls']): PatroniClient {
    const made = connectPatroni(
      'db1',
      `https://127.0.0.1:${String(port)}/patroni`,
      { tls, auth: null },
      { dial: directDial, readSecret: (id) => Promise.resolve(id === 'key' ? pki.client.key : undefined) },
    );
    cleanup.push(() => {
      made.close();
    });
    return made;
  }
  const tlsError = {
    data: { code: 'rest.tls', target: 'db1', retryable: false, hint: expect.stringContaining('certificate') as string },
  };

  it('of a private authority that is named is spoken to, by address and by name', async () => {
    const { port } = await serve(pki.server);
    expect(await client(port, { ca: pki.ca }).get('/patroni', 5_000)).toEqual({ state: 'running' });
    expect(await client(port, { ca: pki.ca, serverName: 'db1.test' }).get('/patroni', 5_000)).toEqual({
      state: 'running',
    });
  });

  it('of a private authority that is not named is refused', async () => {
    const { port, requests } = await serve(pki.server);
    await expect(client(port, null).get('/patroni', 5_000)).rejects.toMatchObject(tlsError);
    expect(requests()).toBe(0);
  });

  it('of another authority than the named one is refused, and a write says that nothing was sent', async () => {
    const { port, requests } = await serve(pki.server);
    const other = client(port, { ca: (await makeCertificates()).ca });
    await expect(other.get('/patroni', 5_000)).rejects.toMatchObject(tlsError);
    await expect(other.write({ method: 'POST', path: '/reload', timeoutMs: 5_000 })).rejects.toMatchObject({
      data: { code: 'rest.not_sent', cause: { code: 'rest.tls' } },
    });
    expect(requests()).toBe(0);
  });

  it('with a certificate for another name is refused, and the name is told', async () => {
    const { port } = await serve(pki.misnamed);
    await expect(client(port, { ca: pki.ca }).get('/patroni', 5_000)).rejects.toMatchObject({
      data: { code: 'rest.tls', message: expect.stringContaining('127.0.0.1') as string },
    });
  });

  it("is spoken to unverified only on the user's word", async () => {
    const { port } = await serve(pki.misnamed);
    expect(await client(port, { insecure: true }).get('/patroni', 5_000)).toEqual({ state: 'running' });
  });

  it('that asks for a client certificate lets the right one in, and says so when it is missing', async () => {
    const { port, requests } = await serve({ ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true });
    expect(await client(port, { ca: pki.ca, cert: pki.client.cert, keySecret: 'key' }).get('/patroni', 5_000)).toEqual({
      state: 'running',
    });
    await expect(client(port, { ca: pki.ca }).get('/patroni', 5_000)).rejects.toMatchObject(tlsError);
    await expect(
      client(port, { ca: pki.ca }).write({ method: 'POST', path: '/reload', timeoutMs: 5_000 }),
    ).rejects.toMatchObject({ data: { code: 'rest.not_sent', cause: { code: 'rest.tls' } } });
    expect(requests()).toBe(1);
  });

  it('with a client key that is no longer in the vault is not asked at all', async () => {
    const { port, requests } = await serve(pki.server);
    await expect(
      client(port, { ca: pki.ca, cert: pki.client.cert, keySecret: 'gone' }).get('/patroni', 5_000),
    ).rejects.toMatchObject({ data: { code: 'rest.unauthorized' } });
    expect(requests()).toBe(0);
  });
});
