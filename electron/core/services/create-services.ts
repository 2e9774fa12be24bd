import { appError, hasCode } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import type { MemberServices, ServiceAction, ServiceLog, ServiceName } from '../../../shared/model/operate/service';
import { causeOfLog } from '../../../shared/rules/operate/log-cause';
import {
  serviceActionTitle,
  serviceCommand,
  serviceConsequences,
  serviceWords,
  typeForService,
  whyNotService,
} from '../../../shared/rules/operate/service-rules';
import type { ClusterHub } from '../clusters/hub';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import type { Remote, RemotePool, RunOptions, RunResult } from '../ssh/remote';
import { servicesOn } from './read-services';
import { POSTGRES_LOG_SCRIPT, readLog } from './service-script';
import { clusterName } from '../../../shared/rules/citus/citus-names';

/** What the services are looked at and changed with. */
export interface ServicesDeps {
  readonly hub: ClusterHub;
  readonly remotes: RemotePool;
  readonly jobs: JobEngine;
  readonly now: () => number;
  /** Whether becoming root on a server takes a password, which the user may be asked for. */
  readonly asksPassword: (serverId: string) => boolean;
}

/** A confirmed action on a service. `typed` is what the user typed where asked. */
export interface ServiceRequest {
  readonly clusterId: string;
  readonly member: string;
  readonly service: ServiceName;
  readonly action: ServiceAction;
  readonly typed: string | null;
  readonly requestId: string;
}

/** Whose log is read. */
export interface LogRequest {
  readonly clusterId: string;
  readonly member: string;
  readonly service: ServiceName;
  readonly unasked: boolean;
}

/** The services on the servers of members, over SSH: it works also where Patroni does not. */
export interface MemberServicesService {
  /** Rejects with `operation.no_ssh` where the member's server is not in the inventory. */
  read(clusterId: string, member: string): Promise<MemberServices>;
  /** `unasked`: nobody asked for it now, so nothing may be asked of the user; then it may hold less. */
  log(request: LogRequest): Promise<ServiceLog>;
  /** Starts a job. Rejects, with nothing sent, when the service may not be changed now or another job works on the cluster. */
  act(request: ServiceRequest): Promise<Job>;
}

const READ_MS = 15_000;
/** Patroni may take two minutes to stop its PostgreSQL (TimeoutStopSec of its unit). */
const ACT_MS = 180_000;
const MOST_LINES = 200;
const MOST_BYTES = 512 * 1024;

/** Makes the service. */
export function createMemberServices(deps: ServicesDeps): MemberServicesService {
  return {
    read: async (clusterId, member) => {
      const { remote } = placeOf(deps, clusterId, member);
      const asOf = deps.now();
      return { member, server: remote.name, services: await servicesOn(remote), asOf };
    },
    log: async ({ clusterId, member, service, unasked }) => {
      const { remote, serverId } = placeOf(deps, clusterId, member);
      const log = await logOf(remote, service, !(unasked && deps.asksPassword(serverId)));
      return { service, ...log, cause: causeOfLog(log.lines), asOf: deps.now() };
    },
    act: (request) => act(deps, request),
  };
}

/** The member's cluster and server. */
function placeOf(
  { hub, remotes }: ServicesDeps,
  clusterId: string,
  name: string,
): { readonly state: ClusterState; readonly remote: Remote; readonly serverId: string } {
  const state = hub.state(clusterId);
  const member = state?.members.find((one) => one.name === name);
  if (state === null || member === undefined)
    throw appError('operation.no_member', `${name} is not a member of this cluster now.`, { target: name });
  if (member.serverId === null)
    throw appError('operation.no_ssh', `${name} is reached without SSH, so its services cannot be seen from here.`, {
      target: name,
      hint: 'Add its server, and choose it for this member under Cluster settings, How members are reached.',
    });
  return { state, remote: remotes.remote(member.serverId), serverId: member.serverId };
}

/** Reads as root, since logs are often closed to others; as the login user where that is wanted or the server has no sudo. */
async function readAsRoot(read: (options: RunOptions) => Promise<RunResult>, asRoot: boolean): Promise<RunResult> {
  const options: RunOptions = { timeoutMs: READ_MS, maxOutputBytes: MOST_BYTES };
  if (!asRoot) return read(options);
  try {
    return await read({ ...options, sudo: true });
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.sudo_not_allowed')) throw thrown;
    return read(options);
  }
}

async function logOf(
  remote: Remote,
  service: ServiceName,
  asRoot: boolean,
): Promise<Pick<ServiceLog, 'from' | 'lines'>> {
  if (service === 'postgresql') {
    const file = await readAsRoot(
      (options) => remote.script(POSTGRES_LOG_SCRIPT, [String(MOST_LINES)], options),
      asRoot,
    );
    const [path, ...lines] = file.stdout.split('\n');
    if (path !== undefined && path !== '') return { from: path, lines: readLog(lines.join('\n'), MOST_LINES) };
  }
  const unit = await unitOf(remote, service === 'postgresql' ? 'patroni' : service);
  const { stdout, stderr, exitCode } = await readAsRoot(
    (options) =>
      remote.run(['journalctl', '-u', unit, '-n', String(MOST_LINES), '-o', 'short-iso', '--no-pager'], options),
    asRoot,
  );
  return { from: `journalctl -u ${unit}`, lines: readLog(exitCode === 0 ? stdout : stderr, MOST_LINES) };
}

async function unitOf(remote: Remote, service: ServiceName): Promise<string> {
  const found = (await servicesOn(remote)).find((one) => one.name === service);
  if (found === undefined || found.unit === null)
    throw appError('operation.no_service', `${serviceWords[service]} is not installed on ${remote.name}.`, {
      target: remote.name,
    });
  return found.unit;
}

async function act(deps: ServicesDeps, request: ServiceRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { state, remote } = placeOf(deps, request.clusterId, request.member);
  const { unit, name } = await allowedUnit(state, remote, request);
  const title = serviceActionTitle(name, request.action, request.member);
  const shown = serviceConsequences(state, request).join(' ');
  return deps.jobs.start(
    {
      kind: 'service',
      clusterId: request.clusterId,
      clusterTitle: clusterName(state),
      title,
      target: request.member,
      command: serviceCommand(unit, request.action),
      confirmation: `${request.typed === null ? 'Confirmed' : `Confirmed by typing ${request.typed}`}. Shown: ${shown}`,
      phases: [
        { id: 'ask', label: `Ask systemd on ${remote.name}` },
        { id: 'see', label: `See how ${serviceWords[name]} runs` },
      ],
      exclusive: clusterLock(request.clusterId),
      cancellable: false,
      requestId: request.requestId,
    },
    (context) => carryOut({ remote, unit, request, context }),
  );
}

/** The unit that is asked, by what is so now; throws where the action is refused. */
async function allowedUnit(
  state: ClusterState,
  remote: Remote,
  request: ServiceRequest,
): Promise<{ readonly unit: string; readonly name: ServiceName }> {
  const wanted = typeForService(state, request);
  if (wanted !== null && request.typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
  if (state.readOnly)
    throw appError('operation.read_only', 'This cluster is set to read-only in this app. Nothing was sent.', {
      hint: 'Change that under Cluster settings first.',
    });
  const unit = await unitOf(remote, request.service);
  const status = (await servicesOn(remote)).find((one) => one.unit === unit);
  const why = status === undefined ? null : whyNotService(state, status, request.action);
  if (why !== null)
    throw appError('operation.refused', `${why} Nothing was sent.`, {
      target: request.member,
      hint: 'Look at the services of the member as they are now.',
      retryable: true,
    });
  return { unit, name: request.service };
}

interface Work {
  readonly remote: Remote;
  readonly unit: string;
  readonly request: ServiceRequest;
  readonly context: JobContext;
}

/** Asks once. An answer that is lost is never a reason to ask again: the state is read instead. */
async function carryOut(work: Work): Promise<JobEnd> {
  const { remote, unit, request, context } = work;
  context.phase('ask', 'running');
  try {
    const result = await remote.run(['systemctl', request.action, unit], { sudo: true, timeoutMs: ACT_MS });
    context.answer(`systemctl ${request.action} ${unit}: exit code ${result.exitCode}`);
    for (const line of readLog(`${result.stdout}\n${result.stderr}`, 20)) context.log('warning', line);
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.connection_lost') && !hasCode(thrown, 'ssh.timeout')) throw thrown;
    context.log('warning', 'The answer was lost. The service is looked at instead of being asked again.');
  }
  context.phase('see', 'following');
  return seen(work);
}

async function seen({ remote, unit, request, context }: Work): Promise<JobEnd> {
  const { service, action, member } = request;
  const wanted = action === 'stop' ? 'stopped' : 'running';
  const status = (await servicesOn(remote)).find((one) => one.unit === unit);
  const isThere = status?.state === wanted || (wanted === 'running' && status?.state === 'starting');
  if (isThere) {
    const words = wanted === 'running' ? `runs on ${member}` : `is stopped on ${member}`;
    return {
      status: 'done',
      result: { sentence: `${serviceWords[service]} ${words}.`, withoutPrimaryMs: null, facts: { unit } },
    };
  }
  const { lines } = await logOf(remote, service, true);
  for (const line of lines.slice(-20)) context.log('error', line);
  return {
    status: 'failed',
    error: appError(
      'operation.service_failed',
      `${serviceWords[service]} on ${member} is ${status?.state ?? 'not known'} after systemctl ${action}.`,
      { target: member, hint: 'The last lines of its log stand in this job and often name the cause.' },
    ).data,
  };
}
