import { appError, hasCode } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { JobContext } from '../jobs/job-engine';
import type { PatroniClient } from '../patroni/patroni-client';
import { pauseBetweenLooks } from './backup-step';

/** What the dynamic configuration is changed with. */
interface ConfigWork {
  readonly hub: {
    rest(clusterId: string, name: string): Pick<PatroniClient, 'write'> | null;
  };
  readonly context: Pick<JobContext, 'answer' | 'signal'>;
  readonly now: () => number;
  readonly pauseMs: number;
  readonly plan: { readonly clusterId: string; readonly state: Pick<ClusterState, 'leader' | 'members'> };
}

/** How long members that were just started may take until one of them answers, ms. */
const UP_MS = 180_000;

/**
 * Changes the dynamic configuration by the first member that is reached, the leader's before the others'. Rejects with `rest.not_sent`
 * where none is, with `backup.not_now` where the change is refused, and with `rest.*` where its end is not known.
 */
export async function changeConfigNow({ plan, hub, context }: ConfigWork, body: unknown): Promise<void> {
  const { leader, members } = plan.state;
  const names = [leader.holder, ...members.map(({ name }) => name)].filter((one) => one !== null);
  for (const name of new Set(names)) {
    const answer = await hub
      .rest(plan.clusterId, name)
      ?.write({ method: 'PATCH', path: '/config', body, timeoutMs: 15_000 })
      .catch((thrown: unknown) => {
        if (hasCode(thrown, 'rest.not_sent')) return undefined;
        throw thrown;
      });
    context.answer(`${name}: PATCH /config ${answer?.status ?? 'not sent'}`);
    if (answer === undefined) continue;
    if (answer.status < 300) return;
    throw appError('backup.not_now', `${name} did not take the change of the configuration (${answer.status}).`, {
      target: name,
      retryable: true,
    });
  }
  throw appError('rest.not_sent', 'No member was reached, so the configuration is not changed.', { retryable: true });
}

/** The same once a member that was just started answers: until then nothing was sent, or it was refused. */
export async function changeConfigOnceUp(work: ConfigWork, body: unknown): Promise<void> {
  const end = work.now() + UP_MS;
  for (;;) {
    try {
      return await changeConfigNow(work, body);
    } catch (thrown) {
      const isUnchanged = hasCode(thrown, 'rest.not_sent') || hasCode(thrown, 'backup.not_now');
      if (!isUnchanged || work.now() > end) throw thrown;
    }
    await pauseBetweenLooks(work.pauseMs, work.context.signal);
  }
}
