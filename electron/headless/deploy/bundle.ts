import { randomUUID } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type { BundleSource } from '../../../shared/model/deploy/bundle';
import type { Job } from '../../../shared/model/operate/job';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { createBundler, type BundlerDeps } from '../../core/deploy/bundle/make-bundle';
import type { JobEngine } from '../../core/jobs/job-engine';
import { terminalText } from '../terminal-text';
import { sayError } from './print';

/** What the command line says of a bundle. */
export interface BundleArguments {
  readonly out: string | null;
  /** A server's name, or `workstation`. */
  readonly from: string | null;
  readonly through: boolean;
  readonly json: boolean;
}

/** `bundle SPEC`: collects the packages of a spec and follows the job to its end; answers the exit code. */
export async function runBundle(spec: ClusterSpec, args: BundleArguments, deps: BundlerDeps): Promise<number> {
  const file = args.out ?? `${spec.scope}-packages.tar`;
  const job = await createBundler(deps).make({ spec, file, source: sourceOf(spec, args), requestId: randomUUID() });
  const end = await ended(deps.jobs, job.id, args.json);
  if (end.status === 'done') {
    const sum = end.result?.facts['sha256'];
    const plain = `${end.result?.sentence ?? ''}${sum === undefined ? '' : `\nSHA-256: ${String(sum)}`}`;
    process.stdout.write(`${args.json ? JSON.stringify(end.result) : plain}\n`);
    return 0;
  }
  const error = end.error ?? appError('deploy.ended', `The job ended as ${end.status}.`).data;
  sayError(error);
  return 1;
}

function sourceOf(spec: ClusterSpec, args: BundleArguments): BundleSource {
  if (args.from === 'workstation') return { kind: 'workstation' };
  const server = args.from ?? spec.servers[0]?.name ?? '';
  return { kind: 'server', server, throughWorkstation: args.through };
}

function ended(jobs: JobEngine, jobId: string, quiet: boolean): Promise<Job> {
  return new Promise((resolve) => {
    let phase = '';
    const undo = jobs.watch((update) => {
      const job = update.kind === 'job' ? update.job : update.jobs.find((entry) => entry.id === jobId);
      if (job?.id !== jobId) return;
      const active = job.phases.find((entry) => entry.status === 'active')?.label ?? phase;
      if (active !== phase && !quiet) process.stdout.write(`  ${terminalText(active)}\n`);
      phase = active;
      if (job.endedAt === null) return;
      queueMicrotask(() => {
        undo();
      });
      resolve(job);
    });
  });
}
