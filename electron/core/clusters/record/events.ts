import type { ClusterEvent } from '../../../../shared/model/cluster/cluster-state';
import type { NewClusterEvent } from '../hub';

/** More than the last hours of a busy cluster; older events are dropped. */
const MOST_EVENTS = 5_000;

/** The recorded events of one cluster, newest last; ids grow. */
export class EventList {
  #events: ClusterEvent[] = [];
  #lastId = 0;

  add(events: readonly NewClusterEvent[]): readonly ClusterEvent[] {
    const added = events.map((event): ClusterEvent => ({ ...event, id: (this.#lastId += 1) }));
    this.#events.push(...added);
    if (this.#events.length > MOST_EVENTS) this.#events = this.#events.slice(-MOST_EVENTS);
    return added;
  }

  last(limit: number): readonly ClusterEvent[] {
    return this.#events.slice(-limit);
  }
}
