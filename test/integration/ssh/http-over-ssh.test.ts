import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendHttp } from '../../../electron/core/platform/http/send-http';
import type { ClientTls } from '../../../electron/core/platform/http/tls-stream';
import { makeCertificates, type Pair, type TestCertificates } from '../../support/network/certificates';
import { makePool, poolServer } from '../../support/ssh/ssh-pool';
import { startSshServer } from '../../support/ssh/ssh-server';
import { startTlsService, type TlsService } from '../../support/network/tls-service';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

describe('a service behind TLS, asked through a connection', () => {
  let pki: TestCertificates;
  beforeAll(async () => {
    pki = await makeCertificates();
  });

  async function serve(pair: Pair): Promise<TlsService> {
    const service = await startTlsService(
      { ...pair, ca: pki.ca, requestCert: true, rejectUnauthorized: true },
      'healthy',
    );
    cleanup.push(() => {
      service.close();
    });
    return service;
  }

  async function ask(port: number, tls: ClientTls): Promise<string> {
    const server = await startSshServer();
    const made = await makePool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' } });
    cleanup.push(
      () => server.close(),
      () => made.close(),
    );
    const reply = await sendHttp({
      dial: (host, to, timeoutMs) => made.pool.remote('db1').dial(host, to, timeoutMs),
      host: '127.0.0.1',
      port,
      tls,
      method: 'GET',
      path: '/health',
      headers: {},
      body: null,
      timeoutMs: 5_000,
      signal: null,
      maxBodyBytes: 1_000,
    });
    return reply.body;
  }

  it('answers a client that shows its certificate and knows the authority', async () => {
    const { port } = await serve(pki.server);
    expect(await ask(port, { ca: pki.ca, ...pki.client })).toBe('healthy');
  });

  it('is not asked when its certificate is for another address', async () => {
    const { port, requests } = await serve(pki.misnamed);
    await expect(ask(port, { ca: pki.ca, ...pki.client })).rejects.toMatchObject({
      kind: 'tls',
      sent: false,
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(requests()).toBe(0);
  });

  it('is not asked when its authority is another one', async () => {
    const { port, requests } = await serve(pki.server);
    const other = await makeCertificates();
    await expect(ask(port, { ca: other.ca, ...pki.client })).rejects.toThrow(/certificate/);
    expect(requests()).toBe(0);
  });

  it('turns a client without a certificate away', async () => {
    const { port, requests } = await serve(pki.server);
    await expect(ask(port, { ca: pki.ca })).rejects.toThrow();
    expect(requests()).toBe(0);
  });
});
