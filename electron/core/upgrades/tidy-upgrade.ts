import { toErrorData } from '../../../shared/model/app-error';
import { removeLeftovers } from '../drill/clean-up';
import type { JobContext } from '../jobs/job-engine';
import { sleep } from '../platform/wait';
import { restoreTags } from './drain-tags';
import { endInstall, KEPT_SUFFIX, lookAtInstall } from './install-script';
import { askPgbouncer } from './pgbouncer-script';
import type { UpgradeRecord } from './upgrade-store';
import type { UpgradeWorkDeps } from './upgrade-run';

/** apt is not ended by anybody: it may take its time, ms. */
const APT_MS = 1_800_000;

/**
 * Puts back what a rolling upgrade left on servers: tags, a paused PgBouncer, traces of apt, the role and the database for the writes.
 * What could not be put back stays in the record, with a sentence for each. Each is kept as soon as it is done.
 */
export async function tidyUpgrade(
  deps: UpgradeWorkDeps,
  context: JobContext,
  first: UpgradeRecord,
): Promise<{ readonly record: UpgradeRecord; readonly left: readonly string[] }> {
  let record = first;
  const left: string[] = [];
  const done = async (change: Partial<UpgradeRecord>): Promise<void> => {
    record = { ...record, ...change };
    await deps.store.keep(record);
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      context.signal.throwIfAborted();
      left.push(toErrorData(thrown).message);
      context.log('error', toErrorData(thrown).message);
    }
  };
  for (const serverId of first.paused)
    await attempt(async () => {
      const order = { what: 'resume', any: true, postgresPort: 0, address: '', limitSeconds: 10 } as const;
      await askPgbouncer(deps.remotes.remote(serverId), order);
      await done({ paused: record.paused.filter((one) => one !== serverId) });
    });
  for (const drained of first.drained)
    await attempt(async () => {
      await restoreTags(deps, context, first.clusterId, drained);
      const run = { remote: deps.remotes.remote(drained.serverId), id: first.id };
      await endInstall(run, [`${drained.path}${KEPT_SUFFIX}`]);
      await done({ drained: record.drained.filter((one) => one !== drained) });
    });
  for (const apt of first.apt)
    await attempt(async () => {
      await awaitApt(deps, context, apt);
      await done({ apt: record.apt.filter((one) => one !== apt) });
    });
  if (first.scratch)
    await attempt(async () => {
      const kept = await removeLeftovers(
        {
          remotes: deps.remotes,
          now: deps.now,
          state: () => deps.hub.state(first.clusterId),
          log: (level, text) => context.log(level, text),
        },
        { id: first.id, scratch: true, writer: null },
      );
      left.push(...kept);
      if (kept.length === 0) await done({ scratch: false });
    });
  return { record, left };
}

async function awaitApt(
  deps: UpgradeWorkDeps,
  context: JobContext,
  { serverId, id }: UpgradeRecord['apt'][number],
): Promise<void> {
  const apt = { remote: deps.remotes.remote(serverId), id };
  const end = deps.now() + APT_MS;
  for (;;) {
    const { kind, code } = await lookAtInstall(apt, []);
    if (kind !== 'running') {
      if (kind === 'ended')
        context.log(code === 0 ? 'good' : 'warning', `apt on ${apt.remote.name} ended with exit code ${code ?? '?'}.`);
      if (kind === 'broken') context.log('warning', `apt on ${apt.remote.name} was ended from outside.`);
      await endInstall(apt);
      return;
    }
    if (deps.now() > end) throw new Error(`apt on ${apt.remote.name} is still at work.`);
    context.detail(`apt on ${apt.remote.name} is still at work.`);
    await sleep(deps.lookMs, context.signal);
    context.signal.throwIfAborted();
  }
}
