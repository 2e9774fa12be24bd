import type { Member } from '../../model/cluster/member';
import type {
  BalancerFinding,
  BalancerHost,
  HaproxySection,
  HaproxyServer,
  HaproxyView,
  HealthAnswer,
  PgbouncerView,
} from '../../model/balancers/balancers';
import { readHostPort } from '../../model/connect/host-port';
import { isForOne } from './health-paths';

/** Clients that wait so long for a connection notice it, ms. */
const LONG_WAIT_MS = 1_000;

type Known = Pick<Member, 'name' | 'apiUrl' | 'host' | 'port'>;

/** The member that a server of HAProxy is: by where it is checked, by where connections go, or by its name. */
export function memberBehind(server: HaproxyServer, members: readonly Known[]): string | null {
  const { checkAddress, address, name } = server;
  const isApi = (member: Known): boolean => sameAddress(checkAddress, withoutPath(member.apiUrl));
  const isPostgres = ({ host, port }: Known): boolean =>
    host !== null &&
    port !== null &&
    sameAddress(address, host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
  const found =
    members.find(isApi) ??
    members.find(isPostgres) ??
    members.find((member) => member.name === name && address === null);
  return found?.name ?? null;
}

function withoutPath(apiUrl: string | null): string | null {
  return apiUrl === null ? null : (/^https?:\/\/([^/]+)/.exec(apiUrl)?.[1] ?? null);
}

function sameAddress(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  const [a, b] = [readHostPort(one, 0), readHostPort(other, 0)];
  return a !== null && b !== null && a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port;
}

/** Whether HAProxy sends new connections there. */
function takesConnections({ status }: HaproxyServer): boolean {
  return status === 'up' || status === 'going_down' || status === 'not_checked';
}

interface Place {
  readonly server: string;
  readonly section: HaproxySection;
  readonly members: readonly Known[];
  readonly answers: readonly HealthAnswer[];
}

/** What does not fit between load balancers and the cluster. Pure; `answers` were asked at the moment of the rest. */
export function findDisagreements(
  hosts: readonly BalancerHost[],
  members: readonly Known[],
  answers: readonly HealthAnswer[],
): readonly BalancerFinding[] {
  const found = hosts.flatMap(({ server, haproxy, pgbouncer }) => [
    ...(haproxy === null ? [] : inHaproxy(server, haproxy, members, answers)),
    ...(pgbouncer === null ? [] : inPgbouncer(server, pgbouncer)),
  ]);
  return found.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

function inHaproxy(
  server: string,
  view: HaproxyView,
  members: readonly Known[],
  answers: readonly HealthAnswer[],
): readonly BalancerFinding[] {
  if (!view.running)
    return [
      {
        severity: 'warning',
        server,
        sentence: `HAProxy is installed on ${server} but does not run.`,
        advice: 'Look at its log under Services on the member, and start it there.',
      },
    ];
  if (view.problem !== null) return [];
  return view.sections.flatMap((section) => {
    const place = { server, section, members, answers };
    return section.check === null ? [] : [...ofWhole(place), ...ofServers(place), ...ofMissing(place)];
  });
}

function entryOf({ server, section }: Place): string {
  const port = section.ports[0];
  return port === undefined ? `${section.name} of HAProxy on ${server}` : `port ${port} of HAProxy on ${server}`;
}

function answerOf({ answers, section }: Place, member: string): number | null {
  return answers.find((answer) => answer.member === member && answer.path === section.check)?.status ?? null;
}

/** Nobody gets through, or writes go to two. */
function ofWhole(place: Place): readonly BalancerFinding[] {
  const { server, section, members } = place;
  const open = section.servers.filter(takesConnections);
  const ready = members.filter((member) => answerOf(place, member.name) === 200).map((member) => member.name);
  if (open.length === 0 && ready.length > 0)
    return [
      {
        severity: 'critical',
        server,
        sentence: `Nobody gets through ${entryOf(place)}, though Patroni says that ${ready.join(', ')} would answer.`,
        advice: `See whether ${server} reaches the REST API of ${ready.join(', ')}, and what HAProxy's last check says.`,
      },
    ];
  if (isForOne(section.check ?? '') && open.length > 1)
    return [
      {
        severity: 'critical',
        server,
        sentence:
          `Connections to ${entryOf(place)} go to ${open.map(({ name }) => name).join(' and ')}: ` +
          'only one of them can be the primary.',
        advice: 'Compare what Patroni answers on each of them, and stop the one that is not the leader.',
      },
    ];
  return [];
}

/** Each server's status against the member's own answer, and servers that are no members. */
function ofServers(place: Place): readonly BalancerFinding[] {
  const { server, section, members } = place;
  return section.servers.flatMap((one): readonly BalancerFinding[] => {
    const member = memberBehind(one, members);
    if (member === null)
      return [
        {
          severity: 'warning',
          server,
          sentence: `${one.name} in ${entryOf(place)} is no member of this cluster.`,
          advice: 'Take it out of the configuration of HAProxy, or look whether the member has another address now.',
        },
      ];
    const status = answerOf(place, member);
    const settled = ['up', 'down', 'not_checked'].includes(one.status);
    if (status === null || !settled || (status === 200) === takesConnections(one)) return [];
    const said = `${member} answers ${status} on ${section.check ?? ''}`;
    return [
      {
        severity: takesConnections(one) ? 'critical' : 'warning',
        server,
        sentence: takesConnections(one)
          ? `${entryOf(place)} sends connections to ${member}, though ${said}.`
          : `${entryOf(place)} sends no connections to ${member}, though ${said}.`,
        advice:
          one.status === 'not_checked'
            ? 'Give this server a check in the configuration of HAProxy.'
            : `HAProxy's last check: ${one.check ?? 'none'}. See whether it asks ` +
              `${one.checkAddress ?? 'the right address'} and reaches it.`,
      },
    ];
  });
}

/** Members that this section never sends anybody to. */
function ofMissing(place: Place): readonly BalancerFinding[] {
  const { server, section, members } = place;
  const listed = new Set(section.servers.map((one) => memberBehind(one, members)));
  const missing = members.filter((member) => !listed.has(member.name)).map((member) => member.name);
  if (missing.length === 0 || missing.length === members.length) return [];
  return [
    {
      severity: 'warning',
      server,
      sentence: `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not listed in ${entryOf(place)}.`,
      advice: 'When it becomes the leader, nobody gets through there. Add it to the configuration of HAProxy.',
    },
  ];
}

function inPgbouncer(server: string, view: PgbouncerView): readonly BalancerFinding[] {
  if (!view.running)
    return [
      {
        severity: 'warning',
        server,
        sentence: `PgBouncer is installed on ${server} but does not run.`,
        advice: 'Look at its log under Services on the member, and start it there.',
      },
    ];
  return [...ofPools(server, view), ...ofDatabases(server, view)];
}

function ofPools(server: string, { pools }: PgbouncerView): readonly BalancerFinding[] {
  return pools
    .filter((pool) => pool.clientsWaiting > 0 && pool.longestWaitMs >= LONG_WAIT_MS)
    .map((pool) => ({
      severity: 'warning' as const,
      server,
      sentence:
        `${pool.clientsWaiting} ${pool.clientsWaiting === 1 ? 'client waits' : 'clients wait'} in PgBouncer on ${server} ` +
        `for a connection to ${pool.database} as ${pool.user}, the first for ${(pool.longestWaitMs / 1000).toFixed(1)} s.`,
      advice:
        pool.serversActive + pool.serversIdle === 0
          ? 'PgBouncer has no connection to PostgreSQL: see whether its target takes connections.'
          : 'All connections of this pool are in use: look for long transactions, or raise default_pool_size.',
    }));
}

function ofDatabases(server: string, { databases }: PgbouncerView): readonly BalancerFinding[] {
  return databases
    .filter((database) => database.paused || database.disabled)
    .map((database) => ({
      severity: 'warning' as const,
      server,
      sentence: `${database.name} is ${database.paused ? 'paused' : 'disabled'} in PgBouncer on ${server}.`,
      advice: database.paused
        ? 'RESUME in its console lets clients on again.'
        : 'ENABLE in its console lets clients in.',
    }));
}
