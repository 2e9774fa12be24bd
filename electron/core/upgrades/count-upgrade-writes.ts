import { toErrorData } from '../../../shared/model/app-error';
import type { DrillWay } from '../../../shared/model/drill/drill';
import { leaderOf } from '../../../shared/rules/cluster/member-facts';
import { drillWayWords } from '../../../shared/rules/drill/drill-words';
import { findLostWrites } from '../../../shared/rules/drill/find-lost';
import { gapLength, longestGap, measureGaps } from '../../../shared/rules/drill/measure-gaps';
import { spanInWords } from '../../../shared/rules/words/wording';
import { dialThrough } from '../clusters/connect/server-dial';
import { removeLeftovers } from '../drill/clean-up';
import { findWays } from '../drill/find-ways';
import { lookAtBalancers, usualServer } from '../drill/prepare-drill';
import { makeScratch, placeOfScratch, readWritten, scratchName } from '../drill/scratch';
import { startWorkstationWriter, type WorkstationWriter } from '../drill/workstation-writer';
import { scratchPassword } from '../drill/writer-script';
import type { UpgradeRun } from './upgrade-run';

/** What was written while a rolling upgrade was at work. */
export interface UpgradeWrites {
  readonly facts: Readonly<Record<string, string | number | null>>;
  readonly lost: number;
  /** What they tell, as a sentence. */
  readonly sentence: string;
}

/** Writes at work; null where none could be made. */
export interface CountedWrites {
  /** Ends them, looks for every acknowledged one, and removes what was made. */
  end(): Promise<UpgradeWrites>;
  /** Ends them only: the app ends. */
  stop(): Promise<void>;
}

/** How long is written before something is stopped, ms: a way that takes nothing by then is said. */
const STEADY_MS = 3000;

/** Makes a role and a database, and begins to write by each way in ten times a second. Answers null, with the reason in the log. */
export async function startCounting(run: UpgradeRun): Promise<CountedWrites | null> {
  try {
    return await start(run);
  } catch (thrown) {
    run.context.log('warning', `Writes are not counted: ${toErrorData(thrown).message}`);
    await removeScratchOf(run);
    return null;
  }
}

async function start(run: UpgradeRun): Promise<CountedWrites> {
  const { deps, context, state } = run;
  const leader = leaderOf(state);
  if (leader === null) throw new Error('nobody leads.');
  const sshPlace = (serverId: string) => deps.server(serverId) ?? null;
  const balancers = await lookAtBalancers({ hub: deps.hub, balancers: deps.balancers, sshPlace }, state);
  const serverId = usualServer(
    balancers.map(({ server }) => server),
    state,
  );
  const ways = findWays({ state, balancers, serverId, vip: null }).filter(({ missing }) => missing === null);
  if (serverId === null || ways.length === 0) throw new Error('no way in was found.');
  const [name, password] = [scratchName(run.record.id), scratchPassword()];
  await run.keep({ scratch: true });
  await makeScratch(placeOfScratch(deps.remotes, leader), name, password);
  const remote = deps.remotes.remote(serverId);
  const writer = startWorkstationWriter({
    dial: dialThrough(deps.remotes, serverId),
    isConnected: () => remote.state().kind === 'connected',
    ways,
    name,
    password,
    now: deps.now,
  });
  await run.pause(STEADY_MS);
  for (const { kind } of ways)
    context.log(
      writer.acknowledged(kind) > 0 ? 'good' : 'warning',
      `${drillWayWords[kind]}: ${writer.acknowledged(kind)} writes before the first step, through ${remote.name}.`,
    );
  return {
    end: () => end(run, writer, ways),
    stop: async () => {
      await writer.stop();
    },
  };
}

async function end(run: UpgradeRun, writer: WorkstationWriter, ways: readonly DrillWay[]): Promise<UpgradeWrites> {
  const wasCutOff = writer.wasCutOff();
  const written = await writer.stop();
  const rows = await rowsOf(run);
  const measured = ways.flatMap(({ kind }) => {
    const writes = written.get(kind) ?? [];
    const from = writes.find(({ acknowledged }) => acknowledged)?.endedAt;
    if (from === undefined) return [];
    const since = writes.filter(({ endedAt }) => endedAt >= from);
    const gap = longestGap(measureGaps(since, from), since.at(-1)?.endedAt ?? from);
    return [
      {
        kind,
        count: since.length,
        failed: since.filter(({ acknowledged }) => !acknowledged).length,
        gapMs: gap === null ? 0 : gapLength(gap, since.at(-1)?.endedAt ?? from),
        lost: rows === null ? null : findLostWrites(writes, rows.get(`workstation ${kind}`) ?? new Set()).lost.count,
      },
    ];
  });
  await removeScratchOf(run);
  const lost = measured.reduce((sum, one) => sum + (one.lost ?? 0), 0);
  const longestMs = measured.length === 0 ? null : Math.max(...measured.map(({ gapMs }) => gapMs));
  const byWay = measured.map(({ kind, count, failed, gapMs }): [string, string] => [
    `Writes by ${drillWayWords[kind]}`,
    `${failed} of ${count} failed, the longest interruption ${spanInWords(gapMs)}`,
  ]);
  for (const [what, told] of byWay) run.context.log('info', `${what}: ${told}.`);
  const failed = measured.reduce((sum, one) => sum + one.failed, 0);
  return {
    lost,
    sentence: inWords(
      measured.length === 0 ? null : { failed, longestMs: longestMs ?? 0, lost: rows === null ? null : lost },
    ),
    facts: {
      ...Object.fromEntries(byWay),
      'Writes that failed': measured.length === 0 ? 'not counted' : failed,
      'Longest interruption': longestMs === null ? 'not measured' : spanInWords(longestMs),
      'Acknowledged writes that were lost': rows === null ? 'not known' : lost,
      ...(wasCutOff
        ? { Note: 'The connection through which this computer writes was lost meanwhile: some failed for that.' }
        : {}),
    },
  };
}

function inWords(
  told: { readonly failed: number; readonly longestMs: number; readonly lost: number | null } | null,
): string {
  if (told === null) return 'No way in took writes: what failed was not counted.';
  const { failed, longestMs, lost } = told;
  const interruption =
    longestMs === 0 ? 'without an interruption' : `the longest interruption was ${spanInWords(longestMs)}`;
  const kept = lost === 0 ? 'every acknowledged one is there' : `${lost} acknowledged ones are missing`;
  const there = lost === null ? 'whether all acknowledged ones are there is not known' : kept;
  return `Writes that failed: ${failed}; ${interruption}, and ${there}.`;
}

async function rowsOf(run: UpgradeRun): Promise<ReadonlyMap<string, ReadonlySet<number>> | null> {
  const leader = leaderOf(run.state);
  if (leader === null) return null;
  try {
    return await readWritten(placeOfScratch(run.deps.remotes, leader), scratchName(run.record.id));
  } catch (thrown) {
    run.context.log('warning', toErrorData(thrown).message);
    return null;
  }
}

async function removeScratchOf(run: UpgradeRun): Promise<void> {
  if (!run.record.scratch) return;
  const left = await removeLeftovers(
    {
      remotes: run.deps.remotes,
      now: run.deps.now,
      state: () => run.deps.hub.state(run.clusterId),
      log: (level, text) => run.context.log(level, text),
    },
    { id: run.record.id, scratch: true, writer: null },
  );
  for (const sentence of left) run.context.log('warning', sentence);
  if (left.length === 0) await run.keep({ scratch: false });
}
