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
import type { Finding } from '../../model/cluster/cluster-state';
import { readHostPort } from '../../model/connect/host-port';
import { isForOne } from './health-paths';

/** Clients that wait so long for a connection notice it, ms. */
const LONG_WAIT_MS = 1_000;

type Known = Pick<Member, 'name' | 'apiUrl' | 'host' | 'port'>;

/** The member that a server of HAProxy is: by where it is checked, by where connections go, or by its name. */
export function memberBehind(server: HaproxyServer, members: readonly Known[]): string | null {
  const { checkAddress, address, name } = server;
  const isApi = (member: Known): boolean => sameAddress(checkAddress, withoutPath(member.apiUrl));
  const isPostgres = (member: Known): boolean => isPostgresOf(member, address);
  const found =
    members.find(isApi) ??
    members.find(isPostgres) ??
    members.find((member) => member.name === name && address === null);
  return found?.name ?? null;
}

/** The members that load balancers on a server send connections to, in the order of the cluster. */
export function membersBehind({ haproxy, pgbouncer }: BalancerHost, members: readonly Known[]): readonly string[] {
  const behindHaproxy = (haproxy?.sections ?? []).flatMap(({ servers }) =>
    servers.map((server) => memberBehind(server, members)),
  );
  const targets = (pgbouncer?.databases ?? []).flatMap(({ target }) => target ?? []);
  return members
    .filter((member) => behindHaproxy.includes(member.name) || targets.some((target) => isPostgresOf(member, target)))
    .map(({ name }) => name);
}

/** Whether a section leads to members of this cluster at all: a load balancer of its own may serve several clusters. */
export function leadsToMembers({ servers }: HaproxySection, members: readonly Known[]): boolean {
  return servers.some((server) => memberBehind(server, members) !== null);
}

function isPostgresOf({ host, port }: Known, address: string | null): boolean {
  if (host === null || port === null) return false;
  return sameAddress(address, host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
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

/** A finding about a server's load balancer; `subject` tells apart what there may be several of there. */
function told(
  code: string,
  severity: Finding['severity'],
  where: { readonly server: string; readonly subject: string },
  words: Pick<Finding, 'sentence' | 'evidence' | 'advice'>,
): BalancerFinding {
  const { server, subject } = where;
  return { code, severity, member: null, server, subject: `${server} ${subject}`, ...words };
}

interface Place {
  readonly server: string;
  readonly section: HaproxySection;
  readonly members: readonly Known[];
  readonly answers: readonly HealthAnswer[];
}

/** What does not fit between load balancers and the cluster, worst first. Pure; `answers` were asked at the moment of the rest. */
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

function notRunning(program: 'HAProxy' | 'PgBouncer', server: string): BalancerFinding {
  return told(
    'balancer.not_running',
    'warning',
    { server, subject: program },
    {
      sentence: `${program} is installed on ${server} but does not run.`,
      evidence: 'Its service is enabled, and no process of it is there.',
      advice: 'Look at its log under Services on the member, and start it there.',
    },
  );
}

function inHaproxy(
  server: string,
  view: HaproxyView,
  members: readonly Known[],
  answers: readonly HealthAnswer[],
): readonly BalancerFinding[] {
  if (!view.running) return [notRunning('HAProxy', server)];
  if (view.problem !== null) return [];
  return view.sections.flatMap((section) => {
    const place = { server, section, members, answers };
    if (section.check === null || !leadsToMembers(section, members)) return [];
    const whole = ofWhole(place);
    // That nobody gets through has each of its servers in its evidence: they are not told again one by one.
    const isClosed = whole.some(({ code }) => code === 'balancer.closed');
    return [...whole, ...ofStrangers(place), ...(isClosed ? [] : ofServers(place)), ...ofMissing(place)];
  });
}

function entryOf({ server, section }: Place): string {
  const port = section.ports[0];
  return port === undefined ? `${section.name} of HAProxy on ${server}` : `port ${port} of HAProxy on ${server}`;
}

function answerOf({ answers, section }: Place, member: string): number | null {
  return answers.find((answer) => answer.member === member && answer.path === section.check)?.status ?? null;
}

/** So many servers of a section are named in evidence. */
const MOST_NAMED = 8;

function statusOf({ name, status, check }: HaproxyServer): string {
  return `${name} is ${status.replaceAll('_', ' ')} (last check: ${check ?? 'none'})`;
}

/** Nobody gets through, or writes go to two. */
function ofWhole(place: Place): readonly BalancerFinding[] {
  const { server, section, members } = place;
  const open = section.servers.filter(takesConnections);
  const ready = members.filter((member) => answerOf(place, member.name) === 200).map((member) => member.name);
  const evidence = `HAProxy says: ${section.servers.slice(0, MOST_NAMED).map(statusOf).join(', ')}.`;
  const where = { server, subject: section.name };
  if (open.length === 0 && ready.length > 0)
    return [
      told('balancer.closed', 'critical', where, {
        sentence: `Nobody gets through ${entryOf(place)}, though Patroni says that ${ready.join(', ')} would answer.`,
        evidence,
        advice: `See whether ${server} reaches the REST API of ${ready.join(', ')}, and what HAProxy's last check says.`,
      }),
    ];
  if (isForOne(section.check ?? '') && open.length > 1)
    return [
      told('balancer.open_to_several', 'critical', where, {
        sentence:
          `Connections to ${entryOf(place)} go to ${open.map(({ name }) => name).join(' and ')}: ` +
          'only one of them can be the primary.',
        evidence,
        advice: 'Compare what Patroni answers on each of them, and stop the one that is not the leader.',
      }),
    ];
  return [];
}

/** Servers of a section that are no members. */
function ofStrangers(place: Place): readonly BalancerFinding[] {
  const { server, section, members } = place;
  return section.servers
    .filter((one) => memberBehind(one, members) === null)
    .map(({ name, address }) =>
      told(
        'balancer.stranger',
        'warning',
        { server, subject: `${section.name} ${name}` },
        {
          sentence: `${name} in ${entryOf(place)} is no member of this cluster.`,
          evidence: `Its address is ${address ?? 'not known'}.`,
          advice: 'Take it out of the configuration of HAProxy, or look whether the member has another address now.',
        },
      ),
    );
}

/** Each server's status against the member's own answer. */
function ofServers(place: Place): readonly BalancerFinding[] {
  const { server, section, members } = place;
  return section.servers.flatMap((one): readonly BalancerFinding[] => {
    const member = memberBehind(one, members);
    const status = member === null ? null : answerOf(place, member);
    const settled = ['up', 'down', 'not_checked'].includes(one.status);
    if (member === null || status === null || !settled || (status === 200) === takesConnections(one)) return [];
    const said = `${member} answers ${status} on ${section.check ?? ''}`;
    const takes = takesConnections(one);
    return [
      told(
        'balancer.disagrees',
        takes ? 'critical' : 'warning',
        { server, subject: `${section.name} ${one.name}` },
        {
          sentence: takes
            ? `${entryOf(place)} sends connections to ${member}, though ${said}.`
            : `${entryOf(place)} sends no connections to ${member}, though ${said}.`,
          evidence: `HAProxy says: ${statusOf(one)}.`,
          advice:
            one.status === 'not_checked'
              ? 'Give this server a check in the configuration of HAProxy.'
              : `HAProxy's last check: ${one.check ?? 'none'}. See whether it asks ` +
                `${one.checkAddress ?? 'the right address'} and reaches it.`,
        },
      ),
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
    told(
      'balancer.not_listed',
      'warning',
      { server, subject: `${section.name} missing` },
      {
        sentence: `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not listed in ${entryOf(place)}.`,
        evidence: `Listed there: ${section.servers
          .slice(0, MOST_NAMED)
          .map(({ name }) => name)
          .join(', ')}.`,
        advice: 'When it becomes the leader, nobody gets through there. Add it to the configuration of HAProxy.',
      },
    ),
  ];
}

function inPgbouncer(server: string, view: PgbouncerView): readonly BalancerFinding[] {
  if (!view.running) return [notRunning('PgBouncer', server)];
  return [...ofPools(server, view), ...ofDatabases(server, view)];
}

function ofPools(server: string, { pools }: PgbouncerView): readonly BalancerFinding[] {
  return pools
    .filter((pool) => pool.clientsWaiting > 0 && pool.longestWaitMs >= LONG_WAIT_MS)
    .map((pool) =>
      told(
        'balancer.clients_wait',
        'warning',
        { server, subject: `pool ${pool.database} ${pool.user}` },
        {
          sentence:
            `${pool.clientsWaiting} ${pool.clientsWaiting === 1 ? 'client waits' : 'clients wait'} in PgBouncer on ${server} ` +
            `for a connection to ${pool.database} as ${pool.user}, the first for ${(pool.longestWaitMs / 1000).toFixed(1)} s.`,
          evidence: `Connections to PostgreSQL: ${pool.serversActive} in use, ${pool.serversIdle} idle.`,
          advice:
            pool.serversActive + pool.serversIdle === 0
              ? 'PgBouncer has no connection to PostgreSQL: see whether its target takes connections.'
              : 'All connections of this pool are in use: look for long transactions, or raise default_pool_size.',
        },
      ),
    );
}

function ofDatabases(server: string, { databases }: PgbouncerView): readonly BalancerFinding[] {
  return databases
    .filter((database) => database.paused || database.disabled)
    .map((database) =>
      told(
        'balancer.database_closed',
        'warning',
        { server, subject: `database ${database.name}` },
        {
          sentence: `${database.name} is ${database.paused ? 'paused' : 'disabled'} in PgBouncer on ${server}.`,
          evidence: `SHOW DATABASES has ${database.paused ? 'paused' : 'disabled'} = 1.`,
          advice: database.paused
            ? 'RESUME in its console lets clients on again.'
            : 'ENABLE in its console lets clients in.',
        },
      ),
    );
}
