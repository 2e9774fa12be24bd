import { afterAll, beforeAll, describe } from 'vitest';
import { describeEtcdPromises } from './etcd-promises';
import { describeFlows } from './flows';
import { describeRefusals } from './refusals';
import { describeRestPromises } from './rest-promises';
import type { ConformanceTarget } from './target';

/**
 * What Patroni and etcd promise to a client, as one suite for the simulated cluster and for real ones.
 * `open` provides a cluster of three; where the real one behaves differently, the simulator is wrong.
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
      describeRestPromises(opened);
    });
    describe('the keys in etcd', () => {
      describeEtcdPromises(opened);
    });
    describe('the REST API for impossible requests', () => {
      describeRefusals(opened);
    });
    describe('the cluster under changes', () => {
      describeFlows(opened);
    });
  });
}
