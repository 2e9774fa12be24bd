import { randomBytes } from 'node:crypto';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { DrillChoice, DrillPreview, DrillServer, DrillView } from '../../../shared/model/drill/drill';
import type { Job } from '../../../shared/model/operate/job';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { drillTitle } from '../../../shared/rules/drill/drill-words';
import { spanInWords } from '../../../shared/rules/words/wording';
import type { Undo } from '../../../shared/model/undo';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import { healFault, removeLeftovers } from './clean-up';
import type { DrillRecord } from './drill-store';
import { USUAL_DRILL_TIMING, type DrillRun, type DrillTiming, type DrillWorkDeps } from './drill-run';
import { previewDrill, type PreparedDrill, type PrepareDeps } from './prepare-drill';
import { DRILL_PHASES, runDrill } from './run-drill';

/** What the service works with. */
export interface DrillDeps extends Omit<DrillWorkDeps, 'timing'>, Omit<PrepareDeps, 'left'> {
  readonly jobs: JobEngine;
  readonly hub: DrillWorkDeps['hub'] & PrepareDeps['hub'];
  readonly timing?: Partial<DrillTiming>;
}

/** A confirmed drill. */
export interface DrillRequest {
  readonly clusterId: string;
  readonly choice: DrillChoice;
  readonly fingerprint: string;
  readonly typed: string | null;
  readonly requestId: string;
}

/** Failover drills. See shared/contract/drills.ts for what each rejects with. */
export interface DrillService {
  view(clusterId: string): Promise<DrillView>;
  preview(clusterId: string, choice: DrillChoice): Promise<DrillPreview>;
  start(request: DrillRequest): Promise<Job>;
  /** Cleans up after a drill that was broken off. */
  clean(request: { readonly clusterId: string; readonly requestId: string }): Promise<Job>;
  /** Cleans up by itself after drills that an earlier session of the app left, as soon as their clusters are seen. */
  recover(): Undo;
}

/** Makes the service. */
export function createDrills(deps: DrillDeps): DrillService {
  return {
    view: (clusterId) => view(deps, clusterId),
    preview: async (clusterId, choice) => (await prepare(deps, clusterId, choice)).preview,
    start: (request) => start(deps, request),
    clean: (request) => clean(deps, request),
    recover: () => recover(deps),
  };
}

async function prepare(deps: DrillDeps, clusterId: string, choice: DrillChoice): Promise<PreparedDrill> {
  stateOf(deps, clusterId);
  const left = (await deps.store.record(clusterId)) !== null;
  return previewDrill({ ...deps, left: left && !isAtWork(deps, clusterId) }, clusterId, choice);
}

function isAtWork({ jobs }: DrillDeps, clusterId: string): boolean {
  return jobs.holder(clusterLock(clusterId))?.kind === 'drill';
}

async function view(deps: DrillDeps, clusterId: string): Promise<DrillView> {
  stateOf(deps, clusterId);
  const { reports, unreadable } = await deps.store.reports(clusterId);
  const record = isAtWork(deps, clusterId) ? null : await deps.store.record(clusterId);
  return { reports, unreadable, left: record === null ? null : leftOf(deps, record) };
}

function leftOf({ now }: DrillDeps, record: DrillRecord): NonNullable<DrillView['left']> {
  const { id, startedAt, fault, leader, struckAt, limitSeconds } = record;
  const healsAt = (struckAt ?? startedAt) + limitSeconds * 1000;
  const fate =
    now() > healsAt ? 'should have taken it away by now' : `takes it away within ${spanInWords(healsAt - now())}`;
  const sentence =
    struckAt === null
      ? 'A drill was broken off before its fault was made. What it made in the cluster may still be there.'
      : `A drill was broken off after its fault was made on ${leader}. The server ${fate} by itself.`;
  return { id, startedAt, fault, sentence };
}

function stateOf({ hub }: DrillDeps, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}

async function start(deps: DrillDeps, request: DrillRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const prepared = await prepare(deps, request.clusterId, request.choice);
  const { leader, server } = confirmed(prepared, request);
  const { preview, state } = prepared;
  const typed = preview.typeToConfirm === null ? 'Confirmed' : `Confirmed by typing ${preview.typeToConfirm}`;
  return deps.jobs.start(
    {
      kind: 'drill',
      clusterId: request.clusterId,
      clusterTitle: clusterName(state),
      title: drillTitle(request.choice.fault, leader),
      target: leader,
      command: preview.command,
      confirmation: `${typed}. Shown: ${preview.consequences.join(' ')}`,
      phases: DRILL_PHASES,
      exclusive: clusterLock(request.clusterId),
      cancellable: true,
      requestId: request.requestId,
    },
    (context) =>
      noted(deps, request.clusterId, drillTitle(request.choice.fault, leader), () =>
        hold(deps, { context, prepared, leader, server }),
      ),
  );
}

/** Throws unless the cluster is as it was shown, nothing refuses, and what had to be typed was typed. */
function confirmed(
  { preview }: PreparedDrill,
  { fingerprint, typed }: DrillRequest,
): { readonly leader: string; readonly server: DrillServer } {
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal?.code === 'operation.read_only')
    throw appError('operation.read_only', `${refusal.sentence} Nothing was sent.`, {});
  if (fingerprint !== preview.fingerprint)
    throw appError(
      'operation.state_changed',
      'The cluster is not as it was when this was confirmed. Nothing was sent.',
      {
        hint: 'Look at the present state and confirm again.',
        retryable: true,
      },
    );
  const server = preview.servers.find(({ serverId }) => serverId === preview.choice.serverId);
  if (refusal !== undefined || preview.leader === null || server === undefined)
    throw appError('drill.not_now', `${refusal?.sentence ?? 'A drill cannot be held now.'} Nothing was sent.`, {
      hint: 'Look at the checks of the confirmation.',
      retryable: true,
    });
  const wanted = preview.typeToConfirm;
  if (wanted !== null && typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
  return { leader: preview.leader, server };
}

interface Held {
  readonly context: JobContext;
  readonly prepared: PreparedDrill;
  readonly leader: string;
  readonly server: DrillServer;
}

async function hold(deps: DrillDeps, { context, prepared, leader, server }: Held): Promise<JobEnd> {
  const { preview, state, place, tools } = prepared;
  const { choice } = preview;
  const id = randomBytes(6).toString('hex');
  const record: DrillRecord = {
    version: 1,
    id,
    clusterId: state.clusterId,
    startedAt: deps.now(),
    fault: choice.fault,
    limitSeconds: choice.limitSeconds,
    leader,
    leaderServerId: place.leaderServerId,
    restPort: place.restPort,
    sshPort: place.sshPort,
    dataDirectory: '',
    patroniUnit: tools?.patroniUnit ?? null,
    patroniRestarts: tools?.patroniRestarts ?? false,
    scratch: false,
    writer: null,
    armed: false,
    struckAt: null,
  };
  await deps.store.keepRecord(record);
  const run: DrillRun = {
    deps: { ...deps, timing: { ...USUAL_DRILL_TIMING, ...deps.timing } },
    context,
    clusterId: state.clusterId,
    choice,
    before: state,
    leader,
    server,
    ways: preview.ways.filter(({ kind, missing }) => choice.ways.includes(kind) && missing === null),
    id,
    refusalNow: () => prepared.refusalNow(),
  };
  return runDrill(run, record);
}

/** Writes begin and end of a job into the cluster's own events. */
async function noted(
  { hub, now }: DrillDeps,
  clusterId: string,
  title: string,
  work: () => Promise<JobEnd>,
): Promise<JobEnd> {
  const note = (severity: 'info' | 'good' | 'warning', sentence: string): void =>
    hub.record(clusterId, { at: now(), kind: 'operation', severity, member: null, sentence });
  note('info', `Started here: ${title}.`);
  try {
    const end = await work();
    note(end.status === 'done' ? 'good' : 'warning', end.result?.sentence ?? ('error' in end ? end.error.message : ''));
    return end;
  } catch (thrown) {
    note('warning', `${title}: ${toErrorData(thrown).message}`);
    throw thrown;
  }
}

async function clean(
  deps: DrillDeps,
  { clusterId, requestId }: { readonly clusterId: string; readonly requestId: string },
): Promise<Job> {
  const same = deps.jobs.byRequest(requestId);
  if (same !== null) return same;
  const state = stateOf(deps, clusterId);
  if (state.readOnly)
    throw appError('operation.read_only', 'This cluster is set to read-only in this app. Nothing was sent.', {
      hint: 'Change that under Cluster settings first.',
    });
  const record = await deps.store.record(clusterId);
  if (record === null)
    throw appError('drill.nothing_left', 'No drill was broken off here: there is nothing to clean up.', {
      hint: 'Look at the drills of the cluster again.',
    });
  const title = 'Clean up after a drill that was broken off';
  return deps.jobs.start(
    {
      kind: 'drill',
      clusterId,
      clusterTitle: clusterName(state),
      title,
      target: record.leader,
      command: null,
      confirmation: null,
      phases: [
        { id: 'heal', label: 'Take the fault away' },
        { id: 'clean', label: 'Remove what was made' },
      ],
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId,
    },
    (context) => noted(deps, clusterId, title, () => cleanUpAfter(deps, context, record)),
  );
}

/** How long a server may be out of reach while it is cleaned up after a drill, ms. */
const CLEAN_MS = 60_000;

async function cleanUpAfter(deps: DrillDeps, context: JobContext, record: DrillRecord): Promise<JobEnd> {
  const cleaning = {
    remotes: deps.remotes,
    now: deps.now,
    state: () => deps.hub.state(record.clusterId),
    log: (level: 'info' | 'good' | 'warning', text: string) => context.log(level, text),
  };
  context.phase('heal', 'running');
  const { healing } = await healFault(cleaning, record, deps.now() + CLEAN_MS);
  context.phase('clean', 'running');
  const left = await removeLeftovers(cleaning, record);
  if (healing === 'not_known' || left.length > 0)
    throw appError('drill.still_left', `Not all of the drill is away. ${left.join(' ')}`.trim(), {
      target: record.leader,
      hint: "Clean up again when the leader's server and the cluster are reached.",
      retryable: true,
    });
  await deps.store.forgetRecord(record.clusterId);
  const sentence = 'The fault is away, and what the drill had made is removed. Its figures are lost.';
  return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts: { Healing: healing } } };
}

const RECOVER_EVERY_MS = 5000;

/** One try for each cluster: what fails is shown on its page, with a button. */
function recover(deps: DrillDeps): Undo {
  const tried = new Set<string>();
  const look = async (): Promise<void> => {
    const waiting = (await deps.store.unfinished()).filter((clusterId) => !tried.has(clusterId));
    for (const clusterId of waiting) {
      const record = await deps.store.record(clusterId).catch(() => null);
      if (record === null || !isReachable(deps, record) || isAtWork(deps, clusterId)) continue;
      tried.add(clusterId);
      await clean(deps, { clusterId, requestId: `drill-${record.id}-${deps.now()}` }).catch(() => undefined);
    }
  };
  void look();
  const timer = setInterval(() => void look(), RECOVER_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The cluster is seen, nobody has to be asked for a login, and it may be changed. */
function isReachable({ hub, remotes }: DrillDeps, { clusterId, leaderServerId }: DrillRecord): boolean {
  const state = hub.state(clusterId);
  if (state === null || state.readOnly || state.onHold === true || !state.leader.known) return false;
  try {
    return remotes.remote(leaderServerId).state().kind === 'connected';
  } catch {
    return false;
  }
}
