import { hasCode, toErrorData } from '../../../shared/model/app-error';
import type { DataDirectory } from '../../../shared/model/repair/repair';
import { isJsonObject, valueAt } from '../../../shared/rules/configure/config-patch';
import {
  judgeDiverged,
  type ChangedFile,
  type LostWal,
  type TouchedRelations,
} from '../../../shared/rules/repair/diverged';
import { isStreamingReplica } from '../../../shared/rules/cluster/member-facts';
import { findFork, positionInWords, type WalFork, type WalHistory } from '../../../shared/rules/repair/fork';
import { lockHolder } from '../../../shared/rules/repair/scope-keys';
import { asRootOrSelf } from '../member-files/read-member-file';
import { KEPT_INFIX, WAL_SCRIPT } from './data-scripts';
import { dataOfLeader, lineOfLog } from './foreign-data';
import { stampOf } from './keep-keys';
import { nameRelations } from './lost-relations';
import { readWalPosition, readDataDirectory, siteOf, type MemberSite } from './read-data';
import { readScope, etcdSceneOf } from './read-scope';
import { renewMember } from './renew-member';
import type { LookForRepair, RepairScene } from './repair-work';

const WAL_MS = 60_000;
const REST_MS = 4_000;
/** What PostgreSQL and Patroni say of data that has left the leader's. */
const SAYS_SO = new RegExp(
  'ahead of the WAL flush position|forked off current database system timeline|has diverged|pg_rewind|need rewind|' +
    String.raw`highest timeline \d+ of the primary is behind`,
  'i',
);

/** A member whose WAL has left the leader's: a replica that cannot follow, or a second leader after a partition. */
export const lookForDiverged: LookForRepair<'diverged'> = async (given, { member, way }) => {
  const scene = etcdSceneOf(given);
  const { now } = scene.deps;
  const [keys, site] = await Promise.all([readScope(scene), siteOf(scene, member)]);
  const leader = lockHolder(keys);
  const [own, leaders, said, answer, leads] = await Promise.all([
    readDataDirectory(site, now),
    dataOfLeader(scene, leader),
    lineOfLog(scene, site, SAYS_SO),
    askMember(scene, member),
    leader === null ? {} : askMember(scene, leader),
  ]);
  const fork = await forkOf(site, own, leaders, positionSaid(answer));
  const lost = fork?.kind === 'diverged' ? await readLost(site, own, fork) : { wal: null, why: null };
  const keptAs = `${own.directory}${KEPT_INFIX}${stampOf(scene.at)}`;
  const kept = way === 'rewind' || own.content === 'cluster' ? keptAs : null;
  return {
    plan: judgeDiverged({
      ...{ member, way, leader, own, leaders, fork, said, keptAs, unit: site.unit },
      lost: lost.wal,
      lostWhy: lost.why,
      lostAt: now(),
      touched: await touchedBy(scene, own, leader, lost.wal),
      positions: { own: Math.max(positionSaid(answer), lost.wal?.last ?? 0), leaders: positionSaid(leads) },
      paused: scene.state.paused,
      runsAsPrimary: ['primary', 'master'].includes(String(answer['role'])) && own.runs,
      rewinds: rewinds(scene),
      streams: isStreamingReplica(scene.state, member),
    }),
    carryOut: (context) =>
      renewMember(
        {
          ...{
            scene,
            site,
            before: own,
            leader: leader ?? '',
            keptAs: kept,
            keeps: way === 'rewind' ? 'copy' : 'move',
          },
          expected: leaders?.systemIdentifier ?? null,
          stopsPostgres: true,
        },
        context,
      ),
  };
};

/** Which relations the WAL behind the fork changes: the member's own catalog knows best, where it runs; null: no catalog could be asked. */
async function touchedBy(
  { deps, entry }: RepairScene,
  own: DataDirectory,
  leader: string | null,
  lost: LostWal | null,
): Promise<TouchedRelations | null> {
  if (lost === null || lost.files.length === 0) return null;
  for (const member of [...(own.runs ? [own.member] : []), ...(leader === null ? [] : [leader])]) {
    try {
      return await nameRelations(deps.postgresPlace(entry.id, member), lost.files);
    } catch {
      // The next one is asked.
    }
  }
  return null;
}

/** What Patroni of a member answers; nothing where it does not. */
export async function askMember(
  { deps, entry }: RepairScene,
  member: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await deps.hub
    .rest(entry.id, member)
    ?.get('/patroni', REST_MS)
    .catch(() => undefined);
  return isJsonObject(answer) ? answer : {};
}

/** How far the member's WAL goes by its own word, bytes. */
export function positionSaid(answer: Readonly<Record<string, unknown>>): number {
  const places = [
    ['xlog', 'location'],
    ['xlog', 'received_location'],
    ['xlog', 'replayed_location'],
  ];
  const found = places.map((path) => valueAt(answer, path)).filter((one) => typeof one === 'number');
  return Math.max(0, ...found);
}

function rewinds({ state }: RepairScene): boolean | null {
  if (state.config === null) return null;
  return valueAt(state.config.raw, ['postgresql', 'use_pg_rewind']) === true;
}

/** Where the WAL of a member leaves the leader's; null where it could not be read. `said`: how far it goes by its own word, bytes. */
export async function forkOf(
  site: MemberSite,
  own: DataDirectory,
  leaders: DataDirectory | null,
  said: number,
): Promise<WalFork | null> {
  if (leaders === null || own.content !== 'cluster') return null;
  const theirs = historyOf(leaders, leaders.checkpoint ?? 0);
  // The last checkpoint may lie before the fork: how far the WAL goes is read from it.
  const read = own.checkpoint === null ? null : await readWal(site, own, own.checkpoint).catch(() => null);
  const mine = historyOf(own, Math.max(own.checkpoint ?? 0, said, read?.last ?? 0));
  return mine === null || theirs === null ? null : findFork(mine, theirs);
}

function historyOf({ history, timeline }: DataDirectory, position: number): WalHistory | null {
  return history === null || timeline === null ? null : { ends: history, timeline, position };
}

/** Rejects with `ssh.*`. */
async function readWal(site: MemberSite, own: DataDirectory, from: number): Promise<LostWal | null> {
  const args = [own.directory, site.programs, String(own.timeline ?? 1), positionInWords(from)];
  const { stdout } = await asRootOrSelf(site.asRoot, (sudo) =>
    site.remote.script(WAL_SCRIPT, args, { timeoutMs: WAL_MS, sudo }),
  );
  return readWalAnswer(stdout);
}

/** What lies behind the fork, and why where it could not be read. */
export async function readLost(
  site: MemberSite,
  own: DataDirectory,
  fork: Extract<WalFork, { kind: 'diverged' }>,
): Promise<{ readonly wal: LostWal | null; readonly why: string | null }> {
  try {
    const wal = await readWal(site, own, fork.lsn);
    if (wal !== null && wal.records > 0) return { wal, why: null };
    return { wal: null, why: `What lies behind ${positionInWords(fork.lsn)} could not be read by pg_waldump.` };
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.timeout')) return { wal: null, why: toErrorData(thrown).message };
    return { wal: null, why: 'There is too much WAL behind the fork to read it in a minute.' };
  }
}

/** Reads what the script printed; null when it is not whole, or when there was no pg_waldump. */
export function readWalAnswer(output: string): LostWal | null {
  const lines = output.split('\n').map((line) => line.trim());
  if (!lines.includes('end')) return null;
  const one = (keyword: string): string | null =>
    lines.find((line) => line.startsWith(`${keyword} `))?.slice(keyword.length + 1) ?? null;
  const moment = (text: string | null): string | null =>
    /^\d{4}-[\d-]+ [\d:.]+$/.exec(text ?? '')?.[0].slice(0, 19) ?? null;
  const records = one('records');
  if (records === null) return null;
  return {
    records: Number(records),
    commits: Number(one('commits') ?? 0),
    firstCommit: moment(one('first')),
    lastCommit: moment(one('until')),
    last: readWalPosition(one('last') ?? ''),
    isCut: lines.includes('cut'),
    files: lines.flatMap(readChangedFile),
  };
}

function readChangedFile(line: string): readonly ChangedFile[] {
  const [tablespace, database, file, records] = (/^rel (\d+)\/(\d+)\/(\d+) (\d+)$/.exec(line) ?? [])
    .slice(1)
    .map(Number);
  if (tablespace === undefined || database === undefined || file === undefined || records === undefined) return [];
  return [{ tablespace, database, file, records }];
}
