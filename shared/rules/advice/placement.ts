import type { AdviceFacts, ServerAdviceFacts } from '../../model/advice/advice-facts';
import type { Member } from '../../model/cluster/member';
import { ETCD_CLIENT_PORT, hostPortOfUrl } from '../../model/connect/host-port';
import type { EtcdReading } from '../../model/etcd/etcd-view';
import { namesInWords, spanInWords } from '../words/wording';
import { advise, evidenceOf, notChecked, well, type AdviceLook, type AdviceRule, type Found } from './advice-rule';

const servers = { tab: 'servers', label: 'Open servers and services' } as const;

/** Whether the leader of etcd is on the server of a member, by the addresses that both tell. */
function hasEtcdLeader(leader: Member, etcd: EtcdReading): boolean {
  const hosts = new Set([leader.host, hostPortOfUrl(leader.apiUrl ?? '', 8008)?.host]);
  return etcd.members.some(
    (one) =>
      one.leader === true && one.clientUrls.some((url) => hosts.has(hostPortOfUrl(url, ETCD_CLIENT_PORT)?.host ?? '')),
  );
}

const oneServer: AdviceRule = {
  id: 'one_server',
  title: 'No server holds too much',
  area: 'Availability',
  why:
    'When one server has the leader, the leader of etcd and the only way in, its loss costs an election of etcd, a ' +
    'failover and the way to the new leader at the same time.',
  look: (facts) => {
    const { state, etcd, members } = facts;
    const leader = state.members.find(({ name }) => name === state.leader.holder);
    if (!state.leader.known || leader === undefined) return notChecked('Who leads the cluster is not known.');
    if (etcd.kind === 'not_read') return notChecked(etcd.why);
    const server = members.find(({ name }) => name === leader.name)?.server;
    if (server === undefined || server.kind === 'not_read')
      return notChecked(server?.why ?? 'The server of the leader was not read.');
    return hasEtcdLeader(leader, etcd.value)
      ? lookForOtherWays(facts, { name: leader.name, server, etcd })
      : well('The leader of etcd is on another server than the leader.');
  },
};

/** The leader and the leader of etcd are on one server: whether that is the only way in too. */
function lookForOtherWays(
  { members, access }: AdviceFacts,
  {
    name,
    server,
    etcd,
  }: { readonly name: string; readonly server: Found<ServerAdviceFacts>; readonly etcd: Found<EtcdReading> },
): AdviceLook {
  const unread = members.filter((one) => one.server.kind === 'not_read').map((one) => one.name);
  const others = members.some((one) => one.name !== name && one.server.kind === 'read' && one.server.value.haproxyRuns);
  if (!server.value.haproxyRuns || others || access.balancerServers > 0)
    return well('The leader and the leader of etcd are on one server; there is another way in, or none by HAProxy.');
  if (unread.length > 0)
    return notChecked(`Whether another server runs HAProxy is not known: ${namesInWords(unread)} could not be read.`);
  return advise(
    'warning',
    {
      sentence: `${server.value.server} has the leader, the leader of etcd and the only HAProxy.`,
      todo: 'Move the leader of etcd to another server, and run HAProxy on more than one, with a virtual address.',
      place: { tab: 'etcd', label: 'Open etcd' },
    },
    [
      evidenceOf(server, 'HAProxy runs there, and on no other server that was looked at.'),
      evidenceOf(etcd, 'etcd has its leader there.'),
    ],
    [name],
  );
}

/** Patroni compares times of servers nowhere, but certificates, logs and recovery to a point in time do; TTLs are etcd's. */
const CLOCKS_APART_MS = 1_000;

const clock: AdviceRule = {
  id: 'clock',
  title: 'Clocks agree',
  area: 'Availability',
  why:
    'Servers whose clocks differ write logs that cannot be put in order, take certificates for expired, and ' +
    'recover to another moment than was meant.',
  look: (facts) => {
    const read = facts.members.flatMap(({ name, server }) =>
      server.kind === 'read' && server.value.clock !== null
        ? [{ name, server, clock: server.value.clock, kept: server.value.clockKept }]
        : [],
    );
    const unknown = facts.members
      .filter(({ name }) => read.every((one) => one.name !== name))
      .map(({ name, server }) => ({
        about: name,
        why: server.kind === 'not_read' ? server.why : 'The server did not tell its time.',
      }));
    // Two clocks are surely apart by what lies between their intervals; the rest may be the network.
    const apart = Math.max(
      0,
      Math.max(...read.map((one) => one.clock.least)) - Math.min(...read.map((one) => one.clock.most)),
    );
    const loose = read.filter(({ kept }) => kept === false);
    const evidence = read.map(({ server, clock: { least, most } }) =>
      evidenceOf(server, `Between ${Math.round(least)} and ${Math.round(most)} ms from this computer's clock.`),
    );
    const place = servers;
    if (read.length > 1 && apart > CLOCKS_APART_MS)
      return {
        ...advise(
          apart > 10_000 ? 'critical' : 'warning',
          {
            sentence: `The clocks of the servers are at least ${spanInWords(apart)} apart.`,
            todo: 'Let chrony or systemd-timesyncd keep them by the same sources.',
            place,
          },
          evidence,
          read.map(({ name }) => name),
        ),
        notChecked: unknown,
      };
    if (loose.length > 0)
      return {
        ...advise(
          'info',
          {
            sentence: `The clock of ${namesInWords(loose.map(({ name }) => name))} is not kept by the network.`,
            todo: 'Install chrony or systemd-timesyncd.',
            place,
          },
          loose.map(({ server }) => evidenceOf(server, 'NTPSynchronized is no (timedatectl).')),
          loose.map(({ name }) => name),
        ),
        notChecked: unknown,
      };
    return {
      advice: null,
      notChecked: unknown,
      seen: `${read.length} clocks are less than ${spanInWords(CLOCKS_APART_MS)} apart.`,
    };
  },
};

/** How the parts lie on the servers, and whether those agree on the time. */
export const placementRules: readonly AdviceRule[] = [oneServer, clock];
