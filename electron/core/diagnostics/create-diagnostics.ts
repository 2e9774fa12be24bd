import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { BundleEntry, BundleGap, BundleProgress } from '../../../shared/model/diagnostics/diagnostics';
import { pathPart } from '../../../shared/rules/diagnostics/entry-path';
import { bytesInWords, momentInWords } from '../../../shared/rules/words/wording';
import { refuseHold } from '../clusters/refuse-hold';
import { makePrivateDirectory, writePrivateFile } from '../platform/private-file';
import { BundleDraft } from './bundle-draft';
import { gatherBundle, type GatherDeps } from './gather-bundle';

/** What bundles are made with. */
export interface DiagnosticsDeps extends GatherDeps {
  readonly now: () => number;
  readonly version: string;
  /** Every secret that the app holds now. */
  readonly known: () => readonly string[];
  /** Where bundles are saved on this computer. */
  readonly directory: string;
}

/** Whose bundle, around which time, and how much of it; times in ms since the epoch, spans in minutes. */
export interface DiagnosticRequest {
  readonly clusterId: string;
  readonly at: number;
  readonly beforeMinutes: number;
  readonly afterMinutes: number;
}

/** Bundles of what somebody needs who helps from afar. */
export interface Diagnostics {
  /**
   * Gathers a bundle, which is kept in memory until the next one; ends without one where `signal` is aborted. Rejects with
   * `inventory.cluster_unknown` and `inventory.on_hold`.
   */
  gather(request: DiagnosticRequest, push: (progress: BundleProgress) => void, signal: AbortSignal): Promise<void>;
  /** Saves a bundle that was gathered, and answers its path. Rejects with `app.bundle_gone`. */
  save(bundleId: string): Promise<{ readonly path: string; readonly size: number }>;
}

interface Kept {
  readonly bundleId: string;
  readonly fileName: string;
  readonly zip: Buffer;
}

const MINUTE_MS = 60_000;

/** Makes the service. */
export function createDiagnostics(deps: DiagnosticsDeps): Diagnostics {
  let kept: Kept | null = null;
  return {
    gather: async (request, push, signal) => {
      const state = deps.hub.state(request.clusterId);
      if (state === null)
        throw appError('inventory.cluster_unknown', 'This cluster is not in the inventory.', {
          target: request.clusterId,
          hint: 'Go back to the fleet.',
        });
      refuseHold(deps.hub.entry(request.clusterId));
      const draft = new BundleDraft();
      draft.hide(deps.known());
      const from = request.at - request.beforeMinutes * MINUTE_MS;
      const before = Math.min(deps.now(), request.at + request.afterMinutes * MINUTE_MS);
      await gatherBundle(deps, { state, from, before }, draft, { push, signal });
      const at = deps.now();
      const { zip, entries, gaps } = draft.finish(at, (inside, missing) =>
        readme({ title: state.title, scope: state.scope, version: deps.version, at, from, before }, inside, missing),
      );
      const stamp = new Date(at).toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
      kept = { bundleId: randomUUID(), fileName: `${pathPart(state.scope)}-${stamp}.zip`, zip };
      push({ kind: 'gathered', bundle: { bundleId: kept.bundleId, entries, gaps, size: zip.length, gatheredAt: at } });
    },
    save: async (bundleId) => {
      if (kept?.bundleId !== bundleId)
        throw appError('app.bundle_gone', 'This bundle is not in memory any more.', { hint: 'Gather it again.' });
      const { fileName, zip } = kept;
      await makePrivateDirectory(deps.directory);
      const path = join(deps.directory, fileName);
      await writePrivateFile(path, zip).catch((thrown: unknown) => {
        throw appError('app.bundle_unwritable', `The bundle could not be written: ${toErrorData(thrown).message}`, {
          target: path,
          hint: 'See whether the disk of this computer is full.',
          retryable: true,
        });
      });
      return { path, size: zip.length };
    },
  };
}

interface About {
  readonly title: string;
  readonly scope: string;
  readonly version: string;
  readonly at: number;
  readonly from: number;
  readonly before: number;
}

function readme(about: About, entries: readonly BundleEntry[], gaps: readonly BundleGap[]): string {
  const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
  return [
    `Diagnostic bundle of the cluster ${oneLine(about.title)} (scope ${oneLine(about.scope)})`,
    `Gathered ${momentInWords(about.at)} by Matriarch ${about.version}`,
    `Logs from ${momentInWords(about.from)} to ${momentInWords(about.before)}`,
    '',
    'Secrets are masked where they are known to the app, where the name of their setting says what they are, and where',
    'their form does. Statements in the logs of PostgreSQL may hold data: look through the logs before you hand this on.',
    '',
    'Not in it:',
    ...(gaps.length === 0
      ? ['  nothing is missing']
      : gaps.map(({ what, why }) => `  ${oneLine(what)}: ${oneLine(why)}`)),
    '',
    'Files:',
    ...entries.map(({ path, size, isCut }) => `  ${path} (${bytesInWords(size)}${isCut ? ', cut' : ''})`),
    '',
  ].join('\n');
}
