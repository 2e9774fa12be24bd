import { appError, toErrorData } from '../../../shared/model/app-error';
import type { PasswordAccount } from '../../../shared/model/passwords/password-account';
import { editPassword } from '../../../shared/rules/passwords/edit-password';
import { isWell } from '../../../shared/rules/passwords/password-guide';
import { listedForm, listedPassword, withListedPassword } from '../../../shared/rules/passwords/pooler-list';
import { namesInWords } from '../../../shared/rules/words/wording';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { reloadBySignal, validateMemberFile } from '../member-files/change-member-file';
import type { MemberFileWork } from '../member-files/member-file-work';
import { putInPlace } from '../member-files/put-in-place';
import { asRootOrSelf, type MemberFilePlace } from '../member-files/read-member-file';
import { sleep } from '../platform/wait';
import { matchesVerifier, scramVerifier } from '../deploy/facts/scram';
import { NOTE_READ_SCRIPT } from '../deploy/resources/scripted/note-read';
import {
  lookAtPasswords,
  requireLists,
  type LookDeps,
  type LookedPooler,
  type PasswordLook,
} from './look-at-passwords';
import { dropChange, parseFormerState, type PasswordRecord, type PasswordStore } from './password-record';
import { readRolePasswords, setRolePasswords } from './password-sql';

/** What a change works with. `keepPasswords` tells the vault and whoever logs in with them. */
export interface PasswordWorkDeps extends LookDeps {
  readonly store: PasswordStore;
  readonly keepPasswords: (clusterId: string, accounts: readonly KeptPassword[]) => Promise<void>;
  /** What a member may take for its next round beside loop_wait, ms; a test may shorten all of it. */
  readonly settleMs?: number;
}

/** A password that counts from now on. */
export interface KeptPassword {
  readonly account: PasswordAccount;
  readonly password: string;
}

/** The steps a user sees. */
export const PASSWORD_PHASES = [
  { id: 'look', label: 'Read every file, list and role' },
  { id: 'validate', label: 'Patroni validates every new file' },
  { id: 'place', label: 'Put the files in place' },
  { id: 'postgres', label: 'Change the passwords in PostgreSQL' },
  { id: 'replay', label: 'Wait until every member has them' },
  { id: 'reload', label: 'Reload Patroni, replicas first' },
  { id: 'see', label: 'See that every member is well' },
] as const;

/** Where an account goes. `password` is null where only its verifier is known: the former one of an application that nobody set up here. */
interface Target {
  readonly account: PasswordAccount;
  readonly password: string | null;
  readonly verifier: string;
  /** What PgBouncer's list on a server had before, on the way back; it gets that again, whatever else is known. */
  readonly listed: Readonly<Record<string, string>>;
}

interface Run {
  readonly deps: PasswordWorkDeps;
  readonly context: JobContext;
  readonly clusterId: string;
  readonly look: PasswordLook;
  readonly targets: readonly Target[];
  record: PasswordRecord;
}

const REPLAY_MS = 60_000;
const COMMAND_MS = 30_000;
const PAUSE_MS = 500;
/** Between two looks at a file of which the answer was lost. */
const LOOK_AGAIN_MS = 1000;

/**
 * Brings a recorded change to its end, from wherever it stopped: what is done already is seen and not done again, and
 * what is sent again gives the same. Files come first, because Patroni reads them only when told; then PostgreSQL; then
 * each member reloads once its own PostgreSQL has replayed.
 */
export async function carryOutPasswords(
  deps: PasswordWorkDeps,
  context: JobContext,
  clusterId: string,
): Promise<JobEnd> {
  try {
    const run = await prepare(deps, context, clusterId);
    const works = worksOf(run);
    context.phase('validate');
    const complaints = await validateAll(run, works);
    return complaints.length > 0 ? await refuse(run, complaints) : await apply(run, works);
  } catch (thrown) {
    await forgetUnbegun(deps, clusterId);
    throw thrown;
  }
}

async function prepare(deps: PasswordWorkDeps, context: JobContext, clusterId: string): Promise<Run> {
  context.phase('look', 'checking');
  const record = await deps.store.read(clusterId);
  if (record === null) throw appError('config.no_password_change', 'There is no change of passwords to go on with.');
  const look = await lookAtPasswords(deps, clusterId);
  requireLists(look, record.accounts);
  return { deps, context, clusterId, look, record, targets: await targetsOf(deps, clusterId, record, look) };
}

/** A change of which nothing can have been written needs no way back. */
async function forgetUnbegun({ store }: PasswordWorkDeps, clusterId: string): Promise<void> {
  if ((await store.read(clusterId))?.begun === false) await dropChange(store, clusterId);
}

async function apply(run: Run, works: readonly MemberFileWork[]): Promise<JobEnd> {
  const { context } = run;
  context.phase('place', 'running');
  // The way back of a change of which nothing was written changes nothing either.
  await save(run, { begun: true, ...(run.record.way === 'forward' ? { replaced: null } : {}) });
  const odd = await placeAll(run, works);
  if (odd !== null) return odd;
  const lists = await placeLists(run);
  context.phase('postgres');
  await changePostgres(run, lists);
  context.phase('replay', 'following');
  await awaitReplay(run);
  context.phase('reload', 'running');
  await reloadAll(run);
  context.phase('see', 'following');
  return end(run);
}

async function save(run: Run, change: Partial<PasswordRecord>): Promise<void> {
  run.record = { ...run.record, ...change };
  await run.deps.store.write(run.clusterId, run.record);
}

async function targetsOf(
  { store }: PasswordWorkDeps,
  clusterId: string,
  record: PasswordRecord,
  look: PasswordLook,
): Promise<readonly Target[]> {
  return Promise.all(
    record.accounts.map(async ({ id, username, next, former, before }) => {
      const account = look.accounts.find((one) => one.id === id);
      const wanted = record.way === 'forward' ? next : former;
      const password = wanted === null ? null : await store.secret(clusterId, wanted);
      const held = await store.secret(clusterId, before);
      if (account === undefined || held === null || (wanted !== null && password === null))
        throw appError('config.password_lost', `What belongs to the change of ${username} is not there any more.`, {
          target: username,
          hint:
            'Open the vault that has it. If it is gone, or the role was dropped, choose the accounts anew: the new change ' +
            'takes the place of this one.',
        });
      const state = parseFormerState(held);
      const verifier = record.way === 'forward' ? await verifierFor(password ?? '', roleOf(look, username)) : null;
      const listed = record.way === 'forward' ? {} : state.listed;
      return { account, password, verifier: verifier ?? state.verifier, listed };
    }),
  );
}

/** What PostgreSQL has for a role now; '' where there is none. */
function roleOf({ roles }: PasswordLook, username: string): string {
  return roles.find(({ name }) => name === username)?.verifier ?? '';
}

/** The verifier that is there, where it already belongs to the password. */
async function verifierFor(password: string, held: string): Promise<string> {
  return (await matchesVerifier(password, held)) ? held : scramVerifier(password);
}

/** The files that have other passwords than they shall have. */
function worksOf({ look, targets, clusterId }: Run): readonly MemberFileWork[] {
  return look.members.flatMap(({ place, found }) =>
    found.files.flatMap(({ path, text: former }) => {
      const text = targets.reduce((edited, { account, password }) => {
        const own = account.places.find((one) => one.member === place.member && one.path === path);
        return password === null || own === undefined ? edited : withPassword(edited, own.keys, { password, path });
      }, former);
      return text === former ? [] : [{ clusterId, place, found, path, former, text }];
    }),
  );
}

function withPassword(
  text: string,
  keys: readonly string[],
  { password, path }: { readonly password: string; readonly path: string },
): string {
  return keys.reduce((edited, key) => {
    const answer = editPassword(edited, key.split('.'), password);
    if (answer.kind === 'text') return answer.text;
    throw appError('config.password_refused', `${answer.sentence} Nothing was changed.`, {
      target: path,
      hint: 'Write the password there as a plain value of its own, then try again.',
    });
  }, text);
}

async function validateAll({ context }: Run, works: readonly MemberFileWork[]): Promise<readonly string[]> {
  const all = await Promise.all(works.map((work) => validateMemberFile(context, work)));
  return all.flatMap((lines, index) => lines.map((line) => `${works[index]?.place.member ?? ''}: ${line}`));
}

/** Nothing of this run was written. */
async function refuse({ deps, context, clusterId }: Run, complaints: readonly string[]): Promise<JobEnd> {
  for (const line of complaints) context.log('error', line);
  await forgetUnbegun(deps, clusterId);
  return {
    status: 'refused',
    error: appError('config.file_refused', `Patroni refuses a file: ${complaints[0] ?? ''} Nothing was changed.`, {
      hint: 'Everything that Patroni says stands in this job.',
    }).data,
  };
}

/** Writes file after file; the end of the job where one of them was not written, or may not have been. */
async function placeAll(run: Run, works: readonly MemberFileWork[]): Promise<JobEnd | null> {
  for (const work of works) {
    const odd = await putInPlace({ now: Date.now, pauseMs: LOOK_AGAIN_MS }, run.context, work);
    if (odd !== null) return odd;
  }
  return null;
}

/** Writes PgBouncer's lists and answers on which servers they are to be read again. */
async function placeLists({ look, targets, context }: Run): Promise<readonly LookedPooler[]> {
  const changed: LookedPooler[] = [];
  for (const looked of look.poolers) {
    const { list } = looked;
    const text = targets.reduce((edited, target) => {
      const held = listedPassword(edited, target.account.username);
      return held === null || target.account.id === 'rest'
        ? edited
        : withListedPassword(edited, target.account.username, listedValue(target, held, list.server));
    }, list.text);
    if (targets.some(({ account }) => account.places.some((one) => one.member === null && one.server === list.server)))
      changed.push(looked);
    if (text === list.text) continue;
    await asRootOrSelf(looked.asRoot, (sudo) => writeList(looked, text, sudo));
    context.log('good', `${list.path} on ${list.server} is in place.`);
  }
  return changed;
}

function listedValue({ password, verifier, listed }: Target, held: string, server: string): string {
  return listed[server] ?? (password === null || listedForm(held) === 'scram' ? verifier : password);
}

/** Writes over the list with its owner and mode as they are. */
async function writeList({ remote, list: { path } }: LookedPooler, text: string, sudo: boolean): Promise<void> {
  const options = { timeoutMs: COMMAND_MS, sudo };
  const looked = await remote.run(['stat', '-L', '-c', '%U:%G:%a', '--', path], options);
  const [owner, group, mode] = looked.stdout.trim().split(':');
  if (looked.exitCode !== 0 || owner === undefined || group === undefined || mode === undefined)
    throw appError('config.not_written', `${path} could not be looked at.`, { target: remote.name });
  const placement = { mode: Number.parseInt(mode, 8), sudo };
  await remote.writeFile(path, text, sudo ? { ...placement, owner, group } : placement);
}

async function changePostgres(run: Run, lists: readonly LookedPooler[]): Promise<void> {
  const { look, targets, context } = run;
  const roles = targets
    .filter(({ account, verifier }) => account.id !== 'rest' && roleOf(look, account.username) !== verifier)
    .map(({ account, verifier }) => ({ name: account.username, verifier }));
  const leader = look.members.find(({ place }) => place.member === look.leader);
  if (roles.length > 0 && leader !== undefined) {
    await setRolePasswords(leader.postgres, roles);
    context.log('good', `PostgreSQL has the passwords of ${namesInWords(roles.map(({ name }) => name))}.`);
  }
  await Promise.all(lists.map((looked) => reloadPooler(run, looked)));
  if (lists.length > 0) context.log('good', `PgBouncer has read its list again on ${lists.length} servers.`);
  await keep(run, ({ id }) => id !== 'rest');
}

/** From now on the app logs in with these, and the vault has them under the names that the app knows them by. */
async function keep({ deps, clusterId, targets }: Run, which: (account: PasswordAccount) => boolean): Promise<void> {
  const kept = targets.flatMap(({ account, password }) =>
    password === null || !which(account) ? [] : [{ account, password }],
  );
  await deps.keepPasswords(clusterId, kept);
}

async function reloadPooler(run: Run, pooler: LookedPooler): Promise<void> {
  const { remote, asRoot, list } = pooler;
  const result = await asRootOrSelf(asRoot, (sudo) =>
    remote.run(['systemctl', 'reload', 'pgbouncer'], { timeoutMs: COMMAND_MS, sudo }),
  );
  if (result.exitCode === 0) return noteRead(run, pooler, 'pgbouncer.service', [list.path]);
  throw appError('config.not_reloaded', `PgBouncer on ${remote.name} did not read its list again.`, {
    target: remote.name,
    hint: 'See why (systemctl status pgbouncer), then go on with the change: it takes up where it stopped.',
    retryable: true,
  });
}

/** Where a deployment of Matriarch notes what its services have read, the files of now are noted; elsewhere nothing is. */
async function noteRead(
  { look, context }: Run,
  { remote, asRoot }: Pick<MemberFilePlace, 'remote' | 'asRoot'>,
  unit: string,
  paths: readonly string[],
): Promise<void> {
  if (!asRoot) return;
  try {
    const { exitCode } = await remote.script(NOTE_READ_SCRIPT, [look.state.scope, unit, ...paths], {
      timeoutMs: COMMAND_MS,
      sudo: true,
    });
    if (exitCode !== 0)
      context.log('warning', `${remote.name}: a check of the set-up will take ${unit} for not reloaded.`);
  } catch (thrown) {
    context.log('warning', `${remote.name}: ${toErrorData(thrown).message}`);
  }
}

/** A member reloads only what its own PostgreSQL knows: Patroni there logs in to it. */
async function awaitReplay({ look, targets, context }: Run): Promise<void> {
  const wanted = targets.filter(({ account }) => account.id !== 'rest');
  if (wanted.length === 0) return;
  await Promise.all(
    look.members.map(async ({ postgres, place }) => {
      for (const until = Date.now() + REPLAY_MS; ; await sleep(PAUSE_MS)) {
        const roles = await readRolePasswords(postgres).catch(() => []);
        const held = new Map(roles.map(({ name, verifier }) => [name, verifier]));
        if (wanted.every(({ account, verifier }) => held.get(account.username) === verifier)) return;
        if (Date.now() >= until) throw notReplayed(place.member);
      }
    }),
  );
  context.log('good', 'Every member has replayed them.');
}

function notReplayed(member: string): Error {
  return appError('config.not_replayed', `${member} has not replayed the new passwords within ${REPLAY_MS / 1000} s.`, {
    target: member,
    hint: 'Its Patroni goes on with the former ones. Let it catch up, then go on with the change, or take it back.',
    retryable: true,
  });
}

/** Replicas first, so that whoever follows the leader is ready before the leader's own Patroni asks again. */
async function reloadAll(run: Run): Promise<void> {
  const { look, targets, context, deps } = run;
  const touched = new Set(targets.flatMap(({ account }) => account.places.map(({ member }) => member)));
  const members = look.members
    .filter(({ place }) => touched.has(place.member))
    .sort((a, b) => Number(a.place.member === look.leader) - Number(b.place.member === look.leader));
  for (const { place, found } of members) {
    if (!(await reloadBySignal(context, { place, found }))) throw notReloaded(place.member);
    context.log('good', `Patroni of ${place.member} was told to read its files again.`);
    await noteRead(
      run,
      place,
      'patroni.service',
      found.files.map(({ path }) => path),
    );
    await save(run, { reloaded: [...run.record.reloaded, place.member] });
  }
  if (members.length === 0) return;
  const loopMs = (look.state.config?.loopWait ?? 10) * 1000;
  context.detail('Patroni reads them at the end of its present round.');
  await sleep(deps.settleMs ?? loopMs + 2000, context.signal);
}

function notReloaded(member: string): Error {
  return appError(
    'config.not_reloaded',
    `No Patroni was found on the server of ${member} that could be told to reload.`,
    {
      target: member,
      hint: 'The file is in place. Start Patroni there, or go on with the change.',
      retryable: true,
    },
  );
}

async function end(run: Run): Promise<JobEnd> {
  const { deps, clusterId, targets, record, look } = run;
  await keep(run, ({ id }) => id === 'rest');
  const refused = await restRefuses(run);
  const unwell = await notWell(run);
  if (record.way === 'back') await dropChange(deps.store, clusterId);
  else
    await save(run, {
      ended: true,
      earlier: record.earlier.filter(({ id }) => !record.accounts.some((one) => one.id === id)),
    });
  const names = namesInWords(targets.map(({ account }) => account.username));
  const sentences = [
    record.way === 'forward'
      ? `${names} have new passwords on ${look.members.length} members, and the vault keeps them.`
      : `${names} have their former passwords again on ${look.members.length} members.`,
    ...(refused.length === 0
      ? []
      : [`The REST API of ${namesInWords(refused)} does not accept it yet: see the log of Patroni there.`]),
    ...(unwell.length === 0 ? [] : [`${namesInWords(unwell)} ${unwell.length === 1 ? 'is' : 'are'} not well now.`]),
  ];
  return {
    status: sentences.length === 1 ? 'done' : 'warning',
    result: { sentence: sentences.join(' '), withoutPrimaryMs: null, facts: {} },
  };
}

/** The members that do not follow, or lead, after a while. */
async function notWell({ deps, clusterId, look, context }: Run): Promise<readonly string[]> {
  const waitMs = (look.state.config?.loopWait ?? 10) * 2000 + 5000;
  for (const until = Date.now() + waitMs; ; await sleep(PAUSE_MS, context.signal)) {
    const odd = (deps.hub.state(clusterId)?.members ?? []).filter((member) => !isWell(member));
    if (odd.length === 0 || Date.now() >= until) return odd.map(({ name }) => name);
  }
}

/**
 * The members whose REST API does not let the app in with the password that it should have read; a reload that is
 * asked twice harms nobody.
 */
async function restRefuses({ deps, clusterId, targets, look, context }: Run): Promise<readonly string[]> {
  if (!targets.some(({ account }) => account.id === 'rest')) return [];
  if (deps.hub.entry(clusterId)?.rest.auth == null) return [];
  const waitMs = (look.state.config?.loopWait ?? 10) * 1000 + 5000;
  const answers = await Promise.all(
    look.members.map(async ({ place }) => {
      for (const until = Date.now() + waitMs; ; await sleep(PAUSE_MS, context.signal)) {
        const answer = await deps.hub
          .rest(clusterId, place.member)
          ?.write({ method: 'POST', path: '/reload', timeoutMs: COMMAND_MS })
          .catch(() => undefined);
        if (answer !== undefined && answer.status < 300) return [];
        if (Date.now() >= until) return [place.member];
      }
    }),
  );
  return answers.flat();
}
