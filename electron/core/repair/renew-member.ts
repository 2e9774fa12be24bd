import { appError, hasCode, toErrorData, type AppError } from '../../../shared/model/app-error';
import type { DataDirectory } from '../../../shared/model/repair/repair';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import { bytesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { asRootOrSelf } from '../member-files/read-member-file';
import { servicesOn } from '../services/read-services';
import { readLog } from '../services/service-script';
import { ASIDE_EXIT, ASIDE_SCRIPT, COPY_SCRIPT, STOP_SCRIPT } from './data-scripts';
import { readDataDirectory, type MemberSite } from './read-data';
import { repaired, repairedWith, type RepairScene } from './repair-work';

/** What is renewed, and from whom. `keptAs`: the name under which the data is kept; null: there is none to keep. */
export interface Renewal {
  readonly scene: RepairScene;
  readonly site: MemberSite;
  readonly leader: string;
  readonly keptAs: string | null;
  /** The directory as it was found. */
  readonly before: DataDirectory;
  /** The identifier that the new copy must have; null: not known. */
  readonly expected: string | null;
  /** How the data is kept: moved away, so that Patroni copies all anew, or copied, so that Patroni rewinds it. Default: moved. */
  readonly keeps?: 'move' | 'copy';
  /** Whether a PostgreSQL that runs without its Patroni is stopped too. */
  readonly stopsPostgres?: boolean;
}

/** Patroni may take two minutes to stop its PostgreSQL (TimeoutStopSec of its unit). */
const SERVICE_MS = 180_000;
const ASIDE_MS = 60_000;
/** The longest that a copy of the data on the same disk may take. */
const KEEP_COPY_MS = 6 * 3_600_000;
const PAUSE_MS = 2_000;
/** The longest that a copy is followed. */
const COPY_MS = 12 * 3_600_000;
/** How long nothing may be heard of the member before its copy is given up for dead. */
const SILENCE_MS = 180_000;

/** Keeps a member's data, lets Patroni copy anew or rewind, and follows until the leader streams to it. */
export async function renewMember(renewal: Renewal, context: JobContext): Promise<JobEnd> {
  const { keptAs } = renewal;
  if (keptAs !== null) {
    context.phase('stop', 'running');
    await stopMember(renewal, context);
    context.phase('aside');
    await moveAside(renewal, context, keptAs);
  }
  context.phase('start', 'running');
  await askSystemd(renewal, context, 'start');
  context.phase('copy', 'following');
  const end = await copied(renewal, context, () => streams(renewal));
  if (end !== null) return end;
  context.phase('verify', 'following');
  return verified(renewal, context);
}

/**
 * Starts Patroni of a member without data, and follows its copy until the leader streams to it, or until it is what it is to be: null.
 * Else the end of the job.
 */
export async function startAndCopy(
  renewal: Renewal,
  context: JobContext,
  isThere: (() => Promise<boolean>) | null,
): Promise<JobEnd | null> {
  await askSystemd(renewal, context, 'start');
  return copied(renewal, context, isThere ?? (() => streams(renewal)));
}

/** Stops Patroni, and with it PostgreSQL; rejects when one of them still runs. */
export async function stopMember(renewal: Renewal, context: JobContext): Promise<void> {
  const { site, scene } = renewal;
  await askSystemd(renewal, context, 'stop');
  if (renewal.stopsPostgres === true) await stopPostgres(site, context);
  const { runs } = await readDataDirectory(site, scene.deps.now);
  if (runs)
    throw appError('repair.still_runs', `PostgreSQL of ${site.member} still runs although its Patroni was stopped.`, {
      target: site.member,
      hint: 'A paused cluster keeps it running. Nothing was moved.',
    });
}

/** Patroni leaves it running where the cluster is paused, or where Patroni itself was killed. */
async function stopPostgres({ remote, asRoot, directory, programs }: MemberSite, context: JobContext): Promise<void> {
  const { exitCode, stdout, stderr } = await asRootOrSelf(asRoot, (sudo) =>
    remote.script(STOP_SCRIPT, [directory, programs], { timeoutMs: SERVICE_MS, sudo }),
  );
  for (const line of readLog(`${stdout}\n${stderr}`, 5)) context.log(exitCode === 0 ? 'info' : 'warning', line);
}

/** Asks systemd once; the state of the unit decides where the answer is lost. */
export async function askSystemd(
  { site }: { readonly site: Pick<MemberSite, 'remote' | 'unit' | 'member'> },
  context: JobContext,
  verb: 'start' | 'stop',
): Promise<void> {
  const { remote, unit, member } = site;
  if (unit === null) throw appError('repair.no_unit', `No systemd unit of Patroni was found for ${member}.`, {});
  try {
    // A unit that failed again and again is not started until that is forgotten.
    if (verb === 'start') await remote.run(['systemctl', 'reset-failed', unit], { sudo: true, timeoutMs: SERVICE_MS });
    const { exitCode, stderr } = await remote.run(['systemctl', verb, unit], { sudo: true, timeoutMs: SERVICE_MS });
    context.answer(`${remote.name}: systemctl ${verb} ${unit}: exit code ${exitCode}`);
    for (const line of readLog(stderr, 5)) context.log('warning', line);
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.connection_lost') && !hasCode(thrown, 'ssh.timeout')) throw thrown;
    context.log('warning', 'The answer was lost. The service is looked at instead of being asked again.');
  }
  const state = (await servicesOn(remote)).find((one) => one.unit === unit)?.state ?? 'unknown';
  const isSo = verb === 'stop' ? ['stopped', 'failed'].includes(state) : ['running', 'starting'].includes(state);
  if (!isSo)
    throw appError('operation.service_failed', `Patroni on ${remote.name} is ${state} after systemctl ${verb}.`, {
      target: member,
      hint: 'Look at its log on the server.',
    });
}

/** Moves the data aside, and leaves an empty directory, or keeps a copy of it; rejects with `repair.not_moved`. */
export async function moveAside(
  { site, scene, before, keeps }: Renewal,
  context: JobContext,
  keptAs: string,
): Promise<void> {
  const [script, timeoutMs] = keeps === 'copy' ? [COPY_SCRIPT, KEEP_COPY_MS] : [ASIDE_SCRIPT, ASIDE_MS];
  const size = before.size === null ? '' : ` (${bytesInWords(before.size)})`;
  try {
    const { exitCode, stderr } = await asRootOrSelf(site.asRoot, (sudo) =>
      site.remote.script(script, [before.directory, keptAs], { timeoutMs, sudo }),
    );
    if (exitCode !== 0) throw notMoved(site, before, exitCode, stderr);
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.connection_lost') && !hasCode(thrown, 'ssh.timeout')) throw thrown;
    context.log('warning', 'The answer was lost. The directories are looked at instead of being moved again.');
    const now = await readDataDirectory(site, scene.deps.now);
    if (!now.kept.includes(keptAs)) throw thrown;
  }
  context.log('good', `The data of ${site.member} is kept in ${keptAs}${size}.`);
  context.answer(`${site.remote.name}: kept ${keptAs}${size}`);
}

function notMoved(
  { member, remote }: MemberSite,
  { directory }: DataDirectory,
  code: number,
  stderr: string,
): AppError {
  const reasons: Readonly<Record<number, string>> = {
    [ASIDE_EXIT.nothing]: 'it has no data of a cluster any more',
    [ASIDE_EXIT.exists]: 'there is a directory of the new name already',
    [ASIDE_EXIT.runs]: 'a PostgreSQL runs in it',
  };
  const why = reasons[code] ?? readLog(stderr, 1)[0] ?? 'the server said nothing';
  return appError('repair.not_moved', `${directory} on ${remote.name} was not kept: ${why}.`, {
    target: member,
    hint: 'Patroni of this member is stopped. Look at the directory, then repair it again or start Patroni.',
  });
}

/** Follows a copy that has begun: null when it is there; the end of the job where that does not come to pass. */
export async function copied(
  renewal: Renewal,
  context: JobContext,
  isThere: () => Promise<boolean>,
): Promise<JobEnd | null> {
  const { scene, site } = renewal;
  const { now, pause } = scene.deps;
  const since = now();
  let heardAt = since;
  for (;;) {
    if (await isThere()) return null;
    const state = await stateSaid(renewal);
    if (state !== null) heardAt = now();
    context.detail(
      `${site.member}: ${state ?? 'nothing is heard of it'}, ${spanInWords(now() - since)} since the start.`,
    );
    if (now() - heardAt > SILENCE_MS) return { status: 'failed', error: (await silentCopy(renewal, context)).data };
    if (now() - since > COPY_MS)
      return {
        status: 'unknown',
        error: appError('repair.end_not_seen', `The copy of ${site.member} was not seen to end.`, {
          hint: 'Patroni goes on by itself. Look at the member and at its log.',
        }).data,
      };
    await pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

/** Whether the leader says of itself that it streams to the member. */
export async function streams({ scene, site, leader }: Renewal): Promise<boolean> {
  const { hub } = scene.deps;
  const holder = hub.state(scene.entry.id)?.leader.holder ?? leader;
  const answer = await hub
    .rest(scene.entry.id, holder)
    ?.get('/patroni', 4000)
    .catch(() => undefined);
  const rows: unknown = isJsonObject(answer) ? answer['replication'] : undefined;
  return (
    Array.isArray(rows) &&
    rows.some((row) => isJsonObject(row) && row['application_name'] === site.member && row['state'] === 'streaming')
  );
}

/** What Patroni of the member says of its PostgreSQL; null where it does not answer and is not in etcd. */
async function stateSaid({ scene, site }: Renewal): Promise<string | null> {
  const { hub } = scene.deps;
  const answer = await hub
    .rest(scene.entry.id, site.member)
    ?.get('/patroni', 4000)
    .catch(() => undefined);
  if (isJsonObject(answer) && typeof answer['state'] === 'string') return answer['state'];
  const member = hub.state(scene.entry.id)?.members.find(({ name }) => name === site.member);
  return member?.inDcs === true ? member.stateText : null;
}

async function silentCopy({ site }: Renewal, context: JobContext): Promise<AppError> {
  const { remote, unit, member } = site;
  const log = await remote
    .run(['journalctl', '-u', unit ?? 'patroni', '-n', '20', '-o', 'short-iso', '--no-pager'], {
      timeoutMs: 15_000,
      sudo: true,
    })
    .then(({ stdout }) => readLog(stdout, 20))
    .catch((thrown: unknown) => [toErrorData(thrown).message]);
  for (const line of log) context.log('error', line);
  return appError(
    'repair.copy_silent',
    `Patroni of ${member} was started, and nothing was heard of it for ${spanInWords(SILENCE_MS)}.`,
    {
      target: member,
      hint: 'The last lines of its log stand in this job and often name the cause. The old data is where it was kept.',
    },
  );
}

async function verified(
  { site, scene, expected, keptAs, keeps, leader }: Renewal,
  context: JobContext,
): Promise<JobEnd> {
  const now = await readDataDirectory(site, scene.deps.now);
  context.answer(
    `${site.remote.name}: ${now.directory} has the system identifier ${now.systemIdentifier ?? 'not known'}`,
  );
  const facts = {
    Member: site.member,
    'System identifier': now.systemIdentifier,
    Size: now.size === null ? null : bytesInWords(now.size),
    'Kept in': keptAs ?? now.kept.at(-1) ?? null,
  };
  const came = keeps === 'copy' ? 'was rewound' : 'has a new copy';
  const sentence = `${site.member} ${came} and streams from ${leader}.`;
  if (expected !== null && now.systemIdentifier !== expected)
    return repairedWith(`${sentence} Its system identifier could not be confirmed.`, facts);
  if (keptAs !== null && !now.kept.includes(keptAs))
    return repairedWith(`${sentence} The old data was not found in ${keptAs}.`, facts);
  const apart = await timelinesApart(scene, site.member, leader);
  if (apart !== null) return repairedWith(`${sentence} ${apart}`, facts);
  return repaired(keptAs === null ? sentence : `${sentence} Its old data is kept in ${keptAs}.`, facts);
}

/** What speaks against one leader with one timeline, by the words of both Patronis; null: nothing. */
async function timelinesApart(
  { deps, entry, state }: RepairScene,
  member: string,
  leader: string,
): Promise<string | null> {
  const ask = async (name: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await deps.hub
      .rest(entry.id, name)
      ?.get('/patroni', 4000)
      .catch(() => undefined);
    return isJsonObject(answer) ? answer : {};
  };
  const holder = deps.hub.state(state.clusterId)?.leader.holder ?? leader;
  const [own, leads] = await Promise.all([ask(member), ask(holder)]);
  if (['primary', 'master'].includes(String(own['role']))) return `${member} calls itself primary, too.`;
  const [mine, theirs] = [own['timeline'], leads['timeline']];
  if (typeof mine !== 'number' || typeof theirs !== 'number')
    return 'Whether both are on one timeline was not answered.';
  return mine === theirs ? null : `It is on timeline ${mine}, and ${holder} is on ${theirs}.`;
}
