import { appError } from '../../../shared/model/app-error';
import type { Backup, BackupsView } from '../../../shared/model/backups/backup';
import type { BackupProof } from '../../../shared/model/backups/backup-setup';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import {
  provedInWords,
  roomForProof,
  valuesIn,
  whyNotProved,
  type ToldProof,
} from '../../../shared/rules/backups/judge-proof';
import { bytesInWords, momentInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import type { Remote, RemotePool } from '../ssh/remote';
import { stanzaFor, whyNoStanza } from './look-for-restore';
import { PROOF_SCRIPT } from './proof-script';

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

/** Starts a proof as a job. Rejects with `backup.not_now` where there is nothing to prove, `operation.no_member` and `operation.no_ssh`. */
export async function startProof(deps: ProofDeps, request: ProofRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { clusterId, member } = request;
  const state = await deps.hub.refresh(clusterId);
  const remote = remoteOf(deps, state, member);
  const view = await deps.readBackups(clusterId);
  const stanza = stanzaFor(view, member, state);
  const backup = stanza?.backups.at(-1);
  if (stanza === null || backup === undefined || backup.size === null)
    throw appError('backup.not_now', whyNoStanza(view, member), {
      target: member,
      hint: 'Nothing was started. See what pgBackRest says under Maintenance, Backups.',
    });
  const major = Math.floor((state.members.find(({ name }) => name === member)?.postgresVersion ?? 0) / 10_000);
  const directory = `/var/lib/postgresql/matriarch-proof-${request.requestId.replaceAll(/\W/g, '').slice(0, 12)}`;
  const needed = roomForProof(backup.size);
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
  const values = valuesIn(result.stdout);
  const told: ToldProof = {
    ...{ label: work.backup.label, server: remote.name, exitCode: result.exitCode, needed: work.needed, values },
    whole: result.stdout.includes('\nend'),
    tookMs: work.now() - began,
  };
  const why = whyNotProved(told, work.state.systemIdentifier);
  for (const line of result.stderr
    .split('\n')
    .filter((one) => one.trim() !== '')
    .slice(-12))
    context.log(why === null ? 'warning' : 'error', line.slice(0, 500));
  const sentence = why ?? provedInWords(told);
  await work.keepProof(work.clusterId, { at: work.now(), label: work.backup.label, good: why === null, sentence });
  if (why !== null) {
    const hint = 'The words of the programs stand in this job. What was restored was removed.';
    return { status: 'failed', error: appError('backup.not_proved', why, { target: remote.name, hint }).data };
  }
  return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts: factsOf(values) } };
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
