import { toErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { DrillHealing } from '../../../shared/model/drill/drill';
import { leaderOf } from '../../../shared/rules/cluster/member-facts';
import { hasSwitch } from '../../../shared/rules/drill/check-drill';
import { LATE, settleWithin, sleep } from '../platform/wait';
import type { Remote, RemotePool } from '../ssh/remote';
import type { DrillRecord } from './drill-store';
import { orderOf } from './drill-run';
import { isHealed, standingOnServer, type FaultStanding } from './fault-script';
import { placeOfScratch, removeScratch, scratchName } from './scratch';
import { removeServerWriter } from './writer-script';

/** What cleaning up works with. `log` tells the job. */
export interface CleanUpDeps {
  readonly remotes: RemotePool;
  readonly now: () => number;
  readonly state: () => ClusterState | null;
  readonly log: (level: 'info' | 'good' | 'warning', text: string) => void;
}

/** How the healing of a fault ended, and when that was seen, ms since the epoch. */
export interface Healed {
  readonly healing: DrillHealing;
  readonly at: number | null;
}

const RETRY_MS = 2000;

/**
 * Takes a fault away and sees that it is: by the app where the server is reached, else by the server's own timer. Goes on trying
 * until `until` (ms since the epoch): the server may be out of reach. Never rejects.
 */
export async function healFault(deps: CleanUpDeps, record: DrillRecord, until: number): Promise<Healed> {
  if (!record.armed || !hasSwitch(record.fault)) return { healing: 'not_needed', at: null };
  const remote = deps.remotes.remote(record.leaderServerId);
  let told = '';
  do {
    const healed = await tryToHeal(deps, remote, record).catch((thrown: unknown) => {
      const { message } = toErrorData(thrown);
      if (message !== told)
        deps.log('warning', `${message} The server takes the fault away by itself; it is asked again.`);
      told = message;
      return null;
    });
    if (healed !== null) return healed;
    await sleep(RETRY_MS);
  } while (deps.now() < until);
  return { healing: 'not_known', at: null };
}

async function tryToHeal(deps: CleanUpDeps, remote: Remote, record: DrillRecord): Promise<Healed | null> {
  const order = orderOf(record);
  const before = await standingOnServer(remote, 'after', order);
  const wasHealed = isHealed(before, record.fault);
  if (wasHealed && !before.timerWaits) return { healing: byItself(record, before), at: deps.now() };
  const after = await standingOnServer(remote, 'heal', order);
  if (!isHealed(after, record.fault) || after.timerWaits) return null;
  return { healing: wasHealed ? 'not_needed' : 'app', at: deps.now() };
}

/** A killed Patroni that systemd has started again did not need the timer. */
function byItself({ struckAt }: DrillRecord, _standing: FaultStanding): DrillHealing {
  return struckAt === null ? 'not_needed' : 'server';
}

const SCRATCH_TRIES = 5;

/**
 * Removes what a drill made: the writer with its notes, the database and the role on whoever leads now. Answers what could not be
 * removed, as sentences; nothing where all is gone. Never rejects.
 */
export async function removeLeftovers(
  deps: CleanUpDeps,
  record: Pick<DrillRecord, 'id' | 'scratch' | 'writer'>,
): Promise<readonly string[]> {
  const writer = await removeWriter(deps, record);
  const scratch = record.scratch ? await removeFromLeader(deps, scratchName(record.id)) : null;
  return [writer, scratch].filter((one) => one !== null);
}

const WRITER_MS = 30_000;

/** A writer whose server is out of reach ends and removes itself: it is said, and does not hold up the rest. */
async function removeWriter(
  { remotes, log }: CleanUpDeps,
  { writer }: Pick<DrillRecord, 'writer'>,
): Promise<string | null> {
  if (writer === null) return null;
  const remote = remotes.remote(writer.serverId);
  try {
    const removed = await settleWithin(WRITER_MS, removeServerWriter({ remote, directory: writer.directory }));
    if (removed === LATE) throw new Error(`${remote.name} did not answer in time.`);
  } catch (thrown) {
    log(
      'warning',
      `${toErrorData(thrown).message} ${writer.directory} on ${remote.name} removes itself within two hours.`,
    );
  }
  return null;
}

async function removeFromLeader(deps: CleanUpDeps, name: string): Promise<string | null> {
  let why = 'nobody leads';
  for (let tries = 0; tries < SCRATCH_TRIES; tries += 1) {
    if (tries > 0) await sleep(RETRY_MS);
    const state = deps.state();
    const leader = state === null ? null : leaderOf(state);
    if (leader === null) continue;
    try {
      if (await removeScratch(placeOfScratch(deps.remotes, leader), name)) return null;
      why = `${leader.name} did not remove it`;
    } catch (thrown) {
      why = toErrorData(thrown).message;
    }
  }
  return `The role and the database ${name} may still be there: ${why}`;
}
