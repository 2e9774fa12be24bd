import { randomBytes } from 'node:crypto';
import { appError, toErrorData } from '../../../../shared/model/app-error';
import type { Job } from '../../../../shared/model/operate/job';
import type {
  AssessmentChoice,
  AssessmentPackages,
  AssessmentPlace,
  AssessmentPreview,
  AssessmentsView,
} from '../../../../shared/model/upgrade/assessment';
import { clusterName } from '../../../../shared/rules/citus/citus-names';
import { momentInWords, namesInWords } from '../../../../shared/rules/words/wording';
import type { ClusterHub } from '../../clusters/hub';
import type { JobContext, JobDefinition, JobEnd, JobEngine } from '../../jobs/job-engine';
import { stateOfCluster } from '../../postgres/member-place';
import { refuseUnconfirmed } from '../refuse-unconfirmed';
import type { AssessmentWork } from './assessment-store';
import { removePackages } from './beside-packages';
import { prepareAssessment, readOffers, type PreparedAssessment } from './look-for-assessment';
import { assessmentPhases, removeWork, runAssessment, type AssessmentWorkDeps } from './run-assessment';

/** What the service works with. */
export interface AssessmentDeps extends Omit<AssessmentWorkDeps, 'lookMs'> {
  readonly hub: ClusterHub;
  readonly jobs: JobEngine;
  readonly lookMs?: number;
}

/** A confirmed assessment. */
export interface AssessmentRequest {
  readonly clusterId: string;
  readonly choice: AssessmentChoice;
  readonly fingerprint: string;
  readonly typed: string | null;
  readonly requestId: string;
}

interface OfCluster {
  readonly clusterId: string;
  readonly requestId: string;
}

/** Packages that are to be removed again. */
type PackagesRequest = OfCluster & Pick<AssessmentPackages, 'serverId' | 'major'>;

/** What a new major version would take. See shared/contract/assessments.ts for what each rejects with. */
export interface AssessmentsService {
  view(clusterId: string): Promise<AssessmentsView>;
  offers(clusterId: string): Promise<readonly AssessmentPlace[]>;
  preview(clusterId: string, choice: AssessmentChoice): Promise<AssessmentPreview>;
  start(request: AssessmentRequest): Promise<Job>;
  clean(request: OfCluster): Promise<Job>;
  removePackages(request: PackagesRequest): Promise<Job>;
}

const LOOK_MS = 1000;

type Deps = AssessmentWorkDeps & Pick<AssessmentDeps, 'hub' | 'jobs'>;

/** Makes the service. */
export function createAssessments(given: AssessmentDeps): AssessmentsService {
  const deps: Deps = { ...given, lookMs: given.lookMs ?? LOOK_MS };
  return {
    view: (clusterId) => view(deps, clusterId),
    offers: (clusterId) => readOffers(deps, clusterId),
    preview: async (clusterId, choice) => (await prepare(deps, clusterId, choice, newId())).preview,
    start: (request) => start(deps, request),
    clean: (request) => clean(deps, request),
    removePackages: (request) => takeAway(deps, request),
  };
}

const newId = (): string => randomBytes(6).toString('hex');

/** Its own, and not that of the cluster: a copy may last for hours, and nobody must wait for it with a switchover. */
const lockOf = (clusterId: string): string => `assessment:${clusterId}`;

async function view(deps: Deps, clusterId: string): Promise<AssessmentsView> {
  stateOfCluster(deps, clusterId);
  const { work, packages } = await deps.store.record(clusterId);
  const isAtWork = deps.jobs.holder(lockOf(clusterId)) !== null;
  return {
    ...(await deps.store.reports(clusterId)),
    left: work === null || isAtWork ? null : { startedAt: work.startedAt, sentence: leftInWords(work) },
    packages: isAtWork ? [] : packages,
  };
}

function leftInWords({ startedAt, server, directory }: AssessmentWork): string {
  return (
    `An assessment that was begun ${momentInWords(startedAt)} was broken off. It may still be at work on ${server}, ` +
    `and ${directory} may still be there.`
  );
}

async function prepare(
  deps: Deps,
  clusterId: string,
  choice: AssessmentChoice,
  id: string,
): Promise<PreparedAssessment> {
  stateOfCluster(deps, clusterId);
  const otherJob = deps.jobs.holder(lockOf(clusterId))?.title ?? null;
  const { reports } = await deps.store.reports(clusterId);
  const left = otherJob === null && (await deps.store.record(clusterId)).work !== null;
  return prepareAssessment(deps, clusterId, choice, { otherJob, left, id, reports });
}

async function start(deps: Deps, request: AssessmentRequest): Promise<Job> {
  const { jobs } = deps;
  const same = jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const id = newId();
  const { clusterId, choice } = request;
  const prepared = await prepare(deps, clusterId, choice, id);
  refuseUnconfirmed(prepared.preview, request, 'upgrade.not_assessed');
  const { preview, state, remote } = prepared;
  const typed = preview.typeToConfirm === null ? 'Confirmed' : `Confirmed by typing ${preview.typeToConfirm}`;
  return jobs.start(
    {
      ...jobOf(clusterId, clusterName(state), request.requestId),
      title: `Assess PostgreSQL ${choice.target} on a copy of ${choice.member}`,
      target: remote.name,
      command: preview.steps.flatMap(({ title, commands }) => [`# ${title}`, ...commands]).join('\n'),
      confirmation: `${typed}. Shown: ${preview.consequences.join(' ')}`,
      phases: assessmentPhases(prepared),
      cancellable: true,
    },
    (context) => runAssessment(deps, context, prepared, id),
  );
}

function jobOf(clusterId: string, clusterTitle: string, requestId: string) {
  return { kind: 'assessment' as const, clusterId, clusterTitle, exclusive: lockOf(clusterId), requestId };
}

/** Starts a job that only removes. Rejects with `operation.read_only`. */
function startRemoval(
  deps: Deps,
  { clusterId, requestId }: OfCluster,
  about: Pick<JobDefinition, 'title' | 'target' | 'phases' | 'command'>,
  body: (context: JobContext) => Promise<string>,
): Promise<Job> {
  const state = stateOfCluster(deps, clusterId);
  if (state.readOnly)
    throw appError('operation.read_only', 'This cluster is set to read-only in this app. Nothing was done.', {
      hint: 'Change that under Cluster settings first.',
    });
  return deps.jobs.start(
    { ...jobOf(clusterId, clusterName(state), requestId), ...about, confirmation: null, cancellable: false },
    async (context): Promise<JobEnd> => ({
      status: 'done',
      result: { sentence: await body(context), withoutPrimaryMs: null, facts: {} },
    }),
  );
}

const nothingLeft = (sentence: string) =>
  appError('upgrade.nothing_left', sentence, { hint: 'Look at the upgrades of the cluster again.' });

async function clean(deps: Deps, request: OfCluster): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { clusterId } = request;
  stateOfCluster(deps, clusterId);
  const { work } = await deps.store.record(clusterId);
  if (work === null || deps.jobs.holder(lockOf(clusterId)) !== null)
    throw nothingLeft('No assessment was broken off here: there is nothing to clean up.');
  const about = {
    title: 'Clean up after an assessment that was broken off',
    target: work.server,
    command: `rm -rf ${work.directory}`,
    phases: [{ id: 'tidy', label: `End it on ${work.server}, and remove ${work.directory}` }],
  };
  return startRemoval(deps, request, about, async (context) => {
    context.phase('tidy', 'running');
    await removeWork(deps.remotes.remote(work.serverId), work);
    await deps.store.keepRecord({ ...(await deps.store.record(clusterId)), work: null });
    return `Nothing of the assessment is at work on ${work.server} any more, and ${work.directory} is not there.`;
  });
}

async function takeAway(deps: Deps, request: PackagesRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { clusterId, serverId, major } = request;
  stateOfCluster(deps, clusterId);
  const { packages } = await deps.store.record(clusterId);
  const own = packages.find((one) => one.serverId === serverId && one.major === major);
  if (own === undefined) throw nothingLeft('No packages are known that an assessment installed there.');
  const about = {
    title: `Remove the packages of PostgreSQL ${major} from ${own.server}`,
    target: own.server,
    command: `apt-get purge ${own.names.join(' ')}`,
    phases: [{ id: 'remove', label: `Remove what an assessment installed on ${own.server}` }],
  };
  return startRemoval(deps, request, about, async (context) => {
    context.phase('remove', 'running');
    try {
      await removePackages({ deps, acting: context }, clusterId, own, newId());
    } catch (thrown) {
      context.log('error', toErrorData(thrown).message);
      throw thrown;
    }
    return `${namesInWords(own.names)} ${own.names.length === 1 ? 'is' : 'are'} removed from ${own.server}.`;
  });
}
