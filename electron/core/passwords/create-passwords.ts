import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import type {
  PasswordAccount,
  PasswordAccounts,
  PasswordChange,
} from '../../../shared/model/passwords/password-account';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import {
  passwordCommands,
  passwordTitle,
  typeForPasswords,
  whyNotFinish,
  whyNotPassword,
  whyNotPasswords,
} from '../../../shared/rules/passwords/password-guide';
import { newPassword } from '../deploy/secrets/cluster-secrets';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobEngine } from '../jobs/job-engine';
import { stateOfCluster } from '../postgres/member-place';
import { carryOutPasswords, PASSWORD_PHASES, type PasswordWorkDeps } from './carry-out-passwords';
import { lookAtPasswords, requireLists, type PasswordLook } from './look-at-passwords';
import { makeRecord } from './make-record';
import { isLost, passwordsGiven, type PasswordRecord } from './password-record';
import { shownChange } from './password-standing';

/** A confirmed change; a password that is null is made. */
export interface PasswordRequest {
  readonly clusterId: string;
  readonly accounts: readonly { readonly id: string; readonly password: string | null }[];
  readonly typed: string | null;
  readonly requestId: string;
}

/** The confirmed end of a change that was broken off, or its way back. */
export interface PasswordFinish {
  readonly clusterId: string;
  readonly way: 'forward' | 'back';
  /** When the change began that was shown to the user: another one is not taken back in its place. Ms since the epoch. */
  readonly startedAt: number;
  readonly typed: string | null;
  readonly requestId: string;
}

/** The passwords of a cluster's accounts. See shared/contract/passwords.ts. */
export interface PasswordService {
  /** Rejects with `operation.*`, `config.*`, `postgres.*` and `ssh.*` where a member cannot be read. */
  accounts(clusterId: string): Promise<PasswordAccounts>;
  /**
   * Starts a job. Rejects, with nothing written, with `operation.read_only`, `operation.refused`, `operation.not_confirmed`,
   * `config.password_refused`, `config.passwords_halfway` or `job.busy`.
   */
  change(request: PasswordRequest): Promise<Job>;
  /** Starts a job that goes on. Rejects with the same, and with `config.no_password_change`. */
  finish(request: PasswordFinish): Promise<Job>;
  /** What the last change of an account gave to it. Rejects with `config.no_password_change`. */
  given(clusterId: string, account: string): Promise<{ readonly username: string; readonly password: string }>;
}

/** What the service needs. */
export interface PasswordDeps extends PasswordWorkDeps {
  readonly jobs: JobEngine;
  readonly now: () => number;
  /** The passwords of an account that the app itself keeps: those of the set-up, and those that it logs in with. */
  readonly knownPasswords: (clusterId: string, account: PasswordAccount) => Promise<readonly string[]>;
}

/** Makes the service. */
export function createPasswords(deps: PasswordDeps): PasswordService {
  return {
    accounts: (clusterId) => accounts(deps, clusterId),
    change: (request) => change(deps, request),
    finish: (request) => finish(deps, request),
    given: async (clusterId, account) => {
      stateOfCluster(deps, clusterId);
      const record = await deps.store.read(clusterId);
      const kept = passwordsGiven(record).find(({ id }) => id === account);
      const password = kept === undefined ? null : await deps.store.secret(clusterId, kept.next);
      if (kept === undefined || password === null) throw noChange();
      return { username: kept.username, password };
    },
  };
}

async function accounts(deps: PasswordDeps, clusterId: string): Promise<PasswordAccounts> {
  const state = { ...stateOfCluster(deps, clusterId), readOnly: false };
  const record = await deps.store.read(clusterId);
  const configPath = configPathOf(deps, clusterId);
  const refused = whyNotPasswords(state);
  if (refused === null) {
    const look = await lookAtPasswords(deps, clusterId);
    return {
      accounts: look.accounts,
      leftOut: look.leftOut,
      unread: look.unread.map(({ server, sentence }) => ({ server, sentence })),
      configPath,
      refused,
      change: await shown(deps, clusterId, record, look),
    };
  }
  // What was broken off is told as well as it can be while a member is not well: that may be its very consequence.
  const look =
    record === null || whyNotFinish(state) !== null
      ? null
      : await lookAtPasswords(deps, clusterId).catch((): null => null);
  const unread = (look?.unread ?? []).map(({ server, sentence }) => ({ server, sentence }));
  return { accounts: [], leftOut: [], unread, configPath, refused, change: await shown(deps, clusterId, record, look) };
}

/** The file of the cluster's members that was found first; where none was, the one that a set-up writes. */
function configPathOf({ hub }: PasswordDeps, clusterId: string): string {
  return hub.entry(clusterId)?.configPath ?? '/etc/patroni/config.yml';
}

function shown(
  { store }: PasswordDeps,
  clusterId: string,
  record: PasswordRecord | null,
  look: PasswordLook | null,
): Promise<PasswordChange | null> {
  return record === null ? Promise.resolve(null) : shownChange(store, clusterId, record, look);
}

async function change(deps: PasswordDeps, request: PasswordRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  refuseUnconfirmed(deps, request, whyNotPasswords);
  const { clusterId } = request;
  const look = await lookAtPasswords(deps, clusterId);
  await readReplaceable(deps, clusterId, look);
  const chosen = request.accounts.map(({ id, password }) => ({
    account: accountOf(look, id),
    password: checked(id, password),
  }));
  const listed = chosen.map(({ account }) => account);
  return start(deps, request, {
    way: 'forward',
    accounts: listed,
    prepare: async () => {
      const replaced = await readReplaceable(deps, clusterId, look);
      await deps.store.write(clusterId, await makeRecord(deps, look, { clusterId, chosen, replaced }));
    },
  });
}

/** The change that a new one takes the place of. Rejects with `config.passwords_halfway` where it can still go on, or back. */
async function readReplaceable(
  { store }: PasswordDeps,
  clusterId: string,
  { accounts: there }: PasswordLook,
): Promise<PasswordRecord | null> {
  const held = await store.read(clusterId);
  if (held === null || held.ended || (await isLost(store, clusterId, held, there))) return held;
  throw appError('config.passwords_halfway', 'A change of passwords was broken off. Nothing was sent.', {
    hint: 'Go on with it, or take it back; then change others.',
  });
}

function refuseUnconfirmed(
  deps: PasswordDeps,
  request: Pick<PasswordRequest, 'clusterId' | 'typed'>,
  whyNot: (state: ClusterState) => string | null,
): void {
  const state = stateOfCluster(deps, request.clusterId);
  const why = whyNot(state);
  if (why !== null)
    throw appError(state.readOnly ? 'operation.read_only' : 'operation.refused', `${why} Nothing was sent.`, {
      hint: 'See the members of the cluster, and its settings.',
    });
  const wanted = typeForPasswords(state);
  if (wanted !== null && request.typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
}

function accountOf(look: PasswordLook, id: string): PasswordAccount {
  const account = look.accounts.find((one) => one.id === id);
  const why = account === undefined ? 'There is no such account now.' : account.refused;
  if (account !== undefined && why === null) return account;
  throw appError('config.password_refused', `${account?.username ?? id}: ${why ?? ''} Nothing was sent.`, {
    target: account?.username ?? id,
    hint: 'Leave this account out, or mend the cause.',
  });
}

function checked(id: string, password: string | null): string {
  const why = password === null ? null : whyNotPassword(password);
  if (why === null) return password ?? newPassword();
  throw appError('config.password_refused', `${why} Nothing was sent.`, {
    target: id,
    hint: 'Choose another password.',
  });
}

async function finish(deps: PasswordDeps, request: PasswordFinish): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  refuseUnconfirmed(deps, request, whyNotFinish);
  const record = await readUnfinished(deps, request);
  const look = await lookAtPasswords(deps, request.clusterId);
  requireLists(look, record.accounts);
  const chosen = look.accounts.filter(({ id }) => record.accounts.some((one) => one.id === id));
  return start(deps, request, {
    way: request.way,
    accounts: chosen,
    prepare: async () => {
      // Another job may have brought it to its end while this one was being asked for.
      const now = await readUnfinished(deps, request);
      await deps.store.write(request.clusterId, { ...now, way: request.way, reloaded: [], ended: false });
    },
  });
}

async function readUnfinished(
  { store }: PasswordDeps,
  { clusterId, way, startedAt }: PasswordFinish,
): Promise<PasswordRecord> {
  const record = await store.read(clusterId);
  if (
    record === null ||
    record.startedAt !== startedAt ||
    record.accounts.length === 0 ||
    (record.ended && way === 'forward')
  )
    throw noChange();
  return record;
}

function noChange(): Error {
  return appError('config.no_password_change', 'There is no change of passwords to go on with.', {
    hint: 'Look at the accounts again.',
  });
}

/** The record is written within the job, so that the lock of the cluster guards it. */
function start(
  deps: PasswordDeps,
  request: Pick<PasswordRequest, 'clusterId' | 'typed' | 'requestId'>,
  work: {
    readonly way: 'forward' | 'back';
    readonly accounts: readonly PasswordAccount[];
    readonly prepare: () => Promise<void>;
  },
): Promise<Job> {
  const { clusterId } = request;
  const state = stateOfCluster(deps, clusterId);
  const configPath = configPathOf(deps, clusterId);
  return deps.jobs.start(
    {
      kind: 'passwords',
      clusterId,
      clusterTitle: clusterName(state),
      title: passwordTitle(
        work.accounts.map(({ username }) => username),
        work.way,
      ),
      target: null,
      command: passwordCommands(work.accounts, { scope: state.scope, configPath }),
      confirmation: request.typed === null ? 'Confirmed.' : `Confirmed by typing ${request.typed}.`,
      phases: PASSWORD_PHASES,
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId: request.requestId,
    },
    async (context) => {
      await work.prepare();
      return carryOutPasswords(deps, context, clusterId);
    },
  );
}
