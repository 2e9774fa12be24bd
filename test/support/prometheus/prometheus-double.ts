import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A Prometheus that has a few metrics and knows a few expressions; it answers in the form of the real one. */
export interface PrometheusDouble {
  readonly port: number;
  close(): void;
}

/** Most places of one answer (web/api/v1/api.go). */
const MOST_PLACES = 11_000;

interface DoubleSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** null: nothing at this time. */
  readonly at: (time: number) => string | null;
}

/** The expressions that it can work out; every other one has no series. */
function workOut(query: string): readonly DoubleSeries[] {
  const before = /^vector\(time\(\)\) < (\d+)$/.exec(query)?.[1];
  if (before !== undefined) return [{ metric: {}, at: (time) => (time < Number(before) ? String(time) : null) }];
  const label = /^label_replace\(vector\(1\), "member", ("(?:[^"\\]|\\.)*"), "", ""\)$/.exec(query)?.[1];
  if (label !== undefined) return [{ metric: { member: String(JSON.parse(label)) }, at: () => '1' }];
  const constant = new Map([
    ['vector(1)', '1'],
    ['vector(0.25)', '0.25'],
    ['vector(0) / vector(0)', 'NaN'],
    ['vector(1) / vector(0)', '+Inf'],
  ]).get(query);
  return constant === undefined ? [] : [{ metric: {}, at: () => constant }];
}

/** Starts it on a port of loopback. */
export async function startPrometheusDouble(names: readonly string[]): Promise<PrometheusDouble> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://prometheus');
    if (pathname === '/api/v1/label/__name__/values') return answer(response, 200, { data: names });
    if (pathname === '/api/v1/query_range') return answerRange(response, searchParams);
    response.writeHead(404).end('404 page not found\n');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  const whole = { status: status === 200 ? 'success' : 'error', ...body };
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(whole));
}

const refuse = (response: ServerResponse, error: string): void =>
  answer(response, 400, { errorType: 'bad_data', error });

function answerRange(response: ServerResponse, words: URLSearchParams): void {
  const [start = 0, end = 0, step = 1] = ['start', 'end', 'step'].map((name) => Number(words.get(name)));
  const query = words.get('query') ?? '';
  if (end < start) return refuse(response, 'invalid parameter "end": end timestamp must not be before start time');
  if ((end - start) / step > MOST_PLACES)
    return refuse(
      response,
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  if (query.split('(').length !== query.split(')').length)
    return refuse(response, 'invalid parameter "query": 1:5: parse error: unclosed left parenthesis');
  const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
  const result = workOut(query).map(({ metric, at }) => ({
    metric,
    values: times.flatMap((time) => {
      const value = at(time);
      return value === null ? [] : [[time, value]];
    }),
  }));
  answer(response, 200, { data: { resultType: 'matrix', result } });
}
