import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Remote } from '../../ssh/remote';
import { createTunnelAgent, createTunnelTlsAgent, type TunnelTls } from '../../ssh/tunnel/tunnel-agent';

/** One question over HTTP to a service on a server, through its SSH connection. */
export interface HttpQuestion {
  readonly remote: Remote;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly body?: unknown;
  readonly basic?: { readonly user: string; readonly password: string };
  readonly tls: TunnelTls | null;
  readonly timeoutMs: number;
}

/** What came back; `json` is undefined when it was none. */
export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
}

const mostBytes = 4 * 1024 * 1024;

/** Asks; null when nobody answered in time or the connection was refused. Nothing is kept open. */
export async function askHttp(question: HttpQuestion): Promise<HttpAnswer | null> {
  try {
    return await send(question);
  } catch {
    return null;
  }
}

function send(question: HttpQuestion): Promise<HttpAnswer> {
  const { remote, host, port, path, tls, timeoutMs, body, basic } = question;
  const dial: Remote['dial'] = (toHost, toPort, limit) => remote.dial(toHost, toPort, limit);
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const options = {
    host,
    port,
    path,
    method: question.method ?? 'GET',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    },
    ...(basic === undefined ? {} : { auth: `${basic.user}:${basic.password}` }),
  };
  return new Promise((resolve, reject) => {
    const sent =
      tls === null
        ? request({ ...options, agent: createTunnelAgent(dial, timeoutMs) })
        : secureRequest({ ...options, agent: createTunnelTlsAgent(dial, timeoutMs, tls) });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) sent.destroy(new Error('The answer is too large.'));
        else parts.push(chunk);
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, json: parse(Buffer.concat(parts).toString('utf8')) });
      });
    });
    sent.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
