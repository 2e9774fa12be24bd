import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import type { BundleProgress } from '../../../shared/model/diagnostics/diagnostics';

/** Diagnostic bundles as the double of the core tells them. `now`: ms since the epoch. */
export function diagnosticsDouble(now: number) {
  const os = implement(contract).diagnostics;
  const steps: readonly BundleProgress[] = [
    { kind: 'gathering', done: 3, of: 9, what: 'db2: patroni.yml' },
    {
      kind: 'gathered',
      bundle: {
        bundleId: 'b1',
        entries: [
          { path: 'README.txt', size: 1_900, isCut: false },
          { path: 'cluster/state.json', size: 41_200, isCut: false },
          { path: 'logs/db1.txt', size: 4_194_304, isCut: true },
        ],
        gaps: [{ what: 'db3: system and configuration', why: 'The connection to db3 was lost.' }],
        size: 310_000,
        gatheredAt: now,
      },
    },
  ];
  return {
    gather: os.gather.handler(async function* () {
      for (const step of steps) yield await Promise.resolve(step);
    }),
    save: os.save.handler(() => ({ path: '/home/dba/.local/share/matriarch/diagnostics/orders.zip', size: 310_000 })),
  };
}
