import { appError } from '../../../../../shared/model/app-error';
import type { Endpoint } from '../../../../../shared/model/deploy/plan';
import { leads } from '../../../../../shared/rules/deploy/check/check-cluster';
import { readDynamicConfig, readPatroni } from '../../facts/patroni-probes';
import { until, type ApplyContext } from '../context';

/** The member that leads the scope now. Throws `deploy.no_leader`, with what cannot be done without one. */
export async function findLeader(
  members: readonly Endpoint[],
  scope: string,
  { probes }: Pick<ApplyContext, 'probes'>,
  consequence: string,
): Promise<Endpoint> {
  let cause: unknown;
  for (const member of members) {
    try {
      if (leads(await readPatroni(probes, member), scope)) return member;
    } catch (thrown) {
      cause = thrown;
    }
  }
  throw appError('deploy.no_leader', `The cluster has no leader now, so ${consequence}.`, {
    retryable: true,
    hint: 'Wait until a member leads, then resume.',
    cause,
  });
}

/** The dynamic configuration once Patroni has written it; `config` is null when the time is over, and `failure` is then what came last. */
export async function awaitDynamicConfig(
  leader: Endpoint,
  context: Pick<ApplyContext, 'probes' | 'signal' | 'now' | 'sleep'>,
  { limitMs, everyMs }: { readonly limitMs: number; readonly everyMs: number },
): Promise<{ readonly config: Readonly<Record<string, unknown>> | null; readonly failure: unknown }> {
  let failure: unknown;
  const config = await until(context, limitMs, everyMs, () =>
    readDynamicConfig(context.probes, leader).catch((thrown: unknown) => {
      failure = thrown;
      return undefined;
    }),
  );
  return { config: config ?? null, failure };
}
