import { readFileSync } from 'node:fs';
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeliveries, type Deliveries } from '../../../electron/core/deliveries/create-deliveries';
import { sendMail, type MailJob } from '../../../electron/core/deliveries/send-mail';
import { directDial } from '../../../electron/core/clusters/connect/direct-dial';
import type { Secrets } from '../../../electron/core/vault/secrets';
import type { AlertEvent } from '../../../shared/rules/deliveries/alert-message';
import { makeCertificates, type TestCertificates } from '../../support/network/certificates';
import { tempDirectory, type TempDirectory } from '../../support/temp';

const SOON = { timeout: 10_000, interval: 20 };
const EVENT: AlertEvent = {
  kind: 'raised',
  clusterId: 'c1',
  clusterTitle: 'orders\r\nX-Evil: yes',
  at: 1_800_000_000_000,
  alerts: [],
};

let made: TestCertificates;
let directory: TempDirectory;
let deliveries: Deliveries;
let secrets: Map<string, string>;
const closing: (() => void)[] = [];

const vault: Pick<Secrets, 'read' | 'put' | 'replace' | 'remove'> = {
  read: (id) => Promise.resolve(secrets.get(id)),
  put: (_purpose, value) => {
    const id = `s${secrets.size + 1}`;
    secrets.set(id, value);
    return Promise.resolve(id);
  },
  replace: (id, value) => {
    secrets.set(id, value);
    return Promise.resolve();
  },
  remove: (id) => {
    secrets.delete(id);
    return Promise.resolve();
  },
};
const path = (): string => join(directory.path, 'deliveries.json');
const open = async (): Promise<void> => {
  deliveries = await createDeliveries({
    path: path(),
    secrets: vault,
    now: Date.now,
    version: '1.2.3',
    retry: { minMs: 20, maxMs: 50 },
    timeoutMs: 400,
  });
};

beforeAll(async () => {
  made = await makeCertificates();
});
beforeEach(async () => {
  directory = await tempDirectory();
  secrets = new Map();
  await open();
});
afterEach(async () => {
  deliveries.close();
  for (const close of closing.splice(0)) close();
  await directory.remove();
});

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly method: string | undefined;
  readonly body: string;
}

/** A receiver that takes each request as it is told; what came is in `got`. */
async function receiver(
  answer: (response: ServerResponse, count: number) => void,
): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  const server: HttpServer = createHttp((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      got.push({ headers: request.headers, method: request.method, body });
      answer(response, got.length);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}
const withStatus = (status: number, location?: string) => (response: ServerResponse) => {
  response.writeHead(status, location === undefined ? {} : { location }).end();
};
const state = () => deliveries.view().webhook.state;

describe('a webhook', () => {
  it('gets the event as JSON with its token, which stands in no file', async () => {
    const { url, got } = await receiver(withStatus(204));
    await deliveries.setWebhook({ on: true, url, token: 'tok-en-1' });
    deliveries.deliver(EVENT);
    await vi.waitFor(() => expect(state()).toMatchObject({ waiting: 0, trouble: null, lost: [] }), SOON);
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer tok-en-1',
        'user-agent': 'Matriarch/1.2.3',
      },
    });
    expect(got[0]?.headers['x-evil']).toBeUndefined();
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ version: 1, event: 'raised', cluster: { id: 'c1' } });
    expect(readFileSync(path(), 'utf8') + JSON.stringify(deliveries.view())).not.toContain('tok-en-1');
  });

  it('that answers 500, closes or hangs is asked again until it takes it, and others wait no longer for that', async () => {
    const { url, got } = await receiver((response, count) => {
      if (count === 1) withStatus(500)(response);
      else if (count === 2) response.destroy();
      else if (count > 3) withStatus(200)(response);
    });
    await deliveries.setWebhook({ on: true, url });
    const before = performance.now();
    deliveries.deliver(EVENT);
    deliveries.deliver({ ...EVENT, kind: 'resolved' });
    expect(performance.now() - before).toBeLessThan(100);
    await vi.waitFor(() => expect(state()).toMatchObject({ waiting: 0, trouble: null, lost: [] }), SOON);
    expect(got.map(({ body }) => (JSON.parse(body) as { event: string }).event)).toEqual([
      ...['raised', 'raised', 'raised', 'raised'],
      'resolved',
    ]);
  });

  it('that redirects is not followed, and that is told with what was lost', async () => {
    const other = await receiver(withStatus(200));
    const { url, got } = await receiver(withStatus(302, other.url));
    await deliveries.setWebhook({ on: true, url, token: 'secret-1' });
    deliveries.deliver(EVENT);
    await vi.waitFor(() => expect(state().lost).toHaveLength(1), SOON);
    expect(state().lost[0]).toMatchObject({
      what: expect.stringContaining('orders') as string,
      why: expect.stringContaining('302') as string,
    });
    expect([got.length, other.got.length]).toEqual([1, 0]);
  });

  it('that nobody answers is given up in the end, and what waits is dropped when it is switched off', async () => {
    const { url } = await receiver(withStatus(503));
    await deliveries.setWebhook({ on: true, url });
    deliveries.deliver(EVENT);
    await vi.waitFor(() => expect(state().lost).toHaveLength(1), SOON);
    deliveries.deliver(EVENT);
    await deliveries.setWebhook({ on: false, url });
    await vi.waitFor(() => expect(state().waiting).toBe(0), SOON);
    deliveries.deliver(EVENT);
    expect(state().waiting).toBe(0);
  });

  it('is told by a test why it is not reached, and is refused where it is none of http', async () => {
    await expect(deliveries.test('webhook')).rejects.toMatchObject({ code: 'alert.delivery_refused' });
    await deliveries.setWebhook({ on: false, url: 'http://127.0.0.1:1/' });
    await expect(deliveries.test('webhook')).rejects.toMatchObject({ code: 'alert.not_delivered' });
    await expect(deliveries.setWebhook({ on: true, url: 'file:///etc/passwd' })).rejects.toMatchObject({
      code: 'alert.delivery_refused',
    });
  });

  it('keeps its token over a restart, and for no other address', async () => {
    const { url, got } = await receiver(withStatus(200));
    await deliveries.setWebhook({ on: true, url, token: 'kept' });
    deliveries.close();
    await open();
    await deliveries.test('webhook');
    expect(got[0]?.headers.authorization).toBe('Bearer kept');
    const other = await receiver(withStatus(200));
    await deliveries.setWebhook({ on: true, url: other.url });
    await deliveries.test('webhook');
    expect(other.got[0]?.headers.authorization).toBeUndefined();
    expect(secrets.size).toBe(0);
  });
});

interface SmtpOptions {
  readonly extensions?: readonly string[];
  /** What is answered to a command that begins so, in place of the usual. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly afterStartTls?: string;
  readonly greeting?: string | null;
}

/** A server of SMTP as far as a client meets it; what was said to it is in `said`, the messages in `mails`. */
async function smtp(options: SmtpOptions = {}): Promise<{ port: number; said: string[]; mails: string[] }> {
  const [said, mails]: [string[], string[]] = [[], []];
  const talk = (socket: Socket | TLSSocket, isSecure: boolean): void => {
    let [text, data] = ['', false];
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      for (
        let end = text.indexOf(data ? '\r\n.\r\n' : '\r\n');
        end >= 0;
        end = text.indexOf(data ? '\r\n.\r\n' : '\r\n')
      ) {
        const line = text.slice(0, end);
        text = text.slice(end + (data ? 5 : 2));
        if (data) {
          mails.push(line);
          data = false;
          socket.write('250 2.0.0 taken\r\n');
          continue;
        }
        said.push(isSecure ? `tls ${line}` : line);
        const [, own] = Object.entries(options.answers ?? {}).find(([begin]) => line.startsWith(begin)) ?? [];
        if (own !== undefined) socket.write(own);
        else if (line.startsWith('EHLO')) socket.write(hello(isSecure));
        else if (line === 'STARTTLS') {
          socket.removeAllListeners('data');
          socket.write(`220 go on\r\n${options.afterStartTls ?? ''}`);
          const context = createSecureContext(made.server);
          talk(new TLSSocket(socket as Socket, { isServer: true, secureContext: context }), true);
          return;
        } else if (line === 'DATA') {
          data = true;
          socket.write('354 go on\r\n');
        } else if (line.startsWith('AUTH')) socket.write('235 in\r\n');
        else socket.write('250 fine\r\n');
      }
    });
  };
  const hello = (isSecure: boolean): string => {
    const all = ['localhost', ...(options.extensions ?? []).filter((one) => !isSecure || one !== 'STARTTLS')];
    return all.map((one, index) => `250${index === all.length - 1 ? ' ' : '-'}${one}\r\n`).join('');
  };
  const server: Server = createServer((socket) => {
    closing.push(() => socket.destroy());
    if (options.greeting !== null) socket.write(options.greeting ?? '220-hello\r\n220 there\r\n');
    talk(socket, false);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, said, mails };
}

const job = (port: number, change: Partial<MailJob> = {}): MailJob => ({
  dial: directDial,
  host: '127.0.0.1',
  port,
  security: 'offered',
  login: null,
  from: 'm@example.com',
  to: ['a@example.com', 'b@example.com'],
  text: 'Subject: x\r\n\r\nbody\r\n',
  timeoutMs: 1_000,
  ...change,
});

describe('mail', () => {
  it('is handed over with every recipient, in clear where no TLS is offered', async () => {
    const { port, said, mails } = await smtp();
    await sendMail(job(port));
    expect(said.slice(0, 5)).toEqual([
      'EHLO localhost',
      'MAIL FROM:<m@example.com>',
      'RCPT TO:<a@example.com>',
      'RCPT TO:<b@example.com>',
      'DATA',
    ]);
    expect(mails).toEqual(['Subject: x\r\n\r\nbody']);
  });

  it('goes through TLS where that is offered, and says nothing of itself before', async () => {
    const { port, said } = await smtp({ extensions: ['STARTTLS', 'AUTH PLAIN LOGIN'] });
    await sendMail(job(port, { security: 'starttls', login: { username: 'u', password: 'p' }, ca: made.ca }));
    expect(said.slice(0, 4)).toEqual([
      'EHLO localhost',
      'STARTTLS',
      'tls EHLO localhost',
      `tls AUTH PLAIN ${Buffer.from('\0u\0p').toString('base64')}`,
    ]);
    expect(said.filter((line) => line.includes('MAIL FROM'))).toEqual(['tls MAIL FROM:<m@example.com>']);
  });

  it.each<readonly [string, SmtpOptions, Partial<MailJob>, string, boolean]>([
    ['offers no TLS where it is wanted', {}, { security: 'starttls' }, 'does not offer STARTTLS', true],
    [
      'shows a certificate of another authority',
      { extensions: ['STARTTLS'] },
      { security: 'starttls' },
      'certificate',
      false,
    ],
    [
      'goes on in clear after STARTTLS',
      { extensions: ['STARTTLS'], afterStartTls: '250 me\r\n' },
      {},
      'in clear',
      true,
    ],
    [
      'refuses a recipient',
      { answers: { 'RCPT TO:<b': '550 nobody\r\n' } },
      {},
      'RCPT TO b@example.com: 550 nobody',
      true,
    ],
    ['is busy', { answers: { 'MAIL FROM': '451 later\r\n' } }, {}, '451 later', false],
    [
      'refuses the login',
      { extensions: ['AUTH PLAIN'], answers: { AUTH: '535 no\r\n' } },
      { login: { username: 'u', password: 'hidden' } },
      'the login: 535 no',
      true,
    ],
    ['speaks something else', { greeting: 'SSH-2.0-OpenSSH_9\r\n' }, {}, 'does not speak SMTP', true],
    ['says nothing', { greeting: null }, { timeoutMs: 200 }, '200', false],
  ])('is not taken by a server that %s, and that is told', async (_name, options, change, why, isFinal) => {
    const { port, mails } = await smtp(options);
    const failed: unknown = await sendMail(job(port, change)).catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ message: expect.stringContaining(why) as string, isFinal });
    expect(String(failed)).not.toContain('hidden');
    expect(mails).toEqual([]);
  });

  it('leaves the app as an alert does, with its password from the vault', async () => {
    const { port, mails, said } = await smtp({
      extensions: ['AUTH LOGIN'],
      answers: { AUTH: '334 VXNlcg==\r\n', 'dQ==': '334 x\r\n', c2VjcmV0: '235 in\r\n' },
    });
    const mail = {
      on: true,
      host: '127.0.0.1',
      port,
      security: 'offered' as const,
      from: 'm@example.com',
      to: ['a@example.com'],
      username: 'u',
    };
    await deliveries.setMail({ ...mail, password: 'secret' });
    deliveries.deliver(EVENT);
    await vi.waitFor(() => expect(mails).toHaveLength(1), SOON);
    expect(said).toContain(Buffer.from('secret').toString('base64'));
    expect(mails[0]).not.toMatch(/^X-Evil/m);
    expect(readFileSync(path(), 'utf8')).not.toContain('secret"');
    await expect(deliveries.setMail({ ...mail, from: 'x\r\ny@z' })).rejects.toMatchObject({
      code: 'alert.delivery_refused',
    });
  });
});
