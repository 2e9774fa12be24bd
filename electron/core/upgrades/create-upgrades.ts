import { randomBytes } from 'node:crypto';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { Job } from '../../../shared/model/operate/job';
import type { UpgradesView } from '../../../shared/model/upgrade/upgrade';
import type { StoppedUpgrade, UpgradeChoice, UpgradePreview } from '../../../shared/model/upgrade/upgrade-run';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import type { Undo } from '../../../shared/model/undo';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import { stateOfCluster } from '../postgres/member-place';
import { prepareUpgrade, type PreparedUpgrade } from './preview-upgrade';
import { readUpgrades, type UpgradeReadDeps } from './read-upgrades';
import { refuseUnconfirmed } from './refuse-unconfirmed';
import { recordedSteps, runUpgrade, standingInWords, upgradePhases } from './run-upgrade';
import { tidyUpgrade } from './tidy-upgrade';
import { UpgradeRun, type UpgradeWorkDeps } from './upgrade-run';
import { isLeftOver, type UpgradeRecord } from './upgrade-store';

/** What the service works with. */
export interface UpgradesDeps extends UpgradeReadDeps, Omit<UpgradeWorkDeps, 'lookMs'> {
  readonly hub: UpgradeWorkDeps['hub'];
  readonly jobs: JobEngine;
  readonly lookMs?: number;
}

/** A confirmed rolling upgrade. */
export interface UpgradeRequest {
  readonly clusterId: string;
  readonly choice: UpgradeChoice;
  readonly fingerprint: string;
  readonly typed: string | null;
  readonly requestId: string;
}

/** Minor upgrades of a cluster. See shared/contract/upgrades.ts for what each rejects with. */
export interface UpgradesService {
  /** Asks every server over SSH, and PostgreSQL of every member; reads only. Rejects with `operation.unknown_cluster`. */
  read(clusterId: string): Promise<UpgradesView>;
  preview(clusterId: string, choice: UpgradeChoice): Promise<UpgradePreview>;
  start(request: UpgradeRequest): Promise<Job>;
  stopped(clusterId: string): Promise<StoppedUpgrade | null>;
  clean(request: { readonly clusterId: string; readonly requestId: string }): Promise<Job>;
  /** Puts back by itself what an earlier session of the app left on servers, as soon as their clusters are seen. */
  recover(): Undo;
}

const LOOK_MS = 1000;

type Deps = UpgradesDeps & UpgradeWorkDeps;

/** Makes the service. */
export function createUpgrades(given: UpgradesDeps): UpgradesService {
  const deps: Deps = { ...given, lookMs: given.lookMs ?? LOOK_MS };
  return {
    read: (clusterId) => readUpgrades(deps, clusterId),
    preview: async (clusterId, choice) => (await prepare(deps, clusterId, choice)).preview,
    start: (request) => start(deps, request),
    stopped: (clusterId) => stoppedUpgrade(deps, clusterId),
    clean: (request) => tidy(deps, request, true),
    recover: () => recover(deps),
  };
}

async function prepare(deps: Deps, clusterId: string, choice: UpgradeChoice): Promise<PreparedUpgrade> {
  const record = await deps.store.read(clusterId);
  return prepareUpgrade(deps, clusterId, choice, {
    record,
    otherJob: deps.jobs.holder(clusterLock(clusterId))?.title ?? null,
  });
}

async function start(deps: Deps, request: UpgradeRequest): Promise<Job> {
  const { jobs } = deps;
  const same = jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const prepared = await prepare(deps, request.clusterId, request.choice);
  refuseUnconfirmed(prepared.preview, request, 'upgrade.not_now');
  const { preview, state, steps } = prepared;
  const typed = preview.typeToConfirm === null ? 'Confirmed' : `Confirmed by typing ${preview.typeToConfirm}`;
  return jobs.start(
    {
      kind: 'upgrade',
      clusterId: request.clusterId,
      clusterTitle: clusterName(state),
      title: `Upgrade ${clusterName(state)}, one server after another`,
      target: null,
      command: preview.steps.flatMap(({ title, commands }) => [`# ${title}`, ...commands]).join('\n'),
      confirmation: `${typed}. Shown: ${preview.consequences.join(' ')}`,
      phases: upgradePhases(steps, request.choice.countWrites),
      exclusive: clusterLock(request.clusterId),
      cancellable: true,
      requestId: request.requestId,
    },
    (context) => noted(deps, request.clusterId, () => carryOut(deps, context, request, prepared)),
  );
}

/** The record is written within the job, so that the lock of the cluster guards it. */
async function carryOut(
  deps: Deps,
  context: JobContext,
  { clusterId, choice }: UpgradeRequest,
  { steps }: PreparedUpgrade,
): Promise<JobEnd> {
  const record: UpgradeRecord = {
    version: 1,
    id: randomBytes(6).toString('hex'),
    clusterId,
    startedAt: deps.now(),
    steps: recordedSteps(steps),
    ways: [],
    stopped: null,
    drained: [],
    paused: [],
    apt: [],
    scratch: false,
  };
  await deps.store.keep(record);
  return runUpgrade(new UpgradeRun(deps, context, choice, () => readUpgrades(deps, clusterId), record), steps);
}

/** Writes begin and end of a job into the cluster's own events. */
async function noted({ hub, now }: Deps, clusterId: string, work: () => Promise<JobEnd>): Promise<JobEnd> {
  const note = (severity: 'info' | 'good' | 'warning', sentence: string): void =>
    hub.record(clusterId, { at: now(), kind: 'operation', severity, member: null, sentence });
  note('info', 'Started here: an upgrade, one server after another.');
  try {
    const end = await work();
    note(end.status === 'done' ? 'good' : 'warning', end.result?.sentence ?? ('error' in end ? end.error.message : ''));
    return end;
  } catch (thrown) {
    note('warning', toErrorData(thrown).message);
    throw thrown;
  }
}

function isAtWork({ jobs }: Deps, clusterId: string): boolean {
  return jobs.holder(clusterLock(clusterId))?.kind === 'upgrade';
}

const BROKEN_OFF = 'The app ended while this upgrade was at work.';

async function stoppedUpgrade(deps: Deps, clusterId: string): Promise<StoppedUpgrade | null> {
  stateOfCluster(deps, clusterId);
  const record = isAtWork(deps, clusterId) ? null : await deps.store.read(clusterId);
  if (record === null) return null;
  const titles = (isDone: boolean): readonly string[] =>
    record.steps.filter(({ state }) => (state === 'done') === isDone).map(({ title }) => title);
  return {
    startedAt: record.startedAt,
    sentence: record.stopped ?? BROKEN_OFF,
    done: titles(true),
    left: titles(false),
    ways: record.ways,
    leftovers: leftoversOf(deps, record),
  };
}

function leftoversOf({ server }: Deps, { drained, paused, apt, scratch }: UpgradeRecord): readonly string[] {
  const nameOf = (serverId: string): string => server(serverId)?.name ?? serverId;
  return [
    ...drained.map(({ member, path }) => `${member} still has the tags by which it was drained, in ${path}.`),
    ...paused.map((serverId) => `PgBouncer on ${nameOf(serverId)} may still hold transactions back.`),
    ...apt.map(({ serverId }) => `apt on ${nameOf(serverId)} was not seen to end.`),
    ...(scratch ? ['The role and the database for the writes are still there.'] : []),
  ];
}

/** Puts back what was left. `forgets`: the user has dealt with the rest, and the record goes with it. */
async function tidy(
  deps: Deps,
  { clusterId, requestId }: { readonly clusterId: string; readonly requestId: string },
  forgets: boolean,
): Promise<Job> {
  const same = deps.jobs.byRequest(requestId);
  if (same !== null) return same;
  const state = stateOfCluster(deps, clusterId);
  if (state.readOnly)
    throw appError('operation.read_only', 'This cluster is set to read-only in this app. Nothing was done.', {
      hint: 'Change that under Cluster settings first.',
    });
  if (isAtWork(deps, clusterId) || (await deps.store.read(clusterId)) === null)
    throw appError('upgrade.nothing_left', 'No upgrade was broken off here: there is nothing to clean up.', {
      hint: 'Look at the upgrades of the cluster again.',
    });
  return deps.jobs.start(
    {
      kind: 'upgrade',
      clusterId,
      clusterTitle: clusterName(state),
      title: 'Clean up after an upgrade that was broken off',
      target: null,
      command: null,
      confirmation: null,
      phases: [{ id: 'tidy', label: 'Put back what was left on servers' }],
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId,
    },
    (context) => cleanUp(deps, context, clusterId, forgets),
  );
}

async function cleanUp(deps: Deps, context: JobContext, clusterId: string, forgets: boolean): Promise<JobEnd> {
  context.phase('tidy', 'running');
  const before = await deps.store.read(clusterId);
  if (before === null) return tidied('There was nothing left.');
  const { record, left } = await tidyUpgrade(deps, context, { ...before, stopped: before.stopped ?? BROKEN_OFF });
  if (left.length > 0 || isLeftOver(record)) {
    await deps.store.keep(record);
    throw appError('upgrade.still_left', `Not all of it could be put back. ${left.join(' ')}`.trim(), {
      hint: 'Clean up again when the servers and the cluster are reached.',
      retryable: true,
    });
  }
  if (forgets) await deps.store.forget(clusterId);
  else await deps.store.keep(record);
  return tidied(`Tags, PgBouncer and servers are as before the upgrade. ${standingInWords(record)}`);
}

const tidied = (sentence: string): JobEnd => ({
  status: 'done',
  result: { sentence, withoutPrimaryMs: null, facts: {} },
});

const RECOVER_EVERY_MS = 5000;

/** One try for each cluster: what fails is shown on its page, with a button. */
function recover(deps: Deps): Undo {
  const tried = new Set<string>();
  const look = async (): Promise<void> => {
    for (const clusterId of (await deps.store.clusters()).filter((one) => !tried.has(one))) {
      const record = await deps.store.read(clusterId).catch(() => null);
      if (record === null || !isLeftOver(record) || !isReachable(deps, record) || isAtWork(deps, clusterId)) continue;
      tried.add(clusterId);
      await tidy(deps, { clusterId, requestId: `upgrade-${record.id}-${deps.now()}` }, false).catch(() => undefined);
    }
  };
  void look();
  const timer = setInterval(() => void look(), RECOVER_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The cluster is seen, nobody has to be asked for a login, and it may be changed. */
function isReachable({ hub, remotes }: Deps, { clusterId, drained, paused, apt }: UpgradeRecord): boolean {
  const state = hub.state(clusterId);
  if (state === null || state.readOnly || state.onHold === true || !state.leader.known) return false;
  const servers = [...drained.map(({ serverId }) => serverId), ...paused, ...apt.map(({ serverId }) => serverId)];
  try {
    return servers.every((serverId) => remotes.remote(serverId).state().kind === 'connected');
  } catch {
    return false;
  }
}
