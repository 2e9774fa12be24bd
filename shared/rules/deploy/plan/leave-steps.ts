import type { Step } from '../../../model/deploy/plan';
import type { Leaving } from '../../../model/deploy/day2';
import type { ServerRole, ServerSpec } from '../../../model/deploy/spec/server-spec';
import { endpoints, serversWith } from '../layout';
import { monitoringUnits } from '../monitoring';
import type { PlanInput } from '../steps/plan-input';
import { carrierRole, vipUnits } from '../vip';
import { planUndo } from './plan-undo';
import { etcdEntry, leavesFirst } from '../steps/etcd-entry';
import { etcdLeaveId, etcdPromoteId, memberResource } from '../steps/join-steps';

const unitsOf: Readonly<Record<ServerRole, readonly string[]>> = {
  etcd: ['etcd.service'],
  postgres: ['patroni.service'],
  haproxy: ['haproxy.service'],
  pgbouncer: ['pgbouncer.service'],
  prometheus: [monitoringUnits.prometheus, monitoringUnits.alertmanager],
};

/**
 * What takes a server out: its entry points close, Patroni stops, it leaves etcd. A server without facts is dead:
 * nothing is done on it.
 */
export function leaveSteps(input: PlanInput): Step[] {
  return (input.leaving ?? []).flatMap((entry) => [
    ...stopSteps(input, entry),
    ...etcdLeave(input, entry),
    ...removal(input, entry),
  ]);
}

/** The ids of the steps that stop a server's part. */
function leaveId(server: string, role: ServerRole): string {
  return `${server}/leave-${role}`;
}

function stopSteps(input: PlanInput, { server, roles }: Leaving): Step[] {
  if (input.facts.servers[server.name] === undefined) return [];
  const stop = (role: ServerRole, label: string, dependsOn: readonly string[]): Step[] =>
    roles.includes(role)
      ? [
          {
            id: leaveId(server.name, role),
            server: server.name,
            label,
            dependsOn,
            resource: { kind: 'undo', part: 'stop', units: unitsOf[role] },
          },
        ]
      : [];
  const haproxyUnits = serversWith(input.spec, 'haproxy')
    .filter((other) => other.name !== server.name)
    .map((other) => `${other.name}/haproxy`);
  return [
    ...vipLeave(input, server, roles),
    ...stop('prometheus', 'Prometheus and Alertmanager: stop', []),
    ...exportersLeave(input, server, roles),
    ...stop('pgbouncer', 'PgBouncer: stop', [leaveVipId(server.name)]),
    ...stop('haproxy', 'HAProxy: stop', [leaveVipId(server.name)]),
    ...stop('postgres', 'Patroni and PostgreSQL: stop, and stay off at the next start', [
      ...haproxyUnits,
      leaveVipId(server.name),
      leaveId(server.name, 'haproxy'),
      leaveId(server.name, 'pgbouncer'),
    ]),
    ...stop('etcd', 'etcd: stop', [etcdLeaveId(server.name)]),
  ];
}

function leaveVipId(server: string): string {
  return `${server}/leave-vip`;
}

/** A member that leaves tells no more figures, where it was this deployment that made it tell them. */
function exportersLeave({ facts }: PlanInput, server: ServerSpec, roles: readonly ServerRole[]): Step[] {
  const made = facts.servers[server.name]?.manifest?.units.map((entry) => entry.unit) ?? [];
  const units = [monitoringUnits.node, monitoringUnits.postgres].filter((unit) => made.includes(unit));
  if (!roles.includes('postgres') || units.length === 0) return [];
  return [
    {
      id: `${server.name}/leave-exporters`,
      server: server.name,
      label: 'Exporters: stop',
      dependsOn: [],
      resource: { kind: 'undo', part: 'stop', units },
    },
  ];
}

/** A server that gives up what the virtual address follows gives the address up first: another one takes it before anything stops. */
function vipLeave({ spec, facts }: PlanInput, server: ServerSpec, roles: readonly ServerRole[]): Step[] {
  const { vip } = spec;
  const made = facts.servers[server.name]?.manifest?.units.map((entry) => entry.unit) ?? [];
  if (vip === undefined || !roles.includes(carrierRole(vip)) || !made.includes(vipUnits[vip.manager])) return [];
  return [
    {
      id: leaveVipId(server.name),
      server: server.name,
      label: 'Virtual address: give it up',
      dependsOn: [],
      resource: { kind: 'undo', part: 'stop', units: [vipUnits[vip.manager]] },
    },
  ];
}

/** A member that lives goes when the others know each other without it and nobody uses it any more. */
function etcdLeave(input: PlanInput, entry: Leaving): Step[] {
  if (!entry.roles.includes('etcd')) return [];
  const lane = endpoints(input.spec, 'etcd', input.spec.etcd.clientPort).find(
    (member) => input.facts.servers[member.server] !== undefined,
  );
  if (lane === undefined) return [];
  const joined = serversWith(input.spec, 'etcd')
    .filter((other) => etcdEntry(input, other).joins)
    .map((other) => etcdPromoteId(other.name));
  const users = serversWith(input.spec, 'postgres').map((other) => `${other.name}/patroni`);
  const dependsOn = leavesFirst(input, entry) ? [] : [...joined, ...users, leaveId(entry.server.name, 'postgres')];
  return [
    {
      id: etcdLeaveId(entry.server.name),
      server: lane.server,
      label: `etcd: ${entry.server.name} leaves`,
      dependsOn,
      resource: memberResource(input, entry.server, 'remove', null),
    },
  ];
}

/** What was made on a server that leaves with all its roles goes, too, where that was asked for. */
function removal(input: PlanInput, { server, roles, keepData }: Leaving): Step[] {
  if (keepData || roles.length < server.roles.length) return [];
  const undo = planUndo({
    spec: { ...input.spec, servers: [server] },
    facts: input.facts,
    keepData: false,
    changed: {},
  }).steps.filter((step) => step.id.endsWith('/undo-remove'));
  return undo.map((step) => ({ ...step, dependsOn: roles.map((role) => leaveId(server.name, role)) }));
}
