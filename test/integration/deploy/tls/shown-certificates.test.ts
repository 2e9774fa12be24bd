import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { issue, makeAuthority, type TrustedAuthority } from '../../../../electron/core/deploy/tls/authority';
import { awaitShown, type ShownContext } from '../../../../electron/core/deploy/tls/shown-certificates';
import type { IssuedCertificate } from '../../../../electron/core/deploy/resources/script-context';
import type { CertificatePort } from '../../../../shared/rules/deploy/certificate-ports';
import { localRemote } from '../../../support/ssh/local-remote';

let authority: TrustedAuthority;
let former: IssuedCertificate;
let fresh: IssuedCertificate;
const closing: (() => void)[] = [];

beforeAll(async () => {
  const made = await makeAuthority('Test authority', Date.now());
  authority = { ...made, trusted: made.cert };
  const wish = { commonName: 'n1', names: ['n1'], addresses: ['127.0.0.1'] };
  [former, fresh] = await Promise.all([issue(authority, wish, Date.now()), issue(authority, wish, Date.now())]);
});
afterEach(() => {
  for (const one of closing.splice(0)) one();
});

/** A service that shows the certificate it has at that moment, begun as PostgreSQL begins TLS or at once. */
async function service(start: CertificatePort['start'], now: () => IssuedCertificate): Promise<CertificatePort> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    const secure = (): void => {
      new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext({ cert: now().cert, key: now().key }),
      }).on('error', () => undefined);
    };
    if (start === 'tls') return secure();
    socket.once('data', () => {
      socket.write('S');
      secure();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    server.close();
  });
  return {
    step: 'n1/certificate',
    server: 'n1',
    label: start === 'tls' ? 'Patroni' : 'PostgreSQL',
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    start,
  };
}

/** What the wait works with; its clock runs a hundred times as fast, so that its limit comes soon. */
function context(change: Partial<ShownContext> = {}): ShownContext {
  const began = Date.now();
  return {
    probes: { connectNamed: localRemote, tls: null, timeoutMs: 3000 },
    signal: new AbortController().signal,
    now: () => began + (Date.now() - began) * 100,
    sleep: () => delay(20),
    detail: () => undefined,
    ...change,
  };
}
const issued = (): ReadonlyMap<string, IssuedCertificate> => new Map([['n1/certificate', fresh]]);

describe('the wait for new certificates', () => {
  it.each(['tls', 'postgres'] as const)('ends only when the service (%s) shows the new one', async (start) => {
    let shown = former;
    const endpoint = await service(start, () => shown);
    const told: string[] = [];
    const ended = awaitShown(
      [endpoint],
      issued(),
      context({
        detail: (text) => {
          told.push(text);
        },
      }),
    );
    await delay(200);
    expect(new Set(told)).toEqual(new Set(['0 of 1 services show their new certificate.']));
    shown = fresh;
    await ended;
    expect(told.at(-1)).toBe('1 of 1 services show their new certificate.');
  });

  it('names the service that keeps its former certificate, and what to do', async () => {
    const endpoints = [await service('tls', () => fresh), await service('postgres', () => former)];
    await expect(awaitShown(endpoints, issued(), context())).rejects.toMatchObject({
      code: 'deploy.certificate_not_shown',
      message: expect.stringMatching(/^PostgreSQL on n1 \(127\.0\.0\.1:\d+\) does not show/) as string,
    });
  });

  it('counts a service that does not answer as one that does not show it', async () => {
    const endpoint = await service('tls', () => fresh);
    for (const one of closing.splice(0)) one();
    await expect(awaitShown([endpoint], issued(), context())).rejects.toMatchObject({
      code: 'deploy.certificate_not_shown',
    });
  });

  it('asks nobody for a certificate that was not made now, and ends early at a stop', async () => {
    const endpoint = await service('tls', () => former);
    await awaitShown([{ ...endpoint, step: 'n2/certificate' }], issued(), context());
    await awaitShown([endpoint], issued(), context({ signal: AbortSignal.abort() }));
  });
});
