import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectPrometheus, type PrometheusClient } from '../../../electron/core/prometheus/ask-prometheus';
import type { Dial } from '../../../electron/core/platform/dial';

/** A Prometheus without a login, that collects its own metrics or those of others. */
export interface PrometheusTarget {
  readonly host: string;
  readonly port: number;
  /** A metric that it has. */
  readonly hasMetric: string;
  close(): Promise<void>;
}

const dial: Dial = (host, port) =>
  new Promise((resolve, reject) => {
    const stream = connect({ host, port });
    stream.once('connect', () => resolve(stream)).once('error', reject);
  });

const FROM = 1_800_000_000;
const TIMES = { from: FROM, to: FROM + 95, stepSeconds: 10 };
const PLACES = Array.from({ length: 10 }, (_, index) => FROM + index * 10);

/** What the app relies on when it asks a Prometheus, as one suite for the double and for a real one. */
export function describePrometheus(title: string, open: () => Promise<PrometheusTarget>, openTimeoutMs = 60_000): void {
  describe(title, () => {
    let target: PrometheusTarget;
    let client: PrometheusClient;

    beforeAll(async () => {
      target = await open();
      client = connectPrometheus({ host: target.host, port: target.port }, dial);
    }, openTimeoutMs);
    afterAll(() => target?.close(), openTimeoutMs);

    const refusal = (query: string, times: Parameters<PrometheusClient['range']>[1]): Promise<string> =>
      client.range(query, times).then(
        () => 'answered',
        (error: { readonly data: { readonly code: string; readonly message: string } }) =>
          `${error.data.code}: ${error.data.message}`,
      );

    it('tells the names of its metrics', async () => {
      const names = await client.names();
      expect(names).toContain(target.hasMetric);
      for (const name of names) expect(name).toMatch(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
    });

    it('has a place at each step from the beginning on, none behind the end, and numbers as text', async () => {
      expect(await client.range('vector(0.25)', TIMES)).toEqual([
        { metric: {}, values: PLACES.map((time) => [time, '0.25']) },
      ]);
    });

    it('leaves out the places at which a series has no value', async () => {
      const [series] = await client.range(`vector(time()) < ${FROM + 30}`, TIMES);
      expect(series?.values).toEqual([0, 10, 20].map((after) => [FROM + after, String(FROM + after)]));
    });

    it('says NaN and +Inf where a number is none', async () => {
      const valuesOf = async (query: string) =>
        new Set((await client.range(query, TIMES)).flatMap(({ values }) => values.map(([, text]) => text)));
      expect(await valuesOf('vector(0) / vector(0)')).toEqual(new Set(['NaN']));
      expect(await valuesOf('vector(1) / vector(0)')).toEqual(new Set(['+Inf']));
    });

    it('has no series for a metric that it does not have', async () => {
      expect(await client.range('nobody_has_this{scope="orders"}', TIMES)).toEqual([]);
    });

    it('takes the labels that the app writes, and gives them back as they are', async () => {
      const name = 'db "1" \\ ü & {}|=~';
      const query = `label_replace(vector(1), "member", ${JSON.stringify(name)}, "", "")`;
      expect((await client.range(query, TIMES)).map(({ metric }) => metric)).toEqual([{ member: name }]);
    });

    it('says what is wrong with a question', async () => {
      expect(await refusal('sum(', TIMES)).toMatch(/^statistics\.prometheus_refused: .*parse error: unclosed left/);
      expect(await refusal('vector(1)', { from: FROM, to: FROM + 11_001, stepSeconds: 1 })).toMatch(
        /^statistics\.prometheus_refused: .*exceeded maximum resolution of 11,000 points/,
      );
      expect(await refusal('vector(1)', { from: FROM, to: FROM + 11_000, stepSeconds: 1 })).toBe('answered');
      expect(await refusal('vector(1)', { from: FROM, to: FROM - 1, stepSeconds: 1 })).toMatch(
        /^statistics\.prometheus_refused: .*end timestamp must not be before start/,
      );
    });
  });
}
