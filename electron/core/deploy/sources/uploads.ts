import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import { archiveResource } from '../../../../shared/rules/deploy/sources/programs';
import type { Remote } from '../../ssh/remote';
import { localArchive, wheelsOf, type LocalFile } from './local-files';
import { uploadDirectory } from './upload-place';

const quickMs = 60_000;

/** What sending works with. */
export interface UploadsInput {
  readonly spec: ClusterSpec;
  readonly plan: DeployPlan;
  readonly verdicts: Verdicts;
  readonly stateDirectory: string;
  readonly connectNamed: (server: string) => Remote;
  readonly log: (server: string, level: 'info' | 'error', text: string) => void;
  /** What is so now, with the share that is done. */
  readonly detail: (text: string, progress?: number) => void;
  readonly signal: AbortSignal;
}

/** Files that lie on servers for the time of a run. */
export interface Uploads {
  close(): Promise<void>;
}

/** A file and its place below the upload directory. */
interface Sent {
  readonly file: LocalFile;
  readonly place: string;
}

/**
 * Sends what servers install from this workstation: a directory of wheels, an archive of etcd. What an interrupted run
 * left is taken away. Rejects as `wheelsOf` and `localArchive` do before anything is sent, or with `ssh.*`.
 */
export async function openUploads(input: UploadsInput): Promise<Uploads> {
  const { plan, verdicts, connectNamed, log, stateDirectory } = input;
  const steps = plan.steps.filter(
    ({ resource }) =>
      (resource.kind === 'archive' && resource.url === null) ||
      (resource.kind === 'virtualenv' && resource.from.kind === 'wheels'),
  );
  const servers = [...new Set(steps.map((step) => step.server))];
  const waiting = steps.filter((step) => verdicts.get(step.id)?.action !== 'none');
  const clear = (server: string): Promise<unknown> =>
    connectNamed(server).run(['rm', '-rf', '--one-file-system', '--', uploadDirectory(stateDirectory)], {
      timeoutMs: quickMs,
      sudo: true,
    });
  const close = async (): Promise<void> => {
    await Promise.all(
      servers.map((server) =>
        clear(server).catch(() => {
          log(server, 'error', `${uploadDirectory(stateDirectory)} was not taken away; the next run does it.`);
        }),
      ),
    );
  };
  if (waiting.length === 0) {
    await close();
    return { close: () => Promise.resolve() };
  }
  const [archive, wheels] = await filesFor(input.spec);
  const files = (server: string): readonly Sent[] =>
    waiting
      .filter((step) => step.server === server)
      .flatMap((step) => (step.resource.kind === 'archive' ? archive : wheels));
  try {
    await send(
      input,
      [...new Set(waiting.map((step) => step.server))].map((server) => ({ server, files: files(server) })),
    );
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { close };
}

async function filesFor({
  sources: { etcd, patroni },
}: ClusterSpec): Promise<readonly [readonly Sent[], readonly Sent[]]> {
  const archive = etcd.kind === 'archive' ? await localArchive(etcd) : null;
  const wheels = patroni.kind === 'pip' ? await wheelsOf(patroni) : [];
  return [
    archive === null || etcd.kind !== 'archive' ? [] : [{ file: archive, place: archiveResource(etcd).file }],
    wheels.map((file) => ({ file, place: `wheels/${file.name}` })),
  ];
}

async function send(
  input: UploadsInput,
  loads: readonly { readonly server: string; readonly files: readonly Sent[] }[],
): Promise<void> {
  const total = loads.flatMap((load) => load.files).reduce((sum, { file }) => sum + file.bytes, 0);
  let arrived = 0;
  await Promise.all(
    loads.map(async ({ server, files }) => {
      const remote = input.connectNamed(server);
      const directory = uploadDirectory(input.stateDirectory);
      await remote.run(['rm', '-rf', '--one-file-system', '--', directory], { timeoutMs: quickMs, sudo: true });
      await remote.run(['mkdir', '-p', '-m', '0700', '--', `${directory}/wheels`], { timeoutMs: quickMs, sudo: true });
      for (const { file, place } of files) {
        await remote.uploadFile(
          file.path,
          `${directory}/${place}`,
          { mode: 0o600, sudo: true },
          undefined,
          input.signal,
        );
        arrived += file.bytes;
        input.detail(`Send ${file.name} to ${server}`, total === 0 ? 1 : arrived / total);
      }
      input.log(server, 'info', `${files.length} files came from this computer.`);
    }),
  );
}
