import { describe, expect, it } from 'vitest';
import { answerPrometheus, SIMULATED_METRICS } from '../../../electron/core/demo/prometheus/answer-prometheus';
import { figureQueries } from '../../../shared/rules/prometheus/figure-queries';
import { advanceTime, simulateCluster } from '../../support/cluster/demo-model';

interface Answer {
  readonly status: string;
  readonly data: {
    readonly result: readonly { readonly metric: { instance: string }; readonly values: readonly unknown[] }[];
  };
}

describe('the Prometheus of a simulated cluster', () => {
  const sim = simulateCluster();
  advanceTime(sim, 20);
  const { queries, missing } = figureQueries(new Set(SIMULATED_METRICS), {
    scope: 'orders',
    hosts: sim.members.map(({ ip }) => ip),
    windowSeconds: 150,
  });
  const end = Math.floor(sim.now / 1000);
  const ask = (query: string, from = end - 600): Answer => {
    const words = new URLSearchParams({ query, start: String(from), end: String(end), step: '15' });
    return answerPrometheus(sim, '/api/v1/query_range', words).body as Answer;
  };

  it.each(queries.map(({ metric, query }) => [metric, query] as const))(
    'has a line of every member for %s',
    (_metric, query) => {
      const { status, data } = ask(query);
      expect(status).toBe('success');
      expect(data.result.map(({ metric }) => metric.instance.split(':')[0])).toEqual(sim.members.map(({ ip }) => ip));
      expect(data.result[0]?.values).toHaveLength(41);
    },
  );

  it('lacks what no exporter tells, as a real one does', () => {
    expect(missing.map(({ metric }) => metric)).toEqual(['lag_seconds', 'connections_waiting', 'disk_used']);
  });

  it('says the same of the past whenever it is asked', () => {
    const query = queries[0]?.query ?? '';
    expect(ask(query)).toEqual(ask(query));
  });

  it('refuses what a real one refuses: no step, and too many points', () => {
    expect(answerPrometheus(sim, '/api/v1/query_range', new URLSearchParams({ query: 'up' })).code).toBe(400);
    const many = new URLSearchParams({ query: 'up', start: '0', end: '200000', step: '1' });
    expect(answerPrometheus(sim, '/api/v1/query_range', many).code).toBe(400);
  });

  it('has nothing of a server without power', () => {
    const dark = simulateCluster();
    for (const member of dark.members) member.power = false;
    const words = new URLSearchParams({
      query: queries[0]?.query ?? '',
      start: String(end - 60),
      end: String(end),
      step: '15',
    });
    expect(answerPrometheus(dark, '/api/v1/query_range', words).body).toMatchObject({ data: { result: [] } });
  });
});
