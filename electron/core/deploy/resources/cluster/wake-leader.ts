import type { Endpoint, ReplicaResource } from '../../../../../shared/model/deploy/plan';
import { patchDynamicConfig } from '../../facts/patroni-probes';
import type { ApplyContext } from '../context';

const wakeMs = 5_000;

/**
 * States in which a new member may have told the DCS of itself. It says "stopped" while it waits for the leader, with
 * its key there or about to be.
 */
const coming: ReadonlySet<string> = new Set(['stopped', 'creating replica', 'starting', 'running']);

/** Changes nothing, whatever the configuration is: a key that is not there is taken away. */
const nothing = { matriarch: null };

/**
 * Ends the leader's rest between two loops. PATCH /config does so, also when it changes nothing (Patroni's api.py,
 * do_PATCH_config). A leader that cannot be woken begins its next loop in its own time, after `loop_wait` at most.
 */
export async function wakeLeader(
  leader: Endpoint,
  restUser: string,
  { probes, secret }: Pick<ApplyContext, 'probes' | 'secret'>,
): Promise<void> {
  const login = { username: restUser, password: secret('rest') };
  await patchDynamicConfig(probes, leader, login, nothing, wakeMs).catch(() => undefined);
}

/**
 * Wakes the leader when a new replica has come, once for each state in which it is seen. The leader makes the replica's slot in its next
 * round, up to loop_wait (10 s) later; a replica that is copied before tries to stream in vain, and again only after five seconds.
 */
export function wakesLeader(
  { restUser }: ReplicaResource,
  context: Pick<ApplyContext, 'probes' | 'secret'>,
): (state: string, leader: Endpoint) => Promise<void> {
  const seen = new Set<string>();
  return async (state, leader) => {
    if (seen.has(state) || !coming.has(state)) return;
    seen.add(state);
    await wakeLeader(leader, restUser, context);
  };
}
