import { z } from 'zod';
import type { ClusterFacts, PatroniFacts } from '../../../../shared/model/deploy/facts';
import type { Endpoint } from '../../../../shared/model/deploy/plan';
import type { Remote } from '../../ssh/remote';
import type { TunnelTls } from '../../ssh/tunnel/tunnel-agent';
import { askHttp } from './http-ask';

/** How services of the cluster are asked: through the server each is on. */
export interface ProbeContext {
  readonly remoteOf: (server: string) => Remote;
  readonly tls: TunnelTls | null;
  readonly timeoutMs: number;
}

const healthSchema = z.object({ health: z.union([z.string(), z.boolean()]) });

/** Whether an etcd member answers and sees a leader. */
export async function etcdHealthy(context: ProbeContext, member: Endpoint): Promise<boolean> {
  const answer = await askHttp({ ...reach(context, member), path: '/health' });
  const read = healthSchema.safeParse(answer?.json);
  return answer?.status === 200 && read.success && String(read.data.health) === 'true';
}

const patroniSchema = z.object({
  state: z.string().default('unknown'),
  role: z.string().default('unknown'),
  timeline: z.number().optional(),
  database_system_identifier: z.string().optional(),
  replication: z
    .array(z.object({ application_name: z.string().default(''), state: z.string().default('') }))
    .optional(),
  patroni: z.object({ version: z.string().default(''), scope: z.string().default('') }),
});

/** What a member says of itself; null when nobody answers. */
export async function askPatroni(context: ProbeContext, member: Endpoint): Promise<PatroniFacts | null> {
  const answer = await askHttp({ ...reach(context, member), path: '/patroni' });
  const read = patroniSchema.safeParse(answer?.json);
  if (!read.success) return null;
  const { state, role, patroni, timeline, replication, database_system_identifier: systemIdentifier } = read.data;
  const streaming = (replication ?? []).filter((row) => row.state === 'streaming').map((row) => row.application_name);
  return {
    state,
    role,
    version: patroni.version,
    scope: patroni.scope,
    timeline: timeline ?? null,
    streaming,
    systemIdentifier: systemIdentifier ?? null,
  };
}

const configSchema = z.record(z.string(), z.unknown());

/** The dynamic configuration as a member tells it; null when nobody answers. */
export async function askConfig(context: ProbeContext, member: Endpoint): Promise<Record<string, unknown> | null> {
  const answer = await askHttp({ ...reach(context, member), path: '/config' });
  const read = configSchema.safeParse(answer?.json);
  return answer?.status === 200 && read.success ? read.data : null;
}

const rangeSchema = z.object({ kvs: z.array(z.object({ value: z.string().default('') })).optional() });

/** The value of one key of etcd, or null when it is absent or etcd cannot be asked. */
export async function etcdKey(context: ProbeContext, member: Endpoint, key: string): Promise<string | null> {
  const answer = await askHttp({
    ...reach(context, member),
    path: '/v3/kv/range',
    method: 'POST',
    body: { key: Buffer.from(key).toString('base64') },
  });
  const read = rangeSchema.safeParse(answer?.json);
  const value = read.success ? read.data.kvs?.[0]?.value : undefined;
  return value === undefined ? null : Buffer.from(value, 'base64').toString('utf8');
}

const membersSchema = z.object({
  members: z.array(
    z.object({
      ID: z.string(),
      name: z.string().default(''),
      peerURLs: z.array(z.string()).default([]),
      clientURLs: z.array(z.string()).default([]),
      isLearner: z.boolean().default(false),
    }),
  ),
});

/** The members etcd knows; null when it cannot be asked. A member tells its client addresses when it first starts. */
export async function etcdMembers(context: ProbeContext, member: Endpoint): Promise<ClusterFacts['etcdMembers']> {
  const answer = await askHttp({
    ...reach(context, member),
    path: '/v3/cluster/member/list',
    method: 'POST',
    body: {},
  });
  const read = membersSchema.safeParse(answer?.json);
  return read.success
    ? read.data.members.map((entry) => ({
        id: entry.ID,
        name: entry.name,
        peerUrls: entry.peerURLs,
        started: entry.clientURLs.length > 0,
        learner: entry.isLearner,
      }))
    : null;
}

function reach(
  context: ProbeContext,
  member: Endpoint,
): { remote: Remote; host: string; port: number; tls: TunnelTls | null; timeoutMs: number } {
  return {
    remote: context.remoteOf(member.server),
    host: member.address,
    port: member.port,
    tls: context.tls,
    timeoutMs: context.timeoutMs,
  };
}
