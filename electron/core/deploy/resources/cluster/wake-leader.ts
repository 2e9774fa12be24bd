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
 * Wakes the leader when a new replica has come, once for each state in which it is seen. The leader makes the replica's slot in its next
 * round, up to loop_wait (10 s) later; a replica that is copied before tries to stream in vain, and again only after five seconds.
 * PATCH /config ends the leader's rest, also when it changes nothing (Patroni's api.py, do_PATCH_config). A leader that cannot be
 * woken makes the slot in its own time.
 */
export function wakesLeader(
  { restUser }: ReplicaResource,
  { probes, secret }: Pick<ApplyContext, 'probes' | 'secret'>,
): (state: string, leader: Endpoint) => Promise<void> {
  const seen = new Set<string>();
  return async (state, leader) => {
    if (seen.has(state) || !coming.has(state)) return;
    seen.add(state);
    const login = { username: restUser, password: secret('rest') };
    await patchDynamicConfig(probes, leader, login, nothing, wakeMs).catch(() => undefined);
  };
}
