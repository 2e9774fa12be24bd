import { randomBytes } from 'node:crypto';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { BackupKind } from '../../../shared/model/backups/backup';
import type { BackupSetup, KeptBackups, StoreLogin } from '../../../shared/model/backups/backup-setup';
import { readBackupInfo } from '../../../shared/rules/backups/read-backup-info';
import {
  archivePatch,
  backupUnit,
  backupUnits,
  configPath,
  keyDirectory,
  memberConfig,
  repositoryConfig,
  storeCaPath,
} from '../../../shared/rules/backups/backup-files';
import { isRunning, isStreamingReplica, memberOf } from '../../../shared/rules/cluster/member-facts';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { waitsForRestart } from '../../../shared/rules/operate/restart-order';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext, JobDefinition, JobEnd } from '../jobs/job-engine';
import { runPsql } from '../postgres/ask-psql';
import type { Remote } from '../ssh/remote';
import { lastLine, pauseBetweenLooks, runStep, stepFailed } from './backup-step';
import { makeBackup } from './make-backup';
import { exchangeKeys, putBackupFile, serversOf, type SetUpPlan } from './exchange-keys';
import { BACKUP_INSTALL_SCRIPT } from './set-up-scripts';
import { removeFiles, turnOffArchive } from './take-away';

/** What the work needs. */
export interface SetUpTools {
  readonly hub: ClusterHub;
  readonly now: () => number;
  readonly pauseMs: number;
  /** What was kept of backups before; null: this is the first set-up, and one that fails leaves nothing. */
  readonly former: KeptBackups | null;
  /** The passphrase that the vault has for the stanza; null: none. */
  readonly passphrase: string | null;
  readonly store: StoreLogin | null;
  /** Keeps the passphrase of the repository and what is known of the backups. */
  readonly keep: (setup: BackupSetup, passphrase: string | null, former: KeptBackups['formerArchive']) => Promise<void>;
  readonly forget: () => Promise<void>;
}

interface Work extends SetUpTools {
  readonly context: JobContext;
  readonly plan: SetUpPlan;
}

/** The steps that a user sees. */
export const SET_UP_PHASES: JobDefinition['phases'] = [
  { id: 'install', label: 'Install pgBackRest' },
  { id: 'keys', label: 'Let the servers reach each other' },
  { id: 'files', label: 'Write the configuration' },
  { id: 'stanza', label: 'Make the stanza' },
  { id: 'archive', label: 'Turn on the archive' },
  { id: 'restart', label: 'Restart PostgreSQL where the archive needs it' },
  { id: 'check', label: 'Check that WAL is archived' },
  { id: 'backup', label: 'Make the first backup' },
  { id: 'timers', label: 'Start the timers' },
];

const MINUTE = 60_000;
const INSTALL_MS = 15 * MINUTE;

/** The servers that backups are made on: the one with the repository, or every member's. */
function makers({ repository, members }: SetUpPlan): readonly Remote[] {
  return repository === null ? members.map(({ remote }) => remote) : [repository];
}

function firstBackup({ plan: { setup } }: Work): { readonly unit: string; readonly stanza: string } {
  return { unit: backupUnit(setup.stanza, 'full'), stanza: setup.stanza };
}

/** What each phase does, in their order. */
const setUpSteps: readonly (readonly [string, (work: Work) => Promise<unknown>])[] = [
  ['install', install],
  ['keys', exchangeKeys],
  ['files', writeFiles],
  ['stanza', makeStanza],
  ['archive', turnOn],
  ['restart', restartAll],
  ['check', checkArchive],
  ['backup', (work) => makeBackup(work, leaderOrMaker(work), firstBackup(work))],
  ['timers', startTimers],
];

/** Sets backups up and makes the first one. Everything that is there already is left as it is, so that it can be done again. */
export async function runSetUp(tools: SetUpTools, context: JobContext, plan: SetUpPlan): Promise<JobEnd> {
  const work: Work = { ...tools, context, plan };
  try {
    for (const [phase, act] of setUpSteps) {
      context.phase(phase, phase === 'backup' ? 'following' : 'running');
      await act(work);
    }
  } catch (thrown) {
    if (tools.former !== null || context.signal.aborted) throw thrown;
    return takenBack(work, thrown);
  }
  const { fullDay, time } = plan.setup;
  return {
    status: 'done',
    result: {
      sentence:
        `Backups are set up and the first one is made. The next come by timer at ${time} by the server's clock, a full one on ` +
        `${fullDay}. Whether they can be restored is known once that was tried.`,
      withoutPrimaryMs: null,
      facts: { Stanza: plan.setup.stanza, Repository: repositoryInWords(plan) },
    },
  };
}

/** A first set-up that fails leaves neither an archive that nobody empties nor files on a server. */
async function takenBack(work: Work, thrown: unknown): Promise<JobEnd> {
  const { context, plan, hub } = work;
  const cause = toErrorData(thrown);
  context.log('error', cause.message);
  context.phase('back', 'running', 'Take back what was written');
  const { clusterId, setup } = plan;
  const removal = { clusterId, stanza: setup.stanza, servers: serversOf(plan), former: formerArchive(plan) };
  const problems: string[] = [];
  await hub
    .refresh(clusterId)
    .then(() => turnOffArchive(hub, context, removal))
    .catch((again: unknown) => problems.push(toErrorData(again).message));
  if (problems.length === 0) {
    const left = await removeFiles(context, removal);
    if (left.length === 0) await work.forget();
    else problems.push(`${namesInWords(left)} kept some of the files.`);
  }
  const hint =
    problems.length === 0
      ? 'Everything that was written is taken back: WAL is not archived, and no file of it is left. Packages stay, and so does what ' +
        'is in the repository; where PostgreSQL was restarted for it, archive_mode is off after its next restart. Set backups up again ' +
        'once that is mended.'
      : `Not all of it could be taken back: ${problems.join(' ')} "Stop backing up" does it once that is mended.`;
  return { status: 'failed', error: { ...cause, hint: `${cause.hint ?? ''} ${hint}`.trim(), retryable: false } };
}

/** What the dynamic configuration has of an archive before ours. */
function formerArchive({ state, setup }: SetUpPlan): KeptBackups['formerArchive'] {
  const parameter = (name: string): string | number | boolean | null => {
    const value = valueAt(state.config?.raw ?? {}, ['postgresql', 'parameters', name]);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  };
  const command = parameter('archive_command');
  const isOurs = String(command ?? '').includes(`pgbackrest --stanza=${setup.stanza} `);
  return isOurs ? undefined : { mode: parameter('archive_mode'), command };
}

async function makeStanza(work: Work): Promise<void> {
  await pgbackrest(work, leaderOrMaker(work), 'stanza-create', [], 2 * MINUTE);
  await seeFromMembers(work);
}

async function checkArchive(work: Work): Promise<void> {
  await pgbackrest(work, leaderOrMaker(work), 'check', ['--archive-timeout=240'], 6 * MINUTE);
  work.context.log('good', 'A WAL file went into the archive and was found there.');
}

function repositoryInWords({ setup, repository }: SetUpPlan): string {
  if (setup.repository.kind === 's3') return `${setup.repository.path} of the bucket ${setup.repository.bucket}`;
  return repository === null ? setup.repository.path : `${setup.repository.path} on ${repository.name}`;
}

/** Where the repository's commands are run: on its server, or on the leader's. */
function leaderOrMaker({ plan, hub }: Work): Remote {
  if (plan.repository !== null) return plan.repository;
  const leader = hub.state(plan.clusterId)?.leader.holder ?? plan.state.leader.holder;
  const found = plan.members.find(({ member }) => member.name === leader);
  if (found === undefined)
    throw appError('backup.not_now', 'Nobody leads now: backups are made on the leader where no server keeps them.', {
      retryable: true,
      hint: 'Set backups up again once the cluster has a leader; what is there already stays.',
    });
  return found.remote;
}

async function install(work: Work): Promise<void> {
  const versions = await Promise.all(
    serversOf(work.plan).map(async (remote) => {
      work.context.detail(`Installing on ${remote.name}.`);
      const answer = await remote.script(BACKUP_INSTALL_SCRIPT, [], { timeoutMs: INSTALL_MS, sudo: true });
      const version = /version (\S+)/.exec(answer.stdout)?.[1];
      if (answer.exitCode !== 0 || version === undefined)
        throw stepFailed(
          remote,
          answer.exitCode === 81
            ? 'There is no system user postgres.'
            : `pgBackRest was not installed: ${lastLine(answer.stderr)}`,
          'See that its package sources are reached from there, or install the package pgbackrest by hand; then set up again.',
        );
      return version;
    }),
  );
  const distinct = [...new Set(versions)];
  if (distinct.length > 1)
    throw appError('backup.versions', `The servers have different versions of pgBackRest: ${namesInWords(distinct)}.`, {
      hint: 'pgBackRest works only between servers with the same version. Install the same one everywhere, then set up again.',
    });
  work.context.log('info', `pgBackRest ${distinct[0] ?? ''} is on every server.`);
}

async function writeFiles(work: Work): Promise<void> {
  const { plan, context } = work;
  const { setup, members, repository } = plan;
  const passphrase = setup.encrypted ? await passphraseOf(work) : null;
  await work.keep(setup, passphrase, work.former?.formerArchive ?? formerArchive(plan));
  if (setup.repository.kind === 's3' && setup.repository.ca.trim() !== '')
    for (const { remote } of members) {
      await runStep(remote, ['install', '-d', '-m', '0755', keyDirectory(setup.stanza)]);
      const text = `${setup.repository.ca.trim()}\n`;
      await putBackupFile(remote, { path: storeCaPath(setup.stanza), text, mode: 0o644 });
    }
  for (const { member, remote } of members)
    await putBackupFile(remote, memberConfig(setup, member, passphrase, work.store));
  const all = members.map(({ member }) => member);
  if (repository !== null) await putBackupFile(repository, repositoryConfig(setup, all, passphrase));
  for (const remote of makers(plan)) {
    const own = members.find((one) => one.remote === remote);
    const port = repository === null ? (own?.member.port ?? null) : null;
    for (const kind of kindsOf(setup))
      for (const file of backupUnits(setup, kind, port)) await putBackupFile(remote, file);
    await runStep(remote, ['systemctl', 'daemon-reload']);
  }
  context.log('info', `${configPath(setup.stanza)} is on every server.`);
}

const kindsOf = ({ changes }: BackupSetup): readonly BackupKind[] => ['full', changes];

/** The passphrase that is in use, so that setting up again does not lose what is there; else a new one. */
async function passphraseOf({ plan, passphrase }: Work): Promise<string> {
  for (const remote of makers(plan)) {
    const found = await remote.readFile(configPath(plan.setup.stanza), { sudo: true, maxBytes: 100_000 });
    const present = /^repo1-cipher-pass=(.+)$/m.exec(found?.toString('utf8') ?? '')?.[1];
    if (present !== undefined) return present;
  }
  return passphrase ?? randomBytes(36).toString('base64');
}

/** Runs a command of pgBackRest as postgres; what it says goes into the job. */
async function pgbackrest(
  { plan, context }: Work,
  remote: Remote,
  command: string,
  options: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const argv = ['pgbackrest', `--stanza=${plan.setup.stanza}`, ...options, '--log-level-console=warn', command];
  context.detail(`${argv.join(' ')} on ${remote.name}.`);
  const { exitCode, stdout, stderr } = await remote.run(argv, { timeoutMs, asUser: 'postgres' });
  context.answer(`${remote.name}: pgbackrest ${command}: exit code ${exitCode}`);
  if (exitCode === 0) return;
  const said = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  for (const line of said.slice(-12)) context.log('error', line.slice(0, 500));
  throw stepFailed(
    remote,
    `pgbackrest ${command} ended with ${exitCode}: ${said.find((line) => line.includes('ERROR')) ?? lastLine(said.join('\n'))}`,
    'Its words stand in this job. Set backups up again once that is mended; what is there already stays.',
  );
}

/** Every member has to see the stanza: its repository may not be reached from there, or the directory be one of its own. */
async function seeFromMembers({ plan, context }: Work): Promise<void> {
  for (const { remote } of plan.members) {
    const argv = ['pgbackrest', `--stanza=${plan.setup.stanza}`, '--output=json', '--log-level-console=warn', 'info'];
    const { stdout, stderr } = await remote.run(argv, { timeoutMs: 2 * MINUTE, asUser: 'postgres' });
    const [stanza] = readBackupInfo(stdout) ?? [];
    if (stanza === undefined || stanza.systemIdentifiers.length === 0)
      throw stepFailed(
        remote,
        `The repository does not show the stanza from there: ${stanza?.message ?? lastLine(`${stdout}\n${stderr}`)}`,
        'See that the server with the repository is reached by SSH from there, or that the directory is the shared one.',
      );
    context.log('info', `${remote.name} sees the stanza.`);
  }
}

async function turnOn(work: Work): Promise<void> {
  const { plan, hub, context } = work;
  const state = hub.state(plan.clusterId) ?? plan.state;
  const body = archivePatch(plan.setup.stanza, state.config?.raw ?? {});
  const leader = state.leader.holder ?? plan.state.leader.holder ?? '';
  const answer = await hub
    .rest(plan.clusterId, leader)
    ?.write({ method: 'PATCH', path: '/config', body, timeoutMs: 15_000 });
  context.answer(`${leader}: PATCH /config ${answer?.status ?? 'not sent'}`);
  if (answer === undefined || answer.status >= 300)
    throw appError('backup.step_failed', `${leader} did not take the change of the configuration.`, {
      target: leader,
      hint: `${answer?.body.slice(0, 200) ?? ''} Set backups up again; what is there already stays.`,
      retryable: true,
    });
  context.log('info', 'archive_command and archive_mode are in the dynamic configuration.');
}

/** One member after the other, the leader last; each has to be back before the next. Those that archive already are left alone. */
async function restartAll(work: Work): Promise<void> {
  const { plan, hub, context } = work;
  const state = await hub.refresh(plan.clusterId);
  const off: string[] = [];
  for (const { member, remote } of plan.members) if (await isArchiveOff(remote, member.port)) off.push(member.name);
  if (off.length === 0) context.log('info', 'No member needs a restart.');
  const leader = state.leader.holder;
  for (const name of off.toSorted((a, b) => Number(a === leader) - Number(b === leader))) {
    await untilPending(work, name);
    await restartOne(work, name);
  }
}

async function isArchiveOff(remote: Remote, port: number): Promise<boolean> {
  const run = { port, database: 'postgres', input: 'SHOW archive_mode;\n', timeoutMs: 20_000, maxOutputBytes: 10_000 };
  const { stdout, stderr } = await runPsql(remote, run);
  if (/^(on|off|always)$/m.test(stdout)) return /^off$/m.test(stdout);
  throw stepFailed(
    remote,
    `PostgreSQL could not be asked: ${lastLine(stderr)}`,
    'Set backups up again once it answers.',
  );
}

/** A restart before Patroni has taken the change over would not bring it. */
async function untilPending({ hub, plan, context, now, pauseMs }: Work, name: string): Promise<void> {
  const end = now() + 2 * (plan.state.config?.loopWait ?? 10) * 1000 + MINUTE;
  context.detail(`Waiting until Patroni of ${name} has taken the change over.`);
  for (;;) {
    const member = memberOf(await hub.refresh(plan.clusterId), name);
    if (member !== null && waitsForRestart(member)) return;
    if (now() > end)
      throw appError('backup.step_failed', `Patroni of ${name} has not taken the change over yet.`, {
        target: name,
        hint: 'Look at its log, then set backups up again; what is there already stays.',
      });
    await pauseBetweenLooks(pauseMs, context.signal);
  }
}

async function restartOne(work: Work, name: string): Promise<void> {
  const { plan, hub, context, now } = work;
  const began = now();
  context.detail(`Restarting PostgreSQL of ${name}.`);
  const answer = await hub
    .rest(plan.clusterId, name)
    ?.write({ method: 'POST', path: '/restart', body: {}, timeoutMs: 5.5 * MINUTE });
  context.answer(`${name}: POST /restart ${answer?.status ?? 'not sent'}`);
  if (answer === undefined || answer.status >= 300)
    throw appError('backup.step_failed', `${name} was not restarted: ${answer?.body.slice(0, 200) ?? ''}`, {
      target: name,
      hint: 'Look at its log, then set backups up again; what is there already stays.',
    });
  await untilBack(work, name);
  context.log('good', `${name} is back after ${spanInWords(now() - began)}.`);
}

async function untilBack({ hub, plan, context, now, pauseMs }: Work, name: string): Promise<void> {
  const end = now() + 3 * MINUTE;
  for (;;) {
    const state = await hub.refresh(plan.clusterId);
    const member = memberOf(state, name);
    const isBack =
      state.leader.holder === name ? member !== null && isRunning(member) : isStreamingReplica(state, name);
    if (isBack) return;
    if (now() > end)
      throw appError('backup.step_failed', `${name} is not back yet after its restart.`, { target: name });
    await pauseBetweenLooks(pauseMs, context.signal);
  }
}

async function startTimers({ plan, context }: Work): Promise<void> {
  for (const remote of makers(plan))
    for (const kind of kindsOf(plan.setup))
      await runStep(remote, ['systemctl', 'enable', '--now', `${backupUnit(plan.setup.stanza, kind)}.timer`]);
  context.log('good', 'The timers run.');
}
