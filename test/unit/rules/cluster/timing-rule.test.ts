import { expect, it } from 'vitest';
import { missingTtlSeconds } from '../../../../shared/rules/cluster/timing-rule';
import { failoverPresets } from '../../../../shared/rules/deploy/spec/suggest';

it.each([
  [{ ttl: 30, loopWait: 10, retryTimeout: 10 }, 0],
  [{ ttl: 29, loopWait: 10, retryTimeout: 10 }, 1],
  [{ ttl: 20, loopWait: 10, retryTimeout: 10 }, 10],
])('a lock with %o is %i s too short', (times, missing) => {
  expect(missingTtlSeconds(times)).toBe(missing);
});

it('every failover preset leaves the leader enough time to renew its lock', () => {
  for (const preset of failoverPresets) expect(missingTtlSeconds(preset), preset.id).toBe(0);
});
