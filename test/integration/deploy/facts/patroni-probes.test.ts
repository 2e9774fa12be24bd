import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  patchDynamicConfig,
  readDynamicConfig,
  readPatroni,
  readPatroniAtOnce,
} from '../../../../electron/core/deploy/facts/patroni-probes';
import type { Endpoint } from '../../../../shared/model/deploy/plan';
import { makeCertificates } from '../../../support/network/certificates';
import { startTlsService } from '../../../support/network/tls-service';
import { localRemote } from '../../../support/ssh/local-remote';

const context = { connectNamed: localRemote, tls: null, timeoutMs: 3_000 };
const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanup.splice(0)) undo();
});

const endpoint = (port: number): Endpoint => ({ server: 'n1', address: '127.0.0.1', port });

async function serve(
  status: number,
  body: string,
  answers: (request: IncomingMessage) => boolean = () => true,
): Promise<Endpoint> {
  const server = createServer((request, response) => {
    if (answers(request)) response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanup.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return endpoint((server.address() as AddressInfo).port);
}

describe('Patroni as deployment asks it', () => {
  it('reports its role in one word, whichever version answers', async () => {
    const old = await serve(200, JSON.stringify({ state: 'running', role: 'master', patroni: { scope: 'main' } }));
    const young = await serve(200, JSON.stringify({ state: 'running', role: 'primary', patroni: { scope: 'main' } }));
    expect(await readPatroni(context, old)).toEqual(await readPatroni(context, young));
    expect((await readPatroni(context, old)).role).toBe('primary');
  });

  it('is not waited for while its PostgreSQL starts: GET /patroni would hold its answer back for a second', async () => {
    const body = JSON.stringify({ state: 'starting', role: 'replica', patroni: { scope: 'main' } });
    const starting = await serve(503, body, ({ url }) => url !== '/patroni');
    expect((await readPatroniAtOnce(context, starting)).state).toBe('starting');
    await expect(readPatroni({ ...context, timeoutMs: 100 }, starting)).rejects.toThrow();
  });

  it('reports who streams from it, its timeline and its version', async () => {
    const answer = {
      state: 'running',
      role: 'primary',
      timeline: 3,
      dcs_last_seen: 1_764_000_000,
      patroni: { version: '4.0.7', scope: 'main', name: 'n1' },
      replication: [
        { application_name: 'n2', state: 'streaming' },
        { application_name: 'n3', state: 'startup' },
      ],
    };
    expect(await readPatroni(context, await serve(503, JSON.stringify(answer)))).toEqual({
      state: 'running',
      role: 'primary',
      version: '4.0.7',
      scope: 'main',
      timeline: 3,
      streaming: ['n2'],
      dcsLastSeen: 1_764_000_000_000,
      systemIdentifier: null,
    });
  });

  it('is no Patroni when something else answers on its port', async () => {
    await expect(readPatroni(context, await serve(200, '{"ok":true}'))).rejects.toMatchObject({
      data: { code: 'rest.not_json' },
    });
    await expect(readDynamicConfig(context, await serve(200, '[]'))).rejects.toMatchObject({
      data: { code: 'rest.not_json' },
    });
  });

  it('that refuses the connection says so, with the cause', async () => {
    const gone = await serve(200, '{}');
    for (const undo of cleanup.splice(0)) undo();
    await expect(readPatroni(context, gone)).rejects.toMatchObject({
      data: {
        code: 'rest.refused',
        target: 'n1',
        cause: { message: expect.stringContaining('ECONNREFUSED') as string },
      },
    });
  });

  it('answers a change of its configuration with the status it has, also a refusal', async () => {
    const login = { username: 'rest', password: 'word' };
    expect(await patchDynamicConfig(context, await serve(401, ''), login, { ttl: 30 }, 3_000)).toMatchObject({
      status: 401,
    });
  });

  it('is spoken to over TLS with the certificate of the session', async () => {
    const pki = await makeCertificates();
    const service = await startTlsService(
      { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true },
      '{"loop_wait":10}',
    );
    cleanup.push(() => {
      service.close();
    });
    const tls = { ca: pki.ca, ...pki.client };
    expect(await readDynamicConfig({ ...context, tls }, endpoint(service.port))).toEqual({ loop_wait: 10 });
    await expect(readDynamicConfig({ ...context, tls: { ca: pki.ca } }, endpoint(service.port))).rejects.toMatchObject({
      data: { code: 'rest.tls' },
    });
  });
});
