import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Undo } from '../../../shared/model/undo';
import { namesInWords } from '../../../shared/rules/words/wording';
import { balancerServersOf } from '../balancers/create-balancers';
import type { ClusterHub } from '../clusters/hub';
import type { Inventory } from '../inventory/inventory';
import { asksUser } from './may-ask-unseen';

/** What tells the clusters which of their servers the rounds pass by. */
export interface ClosedServersDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'report'>;
  readonly inventory: Pick<Inventory, 'server'>;
  readonly clusters: () => readonly ClusterEntry[];
  readonly now: () => number;
}

const EVERY_MS = 2_000;
/** Names what is told at the hub. */
const SOURCE = 'closed servers';

/**
 * Says with each cluster, until undone, what the rounds do not look at: they ask nobody for a password, so that a server on which root
 * takes one that is not stored is passed by.
 */
export function tellClosedServers(deps: ClosedServersDeps): Undo {
  const told = new Map<string, string>();
  const timer = setInterval(() => {
    for (const entry of deps.clusters()) tell(deps, entry, told);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
  };
}

function tell({ hub, inventory, now }: ClosedServersDeps, entry: ClusterEntry, told: Map<string, string>): void {
  const state = hub.state(entry.id);
  if (state === null) return;
  const closed = balancerServersOf(state, entry).filter((id) => asksUser(inventory, id));
  const names = closed.flatMap((id) => inventory.server(id)?.name ?? []);
  const sentence = names.length === 0 ? null : sentenceFor(names);
  const isTold = sentence === null ? !told.has(entry.id) : state.blindSpots.includes(sentence);
  if (isTold) return;
  const blindSpots = sentence === null ? [] : [sentence];
  hub.report(entry.id, SOURCE, { findings: [], asOf: now(), isSettled: false, blindSpots });
  if (sentence === null) told.delete(entry.id);
  else told.set(entry.id, sentence);
}

function sentenceFor(names: readonly string[]): string {
  const [the, is] = names.length === 1 ? ['password', 'is'] : ['passwords', 'are'];
  return (
    `The sudo ${the} of ${namesInWords(names)} ${is} not stored, and nobody is asked for one in the background: slots, the archiver and ` +
    'load balancers there are looked at only while their pages are open. To have them watched, store it: under Servers, change the ' +
    'server, Password for sudo.'
  );
}
