import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import type { EtcdAction } from '../../../shared/model/etcd/etcd-action';
import type { EtcdMemberStatus, EtcdMemberView, EtcdReading } from '../../../shared/model/etcd/etcd-view';
import { checkEtcdAction } from '../../../shared/rules/etcd/etcd-checks';
import {
  defragmentOrder,
  etcdLeader,
  etcdMemberName,
  findEtcdMember,
  leaderSuccessor,
  newestRevision,
  snapshotSource,
} from '../../../shared/rules/etcd/etcd-members';
import { quorumInWords, quorumNow } from '../../../shared/rules/etcd/etcd-quorum';
import { joinInWords } from '../../../shared/rules/etcd/etcd-words';
import { bytesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobResult } from '../../../shared/model/operate/job';
import type { EtcdMaintenance } from '../etcd/etcd-client';
import type { JobContext, JobDefinition, JobEnd } from '../jobs/job-engine';
import { saveSnapshot } from './save-snapshot';

/** What the body of an action works with. `before` is what was confirmed. */
export interface EtcdRun {
  readonly maintenance: EtcdMaintenance;
  readonly before: EtcdReading;
  readonly context: JobContext;
  readonly now: () => number;
  /** Where a snapshot goes. */
  readonly file: string;
}

const FOLLOW_MS = 20_000;
const BACK_MS = 120_000;
const PAUSE_MS = 400;

/** The phases of an action, in their order. */
export function phasesOfAction(reading: EtcdReading, action: EtcdAction): JobDefinition['phases'] {
  const defragment = (members: readonly EtcdMemberView[]) =>
    members.map((member) => ({ id: `defragment ${member.id}`, label: `Defragment ${etcdMemberName(member)}` }));
  const compact = { id: 'compact', label: 'Compact' };
  const disarm = { id: 'disarm', label: 'Disarm' };
  const move = { id: 'move', label: 'Move the leader' };
  const see = { id: 'see', label: 'See the members' };
  switch (action.kind) {
    case 'move_leader':
      return [move];
    case 'defragment':
      return defragment(membersToDefragment(reading, action.member));
    case 'compact':
      return [compact];
    case 'disarm':
      return [disarm];
    case 'free_space':
      return [compact, ...defragment(defragmentOrder(reading)), disarm];
    case 'snapshot':
      return [
        { id: 'read', label: 'Read the database and verify its hash' },
        { id: 'count', label: 'Count the keys' },
      ];
    case 'add_member':
      return [{ id: 'add', label: 'Announce the new member' }, see];
    case 'promote_member':
      return [{ id: 'promote', label: 'Promote' }, see];
    case 'remove_member':
      return [move, { id: 'remove', label: 'Remove the member' }, see];
    case 'replace_member':
      return [{ id: 'remove', label: 'Remove the lost member' }, { id: 'add', label: 'Announce the new member' }, see];
  }
}

/** Carries an action out and follows it to what etcd says afterwards. */
export async function runEtcdAction(run: EtcdRun, action: EtcdAction): Promise<JobEnd> {
  switch (action.kind) {
    case 'move_leader':
      run.context.phase('move', 'running');
      return moveLeaderTo(run, action.to);
    case 'defragment':
      return defragmentMembers(run, action.member);
    case 'compact':
      return ended(await compactTo(run, action.keep));
    case 'disarm':
      return disarmAll(run);
    case 'free_space':
      return freeSpace(run, action.keep);
    case 'snapshot':
      return takeSnapshot(run, action.member);
    case 'add_member':
      return addMember(run, action.peerUrl, null);
    case 'promote_member':
      return promote(run, action.member);
    case 'remove_member':
      return removeMember(run, action.member);
    case 'replace_member':
      await removeOnly(run, action.member);
      return addAfterRemoval(run, action.peerUrl, action.member);
  }
}

function ended(sentence: string, facts: JobResult['facts'] = {}): JobEnd {
  return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts } };
}

function warned(sentence: string, facts: JobResult['facts'] = {}): JobEnd {
  return { status: 'warning', result: { sentence, withoutPrimaryMs: null, facts } };
}

function membersToDefragment(reading: EtcdReading, id: string | null): readonly EtcdMemberView[] {
  return defragmentOrder(reading).filter((member) => id === null || member.id === id);
}

/** Reads until something is so; null when it was not within the limit. */
async function readUntil(
  run: EtcdRun,
  limitMs: number,
  isSo: (now: EtcdReading) => boolean,
): Promise<EtcdReading | null> {
  const end = run.now() + limitMs;
  for (;;) {
    run.context.signal.throwIfAborted();
    const reading = await run.maintenance.read().catch(() => null);
    if (reading !== null && isSo(reading)) return reading;
    if (run.now() > end) return null;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function moveLeaderTo(run: EtcdRun, to: string): Promise<JobEnd> {
  const reading = await run.maintenance.read();
  const leader = etcdLeader(reading);
  const name = nameIn(reading, to);
  if (leader === undefined) throw noLeader();
  const since = run.now();
  if (leader.id !== to) await run.maintenance.moveLeader(leader.id, to);
  const after = await readUntil(run, FOLLOW_MS, (now) => etcdLeader(now)?.id === to);
  if (after === null)
    return {
      status: 'unknown',
      error: appError('etcd.end_not_seen', `etcd took the request, but ${name} was not seen as its leader.`, {
        hint: 'Look at the members of etcd as they are now.',
      }).data,
    };
  run.context.answer(`${name} leads in raft term ${termOf(after)}`);
  return ended(`${name} leads etcd.`, { 'Raft term': termOf(after), Took: spanInWords(run.now() - since) });
}

function noLeader(): Error {
  return appError('etcd.no_quorum', 'etcd has no leader now.', {
    retryable: true,
    hint: 'Start the missing etcd members, or look at the network between them.',
  });
}

function nameIn(reading: EtcdReading, id: string): string {
  const member = findEtcdMember(reading, id);
  return member === undefined ? id : etcdMemberName(member);
}

function termOf({ members }: EtcdReading): number {
  return Math.max(0, ...members.map(({ status }) => status?.raftTerm ?? 0));
}

/** Hands the lead away from this member, where it has it and somebody can take it. */
async function leaveLead(run: EtcdRun, id: string): Promise<void> {
  const reading = await run.maintenance.read();
  const successor = leaderSuccessor(reading);
  if (etcdLeader(reading)?.id !== id || successor === undefined) return;
  run.context.detail(`Handing the lead to ${etcdMemberName(successor)}.`);
  run.context.log('info', `move-leader ${successor.id}`);
  const moved = await moveLeaderTo(run, successor.id);
  if (moved.status !== 'done')
    throw appError('etcd.not_now', `The lead was not seen to leave ${nameIn(reading, id)}, so it was left as it is.`, {
      target: nameIn(reading, id),
      retryable: true,
      hint: 'Look at the members of etcd as they are now, and begin again.',
    });
}

async function defragmentMembers(run: EtcdRun, id: string | null): Promise<JobEnd> {
  const gained = await defragmentAll(run, membersToDefragment(run.before, id));
  return ended(
    `${gained.length === 1 ? 'The member is' : 'All members are'} defragmented.`,
    Object.fromEntries(gained),
  );
}

/** One after the other; the next one only when all that answered before answer again, and the quorum has its margin. */
async function defragmentAll(
  run: EtcdRun,
  members: readonly EtcdMemberView[],
): Promise<readonly (readonly [string, string])[]> {
  const gained: (readonly [string, string])[] = [];
  for (const member of members) {
    run.context.signal.throwIfAborted();
    run.context.phase(`defragment ${member.id}`, 'running');
    gained.push([etcdMemberName(member), await defragmentOne(run, member)]);
  }
  return gained;
}

async function defragmentOne(run: EtcdRun, member: EtcdMemberView): Promise<string> {
  const { maintenance, context } = run;
  await mayDefragment(run, member);
  await leaveLead(run, member.id);
  const before = findEtcdMember(await maintenance.read(), member.id)?.status ?? member.status;
  const since = run.now();
  try {
    await maintenance.defragment(member.id);
  } catch (thrown) {
    if (!hasCode(thrown, 'etcd.timeout') && !hasCode(thrown, 'etcd.unreachable')) throw thrown;
    context.log('warning', 'The answer was lost. The member is looked at instead of being asked again.');
  }
  context.phase(`defragment ${member.id}`, 'following');
  const status = await statusWhenBack(run, member);
  const sizes = `${bytesInWords(before?.dbSize ?? 0)} before, ${bytesInWords(status.dbSize)} after`;
  context.answer(`${etcdMemberName(member)}: ${sizes}`);
  context.log('good', `${etcdMemberName(member)}: ${sizes}, in ${spanInWords(run.now() - since)}.`);
  return sizes;
}

/** Throws when a look at the members, made now, refuses. */
async function mayDefragment({ maintenance }: EtcdRun, member: EtcdMemberView): Promise<void> {
  const refusal = checkEtcdAction(await maintenance.read(), { kind: 'defragment', member: member.id }).find(
    ({ verdict }) => verdict === 'refuses',
  );
  if (refusal !== undefined)
    throw appError('etcd.not_now', `${refusal.sentence} ${etcdMemberName(member)} was not defragmented.`, {
      target: etcdMemberName(member),
      retryable: true,
      hint: 'Wait until every member answers, then go on with the others.',
    });
}

/** The status of a member that answers again, with as many voters at work as before. */
async function statusWhenBack(run: EtcdRun, member: EtcdMemberView): Promise<EtcdMemberStatus> {
  const asBefore = quorumNow(run.before).working;
  const after = await readUntil(run, BACK_MS, (now) => {
    const back = findEtcdMember(now, member.id)?.status !== null;
    return back && quorumNow(now).working >= asBefore;
  });
  const status = after === null ? null : (findEtcdMember(after, member.id)?.status ?? null);
  if (status === null)
    throw appError('etcd.not_back', `${etcdMemberName(member)} did not come back within two minutes.`, {
      target: etcdMemberName(member),
      hint: 'Look at its etcd log. The other members were left as they are.',
    });
  return status;
}

async function compactTo(run: EtcdRun, keep: number): Promise<string> {
  run.context.phase('compact', 'running');
  const revision = newestRevision(await run.maintenance.read()) - keep;
  if (revision < 1) return `There are no more than ${keep} revisions: nothing to compact.`;
  try {
    await run.maintenance.compact(revision);
  } catch (thrown) {
    if (!(thrown instanceof Error) || !/has been compacted/.test(thrown.message)) throw thrown;
    run.context.log('info', `Revision ${revision} was compacted before.`);
    return `Everything before revision ${revision} was compacted already.`;
  }
  run.context.answer(`compacted revision ${revision}`);
  return `Everything before revision ${revision} is compacted.`;
}

async function disarmAll(run: EtcdRun): Promise<JobEnd> {
  run.context.phase('disarm', 'running');
  const reading = await run.maintenance.read();
  const refusal = checkEtcdAction(reading, { kind: 'disarm' }).find(({ verdict }) => verdict === 'refuses');
  if (refusal !== undefined)
    return { status: 'refused', error: appError('etcd.not_now', refusal.sentence, { target: 'etcd' }).data };
  for (const alarm of reading.alarms ?? []) await run.maintenance.disarm(alarm);
  run.context.phase('disarm', 'following');
  const after = await readUntil(run, FOLLOW_MS, (now) => now.alarms?.length === 0);
  return after === null
    ? warned('An alarm is still raised: the database is over its quota again.')
    : ended('No alarm is raised any more: etcd takes writes.');
}

async function freeSpace(run: EtcdRun, keep: number): Promise<JobEnd> {
  const compacted = await compactTo(run, keep);
  run.context.log('good', compacted);
  const gained = Object.fromEntries(await defragmentAll(run, defragmentOrder(run.before)));
  const { alarms } = await run.maintenance.read();
  if ((alarms ?? []).length === 0) return ended(`${compacted} All members are defragmented.`, gained);
  const end = await disarmAll(run);
  return 'result' in end && end.result !== undefined ? { ...end, result: { ...end.result, facts: gained } } : end;
}

async function takeSnapshot(run: EtcdRun, id: string | null): Promise<JobEnd> {
  const { maintenance, context, file } = run;
  context.phase('read', 'running');
  const reading = await maintenance.read();
  const source = id === null ? snapshotSource(reading) : findEtcdMember(reading, id);
  if (source === undefined) throw appError('etcd.no_member', 'This member is not in the etcd cluster any more.', {});
  const name = etcdMemberName(source);
  context.log('info', `Reading from ${name} into ${file}`);
  const saved = await saveSnapshot(file, maintenance.snapshot(source.id, context.signal), (written, whole) => {
    context.detail(`${bytesInWords(written)} of ${bytesInWords(whole)}`, whole === 0 ? 0 : written / whole);
  });
  context.phase('count', 'following');
  const keys = await maintenance.countKeys().catch(() => null);
  context.answer(`${saved.file}: ${saved.size} bytes, sha256 ${saved.sha256}`);
  return ended(`The snapshot of ${name} is whole: ${bytesInWords(saved.size)}, its hash is right.`, {
    File: saved.file,
    'Size, bytes': saved.size,
    'SHA-256': saved.sha256,
    'Revision, at least': source.status?.revision ?? null,
    'Keys now': keys,
    Member: name,
  });
}

async function addMember(run: EtcdRun, peerUrl: string, removed: string | null): Promise<JobEnd> {
  run.context.phase('add', 'running');
  await run.maintenance.addLearner(peerUrl);
  run.context.phase('see', 'following');
  const after = await readUntil(run, FOLLOW_MS, (now) => now.members.some((one) => one.peerUrls.includes(peerUrl)));
  if (after === null) return warned(`etcd took ${peerUrl}, but does not list it yet.`);
  const settings = joinInWords(run.before, peerUrl, removed);
  for (const line of settings.split('\n')) run.context.log('info', line);
  return ended(
    `${peerUrl} is announced as a learner. Start etcd on its server with the settings below and an empty data directory, ` +
      'then promote it.',
    { 'Settings for the new server (/etc/default/etcd)': settings, Quorum: quorumInWords(quorumNow(after)) },
  );
}

/** The lost member is gone from the list whatever becomes of the new one: that is said, so that nobody begins from the start. */
async function addAfterRemoval(run: EtcdRun, peerUrl: string, removed: string): Promise<JobEnd> {
  try {
    return await addMember(run, peerUrl, removed);
  } catch (thrown) {
    const { message } = toErrorData(thrown);
    return warned(
      `${nameIn(run.before, removed)} is removed, but ${peerUrl} was not seen to be added: ${message} ` +
        'If it is not in the list of members, add it there.',
    );
  }
}

async function promote(run: EtcdRun, id: string): Promise<JobEnd> {
  run.context.phase('promote', 'running');
  await run.maintenance.promote(id);
  run.context.phase('see', 'following');
  const after = await readUntil(run, FOLLOW_MS, (now) => findEtcdMember(now, id)?.learner === false);
  return after === null
    ? warned('etcd took the promotion, but still lists a learner.')
    : ended(`${nameIn(after, id)} votes.`, { Quorum: quorumInWords(quorumNow(after)) });
}

async function removeOnly(run: EtcdRun, id: string): Promise<void> {
  run.context.phase('remove', 'running');
  await run.maintenance.remove(id);
}

async function removeMember(run: EtcdRun, id: string): Promise<JobEnd> {
  run.context.phase('move', 'running');
  await leaveLead(run, id);
  await removeOnly(run, id);
  run.context.phase('see', 'following');
  const after = await readUntil(run, FOLLOW_MS, (now) => findEtcdMember(now, id) === undefined);
  return after === null
    ? warned('etcd took the removal, but still lists the member.')
    : ended(`${nameIn(run.before, id)} is removed.`, { Quorum: quorumInWords(quorumNow(after)) });
}
