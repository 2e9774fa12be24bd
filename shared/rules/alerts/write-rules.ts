import { isSwitching } from '../cluster/member-facts';
import { writesInWords, writeStatusOf, type NoWritesCause } from '../cluster/write-status';
import type { AlertRule, AlertSight, AlertView } from './alert-rule';

/** What a look finds; where it finds nothing, what another finds. */
export function orElse(look: AlertRule['look'], other: (view: AlertView) => readonly AlertSight[]): AlertRule['look'] {
  return (view) => {
    const sights = look(view);
    return sights.found.length > 0 ? sights : { ...sights, found: other(view) };
  };
}

/** What the holder of the lock says of itself when it takes no writes; a standby leader takes none by design. */
const ITS_OWN: ReadonlySet<NoWritesCause> = new Set(['postgres_down', 'starting', 'stopping', 'read_only']);

/**
 * The holder of the lock says itself that it takes no writes: its PostgreSQL starts for long, or again and again. No finding lasts through
 * that, since each of these states ends soon and the next one begins.
 */
export function leaderTakesNoWrites({ state }: AlertView): readonly AlertSight[] {
  const writes = writeStatusOf(state);
  if (writes.kind !== 'no' || writes.member === null || !ITS_OWN.has(writes.cause)) return [];
  if (state.dcs.kind !== 'live' || !state.leader.known || isSwitching(state)) return [];
  return [
    {
      subject: writes.member,
      severity: 'critical',
      sentence: `${writes.member} leads, and the cluster takes no writes. ${writesInWords(writes, state.at)}`,
      advice: 'Look at the log of its PostgreSQL, under Logs: crash recovery ends by itself, a failing start does not.',
    },
  ];
}

/** Every member was asked and none is the primary, where etcd does not tell the app who leads. */
export function nobodyTakesWrites({ state }: AlertView): readonly AlertSight[] {
  const writes = writeStatusOf(state);
  if (writes.kind !== 'no' || writes.cause !== 'no_primary' || state.dcs.kind === 'no_quorum' || isSwitching(state))
    return [];
  return [
    {
      subject: null,
      severity: 'critical',
      sentence: 'Nobody takes writes: every member was asked, and none runs as the primary.',
      advice: 'See whether etcd runs and the members reach it: without it Patroni makes nobody the primary.',
    },
  ];
}
