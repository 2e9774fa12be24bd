import { appError, toErrorData } from '../../../../shared/model/app-error';
import type { AssessmentPackages } from '../../../../shared/model/upgrade/assessment';
import { maskLogText } from '../../../../shared/rules/logs/mask-log-text';
import { judgeRemoval } from '../../../../shared/rules/upgrade/apt-plan';
import { namesInWords } from '../../../../shared/rules/words/wording';
import type { JobContext } from '../../jobs/job-engine';
import { sleep } from '../../platform/wait';
import type { RemotePool } from '../../ssh/remote';
import {
  beginBeside,
  endInstall,
  lookAtInstall,
  simulateBeside,
  type AptRun,
  type BesideWork,
} from '../install-script';
import type { AssessmentStore } from './assessment-store';

/** What apt is followed with. `acting`: the user's stop does not end it. */
export interface BesideRun {
  readonly deps: {
    readonly remotes: RemotePool;
    readonly store: AssessmentStore;
    readonly now: () => number;
    readonly lookMs: number;
  };
  readonly acting: JobContext;
}

const APT_MS = 1_800_000;
const NOT_BEGUN_MS = 30_000;

type Standing = Awaited<ReturnType<typeof lookAtInstall>>;

/** Follows apt to its end. Rejects with `upgrade.apt_failed` and what it printed in the job's log. */
export async function followApt(
  { deps, acting }: BesideRun,
  apt: AptRun,
  names: readonly string[],
  wrongOf: (standing: Standing) => readonly string[],
): Promise<void> {
  const since = deps.now();
  for (;;) {
    const standing = await lookAtInstall(apt, names).catch((thrown: unknown) => {
      acting.log('warning', `${toErrorData(thrown).message} apt goes on there; it is asked again.`);
      return null;
    });
    const isEarly = standing?.kind === 'none' && deps.now() - since < NOT_BEGUN_MS;
    if (standing !== null && standing.kind !== 'running' && !isEarly)
      return aptEnded({ acting, apt, standing }, wrongOf(standing));
    if (deps.now() - since > APT_MS)
      throw appError('upgrade.end_not_seen', `What became of apt on ${apt.remote.name} was not seen.`, {
        target: apt.remote.name,
        hint: 'Look at apt on that server, then clean up.',
      });
    acting.detail(`apt on ${apt.remote.name}: ${standing?.lastLines.at(-1) ?? 'at work'}`);
    await sleep(deps.lookMs, acting.signal);
    acting.signal.throwIfAborted();
  }
}

async function aptEnded(
  { acting, apt, standing }: { readonly acting: JobContext; readonly apt: AptRun; readonly standing: Standing },
  wrong: readonly string[],
): Promise<void> {
  await endInstall(apt);
  if (standing.kind === 'ended' && standing.code === 0 && wrong.length === 0) return;
  for (const line of standing.lastLines.slice(-15)) acting.log('error', maskLogText(line));
  const how = standing.kind === 'ended' ? `ended with exit code ${standing.code ?? '?'}` : 'was ended from outside';
  throw appError('upgrade.apt_failed', `apt on ${apt.remote.name} ${how}; not as wanted: ${namesInWords(wrong)}.`, {
    target: apt.remote.name,
    hint: 'What runs there was not restarted. Look at the last lines in this job, and mend it on the server (dpkg --audit).',
  });
}

/** Purges packages that an assessment installed, and nothing else. Rejects with `upgrade.packages_in_use` and `upgrade.apt_*`. */
export async function removePackages(
  { deps, acting }: BesideRun,
  clusterId: string,
  packages: AssessmentPackages,
  id: string,
): Promise<void> {
  const remote = deps.remotes.remote(packages.serverId);
  const apt: AptRun = { remote, id };
  const there = [...(await lookAtInstall(apt, packages.names)).versions]
    .filter(([, version]) => version !== '')
    .map(([name]) => name);
  const forget = async (): Promise<void> => {
    const record = await deps.store.record(clusterId);
    const isSame = (one: AssessmentPackages): boolean =>
      one.serverId === packages.serverId && one.major === packages.major;
    await deps.store.keepRecord({ ...record, packages: record.packages.filter((one) => !isSame(one)) });
  };
  if (there.length === 0) return forget();
  const work: BesideWork = 'take';
  const others = judgeRemoval(await simulateBeside(apt, work, there), there);
  if (others.length > 0)
    throw appError(
      'upgrade.packages_in_use',
      `apt on ${remote.name} would also ${namesInWords(others)}. Nothing was removed.`,
      { target: remote.name, hint: 'Other packages need them now. Leave them, or remove them yourself.' },
    );
  await beginBeside(apt, work, there);
  await followApt({ deps, acting }, apt, there, ({ versions }) =>
    there.filter((name) => (versions.get(name) ?? '') !== ''),
  );
  await forget();
  acting.log('good', `${remote.name}: ${namesInWords(there)} ${there.length === 1 ? 'is' : 'are'} removed again.`);
}
