import { z } from 'zod';
import { appError, AppError } from '../../../shared/model/app-error';
import type { PrometheusPlace } from '../../../shared/model/statistics/prometheus';
import type { PrometheusSeries } from '../../../shared/rules/prometheus/read-series';
import type { Dial } from '../platform/dial';
import { HttpFailure, sendHttp, type HttpReply } from '../platform/http/send-http';

/** A Prometheus, asked by its HTTP API over a stream that somebody else opens. Every call rejects with `statistics.prometheus_*`. */
export interface PrometheusClient {
  /** The names of all its metrics. */
  names(): Promise<ReadonlySet<string>>;
  /** The values of an expression at evenly spaced times, in whole seconds since the epoch. */
  range(
    query: string,
    times: { readonly from: number; readonly to: number; readonly stepSeconds: number },
  ): Promise<readonly PrometheusSeries[]>;
  /** Everything that it collects from, each with what came of the last time. */
  targets(): Promise<readonly CollectedTarget[]>;
  /** How many alert rules it has read. */
  alertRules(): Promise<number>;
}

/** A target as Prometheus calls it, `host:port`; `lastError` is empty where there was none. */
export interface CollectedTarget {
  readonly address: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

type Place = Pick<PrometheusPlace, 'host' | 'port'>;

const ASK_MS = 15_000;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_SERIES = 200;

const answered = <T extends z.ZodType>(data: T) =>
  z.union([
    z.object({ status: z.literal('success'), data }),
    z.object({ status: z.literal('error'), error: z.string() }),
  ]);
const namesSchema = answered(z.array(z.string()));
const rangeSchema = answered(
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
);

const targetsSchema = answered(
  z.object({
    activeTargets: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        health: z.enum(['up', 'down', 'unknown']),
        lastError: z.string(),
      }),
    ),
  }),
);
const rulesSchema = answered(
  z.object({ groups: z.array(z.object({ rules: z.array(z.object({ name: z.string() })) })) }),
);

/** Makes a client for a place; `dial` opens streams from the server that leads there. */
export function connectPrometheus(place: Place, dial: Dial): PrometheusClient {
  return {
    names: async () => {
      const reply = await ask(place, dial, '/api/v1/label/__name__/values');
      return new Set(readAnswer(place, reply, namesSchema));
    },
    range: async (query, { from, to, stepSeconds }) => {
      const words = new URLSearchParams({ query, start: String(from), end: String(to), step: String(stepSeconds) });
      const reply = await ask(place, dial, `/api/v1/query_range?${words.toString()}`);
      return readAnswer(place, reply, rangeSchema).result.slice(0, MOST_SERIES);
    },
    targets: async () => {
      const reply = await ask(place, dial, '/api/v1/targets?state=active');
      return readAnswer(place, reply, targetsSchema).activeTargets.map(({ labels, health, lastError }) => ({
        address: labels['instance'] ?? '',
        health,
        lastError,
      }));
    },
    alertRules: async () => {
      const { groups } = readAnswer(place, await ask(place, dial, '/api/v1/rules?type=alert'), rulesSchema);
      return groups.reduce((sum, { rules }) => sum + rules.length, 0);
    },
  };
}

/** The address for people. */
const addressOf = ({ host, port }: Place): string => `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

async function ask(place: Place, dial: Dial, path: string): Promise<HttpReply> {
  const { host, port } = place;
  try {
    return await sendHttp({
      dial,
      host,
      port,
      tls: null,
      method: 'GET',
      path,
      headers: { Host: addressOf(place), Accept: 'application/json' },
      body: null,
      timeoutMs: ASK_MS,
      signal: null,
      maxBodyBytes: MOST_BYTES,
    });
  } catch (thrown) {
    const cause = thrown instanceof HttpFailure ? thrown.cause : thrown;
    throw appError('statistics.prometheus_unreachable', `The Prometheus at ${addressOf(place)} does not answer.`, {
      target: addressOf(place),
      retryable: true,
      hint: 'The address is dialled from the server that you chose: see whether Prometheus listens there, without TLS.',
      ...(cause instanceof AppError ? { cause } : {}),
    });
  }
}

function readAnswer<T>(
  place: Place,
  { body, status }: HttpReply,
  schema: z.ZodType<{ status: 'success'; data: T } | { status: 'error'; error: string }>,
): T {
  const answer = schema.safeParse(parseJson(body)).data;
  if (answer?.status === 'success') return answer.data;
  const said = answer?.error.slice(0, 300) ?? `an answer with status ${String(status)} that is not Prometheus'`;
  throw appError('statistics.prometheus_refused', `${addressOf(place)} gave no figures: ${said}.`, {
    target: addressOf(place),
    hint: 'See whether it is a Prometheus, and whether it asks for a login: the app reads it without one.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
