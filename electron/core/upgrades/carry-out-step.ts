import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { isRunning, isStreamingReplica, memberOf } from '../../../shared/rules/cluster/member-facts';
import { quorumInWords, quorumNow } from '../../../shared/rules/etcd/etcd-quorum';
import { fingerprintOf } from '../../../shared/rules/operate/fingerprint';
import { stopsPostgres, type UpgradeStep } from '../../../shared/rules/upgrade/plan-upgrade';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import { servicesOn } from '../services/read-services';
import { USUAL_TIMING } from '../operations/run';
import { changeLeader } from '../operations/switchover';
import { drainByTags, restoreTags } from './drain-tags';
import { awaitClients, makeCheckpoint, pausePgbouncer, resumePgbouncer } from './empty-server';
import { aptOf, confirmPackages, installOffered } from './install-packages';
import { endInstall, KEPT_SUFFIX } from './install-script';
import { readServer } from './read-upgrades';
import { hasFailed, restartParts, tellLog } from './restart-parts';
import type { UpgradeRun } from './upgrade-run';

type ServerStep = Exclude<UpgradeStep, { kind: 'switchover' }>;

/** Does one step whose gates are open, and rejects unless it came to a good end. `phase` is the step's own in the job. */
export async function carryOutStep(run: UpgradeRun, step: UpgradeStep, index: number, phase: string): Promise<void> {
  if (step.kind === 'switchover') return handOver(run, step.leader, phase);
  const apt = aptOf(run, step, index);
  refuseLeader(run.state, step);
  await confirmPackages(run, apt, step);
  const before = postmasterStarts(run.state, step);
  try {
    await drain(run, step);
    await installOffered(run, apt, step);
    const since = run.deps.now();
    await restartParts(run, step);
    await awaitBack(run, step, { since, before });
  } catch (thrown) {
    if (!hasCode(thrown, 'job.closing')) await putBack(run, step.serverId).catch(() => undefined);
    throw thrown;
  }
  const left = await putBack(run, step.serverId);
  if (left.length > 0) throw appError('upgrade.tags_left', left.join(' '), { target: step.server });
  await awaitBack(run, step, { since: run.deps.now(), before });
  await expectNew(run, step);
}

/** A member that took the lead meanwhile is not stopped. */
function refuseLeader({ leader }: ClusterState, step: ServerStep): void {
  if (step.kind !== 'member' || !stopsPostgres(step) || leader.holder === null) return;
  if (!step.members.includes(leader.holder)) return;
  throw appError('upgrade.leads_now', `${leader.holder} leads now, and would be stopped.`, {
    target: leader.holder,
    hint: 'Start the upgrade again: its order is made anew, and what is done is not done again.',
  });
}

type Starts = ReadonlyMap<string, number | null>;

function postmasterStarts(state: ClusterState, step: ServerStep): Starts {
  if (step.kind !== 'member' || !stopsPostgres(step)) return new Map();
  return new Map(step.members.map((name) => [name, memberOf(state, name)?.postmasterStart ?? null]));
}

/** Takes the server out of everything before something on it is stopped. */
async function drain(run: UpgradeRun, step: ServerStep): Promise<void> {
  const restartsPgbouncer = step.restarts.includes('pgbouncer');
  if (step.kind !== 'member' || !stopsPostgres(step)) {
    if (restartsPgbouncer) await pausePgbouncer(run, step.serverId, true);
    return;
  }
  for (const member of step.members) await drainByTags(run, member);
  for (const member of step.members) await awaitClients(run, step.serverId, member);
  await pausePgbouncer(run, step.serverId, restartsPgbouncer);
  for (const member of step.members) await makeCheckpoint(run, step.serverId, member);
}

/** Lets clients in again and puts tags back. Answers what could not be put back, as sentences; it stays recorded. */
async function putBack(run: UpgradeRun, serverId: string): Promise<readonly string[]> {
  const left: string[] = [];
  const note = (thrown: unknown): void => {
    const { message } = toErrorData(thrown);
    run.acting.log('error', message);
    left.push(message);
  };
  await resumePgbouncer(run, serverId).catch(note);
  for (const drained of run.record.drained.filter((one) => one.serverId === serverId)) {
    try {
      await restoreTags(run.deps, run.acting, run.clusterId, drained);
      await endInstall({ remote: run.remote(serverId), id: run.record.id }, [`${drained.path}${KEPT_SUFFIX}`]);
      await run.keep({ drained: run.record.drained.filter((one) => one !== drained) });
    } catch (thrown) {
      note(thrown);
    }
  }
  return left;
}

interface Awaited {
  readonly since: number;
  readonly before: Starts;
}

async function awaitBack(run: UpgradeRun, step: ServerStep, awaited: Awaited): Promise<void> {
  switch (step.kind) {
    case 'etcd':
      return awaitEtcd(run, step);
    case 'balancer':
      return awaitServices(run, step);
    case 'member':
      await awaitServices(run, step);
      return awaitMembers(run, step, awaited);
  }
}

async function awaitMembers(
  run: UpgradeRun,
  step: Extract<ServerStep, { kind: 'member' }>,
  awaited: Awaited,
): Promise<void> {
  const { deps, choice, clusterId, acting } = run;
  const remote = run.remote(step.serverId);
  let missing = '';
  const back = await run.until(choice.bounds.backMs, async () => {
    await deps.hub.refresh(clusterId);
    missing = step.members.flatMap((name) => whyNotBack(run, name, awaited) ?? []).join(' ');
    if (missing === '') return 'back' as const;
    acting.detail(missing);
    return stopsPostgres(step) && (await hasFailed(remote, 'patroni')) ? ('failed' as const) : null;
  });
  const words = `${namesInWords(step.members)} ${step.members.length === 1 ? 'is' : 'are'} back.`;
  if (back === 'back') {
    acting.detail(words);
    return acting.log('good', words);
  }
  await tellLog(run, remote, 'patroni');
  const how = back === 'failed' ? 'Patroni does not start there' : `within ${spanInWords(choice.bounds.backMs)}`;
  throw appError('upgrade.not_back', `${namesInWords(step.members)} did not come back (${how}). ${missing}`.trim(), {
    target: step.server,
    hint: 'The last lines of its log stand in this job. No other server is touched; go on or back on this one first.',
  });
}

/** What is missing until a member counts as back, as a sentence; null where nothing is. Only what was read since counts. */
function whyNotBack(run: UpgradeRun, name: string, { since, before }: Awaited): string | null {
  const { state, choice } = run;
  const member = memberOf(state, name);
  if (member === null) return `${name} is not in the cluster.`;
  if (member.restAsOf === null || member.restAsOf < since) return `${name} does not answer yet.`;
  if (!isRunning(member)) return `${name}: ${member.stateText || member.state}.`;
  const start = before.get(name) ?? null;
  if (start !== null && member.postmasterStart === start) return `${name} has not restarted yet.`;
  if (state.leader.holder === name) return null;
  if (!isStreamingReplica(state, name)) return `${name} does not stream yet.`;
  const lag = member.lag?.replay ?? null;
  return lag !== null && lag <= choice.bounds.lagBytes ? null : `${name} still catches up.`;
}

async function awaitEtcd(run: UpgradeRun, step: ServerStep): Promise<void> {
  let said = 'The members of etcd could not be asked.';
  const isWhole = await run.until(run.choice.bounds.backMs, async () => {
    const reading = await run.deps.hub
      .etcd(run.clusterId)
      ?.maintenance.read()
      .catch(() => null);
    if (reading == null) return null;
    const quorum = quorumNow(reading);
    said = quorumInWords(quorum);
    run.acting.detail(said);
    return quorum.working === quorum.voters ? true : null;
  });
  if (isWhole !== null) return run.acting.log('good', `etcd on ${step.server} is back. ${said}`);
  await tellLog(run, run.remote(step.serverId), 'etcd');
  throw appError('upgrade.not_back', `etcd on ${step.server} did not come back. ${said}`, {
    target: step.server,
    hint: 'The last lines of its log stand in this job. No other server is touched; go on or back on this one first.',
  });
}

/** The load balancers that were restarted run. */
async function awaitServices(run: UpgradeRun, step: ServerStep): Promise<void> {
  const parts = (['haproxy', 'pgbouncer'] as const).filter((part) => step.restarts.includes(part));
  if (parts.length === 0) return;
  const remote = run.remote(step.serverId);
  let down: readonly string[] = parts;
  const runs = await run.until(run.choice.bounds.backMs, async () => {
    const services = await servicesOn(remote);
    down = parts.filter((part) =>
      ['failed', 'starting'].includes(services.find(({ name }) => name === part)?.state ?? 'stopped'),
    );
    return down.length === 0 ? true : null;
  });
  if (runs !== null) return;
  for (const part of parts) await tellLog(run, remote, part);
  throw appError('upgrade.not_back', `${namesInWords(down)} on ${step.server} did not come back.`, {
    target: step.server,
  });
}

/** dpkg has the new versions, and no process runs an older program. */
async function expectNew(run: UpgradeRun, step: ServerStep): Promise<void> {
  const now = await readServer(run.deps, run.state, step.serverId);
  if (now.error !== null) throw appError('upgrade.not_read', now.error.message, { target: step.server });
  const other = step.packages.filter(
    ({ name, offered }) => now.packages.find((one) => one.name === name)?.installed !== offered,
  );
  const old = (now.outdatedProcesses ?? []).filter((part) => step.restarts.includes(part));
  if (other.length + old.length === 0) return;
  const words = [...other.map(({ name }) => name), ...old];
  throw appError(
    'upgrade.still_old',
    `${namesInWords(words)} on ${step.server} ${words.length === 1 ? 'is' : 'are'} not new.`,
    {
      target: step.server,
      hint: 'Look at the packages and the processes of this server.',
    },
  );
}

/** Lets Patroni hand the lead over to a replica, which is new by now. */
async function handOver(run: UpgradeRun, leader: string, phase: string): Promise<void> {
  const { state, deps, acting } = run;
  if (state.leader.holder !== leader)
    return acting.log('info', `${state.leader.holder ?? 'Nobody'} leads: there is nothing to hand over.`);
  const operation = { kind: 'switchover', leader, candidate: null } as const;
  const end = await changeLeader({
    operation,
    clusterId: run.clusterId,
    before: state,
    fingerprint: fingerprintOf(state, operation),
    hub: deps.hub,
    context: { ...acting, phase: (_id, status) => acting.phase(phase, status) },
    now: deps.now,
    timing: USUAL_TIMING,
    startedAt: deps.now(),
    sends: { count: 0 },
  });
  if (end.result !== undefined) acting.log(end.status === 'done' ? 'good' : 'warning', end.result.sentence);
  const holder = run.state.leader.holder;
  const isWell = end.status === 'done' || (end.status === 'warning' && holder !== null && holder !== leader);
  if (isWell && (await streamsAgain(run, leader))) return;
  const why = 'error' in end ? end.error.message : (end.result?.sentence ?? '');
  throw appError('upgrade.not_handed_over', `${leader} did not hand over: ${why}`, {
    target: leader,
    hint: 'The members before it are new; it is not touched. Switch over by hand, then start the upgrade again.',
  });
}

async function streamsAgain(run: UpgradeRun, former: string): Promise<boolean> {
  const seen = await run.until(run.choice.bounds.backMs, async () => {
    await run.deps.hub.refresh(run.clusterId);
    return isStreamingReplica(run.state, former) ? true : null;
  });
  return seen !== null;
}
