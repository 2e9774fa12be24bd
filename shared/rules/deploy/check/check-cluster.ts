import type { ScopeFacts, PatroniFacts, SqlFacts } from '../../../model/deploy/facts';
import type { LeaderResource, QuorumResource, ReplicaResource, SqlResource } from '../../../model/deploy/plan';
import { quorumSize } from '../../etcd/quorum';
import { toRun, settled, type Verdict } from './verdict';

/** Whether etcd takes writes already. */
export function checkQuorum(resource: QuorumResource, facts: ScopeFacts): Verdict {
  const healthy = resource.members.filter((member) => facts.etcdHealthy[member.server] === true).length;
  return healthy >= quorumSize(resource.members.length) ? settled : toRun();
}

/** Whether this is the running leader of the scope. */
export function leads(facts: PatroniFacts | null | undefined, scope: string): boolean {
  return (
    facts !== null &&
    facts !== undefined &&
    facts.scope === scope &&
    facts.state === 'running' &&
    (facts.role === 'primary' || facts.role === 'standby_leader')
  );
}

const claimed: ReadonlySet<string> = new Set([
  'initializing new cluster',
  'running custom bootstrap script',
  'starting after custom bootstrap',
  'starting',
  'running',
]);

/** Whether a member has won the `initialize` key of the scope: its state says so only after that (Patroni's ha.py, `bootstrap`). */
export function claims(facts: PatroniFacts | null | undefined, scope: string): boolean {
  return facts !== null && facts !== undefined && facts.scope === scope && claimed.has(facts.state);
}

/** Any member may lead: after a failover the first member of the plan need not. */
export function checkLeader(resource: LeaderResource, facts: ScopeFacts): Verdict {
  return Object.values(facts.patroni).some((member) => leads(member, resource.scope)) ? settled : toRun();
}

/** A replica is one when the leader streams to it; what it says itself is not enough. */
export function checkReplica(resource: ReplicaResource, facts: ScopeFacts): Verdict {
  const self = facts.patroni[resource.member];
  if (leads(self, resource.scope)) return settled;
  const leader = Object.values(facts.patroni).find((member) => leads(member, resource.scope));
  if (self === null || self === undefined || leader === undefined || leader === null) return toRun();
  return replicates(self, leader, resource.member)
    ? settled
    : toRun(`It is ${self.state} on timeline ${self.timeline ?? '?'} and not yet streaming.`);
}

/** The leader streams to the member by its name, and both are on one timeline. */
export function replicates(self: PatroniFacts, leader: PatroniFacts, member: string): boolean {
  const sameTimeline = self.timeline === null || leader.timeline === null || self.timeline === leader.timeline;
  return leader.streaming.includes(member) && sameTimeline;
}

/** What of roles, databases and the pooler's function is missing. */
export function missingSql(resource: SqlResource, facts: SqlFacts | null): readonly string[] {
  if (facts === null) return ['everything'];
  const roles = [...resource.accounts, ...resource.roles]
    .filter((role) => !roleIsSo(role, facts))
    .map((role) => `role ${role.name}`);
  const databases = resource.databases
    .filter((database) => facts.databases[database.name] !== database.owner)
    .map((database) => `database ${database.name}`);
  const wanted =
    resource.poolerUser === null
      ? []
      : ['postgres', 'template1', ...resource.databases.map((database) => database.name)];
  const pooler = wanted
    .filter((name) => !facts.poolerFunctionIn.includes(name))
    .map((name) => `look-up function in ${name}`);
  return [...roles, ...databases, ...pooler];
}

function roleIsSo(role: SqlResource['roles'][number], facts: SqlFacts): boolean {
  const found = facts.roles[role.name];
  return found !== undefined && found.passwordMatches && role.options.every((option) => found.options.includes(option));
}

/** Roles and databases against the primary. */
export function checkSql(resource: SqlResource, facts: ScopeFacts): Verdict {
  const missing = missingSql(resource, facts.sql);
  return missing.length === 0 ? settled : toRun(facts.sql === null ? null : `Missing: ${missing.join(', ')}.`);
}
