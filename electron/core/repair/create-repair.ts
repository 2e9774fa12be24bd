import { appError, toErrorData, type AppError } from '../../../shared/model/app-error';
import type { Job } from '../../../shared/model/operate/job';
import type { OperationCheck } from '../../../shared/model/operate/operation';
import type { GivenCertificates } from '../../../shared/model/repair/certificate-repair';
import type { Repair, RepairPlan, RepairPreview } from '../../../shared/model/repair/repair';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { lookForBrokenFile } from './broken-file';
import { lookForDiverged } from './diverged';
import { lookForEtcdQuorum } from './etcd-quorum';
import { lookForEtcdSnapshot } from './etcd-snapshot';
import { lookForEtcdSpace } from './etcd-space';
import { lookForFormerPrimary } from './former-primary';
import { lookForForeignData } from './foreign-data';
import { lookForStaleMember, lookForStaleScope } from './remove-stale';
import type { GivenText } from './certificates/given-material';
import { lookForCertificates } from './certificates/renew-certificates';
import type { LookedRepair, RepairDeps, RepairScene } from './repair-work';
import { lookForSlotLost } from './slot-lost';
import { lookForStuckBootstrap } from './stuck-bootstrap';
import { lookForWalHeld } from './wal-held';

/** A confirmed repair. `gone`: members that the user says, by their names, are gone for good. */
export interface RepairRequest {
  readonly clusterId: string;
  readonly repair: Repair;
  readonly gone: readonly string[];
  readonly fingerprint: string;
  /** When the evidence that was shown was read, ms since the epoch: what is kept is named by it, as it was shown. */
  readonly asOf: number;
  readonly typed: string | null;
  readonly requestId: string;
}

/** Guided repairs of a cluster. */
export interface RepairService {
  /** Looks for the evidence; changes nothing. Rejects where it cannot be read at all. */
  preview(clusterId: string, repair: Repair, gone: readonly string[]): Promise<RepairPreview>;
  /** Holds certificates and keys in memory, for this cluster and an hour at most, and says what they are. */
  give(clusterId: string, files: readonly GivenText[]): GivenCertificates;
  /**
   * Starts a job. Rejects, with nothing done, with `operation.read_only`, `operation.state_changed`, `operation.not_confirmed`,
   * `repair.refused` or `job.busy`.
   */
  start(request: RepairRequest): Promise<Job>;
}

/** Makes the service. */
export function createRepair(deps: RepairDeps): RepairService {
  return {
    preview: async (clusterId, repair, gone) => {
      const scene = sceneOf(deps, clusterId, gone, deps.now());
      return previewOf(scene, repair, (await look(scene, repair)).plan);
    },
    give: (clusterId, files) => deps.given.give(clusterId, files),
    start: (request) => start(deps, request),
  };
}

/** A confirmation that is older than this names nothing, ms. */
const LONGEST_SHOWN_MS = 3_600_000;

function momentShown({ now }: RepairDeps, asOf: number): number {
  return asOf <= now() && now() - asOf < LONGEST_SHOWN_MS ? asOf : now();
}

function sceneOf(deps: RepairDeps, clusterId: string, gone: readonly string[], at: number): RepairScene {
  const [entry, state] = [deps.hub.entry(clusterId), deps.hub.state(clusterId)];
  if (entry === null || state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return { deps, entry, state, gone: [...new Set(gone)].sort(), at };
}

function look(scene: RepairScene, repair: Repair): Promise<LookedRepair> {
  switch (repair.kind) {
    case 'stale_member':
      return lookForStaleMember(scene, repair);
    case 'stale_scope':
      return lookForStaleScope(scene, repair);
    case 'stuck_bootstrap':
      return lookForStuckBootstrap(scene, repair);
    case 'etcd_quorum':
      return lookForEtcdQuorum(scene, repair);
    case 'diverged':
      return lookForDiverged(scene, repair);
    case 'former_primary':
      return lookForFormerPrimary(scene, repair);
    case 'broken_file':
      return lookForBrokenFile(scene, repair);
    case 'foreign_data':
      return lookForForeignData(scene, repair);
    case 'etcd_space':
      return lookForEtcdSpace(scene, repair);
    case 'etcd_snapshot':
      return lookForEtcdSnapshot(scene, repair);
    case 'wal_held':
      return lookForWalHeld(scene, repair);
    case 'slot_lost':
      return lookForSlotLost(scene, repair);
    case 'certificates':
      return lookForCertificates(scene, repair);
  }
}

function previewOf({ entry, at }: RepairScene, repair: Repair, plan: RepairPlan): RepairPreview {
  const { asksName, ...shown } = plan;
  const checks = [...readOnlyCheck(entry.readOnly), ...plan.checks];
  return {
    ...shown,
    repair,
    checks,
    typeToConfirm: asksName || entry.production ? clusterName(entry) : null,
    allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
    asOf: at,
  };
}

function readOnlyCheck(readOnly: boolean): readonly OperationCheck[] {
  if (!readOnly) return [];
  return [
    {
      code: 'operation.read_only',
      verdict: 'refuses',
      sentence: 'This cluster is set to read-only in this app. Change that in its settings first.',
    },
  ];
}

async function start(deps: RepairDeps, request: RepairRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { repair, clusterId } = request;
  const scene = sceneOf(deps, clusterId, request.gone, momentShown(deps, request.asOf));
  const preview = previewOf(scene, repair, (await look(scene, repair)).plan);
  const refusal = refusalOf(preview, request);
  if (refusal !== null) throw refusal;
  const shown = [...scene.gone.map((name) => `${name} is said to be gone for good.`), ...preview.consequences].join(
    ' ',
  );
  return deps.jobs.start(
    {
      kind: 'repair',
      clusterId,
      clusterTitle: clusterName(scene.entry),
      title: preview.title,
      target: 'member' in repair ? repair.member : null,
      command: commandsOf(preview),
      confirmation:
        `${preview.typeToConfirm === null ? 'Confirmed' : `Confirmed by typing ${preview.typeToConfirm}`}. ` +
        `Shown: ${shown}`,
      phases: [
        { id: 'look', label: 'Look at the evidence once more' },
        ...preview.steps.map(({ id, label }) => ({ id, label })),
        { id: 'verify', label: 'Ask the servers' },
      ],
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId: request.requestId,
    },
    (context) => carryOut(scene, context, request),
  );
}

/** What a person would type in place of the app, a line for each command. */
function commandsOf({ steps }: RepairPreview): string | null {
  const commands = steps.flatMap((step) =>
    step.commands.map((command) => (step.server === null ? command : `# on ${step.server}\n${command}`)),
  );
  return commands.length === 0 ? null : commands.join('\n');
}

/** Why a repair does not begin; null where it may. */
function refusalOf(preview: RepairPreview, { fingerprint, typed }: RepairRequest): AppError | null {
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal?.code === 'operation.read_only')
    return appError('operation.read_only', `${refusal.sentence} Nothing was done.`, {});
  if (fingerprint !== preview.fingerprint)
    return appError(
      'operation.state_changed',
      'The evidence is not what it was when this was confirmed. Nothing was done.',
      { hint: 'Look at it as it is now and confirm again.', retryable: true },
    );
  if (refusal !== undefined)
    return appError('repair.refused', `${refusal.sentence} Nothing was done.`, {
      hint: 'Look at the checks of the confirmation.',
      retryable: true,
    });
  const wanted = preview.typeToConfirm;
  if (wanted === null || typed?.trim() === wanted.trim()) return null;
  return appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, { hint: 'Nothing was done.' });
}

async function carryOut(before: RepairScene, context: JobContext, request: RepairRequest): Promise<JobEnd> {
  const { deps, entry } = before;
  const note = (severity: 'info' | 'good' | 'warning', sentence: string): void => {
    deps.hub.record(entry.id, { at: deps.now(), kind: 'operation', severity, member: null, sentence });
  };
  context.phase('look', 'checking');
  const scene = sceneOf(deps, entry.id, request.gone, before.at);
  const looked = await look(scene, request.repair);
  for (const { sentence, source } of looked.plan.evidence) context.log('info', `${sentence} (${source})`);
  const refusal = refusalOf(previewOf(scene, request.repair, looked.plan), request);
  if (refusal !== null) return { status: 'refused', error: refusal.data };
  note('info', `Started here: ${looked.plan.title}.`);
  try {
    const end = await looked.carryOut(context);
    note(end.status === 'done' ? 'good' : 'warning', end.result?.sentence ?? ('error' in end ? end.error.message : ''));
    return end;
  } catch (thrown) {
    note('warning', toErrorData(thrown).message);
    throw thrown;
  }
}
