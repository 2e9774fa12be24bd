import { appError, type AppError } from '../../../shared/model/app-error';
import type { Backup, BackupsView } from '../../../shared/model/backups/backup';
import type { BackupProof } from '../../../shared/model/backups/backup-setup';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { bytesInWords, momentInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import type { Remote, RemotePool, RunResult } from '../ssh/remote';
import { stanzaFor } from './look-for-restore';
import { PROOF_EXIT, PROOF_SCRIPT } from './proof-script';

/** What a backup is proved with. `keepProof` keeps the last proof of a cluster. */
export interface ProofDeps {
  readonly hub: ClusterHub;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly readBackups: (clusterId: string) => Promise<BackupsView>;
  readonly keepProof: (clusterId: string, proof: BackupProof) => Promise<void>;
}

/** A proof that is wanted: the newest backup, restored on a member's server into a directory that it makes and removes. */
export interface ProofRequest {
  readonly clusterId: string;
  readonly member: string;
  readonly requestId: string;
}

const LIMIT_MS = 12 * 60 * 60_000;
/** Beside the size of the backup: the scratch PostgreSQL's own files, bytes. */
const SPARE = 256 * 1024 ** 2;

/** Starts a proof as a job. Rejects with `backup.not_now` where there is nothing to prove, `operation.no_member` and `operation.no_ssh`. */
export async function startProof(deps: ProofDeps, request: ProofRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { clusterId, member } = request;
  const state = await deps.hub.refresh(clusterId);
  const remote = remoteOf(deps, state, member);
  const stanza = stanzaFor(await deps.readBackups(clusterId), member, state);
  const backup = stanza?.backups.at(-1);
  if (stanza === null || backup === undefined || backup.size === null)
    throw appError('backup.not_now', `pgBackRest on the server of ${member} tells no backup of this cluster.`, {
      target: member,
      hint: 'See what it says under Maintenance, Backups.',
    });
  const major = Math.floor((state.members.find(({ name }) => name === member)?.postgresVersion ?? 0) / 10_000);
  const directory = `/var/lib/postgresql/matriarch-proof-${request.requestId.replaceAll(/\W/g, '').slice(0, 12)}`;
  const needed = Math.ceil(backup.size * 1.1 + SPARE);
  const args = [stanza.name, backup.label, String(backup.repository), directory, String(needed), String(major)];
  return deps.jobs.start(
    {
      kind: 'backup',
      clusterId,
      clusterTitle: clusterName(state),
      title: `Prove the newest backup of ${clusterName(state)}`,
      target: remote.name,
      command: `pgbackrest --stanza=${stanza.name} --set=${backup.label} --pg1-path=${directory}/data --type=immediate restore`,
      confirmation: 'Confirmed.',
      phases: [{ id: 'prove', label: `Restore ${backup.label} on ${remote.name}, ask it, remove it` }],
      exclusive: `proof:${clusterId}`,
      cancellable: true,
      requestId: request.requestId,
    },
    (context) => prove({ ...deps, remote, backup, args, needed, state, clusterId }, context),
  );
}

function remoteOf({ remotes }: ProofDeps, state: ClusterState, name: string): Remote {
  const member = state.members.find((one) => one.name === name);
  if (member === undefined)
    throw appError('operation.no_member', `${name} is not a member of this cluster now.`, { target: name });
  if (member.serverId === null)
    throw appError('operation.no_ssh', `${name} is reached without SSH, so nothing can be restored on its server.`, {
      target: name,
      hint: 'Choose another member.',
    });
  return remotes.remote(member.serverId);
}

interface Proving extends ProofDeps {
  readonly clusterId: string;
  readonly state: ClusterState;
  readonly remote: Remote;
  readonly backup: Backup;
  readonly args: readonly string[];
  readonly needed: number;
}

async function prove(work: Proving, context: JobContext): Promise<JobEnd> {
  context.phase('prove', 'running');
  const { remote, args } = work;
  const began = work.now();
  const result = await remote.script(PROOF_SCRIPT, args, {
    timeoutMs: LIMIT_MS,
    asUser: 'postgres',
    signal: context.signal,
    onOutput: (chunk, stream) => {
      const step = stream === 'stdout' ? /step (.+)\n?$/.exec(chunk)?.[1] : undefined;
      if (step !== undefined) context.detail(`${step}.`);
    },
  });
  const values = new Map(
    result.stdout.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]),
  );
  const problem = problemOf(work, result, values);
  for (const line of result.stderr
    .split('\n')
    .filter((one) => one.trim() !== '')
    .slice(-12))
    context.log(problem === null ? 'warning' : 'error', line.slice(0, 500));
  const sentence = problem?.message ?? provedInWords(work, values, work.now() - began);
  await work.keepProof(work.clusterId, { at: work.now(), label: work.backup.label, good: problem === null, sentence });
  if (problem !== null) return { status: 'failed', error: problem.data };
  return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts: factsOf(values) } };
}

function provedInWords({ backup, remote }: Proving, values: ReadonlyMap<string, string>, ms: number): string {
  const sums = values.get('checksums') === 'good' ? 'every checksum is right' : 'it has no checksums to verify';
  return (
    `${backup.label} was restored on ${remote.name} in ${spanInWords(ms)}; PostgreSQL started on it and answered: ` +
    `${values.get('tables') ?? '?'} tables, and ${sums}. It was removed again.`
  );
}

function factsOf(values: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const replayed = Number(values.get('replayed') ?? '');
  return {
    'Size, restored': bytesInWords(Number(values.get('bytes') ?? 0)),
    Tables: values.get('tables') ?? 'not known',
    'Rows, as last counted by PostgreSQL': values.get('rows') ?? 'not known',
    'Last transaction in it': replayed > 0 ? momentInWords(replayed) : 'not known',
    Checksums: values.get('checksums') ?? 'not known',
  };
}

const WORDS: Readonly<Record<number, string>> = {
  [PROOF_EXIT.noPrograms]: 'has no PostgreSQL of this version with pgBackRest',
  [PROOF_EXIT.taken]: 'has the directory for the proof already',
  [PROOF_EXIT.notRestored]: 'could not restore it',
  [PROOF_EXIT.notStarted]: 'restored it, and PostgreSQL did not start on it',
  [PROOF_EXIT.notRecovered]: 'restored it, and its recovery did not end within an hour',
  [PROOF_EXIT.notAnswered]: 'restored it, and PostgreSQL did not answer',
};

/** Why the backup is not proved; null where it is. */
function problemOf(
  { remote, backup, needed, state }: Proving,
  { exitCode, stdout }: RunResult,
  values: ReadonlyMap<string, string>,
): AppError | null {
  const refuse = (sentence: string): AppError =>
    appError('backup.not_proved', `${backup.label} is not proved: ${remote.name} ${sentence}.`, {
      target: remote.name,
      hint: 'The words of the programs stand in this job. What was restored was removed.',
    });
  if (exitCode === PROOF_EXIT.noSpace)
    return refuse(`has ${bytesInWords(Number(values.get('free') ?? 0))} free, and ${bytesInWords(needed)} are needed`);
  if (exitCode !== 0 || !stdout.includes('\nend')) return refuse(WORDS[exitCode] ?? `ended the proof with ${exitCode}`);
  if (values.get('left') !== undefined) return refuse(`kept ${values.get('left') ?? ''}, which could not be removed`);
  if (values.get('checksums') === 'bad') return refuse('found pages with wrong checksums in it');
  if (state.systemIdentifier !== null && values.get('system') !== state.systemIdentifier)
    return refuse('restored the data of another database system');
  return null;
}
