import { appError, hasCode, toErrorData, type AppError } from '../../../../shared/model/app-error';
import type { AssessmentPackages } from '../../../../shared/model/upgrade/assessment';
import { memberOf } from '../../../../shared/rules/cluster/member-facts';
import { maskLogText } from '../../../../shared/rules/logs/mask-log-text';
import { reserveFor } from '../../../../shared/rules/upgrade/assessment-checks';
import { readAssessment, type AssessmentFindings } from '../../../../shared/rules/upgrade/read-assessment';
import { bytesInWords, namesInWords } from '../../../../shared/rules/words/wording';
import { mergeFound } from '../../clusters/discovery/found-config';
import type { JobContext, JobDefinition, JobEnd } from '../../jobs/job-engine';
import { findMemberConfig } from '../../member-files/read-member-file';
import { onAbort, sleep } from '../../platform/wait';
import type { Remote } from '../../ssh/remote';
import { beginBeside, endInstall, type AptRun } from '../install-script';
import { ASSESS_EXIT, ASSESS_MAKE_SCRIPT } from './assess-scripts';
import { ASSESS_WORK, WORK_EXIT, WORK_FILES } from './assess-work';
import { assessmentEnd, makeAssessmentReport } from './assessment-report';
import type { AssessmentRecord, AssessmentStore } from './assessment-store';
import { followApt, removePackages } from './beside-packages';
import type { AssessmentLookDeps, PreparedAssessment } from './look-for-assessment';
import { replicationLogin, type ReplicationLogin } from './replication-login';

/** What an assessment works with. */
export interface AssessmentWorkDeps extends AssessmentLookDeps {
  readonly store: AssessmentStore;
  /** Between two looks, ms; a test may shorten it. */
  readonly lookMs: number;
}

/** An assessment at work. `acting` is the job for what may not be left half done: the user's stop does not end it, the app's end does. */
interface Assessing {
  readonly deps: AssessmentWorkDeps;
  readonly context: JobContext;
  readonly acting: JobContext;
  readonly prepared: PreparedAssessment;
  readonly id: string;
  readonly startedAt: number;
}

const SCRIPT_MS = 60_000;
const END_MS = 900_000;
const MOST_BYTES = 8 * 1024 * 1024;

/** The phases of an assessment. */
export function assessmentPhases({ look }: PreparedAssessment): JobDefinition['phases'] {
  return [
    { id: 'make', label: `Make ${look.directory}, and log in for the copy` },
    ...(look.apt === null ? [] : [{ id: 'install', label: 'Install the new version beside the present one' }]),
    { id: 'work', label: 'Copy the data, and let pg_upgrade check the copy' },
    { id: 'tidy', label: 'Remove the copy' },
    ...(look.apt === null || !look.choice.removePackages ? [] : [{ id: 'remove', label: 'Remove the packages' }]),
  ];
}

/** Does all of it, keeps the report, and removes what it made, also where it fails or is stopped. */
export async function runAssessment(
  deps: AssessmentWorkDeps,
  context: JobContext,
  prepared: PreparedAssessment,
  id: string,
): Promise<JobEnd> {
  const run: Assessing = { deps, context, acting: actingOf(context), prepared, id, startedAt: deps.now() };
  let findings: AssessmentFindings | null = null;
  let failure: unknown = null;
  try {
    findings = await work(run);
  } catch (thrown) {
    failure = thrown;
  }
  if (hasCode(failure, 'job.closing')) throw failure;
  const left = await tidy(run);
  const removed = await removeAtEnd(run);
  if (findings === null || failure !== null) throw told(failure, left);
  const report = await makeAssessmentReport(run, findings, { left, removed });
  await deps.store.keepReport(report);
  return assessmentEnd(report);
}

function actingOf(context: JobContext): JobContext {
  const ending = new AbortController();
  onAbort(context.signal, () => {
    if (hasCode(context.signal.reason, 'job.closing')) ending.abort(context.signal.reason);
  });
  return { ...context, signal: ending.signal };
}

/** The error of what failed, with what is left of it. */
function told(failure: unknown, left: readonly string[]): unknown {
  if (left.length === 0) return failure;
  const { code, message, hint } = toErrorData(failure);
  return appError(code, `${message} Not all could be removed: ${left.join(' ')}`, hint === undefined ? {} : { hint });
}

async function work(run: Assessing): Promise<AssessmentFindings> {
  const { context, prepared } = run;
  context.phase('make', 'running');
  await make(run);
  context.signal.throwIfAborted();
  if (prepared.look.apt !== null) {
    context.phase('install', 'running');
    await install(run);
    context.signal.throwIfAborted();
  }
  context.phase('work', 'running');
  await begin(run);
  await follow(run);
  const { stdout } = await ask(run, 'tell', []);
  return readAssessment(
    stdout,
    prepared.settings.map(({ name }) => name),
    (packed) => Buffer.from(packed, 'base64').toString('utf8'),
  );
}

async function change(
  { deps, prepared }: Assessing,
  to: (record: AssessmentRecord) => AssessmentRecord,
): Promise<void> {
  await deps.store.keepRecord(to(await deps.store.record(prepared.state.clusterId)));
}

type What = 'make' | 'try' | 'begin' | 'look' | 'tell' | 'end';

function askOn(
  remote: Remote,
  what: What,
  place: { readonly id: string; readonly directory: string },
  words: readonly string[],
) {
  return remote.script(ASSESS_MAKE_SCRIPT, [what, place.id, place.directory, ...words], {
    timeoutMs: what === 'end' ? END_MS : SCRIPT_MS,
    sudo: true,
    maxOutputBytes: MOST_BYTES,
  });
}

function ask({ prepared, id }: Assessing, what: What, words: readonly string[]) {
  return askOn(prepared.remote, what, { id, directory: prepared.look.directory }, words);
}

/** Makes the directory with all that the work is given, and logs in with it. Its record is on disk before. */
async function make(run: Assessing): Promise<void> {
  const { prepared, id, startedAt, acting } = run;
  const { remote, serverId, look } = prepared;
  const login = await loginFor(run);
  const server = remote.name;
  await change(run, (record) => ({
    ...record,
    work: { id, startedAt, serverId, server, directory: look.directory, apt: [] },
  }));
  const made = await ask(run, 'make', []);
  if (made.exitCode !== 0) throw notMade(run, made.exitCode, made.stderr);
  for (const [name, text] of givenFiles(prepared, login))
    await remote.writeFile(`${look.directory}/${name}`, text, FOR_POSTGRES);
  const tried = await ask(run, 'try', [String(Math.floor(look.asked.version / 10_000))]);
  if (!tried.stdout.includes('tried'))
    throw appError('upgrade.no_login', `Nobody is let in for replication on ${server}: ${lastLine(tried.stderr)}`, {
      target: server,
      hint: 'The copy logs in at the address of the member, as Patroni of a replica does. See pg_hba of this member.',
    });
  acting.log('good', `${server}: ${look.directory} is made, and the login for the copy works.`);
}

const FOR_POSTGRES = { owner: 'postgres', group: 'postgres', mode: 0o600, sudo: true } as const;

/** What the work is given, by the names of files. */
function givenFiles(
  { look, settings }: PreparedAssessment,
  { service, pass }: ReplicationLogin,
): readonly (readonly [string, string])[] {
  return [
    [WORK_FILES.script, ASSESS_WORK],
    [WORK_FILES.service, service],
    [WORK_FILES.pass, pass],
    [WORK_FILES.places, look.asked.places.map((path) => `${path}\n`).join('')],
    [WORK_FILES.names, settings.map(({ name }) => `${name} = ''\n`).join('')],
    [
      WORK_FILES.values,
      settings.flatMap(({ name, value }) => (value === null ? [] : [settingLine(name, value)])).join(''),
    ],
  ];
}

const settingLine = (name: string, value: string): string => `${name} = '${value.replaceAll("'", "''")}'\n`;

const lastLine = (text: string): string =>
  maskLogText((text.trim().split('\n').at(-1) ?? '').slice(0, 300)) || 'no reason was told.';

async function loginFor({ prepared: { state, remote, look } }: Assessing) {
  const member = look.choice.member;
  const merged = mergeFound(await findMemberConfig({ state, member, remote, asRoot: true }));
  const known = memberOf(state, member);
  const place = { member, host: known?.host ?? 'localhost', port: known?.port ?? 5432 };
  return replicationLogin(merged.kind === 'config' ? merged.config : {}, place);
}

function notMade({ prepared: { remote, look } }: Assessing, code: number, stderr: string): AppError {
  const why = code === ASSESS_EXIT.taken ? 'it is there already' : lastLine(stderr);
  return appError('upgrade.no_place', `${look.directory} on ${remote.name} could not be made: ${why}`, {
    target: remote.name,
    hint: 'Nothing was copied. Name another directory, or start it again.',
  });
}

/** Installs what is missing; what was not there before is recorded before apt begins. */
async function install(run: Assessing): Promise<void> {
  const { prepared, deps, acting } = run;
  const { look, remote, serverId } = prepared;
  const names = [...(look.apt?.added ?? [])];
  const apt: AptRun = { remote, id: `${run.id}01` };
  const packages: AssessmentPackages = {
    ...{ serverId, server: remote.name, major: look.choice.target, names },
    at: deps.now(),
  };
  await change(run, (record) => ({
    ...record,
    work: record.work === null ? null : { ...record.work, apt: [apt.id] },
    packages: [...record.packages, packages],
  }));
  await beginBeside(apt, 'add', look.found.want);
  const wanted = new Map(look.found.want.map((one) => [one.split('=')[0] ?? '', one.split('=')[1] ?? '']));
  await followApt(run, apt, [...wanted.keys()], ({ versions, unconfigured }) =>
    [...wanted]
      .filter(([name, version]) => versions.get(name) !== version || unconfigured.includes(name))
      .map(([name]) => name),
  );
  acting.log('good', `${remote.name} has ${namesInWords(names)} beside what was there.`);
}

async function begin(run: Assessing): Promise<void> {
  const { look, remote } = run.prepared;
  const { asked, choice, found } = look;
  const words = [
    String(Math.floor(asked.version / 10_000)),
    String(choice.target),
    asked.superuser ?? 'postgres',
    String((choice.maxRateMb ?? 0) * 1024),
    String(reserveFor(found.total)),
    String(asked.maxPrepared),
    asked.preload ?? '',
  ];
  const { exitCode, stderr } = await ask(run, 'begin', words);
  if (exitCode === 0) return;
  throw appError('upgrade.not_assessed', `The copy was not begun on ${remote.name}: ${lastLine(stderr)}`, {
    target: remote.name,
    hint: 'Nothing of the cluster was touched. See whether systemd-run works there.',
  });
}

/** Follows the work to its end; a lost connection does not end it. Stopped by the user, it is ended on the server. */
async function follow(run: Assessing): Promise<void> {
  const { context, deps, prepared } = run;
  let toldStep = '';
  for (;;) {
    const answer = await ask(run, 'look', []).catch((thrown: unknown) => {
      context.detail(`${toErrorData(thrown).message} The work goes on there; it is asked again.`);
      return null;
    });
    const lines = answer?.stdout.split('\n') ?? [];
    const [, kind, code] = /^(none|running|broken|ended|made)(?: (\d+))?$/.exec(lines[0] ?? '') ?? [];
    const step = lines.find((line) => line.startsWith('step '))?.slice(5) ?? '';
    if (step !== '' && step !== toldStep) context.log('info', `${step}.`);
    toldStep = step || toldStep;
    if (kind === 'ended') return refuseEnd(run, Number(code), lines);
    if (kind !== undefined && kind !== 'running')
      throw appError('upgrade.not_assessed', `The work on ${prepared.remote.name} was ended from outside.`, {
        target: prepared.remote.name,
        hint: 'What it made is removed. Look at the journal of that server, then start it again.',
      });
    if (answer !== null) context.detail(progressInWords(step, lines));
    await sleep(deps.lookMs, context.signal);
    context.signal.throwIfAborted();
  }
}

/** What pg_basebackup says of itself: `23115/77129 kB (29%), 0/1 tablespace`. */
function progressInWords(step: string, lines: readonly string[]): string {
  const said = lines.find((line) => line.startsWith('said '));
  const [, done, all] = /(\d+)\/(\d+) kB/.exec(said ?? '') ?? [];
  if (!step.startsWith('Copying') || done === undefined || all === undefined) return `${step || 'It begins'}.`;
  return `${step}: ${bytesInWords(Number(done) * 1024)} of ${bytesInWords(Number(all) * 1024)}.`;
}

const ENDS: Readonly<Record<number, string>> = {
  [WORK_EXIT.place]: 'its directory could not be used',
  [WORK_EXIT.full]: 'too little would have stayed free on the disk, so that the copy was broken off',
  [WORK_EXIT.copy]: 'the data could not be copied',
  [WORK_EXIT.recovery]: 'the copy did not recover',
  [WORK_EXIT.initdb]: 'no empty cluster of the new version could be made',
  [WORK_EXIT.asked]: 'the copy could not be asked',
  [WORK_EXIT.programs]: 'programs are missing',
  [WORK_EXIT.ended]: 'it was ended from outside',
};

async function refuseEnd(run: Assessing, code: number, lines: readonly string[]): Promise<void> {
  if (code === 0) return;
  const { stdout } = await ask(run, 'tell', []);
  const errors = stdout
    .split('\n')
    .filter((line) => line.startsWith('err '))
    .map((line) => maskLogText(line.slice(4)));
  for (const line of errors.slice(-12)) run.context.log('error', line);
  const { remote } = run.prepared;
  const last = errors.at(-1) ?? lines.find((line) => line.startsWith('said '))?.slice(5) ?? '';
  throw appError(
    'upgrade.not_assessed',
    `${remote.name}: ${ENDS[code] ?? `the work ended with exit code ${code}`}. ${last}`.trim(),
    {
      target: remote.name,
      hint: 'The cluster was not touched, and what was made is removed. The last lines stand in this job.',
    },
  );
}

/** Ends the work and removes its directory; what could not be removed stays recorded, and is answered in sentences. */
async function tidy(run: Assessing): Promise<readonly string[]> {
  const { acting, prepared } = run;
  acting.phase('tidy', 'running');
  const work = (await run.deps.store.record(prepared.state.clusterId)).work;
  if (work === null) return [];
  for (let tries = 0; ; tries += 1) {
    try {
      await removeWork(prepared.remote, work);
      await change(run, (record) => ({ ...record, work: null }));
      acting.log('good', `${work.directory} on ${work.server} is removed.`);
      return [];
    } catch (thrown) {
      if (tries >= 5) return [`${toErrorData(thrown).message} Clean up from the page of upgrades later.`];
      await sleep(run.deps.lookMs * 3, acting.signal);
      acting.signal.throwIfAborted();
    }
  }
}

/** Ends the work on its server and removes its directory. Rejects with `upgrade.still_left` and `ssh.*`. */
export async function removeWork(
  remote: Remote,
  work: { readonly id: string; readonly directory: string; readonly apt: readonly string[] },
): Promise<void> {
  const { exitCode, stderr } = await askOn(remote, 'end', work, []);
  if (exitCode !== 0)
    throw appError(
      'upgrade.still_left',
      `${work.directory} on ${remote.name} could not be removed: ${lastLine(stderr)}`,
      {
        target: remote.name,
        hint: 'Something of it is still at work. Clean up again in a while.',
        retryable: true,
      },
    );
  for (const id of work.apt)
    if (!(await endInstall({ remote, id })))
      throw appError('upgrade.still_left', `apt on ${remote.name} is still at work.`, {
        target: remote.name,
        hint: 'Wait for its end, then clean up again.',
        retryable: true,
      });
}

/** Removes the packages where that was wanted; answers whether none of this run is left. */
async function removeAtEnd(run: Assessing): Promise<boolean> {
  const { prepared, deps, acting } = run;
  const { packages, work } = await deps.store.record(prepared.state.clusterId);
  const own = packages.find(
    ({ serverId, major }) => serverId === prepared.serverId && major === prepared.look.choice.target,
  );
  if (own === undefined) return prepared.look.apt !== null;
  if (!prepared.look.choice.removePackages || work !== null) return false;
  acting.phase('remove', 'running');
  try {
    await removePackages({ deps, acting }, prepared.state.clusterId, own, `${run.id}02`);
    return true;
  } catch (thrown) {
    acting.signal.throwIfAborted();
    acting.log('warning', `${toErrorData(thrown).message} They can be removed from the page of upgrades.`);
    return false;
  }
}
