import { quorumSize } from '../../../../shared/rules/etcd/quorum';
import { EtcdStore } from '../etcd-store/store';
import type { MemberState } from './types';

/** Whether the etcd on a server runs and reaches the others. */
function runsEtcd(member: MemberState): boolean {
  return member.power && !member.partitioned && !member.etcdStopped;
}

/**
 * The etcd of a simulated cluster: its keys, the servers it runs on, and whether it has a majority. The groups of a Citus cluster
 * share one. No I/O and no timers.
 */
export class SimDcs {
  readonly store = new EtcdStore();
  readonly hosts: readonly MemberState[];
  /** It has no majority by a fault of its own. */
  down = false;
  term = 2;
  /** How many members it was made with, where some are not among `hosts` yet. */
  size = 0;
  #wokeAt = -Infinity;
  #chosen: MemberState | null = null;
  readonly #clocks = new Map<object, number>();
  readonly #listeners = new Set<() => void>();

  /** `hosts` are the members on whose servers it runs. */
  constructor(hosts: readonly MemberState[]) {
    this.hosts = hosts;
  }

  /**
   * Ends the leases that are due for a cluster that lives by `now`. Clusters that share this etcd are brought up to the present one
   * after the other: a lease ends only when none of them is behind, which could still renew it.
   */
  expire(who: object, now: number): void {
    this.#clocks.set(who, now);
    this.store.expire(Math.min(...this.#clocks.values()));
  }

  /** Who leads it: the one that it was handed to, or the first that runs. Whether there is a majority is not asked. */
  leader(): MemberState | undefined {
    const up = this.hosts.filter(runsEtcd);
    return up.find((host) => host === this.#chosen) ?? up[0];
  }

  /** Hands the lead over, with a new term. */
  moveLeader(to: MemberState): void {
    if (this.leader() === to) return;
    this.#chosen = to;
    this.term += 1;
  }

  /** Whether it has a leader. */
  quorum(): boolean {
    const up = this.hosts.filter(runsEtcd).length;
    return !this.down && up >= quorumSize(Math.max(this.hosts.length, this.size));
  }

  /** After a fault changed who reaches whom: leases stop without quorum and start afresh with a new leader. */
  quorumChanged(now: number): void {
    if (!this.quorum()) {
      this.store.leases.freeze();
    } else {
      this.term += 1;
      this.store.leases.thaw(now);
    }
    for (const listener of [...this.#listeners]) listener();
  }

  onQuorum(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Leases do not age while the machine sleeps for `ms` until `wakesAt`; whoever else shares this etcd slept as long. */
  sleep(ms: number, wakesAt: number): void {
    if (wakesAt - this.#wokeAt < ms) return;
    this.#wokeAt = wakesAt;
    for (const lease of this.store.leases.all()) lease.expiresAt += ms;
  }
}
