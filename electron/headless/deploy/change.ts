import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { appError } from '../../../shared/model/app-error';
import type { DeployRunKind } from '../../../shared/model/deploy/deploy-views';
import type { Day2Change } from '../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { printSpec } from '../../../shared/rules/deploy/spec/spec-file';
import type { Deploy } from '../../core/deploy/create-deploy';
import type { DeployArguments } from './arguments';
import { askTerminal } from './ask-terminal';
import { followRun, printPlan } from './print';

/** The runs after which a cluster has another spec. */
const changes: ReadonlySet<DeployRunKind> = new Set([
  'add_replica',
  'remove_member',
  'etcd_member',
  'convert',
  'monitoring',
]);

/**
 * Takes a server out of a cluster, or makes the PostgreSQL that runs by itself on it the leader. The spec as it is
 * then goes to `--out`.
 */
export async function changeCluster(args: DeployArguments, deploy: Deploy, spec: ClusterSpec): Promise<number> {
  const wanted = changeOf(args);
  const seen = await deploy.changes.preview(spec, wanted);
  printPlan(seen.plan, args.json);
  for (const note of seen.notes) process.stderr.write(`${note}\n`);
  if (seen.plan.refused > 0) {
    if (seen.candidates.length > 0) process.stderr.write(`Could lead instead: ${seen.candidates.join(', ')}.\n`);
    return 1;
  }
  const typed =
    args.yes || seen.typed === null
      ? seen.typed
      : await askTerminal(`Type the name of the server (${seen.typed}) to do this:`, false);
  const { runId } = await deploy.changes.apply(
    { spec, change: wanted, fingerprint: seen.plan.fingerprint, typed },
    randomUUID(),
  );
  const code = await followRun(deploy, runId, args.json);
  if (code === 0) await keep(args.out, seen.spec);
  return code;
}

function changeOf(args: DeployArguments): Day2Change {
  if (args.server === null) throw appError('deploy.server_unknown', `${args.command} needs --server NAME.`);
  return args.command === 'convert'
    ? { kind: 'convert', name: args.server }
    : { kind: 'remove_server', name: args.server, keepData: !args.purge };
}

/**
 * Goes on with a run; one that came to its end is left alone. A change of the cluster leaves the spec as it is then, as `change` does: who
 * broke it off has only the old one, even when it was at the very end.
 */
export async function resume(args: DeployArguments, deploy: Deploy, spec: ClusterSpec): Promise<number> {
  const run = deploy.runs().find(({ id }) => id === args.subject);
  const code =
    run?.status === 'done'
      ? sayEnded()
      : await followRun(deploy, (await deploy.resume(args.subject, randomUUID())).runId, args.json);
  if (code === 0 && run !== undefined && changes.has(run.kind)) await keep(args.out, spec);
  return code;
}

function sayEnded(): number {
  process.stderr.write('This run came to its end; there was nothing left to do.\n');
  return 0;
}

/** The spec that belongs to the cluster from now on. */
async function keep(out: string | null, spec: ClusterSpec): Promise<void> {
  if (out === null) {
    process.stdout.write(`\nThe spec from now on:\n\n${printSpec(spec)}`);
    return;
  }
  await writeFile(out, printSpec(spec));
  process.stdout.write(`The spec from now on is in ${out}.\n`);
}
