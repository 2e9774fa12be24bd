import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectPrometheus, type PrometheusClient } from '../../../electron/core/prometheus/ask-prometheus';
import type { Dial } from '../../../electron/core/platform/dial';

const dial: Dial = (host, port) =>
  new Promise((resolve, reject) => {
    const stream = connect({ host, port });
    stream.once('connect', () => resolve(stream)).once('error', reject);
  });

const rangeAnswer = {
  status: 'success',
  data: { resultType: 'matrix', result: [{ metric: { instance: 'db1:9100' }, values: [[100, '0.25']] }] },
};

describe('a Prometheus behind a tunnel', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function start(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<PrometheusClient> {
    const listening = createServer(answer).listen(0, '127.0.0.1');
    server = listening;
    await new Promise((resolve) => listening.once('listening', resolve));
    const { port } = listening.address() as AddressInfo;
    return connectPrometheus({ host: '127.0.0.1', port }, dial);
  }

  const json =
    (value: unknown, status = 200) =>
    (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    };

  it('tells the names of its metrics, and the values of an expression at the times that were asked for', async () => {
    const paths: string[] = [];
    const client = await start((request, response) => {
      paths.push(request.url ?? '');
      json(request.url?.includes('label') === true ? { status: 'success', data: ['up'] } : rangeAnswer)(
        request,
        response,
      );
    });
    expect(await client.names()).toEqual(new Set(['up']));
    const series = await client.range('up{instance="a&b"}', { from: 100, to: 160, stepSeconds: 60 });
    expect(series).toEqual(rangeAnswer.data.result);
    const asked = new URL(paths[1] ?? '', 'http://x');
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      query: 'up{instance="a&b"}',
      start: '100',
      end: '160',
      step: '60',
    });
  });

  it.each([
    ['refuses a question', json({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 400), /parse error/],
    ['asks for a login', json('Unauthorized', 401), /status 401/],
    ['is another program', json({ hello: 'world' }), /status 200/],
  ])('says so where it %s', async (_what, answer, words) => {
    const client = await start(answer);
    await expect(client.names()).rejects.toMatchObject({
      data: { code: 'statistics.prometheus_refused', message: expect.stringMatching(words) as string },
    });
  });

  it('says that nobody answers where nobody does, and that the address is meant as the server sees it', async () => {
    const client = connectPrometheus({ host: '127.0.0.1', port: 1 }, dial);
    await expect(client.names()).rejects.toMatchObject({
      data: { code: 'statistics.prometheus_unreachable', hint: expect.stringContaining('from the server') as string },
    });
  });
});
