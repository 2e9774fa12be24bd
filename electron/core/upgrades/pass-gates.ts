import { appError, toErrorData } from '../../../shared/model/app-error';
import { quorumInWords, quorumNow } from '../../../shared/rules/etcd/etcd-quorum';
import { spanInWords } from '../../../shared/rules/words/wording';
import type { UpgradeStep } from '../../../shared/rules/upgrade/plan-upgrade';
import { stepGates, type UpgradeGate } from '../../../shared/rules/upgrade/upgrade-gates';
import type { ClusterHub } from '../clusters/hub';
import type { UpgradeRun } from './upgrade-run';

/** A gate may be shut for a moment after the step before, ms. */
const SETTLE_MS = 60_000;
/** Reading everything is work for the servers: so many pauses lie between two readings. */
const GATE_PAUSES = 4;

/** Reads everything again and goes on only if every gate of the step is open. Rejects with `upgrade.gate`. */
export async function passGates(run: UpgradeRun, step: UpgradeStep): Promise<void> {
  let shut: readonly UpgradeGate[] = [];
  const isOpen = await run.until(SETTLE_MS, async () => {
    run.context.signal.throwIfAborted();
    shut = (await gatesNow(run, step)).filter(({ verdict }) => verdict !== 'open');
    if (shut.length === 0) return true;
    run.context.detail(`Waiting: ${shut[0]?.sentence ?? ''}`);
    await run.pause(run.deps.lookMs * GATE_PAUSES);
    return null;
  });
  if (isOpen !== null) return;
  for (const { sentence } of shut) run.context.log('warning', sentence);
  throw appError(
    'upgrade.gate',
    `The upgrade does not go on, and was not for ${spanInWords(SETTLE_MS)}: ${shut.map(({ sentence }) => sentence).join(' ')}`,
    { hint: 'Mend what is said, then start the upgrade again: what is done is not done again.' },
  );
}

async function gatesNow(run: UpgradeRun, step: UpgradeStep): Promise<readonly UpgradeGate[]> {
  await run.deps.hub.refresh(run.clusterId);
  const view = await run.readAgain();
  // Not beside the servers' own scripts: a busy server may then be late with an answer that has to come within seconds.
  const etcd = await etcdGateNow(run.deps.hub, run.clusterId, step);
  return [...stepGates(run.state, view, step, run.choice.bounds), etcd];
}

/** Asked of every member of etcd itself: what the watch knows of those that it does not talk to may be old. */
export async function etcdGateNow(
  hub: Pick<ClusterHub, 'etcd'>,
  clusterId: string,
  step: UpgradeStep | null,
): Promise<UpgradeGate> {
  const client = hub.etcd(clusterId);
  if (client === null)
    return { id: 'etcd', verdict: 'unknown', sentence: 'The app has no access to the etcd of this cluster.' };
  try {
    const reading = await client.maintenance.read();
    const quorum = quorumNow(reading);
    const isWhole = step?.kind !== 'etcd' || quorum.working === quorum.voters;
    const silent = reading.members.flatMap(({ name, status, error }) =>
      status === null ? [`${name}: ${error?.message ?? 'it was not asked.'}`] : [],
    );
    return {
      id: 'etcd',
      verdict: quorum.mayFail > 0 && isWhole ? 'open' : 'shut',
      sentence: [quorumInWords(quorum), ...silent].join(' '),
    };
  } catch (thrown) {
    return {
      id: 'etcd',
      verdict: 'unknown',
      sentence: `The members of etcd could not be asked: ${toErrorData(thrown).message}`,
    };
  }
}
