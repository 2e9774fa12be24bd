import { appError } from '../../../../shared/model/app-error';
import type { DynamicConfigResource, Endpoint } from '../../../../shared/model/deploy/plan';
import { leads } from '../../../../shared/rules/deploy/check/check-cluster';
import { configPatch } from '../../../../shared/rules/deploy/check/check-config';
import { askHttp } from '../facts/http-ask';
import { askConfig, askPatroni } from '../facts/probes';
import { until, type ApplyContext } from './context';

const patchMs = 30_000;
const configLimitMs = 30_000;

/** Brings the dynamic configuration to what the spec wants, by the leader's REST API, which refuses a change made in between. */
export async function applyConfig(
  resource: DynamicConfigResource,
  scope: string,
  context: ApplyContext,
): Promise<void> {
  const leader = await leaderOf(resource, scope, context);
  const present = await until(
    context,
    configLimitMs,
    250,
    async () => (await askConfig(context.probes, leader)) ?? undefined,
  );
  if (present === undefined)
    throw appError('deploy.config_unreadable', 'Patroni does not tell its dynamic configuration.', {
      target: leader.server,
      retryable: true,
      hint: 'Look at the log of Patroni, then resume.',
    });
  const body = configPatch(present, resource.config);
  if (Object.keys(body).length === 0) return;
  const { probes, secret } = context;
  const answer = await askHttp({
    remote: probes.remoteOf(leader.server),
    host: leader.address,
    port: leader.port,
    path: '/config',
    method: 'PATCH',
    body,
    basic: { user: resource.restUser, password: secret('rest') },
    tls: probes.tls,
    timeoutMs: patchMs,
  });
  if (answer?.status === 200) return;
  throw appError(
    'deploy.config_refused',
    `Patroni did not take the dynamic configuration (${answer === null ? 'no answer' : `status ${answer.status}`}).`,
    {
      target: leader.server,
      retryable: true,
      hint:
        answer?.status === 401
          ? 'The password of the REST API is another one.'
          : 'Look at the log of Patroni, then resume.',
    },
  );
}

async function leaderOf(resource: DynamicConfigResource, scope: string, context: ApplyContext): Promise<Endpoint> {
  for (const member of resource.members) {
    if (leads(await askPatroni(context.probes, member), scope)) return member;
  }
  throw appError('deploy.no_leader', 'The cluster has no leader now, so its configuration cannot be changed.', {
    retryable: true,
    hint: 'Wait until a member leads, then resume.',
  });
}
