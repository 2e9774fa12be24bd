import { appError, toErrorData } from '../../../shared/model/app-error';
import type { RestoreWish } from '../../../shared/model/backups/restore';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { RESTORE_METHOD } from '../../../shared/rules/backups/restore-words';
import { isStreamingReplica } from '../../../shared/rules/cluster/member-facts';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { editConfigYaml } from '../../../shared/rules/configure/yaml/config-yaml';
import { momentInWords, namesInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import { mergeFound } from '../clusters/discovery/found-config';
import type { EtcdClient, EtcdKey } from '../etcd/etcd-client';
import type { JobContext, JobDefinition, JobEnd } from '../jobs/job-engine';
import { PLACE_SCRIPT } from '../member-files/member-file-scripts';
import { shaOf } from '../member-files/read-member-file';
import { runPsql } from '../postgres/ask-psql';
import type { RunResult } from '../ssh/remote';
import { pauseBetweenLooks } from './backup-step';
import { sectionsFor, type OpenPlace } from './look-for-restore';
import { RESTORE_ASIDE_SCRIPT, RESTORE_BACK_SCRIPT, RESTORE_EXIT, RESTORE_STOP_SCRIPT } from './restore-scripts';
import { changeConfigNow, changeConfigOnceUp } from './restore-config';
import { lookAtRestore, refuseFailure, restoringInWords } from './restore-sight';

/** What the work on servers needs. */
export interface RestoreTools {
  readonly hub: ClusterHub;
  readonly now: () => number;
  readonly pauseMs: number;
}

/** A restore as it was confirmed. */
export interface RestorePlan {
  readonly clusterId: string;
  readonly wish: RestoreWish;
  readonly state: ClusterState;
  readonly places: readonly OpenPlace[];
  readonly first: OpenPlace;
  readonly stanza: string;
  readonly method: Readonly<Record<string, unknown>>;
  readonly etcd: EtcdClient;
  readonly initializeKey: string;
  readonly systemIdentifier: string;
}

interface Work extends RestoreTools {
  readonly context: JobContext;
  readonly plan: RestorePlan;
}

/** The steps that a user sees. */
export function restorePhases({ places, first }: RestorePlan): JobDefinition['phases'] {
  const name = first.place.member;
  return [
    { id: 'archive', label: 'Archive what is written' },
    { id: 'replicas', label: 'Let replicas be copied from the leader' },
    { id: 'stop', label: 'Stop every member' },
    { id: 'key', label: 'Let the cluster be made anew' },
    { id: 'aside', label: `Keep the data of ${name} aside` },
    { id: 'restore', label: `Restore on ${name}` },
    ...others(places, first).map(({ place }) => ({ id: `copy ${place.member}`, label: `Copy to ${place.member}` })),
    { id: 'see', label: 'See the cluster' },
  ];
}

const others = (places: readonly OpenPlace[], first: OpenPlace): readonly OpenPlace[] =>
  places.filter((place) => place !== first);

const STOP_MS = 300_000;
const MOVE_MS = 60_000;
const ARCHIVE_MS = 180_000;
/** Beyond the time to live of the leader key, ms. */
const GRACE_MS = 30_000;
/** A restore may take long: as long as the server makes progress it is waited for, and so long without any, ms. */
const NO_PROGRESS_MS = 15 * 60_000;
const COPY_MS = 12 * 60 * 60_000;

/**
 * Restores a cluster to a moment by Patroni's own custom bootstrap (docs/replica_bootstrap.rst): all members are stopped, the
 * `initialize` key is deleted, one member restores and leads, the others copy from it. What goes wrong before the restored member
 * leads is taken back: the old data is put in its place and the cluster started as it was.
 */
export async function runRestore(tools: RestoreTools, context: JobContext, plan: RestorePlan): Promise<JobEnd> {
  const work: Work = { ...tools, context, plan };
  context.phase('archive', 'running');
  await archiveNow(work);
  context.phase('replicas');
  const methods = await dropReplicaMethods(work);
  try {
    await stopAll(work);
    await forgetCluster(work);
    await restoreFirst(work);
  } catch (thrown) {
    // The app ends: nothing is reached any more, and the next start says how far it came.
    if (context.signal.aborted) throw thrown;
    return takenBack(work, methods, thrown);
  }
  await putFileBack(work);
  const copied = await copyOthers(work);
  context.phase('see', 'following');
  return seen(work, copied, methods !== null);
}

function psql(
  { remote, port }: OpenPlace,
  input: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return runPsql(remote, { port, database: 'postgres', input, timeoutMs: 20_000, maxOutputBytes: 100_000 });
}

/**
 * Everything that the leader has written goes into the archive, with a transaction behind it: recovery to a time ends at the first
 * commit after it, and fails where none comes.
 */
async function archiveNow(work: Work): Promise<void> {
  const { plan, context } = work;
  const leader = plan.places.find(({ place }) => place.member === plan.state.leader.holder);
  if (leader === undefined) {
    context.log('warning', 'Nobody leads: what was written last may not be in the archive.');
    return;
  }
  const name = leader.place.member;
  const said = await psql(leader, `SELECT txid_current();\nSELECT 'wal ' || pg_walfile_name(pg_switch_wal());\n`);
  const wal = /wal ([0-9A-F]{24})/.exec(said.stdout)?.[1];
  if (wal === undefined)
    throw appError(
      'backup.not_archived',
      `${name} leads, and its WAL could not be closed: ${said.stderr.slice(0, 300)}`,
      {
        target: name,
        hint: 'Nothing was changed.',
        retryable: true,
      },
    );
  context.detail(`Waiting until ${wal} is archived.`);
  const end = work.now() + ARCHIVE_MS;
  for (;;) {
    const { stdout } = await psql(
      leader,
      `SELECT 'archived' FROM pg_stat_archiver WHERE last_archived_wal >= '${wal}' AND length(last_archived_wal) = 24;\n`,
    );
    if (stdout.includes('archived')) break;
    if (work.now() > end)
      throw appError('backup.not_archived', `${wal} of ${name} was not archived within ${ARCHIVE_MS / 1000} s.`, {
        target: name,
        hint: 'See why archive_command fails in the log of PostgreSQL. Nothing was changed.',
        retryable: true,
      });
    await pauseBetweenLooks(work.pauseMs, context.signal);
  }
  context.log('good', `Everything up to ${wal} is archived.`);
}

/** A backup from the time that is given up must not be what a replica is made from. Answers what was set, to be put back. */
async function dropReplicaMethods(work: Work): Promise<unknown> {
  const raw = work.plan.state.config?.raw ?? {};
  const methods = valueAt(raw, ['postgresql', 'create_replica_methods']) ?? null;
  if (methods === null) return null;
  await changeConfigNow(work, { postgresql: { create_replica_methods: ['basebackup'] } });
  work.context.log('info', 'create_replica_methods is basebackup until there is a new full backup.');
  return methods;
}

async function stopAll(work: Work): Promise<void> {
  const { plan, context } = work;
  context.phase('stop');
  const isLeader = ({ place }: OpenPlace): number => (place.member === plan.state.leader.holder ? 1 : 0);
  for (const one of plan.places.toSorted((a, b) => isLeader(a) - isLeader(b))) {
    const { member, server, unit, dataDirectory } = one.place;
    context.detail(`Stopping ${member}.`);
    const args = [unit, dataDirectory];
    check(await one.remote.script(RESTORE_STOP_SCRIPT, args, { timeoutMs: STOP_MS, sudo: true }), 'stopped', one);
    context.log('info', `${member} is stopped: neither Patroni nor PostgreSQL runs on ${server}.`);
  }
}

function check({ exitCode, stdout, stderr }: RunResult, word: string, { place }: OpenPlace): void {
  if (exitCode === 0 && stdout.includes(word)) return;
  const { server, dataDirectory, aside } = place;
  const why: Readonly<Record<number, string>> = {
    [RESTORE_EXIT.runs]: `Patroni or PostgreSQL still runs on ${server}.`,
    [RESTORE_EXIT.taken]: `${aside} is there already on ${server}.`,
    [RESTORE_EXIT.missing]: `${dataDirectory} is not there on ${server}.`,
    [RESTORE_EXIT.notMoved]: `${dataDirectory} on ${server} could not be put aside.`,
  };
  throw appError(
    'backup.step_failed',
    `${why[exitCode] ?? `A step on ${server} ended with ${exitCode}.`} ${stderr.slice(-300)}`.trim(),
    { target: server },
  );
}

/** The key goes only once nobody is left in the DCS: whoever still ran would make it again with the old data. */
async function forgetCluster(work: Work): Promise<void> {
  const { plan, context } = work;
  const { etcd, initializeKey, systemIdentifier } = plan;
  context.phase('key');
  const prefix = initializeKey.slice(0, -'initialize'.length);
  const end = work.now() + (plan.state.config?.ttl ?? 30) * 1000 + GRACE_MS;
  for (;;) {
    const keys = await etcd.keys(prefix, 1000);
    const left = keys.filter((key) => key === `${prefix}leader` || key.startsWith(`${prefix}members/`));
    if (left.length === 0) break;
    context.detail(`Still in the DCS: ${left.map((key) => key.slice(prefix.length)).join(', ')}.`);
    if (work.now() > end)
      throw appError('backup.still_there', `${namesInWords(left)} did not leave the DCS: a member of it still runs.`, {
        hint: 'See where Patroni of this scope still runs.',
      });
    await pauseBetweenLooks(work.pauseMs, context.signal);
  }
  const entry = await entryOf(etcd, initializeKey);
  if (entry?.value !== systemIdentifier)
    throw appError('backup.still_there', `${initializeKey} is not what it was when this was confirmed.`, {
      hint: 'See who made another cluster of this scope.',
    });
  for (const key of [initializeKey, `${prefix}failover`, `${prefix}sync`]) await removeNow(etcd, key);
  context.log('info', `${initializeKey} is deleted; the configuration and the history stay.`);
}

async function entryOf(etcd: EtcdClient, key: string): Promise<EtcdKey | undefined> {
  return (await etcd.range(key)).entries.find((one) => one.key === key);
}

async function removeNow(etcd: EtcdClient, key: string): Promise<void> {
  const entry = await entryOf(etcd, key);
  if (entry !== undefined) await etcd.removeUnchanged({ key }, entry.modRevision);
}

async function restoreFirst(work: Work): Promise<void> {
  const { plan, context } = work;
  const { first } = plan;
  context.phase('aside');
  await putAside(work, first);
  await writeMethod(work);
  context.phase('restore');
  await startUnit(first);
  await untilRestored(work);
}

async function putAside({ context }: Work, one: OpenPlace): Promise<void> {
  const { dataDirectory, aside, server } = one.place;
  const args = [dataDirectory, aside];
  check(await one.remote.script(RESTORE_ASIDE_SCRIPT, args, { timeoutMs: MOVE_MS, sudo: true }), 'moved', one);
  context.log('info', `The data of ${one.place.member} is kept on ${server} as ${aside}.`);
}

/** The text of the configuration by which Patroni makes the cluster from the backup. */
function textWithMethod({ first, method }: RestorePlan): string {
  const merged = mergeFound(first.found);
  const config = merged.kind === 'config' ? merged.config : {};
  const edits = [...sectionsFor(config, RESTORE_METHOD), [['bootstrap', RESTORE_METHOD], method] as const];
  return edits.reduce((text, [path, value]) => {
    const edited = editConfigYaml(text, path, value);
    if (edited === null)
      throw appError('config.file_locked', `${first.file.path} cannot be edited from here.`, {
        target: first.place.member,
      });
    return edited;
  }, first.file.text);
}

async function writeMethod(work: Work): Promise<void> {
  const { first } = work.plan;
  const text = textWithMethod(work.plan);
  await placeText(first, text, first.file.text);
  work.context.log('info', `${first.file.path} names the restore as the way in which the cluster is made.`);
}

async function placeText({ remote, file, place }: OpenPlace, text: string, former: string): Promise<void> {
  const args = [file.path, String(Buffer.byteLength(text)), shaOf(former)];
  const { exitCode, stdout } = await remote.script(PLACE_SCRIPT, args, { timeoutMs: MOVE_MS, sudo: true, stdin: text });
  if (exitCode !== 0 || stdout.trim() !== shaOf(text))
    throw appError('config.not_written', `${file.path} on ${place.server} could not be written (${exitCode}).`, {
      target: place.member,
    });
}

async function startUnit({ remote, place }: OpenPlace): Promise<void> {
  const { exitCode, stderr } = await remote.run(['systemctl', 'start', '--no-block', '--', place.unit], {
    timeoutMs: 30_000,
    sudo: true,
  });
  if (exitCode !== 0)
    throw appError(
      'backup.step_failed',
      `${place.unit} on ${place.server} could not be started: ${stderr.slice(-300)}`,
      {
        target: place.server,
      },
    );
}

async function untilRestored(work: Work): Promise<void> {
  const { plan, context } = work;
  const { first } = plan;
  let [used, since] = [-1, work.now()];
  for (;;) {
    await pauseBetweenLooks(work.pauseMs, context.signal);
    const sight = await lookAtRestore(first);
    if (sight !== null) {
      if (sight.recovery === 'f' && leads(work)) return;
      refuseFailure(sight, first);
      if (sight.used !== null && sight.used !== used) [used, since] = [sight.used, work.now()];
      context.detail(restoringInWords(sight));
    }
    if (work.now() - since > NO_PROGRESS_MS)
      throw appError('backup.step_failed', `The restore on ${first.place.server} made no progress for 15 minutes.`, {
        target: first.place.server,
      });
  }
}

function leads({ hub, plan }: Work): boolean {
  return hub.state(plan.clusterId)?.leader.holder === plan.first.place.member;
}

async function putFileBack(work: Work): Promise<void> {
  const { first } = work.plan;
  try {
    await placeText(first, first.file.text, textWithMethod(work.plan));
    work.context.log('info', `${first.file.path} is as it was.`);
  } catch (thrown) {
    work.context.log('warning', `${toErrorData(thrown).message} Take the method ${RESTORE_METHOD} out of it.`);
  }
}

/** Each of the others gets its data from the restored leader; one that cannot be started keeps none of the rest. */
async function copyOthers(work: Work): Promise<readonly string[]> {
  const { plan, context } = work;
  const wrong: string[] = [];
  for (const one of others(plan.places, plan.first)) {
    const { member } = one.place;
    context.phase(`copy ${member}`, 'running');
    try {
      await putAside(work, one);
      await startUnit(one);
      await untilStreaming(work, member);
      context.log('good', `${member} streams from ${plan.first.place.member}.`);
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      wrong.push(`${member}: ${toErrorData(thrown).message}`);
      context.log('error', `${member}: ${toErrorData(thrown).message}`);
    }
  }
  return wrong;
}

async function untilStreaming({ hub, plan, context, now, pauseMs }: Work, member: string): Promise<void> {
  const end = now() + COPY_MS;
  for (;;) {
    const state = hub.state(plan.clusterId);
    if (state !== null && isStreamingReplica(state, member)) return;
    const text = state?.members.find(({ name }) => name === member)?.stateText ?? '';
    context.detail(text === '' ? `${member} is not in the DCS yet.` : `${member}: ${text}.`);
    if (now() > end) throw appError('backup.step_failed', `${member} does not stream yet.`, { target: member });
    await pauseBetweenLooks(pauseMs, context.signal);
  }
}

async function seen(work: Work, wrong: readonly string[], hadMethods: boolean): Promise<JobEnd> {
  const { plan } = work;
  const sight = await lookAtRestore(plan.first);
  const { member } = plan.first.place;
  const kept = plan.places.map(({ place }) => `${place.server}: ${place.aside}`).join(', ');
  const replayed = sight?.replayedAt ?? null;
  const facts = {
    'Last transaction in it': replayed === null ? 'not known' : momentInWords(replayed),
    Timeline: sight?.timeline ?? null,
    'Data from before': kept,
  };
  const restored = `The cluster is restored and ${member} leads.`;
  const next =
    ' Make a full backup now (Back up now): until there is one on the new timeline, nothing written since can be restored' +
    `${hadMethods ? ', and replicas are copied from the leader (create_replica_methods was set to basebackup)' : ''}. ` +
    'Remove the data from before when you no longer need it.';
  const sentence = wrong.length === 0 ? `${restored}${next}` : `${restored} But ${wrong.join(' ')}${next}`;
  const status = wrong.length === 0 && !hadMethods ? 'done' : 'warning';
  return { status, result: { sentence, withoutPrimaryMs: null, facts } };
}

/** Puts everything back as it was before the stop, and says what came of it. */
async function takenBack(work: Work, methods: unknown, thrown: unknown): Promise<JobEnd> {
  const { context, plan } = work;
  const cause = toErrorData(thrown);
  context.log('error', cause.message);
  context.phase('back', 'running', 'Put the old data back and start the cluster as it was');
  const problems: string[] = [];
  const attempt = async (what: string, act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (again) {
      problems.push(`${what}: ${toErrorData(again).message}`);
      context.log('error', `${what}: ${toErrorData(again).message}`);
    }
  };
  await attempt('Old data', () => firstBack(work));
  if (problems.length === 0) {
    await attempt('initialize key', () => keyBack(plan));
    const leaderFirst = plan.places.toSorted((a) => (a.place.member === plan.state.leader.holder ? -1 : 1));
    for (const one of leaderFirst) await attempt(one.place.member, () => startUnit(one));
    if (methods !== null)
      await attempt('create_replica_methods', () =>
        changeConfigOnceUp(work, { postgresql: { create_replica_methods: methods } }),
      );
  }
  const hint =
    problems.length === 0
      ? 'The old data is in its place, and every member was started. Look at the overview. What was restored so far is kept ' +
        `beside it as ${failedName(plan.first)} where there was any.`
      : `Not everything could be put back: ${problems.join(' ')} The old data of ${plan.first.place.member} is ` +
        `${plan.first.place.aside} on ${plan.first.place.server}, or in its place.`;
  return { status: 'failed', error: { ...cause, hint, retryable: false } };
}

const failedName = ({ place }: OpenPlace): string => `${place.aside.replace('.before-restore-', '.failed-restore-')}`;

async function firstBack(work: Work): Promise<void> {
  const { first } = work.plan;
  const { unit, dataDirectory, aside } = first.place;
  const options = { timeoutMs: STOP_MS, sudo: true };
  check(await first.remote.script(RESTORE_STOP_SCRIPT, [unit, dataDirectory], options), 'stopped', first);
  const args = [dataDirectory, aside, failedName(first)];
  const answer = await first.remote.script(RESTORE_BACK_SCRIPT, args, { timeoutMs: MOVE_MS, sudo: true });
  if (!answer.stdout.includes('untouched')) check(answer, 'back', first);
  const now = await first.remote.readFile(first.file.path, { sudo: true });
  if (now !== null && now.toString('utf8') !== first.file.text)
    await placeText(first, first.file.text, now.toString('utf8'));
}

/** The identifier as it was; what a failed bootstrap left of it is taken away first. */
async function keyBack({ etcd, initializeKey, systemIdentifier }: RestorePlan): Promise<void> {
  const entry = await entryOf(etcd, initializeKey);
  if (entry?.value === systemIdentifier) return;
  await etcd.compareAndSet(initializeKey, systemIdentifier, entry?.modRevision ?? '0');
}
