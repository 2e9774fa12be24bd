import { appError, toErrorData } from '../../../shared/model/app-error';
import type { InstalledPackage } from '../../../shared/model/upgrade/upgrade';
import type { UpgradeWork } from '../../../shared/rules/upgrade/plan-upgrade';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import { maskLogText } from '../../../shared/rules/logs/mask-log-text';
import {
  beginInstall,
  endInstall,
  lookAtInstall,
  simulateInstall,
  type AptRun,
  type AptStanding,
} from './install-script';
import type { UpgradeRun } from './upgrade-run';

/** The longest that apt is followed: it may wait five minutes for another one. */
const INSTALL_MS = 1_800_000;
/** After so long without a trace a begin whose answer was lost did not take place, ms. */
const NOT_BEGUN_MS = 30_000;
const LINES_SHOWN = 15;

/** The run of apt for a step: two steps may be on one server. */
export function aptOf(run: UpgradeRun, work: UpgradeWork, index: number): AptRun {
  return { remote: run.remote(work.serverId), id: `${run.record.id}${index.toString(16).padStart(2, '0')}` };
}

/** Refuses unless the server has the versions that were confirmed, and apt would change nothing else. Changes nothing. */
export async function confirmPackages(run: UpgradeRun, apt: AptRun, { packages }: UpgradeWork): Promise<void> {
  if (packages.length === 0) return;
  const { versions } = await lookAtInstall(apt, namesOf(packages));
  const other = packages.filter(({ name, installed }) => versions.get(name) !== installed);
  if (other.length > 0)
    throw appError(
      'upgrade.changed',
      `${namesInWords(namesOf(other))} on ${apt.remote.name} no longer has the version that was confirmed.`,
      { target: apt.remote.name, hint: 'Somebody else is at work there. Look at the packages again.' },
    );
  const { others, sameSource } = await simulateInstall(apt, packages);
  if (others.length > 0)
    throw appError(
      'upgrade.more_than_chosen',
      `apt on ${apt.remote.name} would do more than was chosen: ${namesInWords(others)}.`,
      {
        target: apt.remote.name,
        hint: 'Nothing was changed there. Do that by hand first, or hold what is in the way.',
      },
    );
  if (sameSource.length > 0) run.acting.log('info', `Of the same source, with it: ${namesInWords(sameSource)}.`);
}

const namesOf = (packages: readonly InstalledPackage[]): readonly string[] => packages.map(({ name }) => name);

/**
 * Puts the packages in place once, and follows until dpkg says so. Rejects with `upgrade.apt_failed` and what it
 * printed in the job's log.
 */
export async function installOffered(run: UpgradeRun, apt: AptRun, { packages }: UpgradeWork): Promise<void> {
  if (packages.length === 0) return;
  const { acting } = run;
  const { name, serverId } = apt.remote;
  acting.detail(`apt is at work on ${name}.`);
  await run.keep({ apt: [...run.record.apt, { serverId, id: apt.id }] });
  await beginOnce(run, apt, packages);
  const standing = await followApt(run, apt, namesOf(packages));
  const wrong = standing === null ? packages : packages.filter((one) => !isInPlace(standing, one));
  if (standing !== null && standing.kind !== 'running') await forgetApt(run, apt);
  if (standing?.kind === 'ended' && standing.code === 0 && wrong.length === 0) {
    acting.answer(`${name}: ${packages.map((one) => `${one.name} ${one.offered ?? ''}`).join(', ')}`);
    return acting.log('good', `${name} has ${packages.map((one) => `${one.name} ${one.offered ?? ''}`).join(', ')}.`);
  }
  for (const line of standing?.lastLines.slice(-LINES_SHOWN) ?? []) acting.log('error', maskLogText(line));
  throw aptFailed(name, standing, wrong);
}

/** A lost answer is no reason to begin again: the server says whether it was begun. */
async function beginOnce(run: UpgradeRun, apt: AptRun, packages: readonly InstalledPackage[]): Promise<void> {
  try {
    await beginInstall(apt, packages);
  } catch (thrown) {
    const { code, message } = toErrorData(thrown);
    if (!['ssh.connection_lost', 'ssh.timeout'].includes(code)) {
      await run.keep({ apt: run.record.apt.filter(({ id }) => id !== apt.id) });
      throw thrown;
    }
    run.acting.log('warning', `${message} apt is not started again; the server is asked whether it is at work.`);
  }
}

/** null where nothing was heard of its end in time. */
async function followApt(run: UpgradeRun, apt: AptRun, names: readonly string[]): Promise<AptStanding | null> {
  const since = run.deps.now();
  let told = '';
  return run.until(INSTALL_MS, async () => {
    try {
      const standing = await lookAtInstall(apt, names);
      run.acting.detail(
        `apt on ${apt.remote.name}: ${standing.lastLines.at(-1) ?? 'at work'} (${spanInWords(run.deps.now() - since)})`,
      );
      const isEarly = standing.kind === 'none' && run.deps.now() - since < NOT_BEGUN_MS;
      return standing.kind === 'running' || isEarly ? null : standing;
    } catch (thrown) {
      const { message } = toErrorData(thrown);
      if (message !== told) run.acting.log('warning', `${message} apt goes on there; it is asked again.`);
      told = message;
      return null;
    }
  });
}

function isInPlace({ versions, unconfigured }: AptStanding, { name, offered }: InstalledPackage): boolean {
  return versions.get(name) === offered && !unconfigured.includes(name);
}

async function forgetApt(run: UpgradeRun, apt: AptRun): Promise<void> {
  try {
    if (await endInstall(apt)) await run.keep({ apt: run.record.apt.filter(({ id }) => id !== apt.id) });
  } catch (thrown) {
    run.acting.log('warning', toErrorData(thrown).message);
  }
}

function aptFailed(server: string, standing: AptStanding | null, wrong: readonly InstalledPackage[]): Error {
  const names = namesInWords(wrong.map(({ name }) => name));
  const hint =
    'What runs there was not restarted. Look at the last lines in this job, mend it on the server (dpkg --audit, apt-get -f install), ' +
    'then start the upgrade again.';
  if (standing === null)
    return appError('upgrade.end_not_seen', `What became of apt on ${server} was not seen.`, { target: server, hint });
  if (standing.kind === 'none')
    return appError('upgrade.not_begun', `apt was not started on ${server}.`, { target: server, hint });
  const how = standing.kind === 'broken' ? 'was ended from outside' : `ended with exit code ${standing.code ?? '?'}`;
  return appError(
    'upgrade.apt_failed',
    `apt on ${server} ${how}; not in place: ${names || 'nothing that was chosen'}.`,
    {
      target: server,
      hint,
    },
  );
}
