/** The three times that decide when a leader loses its lock, seconds. */
export interface LockTimes {
  readonly ttl: number;
  readonly loopWait: number;
  readonly retryTimeout: number;
}

/**
 * By how many seconds ttl is too short for the other two; 0 when the rule holds. Patroni needs
 * loop_wait + 2 * retry_timeout <= ttl (dynamic_configuration.rst): else a leader loses its lock before it notices. A value
 * that breaks the rule is adjusted in memory and stays wrong in the DCS.
 */
export function missingTtlSeconds({ ttl, loopWait, retryTimeout }: LockTimes): number {
  return Math.max(0, loopWait + 2 * retryTimeout - ttl);
}
