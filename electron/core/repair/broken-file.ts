import { appError } from '../../../shared/model/app-error';
import { BACKUP_SUFFIX } from '../../../shared/model/configure/member-file';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import { maskYaml } from '../../../shared/rules/configure/member-file/mask-yaml';
import { chooseFileText, judgeBrokenFile, type FileCandidate } from '../../../shared/rules/repair/broken-file';
import { spanInWords } from '../../../shared/rules/words/wording';
import { mergeFound } from '../clusters/discovery/found-config';
import { refusedInWords } from '../patroni/config/environment';
import { reloadBySignal, validateMemberFile } from '../member-files/change-member-file';
import type { MemberFileWork } from '../member-files/member-file-work';
import { putInPlace } from '../member-files/put-in-place';
import { asRootOrSelf, findMemberConfig, shaOf, type MemberFilePlace } from '../member-files/read-member-file';
import { secretMark } from '../member-files/secret-mark';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { servicesOn } from '../services/read-services';
import { readLog } from '../services/service-script';
import { stampOf } from './keep-keys';
import { serverOfMember } from './read-data';
import { askSystemd } from './renew-member';
import { repaired, repairedWith, type LookForRepair, type RepairScene } from './repair-work';

const MOST_BACKUP_BYTES = 1_048_576;
const KEEP_MS = 20_000;
const PAUSE_MS = 1_000;
const ANSWER_MS = 60_000;

interface Unit {
  readonly name: string;
  readonly runs: boolean;
}

/** A patroni.yml that does not read any more. */
export const lookForBrokenFile: LookForRepair<'broken_file'> = async (scene, { member }) => {
  const place = serverOfMember(scene, member);
  const at = scene.deps.now();
  const [found, services] = await Promise.all([findMemberConfig(place), servicesOn(place.remote)]);
  const merged = mergeFound(found);
  const path = merged.kind === 'refused' ? merged.file.path : (found.files[0]?.path ?? found.path);
  const former = found.files.find((file) => file.path === path)?.text ?? '';
  const candidates = await candidatesFor(scene, place, path);
  const hasBackup = candidates.some(({ from }) => from === 'backup');
  const chosen = chooseFileText(candidates, { member, scope: scene.entry.scope });
  const patroni = services.find(({ name }) => name === 'patroni');
  const unit = unitOf(patroni?.unit ?? null, patroni?.state ?? 'unknown');
  return {
    plan: judgeBrokenFile({
      ...{ member, path, candidates, unit, at },
      scope: scene.entry.scope,
      server: place.remote.name,
      refused: merged.kind === 'refused' ? refusedInWords(merged.file) : null,
      shown: chosen === null ? null : (maskYaml(chosen.text, secretMark)?.text ?? null),
      sha: shaOf(former),
    }),
    carryOut: (context) =>
      putBack(scene, context, unit, {
        ...{ clusterId: scene.entry.id, place, found, path, former },
        text: chosen?.text ?? '',
        keepsBackup: hasBackup && chosen?.from !== 'backup',
      }),
  };
};

async function candidatesFor(
  scene: RepairScene,
  place: MemberFilePlace,
  path: string,
): Promise<readonly FileCandidate[]> {
  const backup = await asRootOrSelf(place.asRoot, (sudo) =>
    place.remote.readFile(`${path}${BACKUP_SUFFIX}`, { sudo, maxBytes: MOST_BACKUP_BYTES }),
  );
  const own = await scene.deps.specFile(scene.entry.id, place.member, majorOf(scene));
  return [
    ...(backup === null ? [] : [{ from: 'backup' as const, text: backup.toString('utf8') }]),
    ...(own === null ? [] : [{ from: 'spec' as const, text: own }]),
  ];
}

function unitOf(name: string | null, state: string): Unit | null {
  return name === null ? null : { name, runs: state === 'running' };
}

/** PostgreSQL's major version, as the members say; null: none does. */
function majorOf({ state }: RepairScene): number | null {
  const versions = state.members.flatMap(({ postgresVersion }) => (postgresVersion === null ? [] : [postgresVersion]));
  return versions.length === 0 ? null : Math.floor(Math.max(...versions) / 10_000);
}

async function putBack(
  scene: RepairScene,
  context: JobContext,
  unit: Unit | null,
  work: MemberFileWork & { readonly keepsBackup: boolean },
): Promise<JobEnd> {
  const { member } = work.place;
  context.phase('validate', 'running');
  const complaints = await validateMemberFile(context, work);
  if (complaints.length > 0) {
    for (const line of complaints) context.log('error', line);
    return {
      status: 'refused',
      error: appError('config.file_refused', `Patroni refuses the text: ${complaints[0] ?? ''} Nothing was changed.`, {
        target: member,
        hint: 'Everything that Patroni says of it stands in this job. Correct the file in a terminal.',
      }).data,
    };
  }
  context.phase('place', 'running');
  if (work.keepsBackup) await keepBackup(scene, context, work);
  const end = await putInPlace({ now: scene.deps.now, pauseMs: PAUSE_MS }, context, work);
  if (end !== null) return end;
  context.phase('reload');
  const site = { ...work.place, unit: unit?.name ?? null };
  // A unit that is started again and again looks as if it ran: then there is nobody to take the signal.
  const isReloaded = unit?.runs === true && (await reloadBySignal(context, work));
  if (!isReloaded) await askSystemd({ site }, context, 'start');
  context.phase('verify', 'following');
  return answers(scene, context, { work, unit: site.unit, isReloaded });
}

/** The text beside the file is of no use, and gives way to the one that does not read: it stays under a dated name. */
async function keepBackup({ at }: RepairScene, context: JobContext, { place, path }: MemberFileWork): Promise<void> {
  const backup = `${path}${BACKUP_SUFFIX}`;
  const kept = `${backup}-${stampOf(at)}`;
  const { exitCode, stderr } = await asRootOrSelf(place.asRoot, (sudo) =>
    place.remote.run(['cp', '-p', '--', backup, kept], { timeoutMs: KEEP_MS, sudo }),
  );
  if (exitCode !== 0)
    throw appError(
      'repair.not_kept',
      `${backup} could not be kept: ${readLog(stderr, 1)[0] ?? 'no reason was given'}.`,
      {
        target: place.member,
        hint: 'Nothing was changed.',
      },
    );
  context.log('info', `The older text beside it is kept as ${kept}.`);
}

interface PutBack {
  readonly work: MemberFileWork;
  readonly unit: string | null;
  /** Whether a Patroni that ran was told to read the file again. */
  readonly isReloaded: boolean;
}

/** A Patroni that was told to reload while it was about to end over the old text is started. */
async function startIfEnded({ work, unit }: PutBack, context: JobContext): Promise<boolean> {
  const state = (await servicesOn(work.place.remote)).find((one) => one.unit === unit)?.state ?? 'unknown';
  if (state === 'running' || state === 'starting') return false;
  await askSystemd({ site: { ...work.place, unit } }, context, 'start');
  return true;
}

/** Whether the file reads now, and Patroni of the member answers. */
async function answers(scene: RepairScene, context: JobContext, done: PutBack): Promise<JobEnd> {
  const { work } = done;
  const { member } = work.place;
  let mayStart = done.isReloaded;
  const facts = { 'Kept in': `${work.path}${BACKUP_SUFFIX}` };
  const found = await findMemberConfig(work.place);
  if (mergeFound(found).kind !== 'config')
    return repairedWith(`${work.path} was put in place and does not read.`, facts);
  const end = scene.deps.now() + ANSWER_MS;
  for (;;) {
    const answer = await scene.deps.hub
      .rest(scene.entry.id, member)
      ?.get('/patroni', 4_000)
      .catch(() => undefined);
    if (isJsonObject(answer)) {
      const state = String(answer['state'] ?? 'not told').slice(0, 60);
      return repaired(`${work.path} reads again, and Patroni of ${member} answers (PostgreSQL: ${state}).`, facts);
    }
    if (scene.deps.now() > end) break;
    if (mayStart) mayStart = !(await startIfEnded(done, context));
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
  return repairedWith(
    `${work.path} reads again, but Patroni of ${member} did not answer within ${spanInWords(ANSWER_MS)}. Look at its log.`,
    facts,
  );
}
