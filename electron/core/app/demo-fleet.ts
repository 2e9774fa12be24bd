import type { Demo } from '../rpc/services';

/** What `--demo` begins with: clusters that are well, and one with a problem to find. */
const FLEET = [
  { scope: 'orders', members: 3 },
  { scope: 'billing', members: 3, balancer: true as const },
  { scope: 'reports', members: 5 },
  { scope: 'shop', members: 3, citusWorkers: 2 },
  { scope: 'catalog', members: 4, fault: 'broken_replica' },
];

/** Starts the fleet of `--demo`. */
export async function startDemoFleet(demo: Demo): Promise<void> {
  await demo.start(FLEET);
}
