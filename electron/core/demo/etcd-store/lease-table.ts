/** One lease. Times are milliseconds of the demo's clock; `ttlSeconds` is what a client receives. */
export interface StoredLease {
  readonly id: string;
  readonly ttlSeconds: number;
  /** How long the lease really lives: shorter than `ttlSeconds` where the demo runs faster than the clock. */
  readonly lifeMs: number;
  expiresAt: number;
  readonly keys: Set<string>;
}

/** The leases of one simulated etcd. Pure: who calls says what time it is. */
export class LeaseTable {
  readonly #leases = new Map<string, StoredLease>();
  #nextId = 7587000000001;
  #frozen = false;

  /** Makes a lease; `timeScale` 3 lets 30 seconds pass in 10. Null when the requested id is taken. */
  grant(ttlSeconds: number, now: number, timeScale = 1, requestedId = '0'): StoredLease | null {
    const id = requestedId === '0' ? String((this.#nextId += 17)) : requestedId;
    if (this.#leases.has(id)) return null;
    const lifeMs = (ttlSeconds * 1000) / timeScale;
    const lease = { id, ttlSeconds, lifeMs, expiresAt: now + lifeMs, keys: new Set<string>() };
    this.#leases.set(id, lease);
    return lease;
  }

  get(id: string): StoredLease | undefined {
    return this.#leases.get(id);
  }

  all(): StoredLease[] {
    return [...this.#leases.values()];
  }

  /** Gives the lease its whole life again. False when it is gone. */
  keepAlive(id: string, now: number): boolean {
    const lease = this.#leases.get(id);
    if (lease === undefined) return false;
    lease.expiresAt = now + lease.lifeMs;
    return true;
  }

  /** Seconds left, rounded down as etcd does; -1 when the lease is gone. */
  secondsLeft(id: string, now: number): number {
    const lease = this.#leases.get(id);
    if (lease === undefined) return -1;
    return Math.max(0, Math.floor(((lease.expiresAt - now) / lease.lifeMs) * lease.ttlSeconds));
  }

  attach(id: string, key: string): void {
    this.#leases.get(id)?.keys.add(key);
  }

  detach(id: string, key: string): void {
    this.#leases.get(id)?.keys.delete(key);
  }

  /** Takes a lease away and returns the keys it held, or null when it is not there. */
  remove(id: string): string[] | null {
    const lease = this.#leases.get(id);
    if (lease === undefined) return null;
    this.#leases.delete(id);
    return [...lease.keys];
  }

  /** Without a leader etcd ends no lease; a new leader gives all of them their whole life again. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(now: number): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const id of this.#leases.keys()) this.keepAlive(id, now);
  }

  expired(now: number): string[] {
    if (this.#frozen) return [];
    return this.all()
      .filter((lease) => lease.expiresAt <= now)
      .map((lease) => lease.id);
  }

  /** When the next lease ends, or Infinity. */
  nextExpiry(): number {
    if (this.#frozen) return Infinity;
    return this.all().reduce((least, lease) => Math.min(least, lease.expiresAt), Infinity);
  }
}
