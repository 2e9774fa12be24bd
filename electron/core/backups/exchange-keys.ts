import {
  authorizedLine,
  keyDirectory,
  keyMark,
  sshWrapper,
  type BackupFile,
  type BackupMember,
} from '../../../shared/rules/backups/backup-files';
import type { BackupSetup } from '../../../shared/model/backups/backup-setup';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { JobContext } from '../jobs/job-engine';
import type { Remote } from '../ssh/remote';
import { lastLine, stepFailed } from './backup-step';
import { BACKUP_AUTHORIZE_SCRIPT, BACKUP_KEYS_SCRIPT } from './set-up-scripts';

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
  /** The server with the repository; null where it is a directory or a store. */
  readonly repository: Remote | null;
}

const STEP_MS = 60_000;

/** Every server of a set-up. */
export function serversOf(plan: SetUpPlan): readonly Remote[] {
  return [...plan.members.map(({ remote }) => remote), ...(plan.repository === null ? [] : [plan.repository])];
}

interface ServerKeys {
  readonly remote: Remote;
  readonly publicKey: string;
  readonly hostKeys: readonly string[];
}

/** Each side gets the other's key for pgBackRest alone, and its host keys as they stand on its own disk. */
export async function exchangeKeys({
  plan,
  context,
}: {
  readonly plan: SetUpPlan;
  readonly context: JobContext;
}): Promise<void> {
  const { setup, repository } = plan;
  const isRemote = setup.repository.kind === 'server';
  const isDirectory = setup.repository.kind === 'directory';
  const keys = await Promise.all(
    serversOf(plan).map((remote) => keysOf(setup, remote, isRemote, remote === repository || isDirectory)),
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
  context.log(
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
  await putBackupFile(remote, { path: `${keyDirectory(stanza)}/known_hosts`, text: `${text}\n`, mode: 0o644 });
  await putBackupFile(remote, sshWrapper(stanza));
}

/** Puts a file in its place: root's, and readable for postgres where it holds secrets. */
export function putBackupFile(remote: Remote, { path, text, mode }: BackupFile): Promise<void> {
  const group = mode === 0o640 ? 'postgres' : 'root';
  return remote.writeFile(path, text, { owner: 'root', group, mode, sudo: true });
}
