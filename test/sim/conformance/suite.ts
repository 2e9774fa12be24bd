import { afterAll, beforeAll, describe } from 'vitest';
import { etcdPromises } from './etcd-promises';
import { flows } from './flows';
import { refusals } from './refusals';
import { restPromises } from './rest-promises';
import type { ConformanceTarget } from './target';

/**
 * What Patroni and etcd promise to a client, as one suite for the simulated cluster and for real ones.
 * Whoever runs it says how a cluster of three is opened; where the real thing differs, the simulator is wrong.
 */
export function describeConformance(
  title: string,
  open: () => Promise<ConformanceTarget>,
  openTimeoutMs = 60_000,
): void {
  describe(title, () => {
    let target: ConformanceTarget | undefined;
    const opened = (): ConformanceTarget => {
      if (target === undefined) throw new Error('The cluster is not open.');
      return target;
    };
    beforeAll(async () => {
      target = await open();
    }, openTimeoutMs);
    afterAll(async () => {
      await target?.close();
    }, openTimeoutMs);

    describe('the REST API for readers', () => {
      restPromises(opened);
    });
    describe('the keys in etcd', () => {
      etcdPromises(opened);
    });
    describe('the REST API for impossible requests', () => {
      refusals(opened);
    });
    describe('the cluster under changes', () => {
      flows(opened);
    });
  });
}
