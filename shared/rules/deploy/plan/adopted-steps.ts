import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { peerLines } from '../files/hba';
import { dynamicConfig } from '../files/patroni';
import { endpoints } from '../layout';
import type { PlanInput } from '../steps/plan-input';

/** A server that others set up: that its member replicates is seen; nothing on it is made, changed or started. */
export function adoptedSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { spec } = input;
  if (!server.roles.includes('postgres')) return [];
  const port = spec.patroni.restPort;
  return [
    {
      id: `${server.name}/replica`,
      server: server.name,
      label: 'Member: leads, or streams from the leader',
      dependsOn: [],
      resource: {
        kind: 'replica',
        copiesInto: null,
        member: server.name,
        rest: { server: server.name, address: server.address, port },
        members: endpoints(spec, 'postgres', port),
        scope: spec.scope,
        restUser: spec.patroni.restUser,
      },
    },
  ];
}

/**
 * The dynamic configuration of a cluster that others set up, as its spec describes it. Its lines of pg_hba stay as they
 * are; members that were added since get theirs before them.
 */
export function adoptedConfig(input: PlanInput): Record<string, unknown> {
  const { spec, facts } = input;
  const { ttl, loop_wait, retry_timeout } = dynamicConfig(spec);
  const present = section(facts.cluster.config?.['postgresql'])['pg_hba'];
  const added = spec.servers.filter(
    (server) => server.roles.includes('postgres') && !spec.adopted.includes(server.name),
  );
  const lines = Array.isArray(present) ? present.map(String) : [];
  const missing = peerLines(spec, added).filter((line) => !lines.includes(line));
  return {
    ttl,
    loop_wait,
    retry_timeout,
    ...(missing.length === 0 || lines.length === 0 ? {} : { postgresql: { pg_hba: [...missing, ...lines] } }),
  };
}

function section(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
