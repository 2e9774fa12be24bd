import { appError } from '../../../../../shared/model/app-error';
import type { DynamicConfigResource } from '../../../../../shared/model/deploy/plan';
import { configPatch } from '../../../../../shared/rules/deploy/check/check-config';
import { patchDynamicConfig } from '../../facts/patroni-probes';
import { awaitDynamicConfig, findLeader } from './leader';
import type { ApplyContext } from '../context';

const patchMs = 30_000;
const configLimitMs = 30_000;

/** Brings the dynamic configuration to what the spec wants, by the leader's REST API, which refuses a change made in between. */
export async function applyConfig(
  resource: DynamicConfigResource,
  scope: string,
  context: ApplyContext,
): Promise<void> {
  const leader = await findLeader(resource.members, scope, context, 'its configuration cannot be changed');
  const { config, failure } = await awaitDynamicConfig(leader, context, { limitMs: configLimitMs, everyMs: 250 });
  if (config === null)
    throw appError('deploy.config_unreadable', 'Patroni does not report its dynamic configuration.', {
      target: leader.server,
      retryable: true,
      hint: 'Look at the log of Patroni, then resume.',
      cause: failure,
    });
  const body = configPatch(config, resource.config);
  if (Object.keys(body).length === 0) return;
  const login = { username: resource.restUser, password: context.secret('rest') };
  const { status } = await patchDynamicConfig(context.probes, leader, login, body, patchMs).catch((thrown: unknown) => {
    throw refused(leader.server, null, thrown);
  });
  if (status !== 200) throw refused(leader.server, status);
}

/** `status` is null when Patroni did not answer. */
function refused(server: string, status: number | null, cause?: unknown): Error {
  const why = status === null ? 'no answer' : `status ${String(status)}`;
  return appError('deploy.config_refused', `Patroni did not take the dynamic configuration (${why}).`, {
    target: server,
    retryable: true,
    hint: status === 401 ? 'The password of the REST API is another one.' : 'Look at the log of Patroni, then resume.',
    cause,
  });
}
