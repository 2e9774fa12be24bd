import { randomBytes } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type { BackupKind } from '../../../shared/model/backups/backup';
import type { BackupSetup } from '../../../shared/model/backups/backup-setup';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { readBackupInfo } from '../../../shared/rules/backups/read-backup-info';
import {
  archivePatch,
  authorizedLine,
  backupUnit,
  backupUnits,
  configPath,
  keyDirectory,
  keyMark,
  memberConfig,
  repositoryConfig,
  sshWrapper,
  type BackupFile,
  type BackupMember,
} from '../../../shared/rules/backups/backup-files';
import { isRunning, isStreamingReplica, memberOf } from '../../../shared/rules/cluster/member-facts';
import { waitsForRestart } from '../../../shared/rules/operate/restart-order';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext, JobDefinition, JobEnd } from '../jobs/job-engine';
import { sleep } from '../platform/wait';
import { runPsql } from '../postgres/ask-psql';
import type { Remote } from '../ssh/remote';
import { lastLine, runStep, stepFailed } from './backup-step';
import { makeBackup } from './make-backup';
import { BACKUP_AUTHORIZE_SCRIPT, BACKUP_INSTALL_SCRIPT, BACKUP_KEYS_SCRIPT } from './set-up-scripts';

/** A member with its server. */
export interface SetUpMember {
  readonly member: BackupMember;
  readonly remote: Remote;
}

/** A set-up as it was confirmed. */
export interface SetUpPlan {
  readonly clusterId: string;
  readonly state: ClusterState;
  readonly setup: BackupSetup;
  readonly members: readonly SetUpMember[];
  /** The server with the repository; null where it is a directory. */
  readonly repository: Remote | null;
}

/** What the work needs. */
export interface SetUpTools {
  readonly hub: ClusterHub;
  readonly now: () => number;
  readonly pauseMs: number;
  /** Keeps the passphrase of the repository and what is known of the backups. */
  readonly keep: (clusterId: string, setup: BackupSetup, passphrase: string | null) => Promise<void>;
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
const STEP_MS = MINUTE;

/** The servers that backups are made on: the one with the repository, or every member's. */
function makers({ repository, members }: SetUpPlan): readonly Remote[] {
  return repository === null ? members.map(({ remote }) => remote) : [repository];
}

function allServers({ repository, members }: SetUpPlan): readonly Remote[] {
  return [...members.map(({ remote }) => remote), ...(repository === null ? [] : [repository])];
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
  ['backup', (work) => makeBackup(work, leaderOrMaker(work), backupUnit(work.plan.setup.stanza, 'full'))],
  ['timers', startTimers],
];

/** Sets backups up and makes the first one. Everything that is there already is left as it is, so that it can be done again. */
export async function runSetUp(tools: SetUpTools, context: JobContext, plan: SetUpPlan): Promise<JobEnd> {
  const work: Work = { ...tools, context, plan };
  for (const [phase, act] of setUpSteps) {
    context.phase(phase, phase === 'backup' ? 'following' : 'running');
    await act(work);
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

async function makeStanza(work: Work): Promise<void> {
  await pgbackrest(work, leaderOrMaker(work), 'stanza-create', [], 2 * MINUTE);
  await seeFromMembers(work);
}

async function checkArchive(work: Work): Promise<void> {
  await pgbackrest(work, leaderOrMaker(work), 'check', ['--archive-timeout=240'], 6 * MINUTE);
  work.context.log('good', 'A WAL file went into the archive and was found there.');
}

function repositoryInWords({ setup, repository }: SetUpPlan): string {
  return repository === null ? setup.repository.path : `${setup.repository.path} on ${repository.name}`;
}

/** Where the repository's commands are run: on its server, or on the leader's. */
function leaderOrMaker({ plan, hub }: Work): Remote {
  if (plan.repository !== null) return plan.repository;
  const leader = hub.state(plan.clusterId)?.leader.holder ?? plan.state.leader.holder;
  const found = plan.members.find(({ member }) => member.name === leader);
  if (found === undefined)
    throw appError('backup.not_now', 'Nobody leads now: backups of a directory are made on the leader.', {
      retryable: true,
      hint: 'Set backups up again once the cluster has a leader; what is there already stays.',
    });
  return found.remote;
}

async function install(work: Work): Promise<void> {
  const versions = await Promise.all(
    allServers(work.plan).map(async (remote) => {
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

interface ServerKeys {
  readonly remote: Remote;
  readonly publicKey: string;
  readonly hostKeys: readonly string[];
}

/** Each side gets the other's key for pgBackRest alone, and its host keys as they stand on its own disk. */
async function exchangeKeys(work: Work): Promise<void> {
  const { plan } = work;
  const { setup, repository } = plan;
  const isRemote = setup.repository.kind === 'server';
  const keys = await Promise.all(
    allServers(plan).map((remote) => keysOf(setup, remote, isRemote, remote === repository || !isRemote)),
  );
  if (setup.repository.kind !== 'server' || repository === null) return;
  const ofRepository = keys.find(({ remote }) => remote === repository);
  const ofMembers = keys.filter(({ remote }) => remote !== repository);
  if (ofRepository === undefined) return;
  const { address } = setup.repository;
  const mark = keyMark(setup.stanza);
  const addressOf = ({ remote }: ServerKeys): string =>
    plan.members.find((one) => one.remote === remote)?.member.address ?? '';
  for (const member of ofMembers) {
    await authorize(member.remote, mark, [authorizedLine(setup.stanza, ofRepository.publicKey)]);
    await knownHosts(setup.stanza, member.remote, [[address, ofRepository]]);
  }
  await authorize(
    repository,
    mark,
    ofMembers.map(({ publicKey }) => authorizedLine(setup.stanza, publicKey)),
  );
  await knownHosts(
    setup.stanza,
    repository,
    ofMembers.map((member) => [addressOf(member), member] as const),
  );
  work.context.log(
    'info',
    'The keys may run pgBackRest and nothing else; the host keys were read on the servers themselves.',
  );
}

async function keysOf(
  setup: BackupSetup,
  remote: Remote,
  needsKey: boolean,
  hasRepository: boolean,
): Promise<ServerKeys> {
  const args = [setup.stanza, needsKey ? 'keys' : '', hasRepository ? setup.repository.path : ''];
  const answer = await remote.script(BACKUP_KEYS_SCRIPT, args, { timeoutMs: STEP_MS, sudo: true });
  const lines = answer.stdout.split('\n');
  const all = (name: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const [publicKey = ''] = all('key');
  if (!lines.includes('end') || (needsKey && publicKey === ''))
    throw stepFailed(
      remote,
      `Its key could not be made: ${lastLine(answer.stderr)}`,
      'Set backups up again once that is mended.',
    );
  return { remote, publicKey, hostKeys: all('host') };
}

async function authorize(remote: Remote, mark: string, lines: readonly string[]): Promise<void> {
  const answer = await remote.script(BACKUP_AUTHORIZE_SCRIPT, [mark], {
    timeoutMs: STEP_MS,
    sudo: true,
    stdin: `${lines.join('\n')}\n`,
  });
  if (!answer.stdout.includes('end'))
    throw stepFailed(
      remote,
      `The key was not let in: ${lastLine(answer.stderr)}`,
      'Set backups up again once that is mended.',
    );
}

async function knownHosts(
  stanza: string,
  remote: Remote,
  peers: readonly (readonly [address: string, keys: ServerKeys])[],
): Promise<void> {
  const text = peers
    .flatMap(([address, { hostKeys }]) => hostKeys.map((key) => `${address} ${key.split(/\s+/).slice(0, 2).join(' ')}`))
    .join('\n');
  await put(remote, { path: `${keyDirectory(stanza)}/known_hosts`, text: `${text}\n`, mode: 0o644 });
  await put(remote, sshWrapper(stanza));
}

function put(remote: Remote, { path, text, mode }: BackupFile): Promise<void> {
  const group = mode === 0o640 ? 'postgres' : 'root';
  return remote.writeFile(path, text, { owner: 'root', group, mode, sudo: true });
}

async function writeFiles(work: Work): Promise<void> {
  const { plan, context } = work;
  const { setup, members, repository } = plan;
  const passphrase = setup.encrypted ? await passphraseOf(work) : null;
  await work.keep(plan.clusterId, setup, passphrase);
  for (const { member, remote } of members) await put(remote, memberConfig(setup, member, passphrase));
  const all = members.map(({ member }) => member);
  if (repository !== null) await put(repository, repositoryConfig(setup, all, passphrase));
  for (const remote of makers(plan)) {
    const own = members.find((one) => one.remote === remote);
    const port = repository === null ? (own?.member.port ?? null) : null;
    for (const kind of kindsOf(setup)) for (const file of backupUnits(setup, kind, port)) await put(remote, file);
    await runStep(remote, ['systemctl', 'daemon-reload']);
  }
  context.log('info', `${configPath(setup.stanza)} is on every server.`);
}

const kindsOf = ({ changes }: BackupSetup): readonly BackupKind[] => ['full', changes];

/** The passphrase that is in use, so that setting up again does not lose what is there; else a new one. */
async function passphraseOf({ plan }: Work): Promise<string> {
  for (const remote of makers(plan)) {
    const found = await remote.readFile(configPath(plan.setup.stanza), { sudo: true, maxBytes: 100_000 });
    const present = /^repo1-cipher-pass=(.+)$/m.exec(found?.toString('utf8') ?? '')?.[1];
    if (present !== undefined) return present;
  }
  return randomBytes(36).toString('base64');
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
    await sleep(pauseMs, context.signal);
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
    await sleep(pauseMs, context.signal);
  }
}

async function startTimers({ plan, context }: Work): Promise<void> {
  for (const remote of makers(plan))
    for (const kind of kindsOf(plan.setup))
      await runStep(remote, ['systemctl', 'enable', '--now', `${backupUnit(plan.setup.stanza, kind)}.timer`]);
  context.log('good', 'The timers run.');
}
