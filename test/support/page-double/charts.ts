import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import type { ChartsView } from '../../../shared/model/statistics/charts';

/** The figures of the double: one line for each member. `now` is ms. */
export function chartsDouble(now: number) {
  const os = implement(contract).statistics;
  return {
    view: os.view.handler(() => chartsFixture(now)),
    follow: os.follow.handler(async function* ({ signal }) {
      yield { at: now };
      await ended(signal);
    }),
    keep: os.keep.handler(() => null),
    prometheus: os.prometheus.handler(() => null),
    usePrometheus: os.usePrometheus.handler(() => null),
    fromPrometheus: os.fromPrometheus.handler(() => ({ times: [], lines: [], missing: [] })),
  };
}

function chartsFixture(now: number): ChartsView {
  const times = Array.from({ length: 60 }, (_, index) => Math.floor(now / 1000) - 600 + index * 10);
  const wave = (height: number) => times.map((time) => height * (1.2 + Math.sin(time / 90)));
  const names = ['db1', 'db2', 'db3'];
  return {
    times,
    lines: names.map((member, index) => ({ member, metric: 'wal_rate', values: wave(40_000 * (index + 1)) })),
    members: names.map((name) => ({
      name,
      status: { kind: 'live', postgres: true },
      latest: { wal_rate: { at: now, value: 52_000 } },
    })),
    since: now - 600_000,
    kept: false,
    problem: null,
  };
}

function ended(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}
