import { AppError } from '../../../shared/model/app-error';
import { findPostgresTrouble } from '../../../shared/rules/postgres/find-postgres-trouble';
import type { ClusterHub } from '../clusters/hub';
import type { PostgresService } from '../postgres/create-postgres';
import type { Round } from './round';

/** What the slots of leaders are looked at with. */
export interface SlotRoundDeps {
  readonly hub: Pick<ClusterHub, 'state'>;
  readonly postgres: Pick<PostgresService, 'calmReplication'>;
  /** Whether a server can be asked now without a connection being opened or the user being asked. */
  readonly mayAsk: (serverId: string) => boolean;
}

const EVERY_MS = 60_000;
/** A simulated server costs nothing to ask, and who tries the demo waits for it. */
const EVERY_IN_DEMO_MS = 5_000;

/**
 * The slots and the archiver of each leader, once a minute: one visit of psql, and df. Its forecasts rest on five minutes.
 * What three readings in a row found is told; it is taken back when five in a row did not find it.
 */
export function slotRound({ hub, postgres, mayAsk }: SlotRoundDeps): Round {
  return {
    source: 'slots',
    rule: { tellAfter: 3, takeBackAfter: 5 },
    everyMs: ({ origin }) => (origin === 'demo' ? EVERY_IN_DEMO_MS : EVERY_MS),
    look: async ({ id }) => {
      const state = hub.state(id);
      const leader = state?.members.find(({ name }) => name === state.leader.holder);
      if (leader === undefined || leader.serverId === null) return null;
      if (!mayAsk(leader.serverId)) return null;
      const reading = await postgres.calmReplication(id, leader.name);
      if (reading.kind === 'unknown') throw new AppError(reading.error);
      const { asOf } = reading.source;
      return { place: leader.name, findings: findPostgresTrouble({ members: [reading], asOf }), asOf };
    },
  };
}
