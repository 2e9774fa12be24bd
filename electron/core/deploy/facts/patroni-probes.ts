import { appError } from '../../../../shared/model/app-error';
import type { PatroniFacts } from '../../../../shared/model/deploy/facts';
import type { Endpoint } from '../../../../shared/model/deploy/plan';
import { parseStatus } from '../../patroni/answers/status';
import { connectPatroni } from '../../patroni/connect-patroni';
import type { PatroniClient, RestAnswer } from '../../patroni/patroni-client';
import type { ProbeContext } from './probe-context';

/** The user of the REST API who may change things. */
export interface RestLogin {
  readonly username: string;
  readonly password: string;
}

/** What a member reports of itself; rejects with a `rest.*` or `ssh.*` error when it cannot be asked. */
export function readPatroni(context: ProbeContext, member: Endpoint): Promise<PatroniFacts> {
  return readStatus(context, member, '/patroni');
}

/** As `readPatroni`, for a wait: what is so now, also while PostgreSQL starts. */
export function readPatroniAtOnce(context: ProbeContext, member: Endpoint): Promise<PatroniFacts> {
  return readStatus(context, member, '/health');
}

async function readStatus(
  context: ProbeContext,
  member: Endpoint,
  path: '/patroni' | '/health',
): Promise<PatroniFacts> {
  const status = parseStatus(await clientOf(context, member).get(path, context.timeoutMs));
  if (status === null || status.scope === null)
    throw appError('rest.not_json', `${member.server} does not answer like Patroni.`, {
      target: member.server,
      hint: 'See which service listens on this port.',
    });
  const connections = status.connections ?? [];
  return {
    state: status.stateText === '' ? 'unknown' : status.stateText,
    role: status.role,
    version: status.patroniVersion ?? '',
    scope: status.scope,
    timeline: status.timeline,
    streaming: connections.filter((row) => row.state === 'streaming').map((row) => row.applicationName),
    dcsLastSeen: status.dcsLastSeen,
    systemIdentifier: status.systemIdentifier,
  };
}

/** The dynamic configuration as a member reports it; rejects with a `rest.*` or `ssh.*` error when it cannot be asked. */
export async function readDynamicConfig(
  context: ProbeContext,
  member: Endpoint,
): Promise<Readonly<Record<string, unknown>>> {
  const config = await clientOf(context, member).get('/config', context.timeoutMs);
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return { ...config };
  throw appError('rest.not_json', `${member.server} answers GET /config with something else than a configuration.`, {
    target: member.server,
    hint: 'See which service listens on this port.',
  });
}

/** Changes the dynamic configuration by PATCH /config. Rejects with `rest.not_sent` or `rest.no_answer`, which says what is known. */
export function patchDynamicConfig(
  context: ProbeContext,
  member: Endpoint,
  login: RestLogin,
  patch: Readonly<Record<string, unknown>>,
  timeoutMs: number,
): Promise<RestAnswer> {
  return clientOf(context, member, login).write({ method: 'PATCH', path: '/config', body: patch, timeoutMs });
}

const KEY_SECRET = 'key';
const PASSWORD_SECRET = 'password';

/** A client of the member's REST API. It holds no connection between two calls, so that there is nothing to close. */
function clientOf({ connectNamed, tls }: ProbeContext, member: Endpoint, login?: RestLogin): PatroniClient {
  const { key, ...certificates } = tls ?? {};
  const secrets: Readonly<Partial<Record<string, string>>> = {
    ...(key === undefined ? {} : { [KEY_SECRET]: key }),
    ...(login === undefined ? {} : { [PASSWORD_SECRET]: login.password }),
  };
  const host = member.address.includes(':') ? `[${member.address}]` : member.address;
  return connectPatroni(
    member.server,
    `${tls === null ? 'http' : 'https'}://${host}:${String(member.port)}/patroni`,
    {
      tls: tls === null ? null : { ...certificates, ...(key === undefined ? {} : { keySecret: KEY_SECRET }) },
      auth: login === undefined ? null : { username: login.username, passwordSecret: PASSWORD_SECRET },
    },
    {
      dial: (toHost, port, timeoutMs) => connectNamed(member.server).dial(toHost, port, timeoutMs),
      readSecret: (id) => Promise.resolve(secrets[id]),
    },
  );
}
