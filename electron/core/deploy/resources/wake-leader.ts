import type { Endpoint, ReplicaResource } from '../../../../shared/model/deploy-plan';
import { askHttp } from '../facts/http-ask';
import type { ApplyContext } from './context';

const wakeMs = 5_000;

/** States in which a new member has told the DCS of itself (Patroni's ha.py: its key is written before the copy begins). */
const registered: ReadonlySet<string> = new Set(['creating replica', 'starting', 'running']);

/** Changes nothing, whatever the configuration is: a key that is not there is taken away. */
const nothing = { matriarch: null };

/**
 * Wakes the leader once a new replica has told the DCS of itself. The leader makes the replica's slot in its next round, up to loop_wait
 * (10 s) later, and without the slot the replica cannot stream. PATCH /config ends the leader's rest, also when it changes nothing (Patroni's
 * api.py, do_PATCH_config). Asked with each state the member tells; a leader that cannot be woken makes the slot in its own time.
 */
export function wakesLeader({ restUser }: ReplicaResource, { probes, secret }: Pick<ApplyContext, 'probes' | 'secret'>): (state: string, leader: Endpoint) => Promise<void> {
  let woken = false;
  return async (state, leader) => {
    if (woken || !registered.has(state)) return;
    woken = true;
    await askHttp({
      remote: probes.remoteOf(leader.server), host: leader.address, port: leader.port, path: '/config', method: 'PATCH', body: nothing,
      basic: { user: restUser, password: secret('rest') }, tls: probes.tls, timeoutMs: wakeMs,
    });
  };
}
