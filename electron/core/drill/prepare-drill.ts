import { appError, toErrorData } from '../../../shared/model/app-error';
import type { BalancersView } from '../../../shared/model/balancers/balancers';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import { hostPortOfUrl } from '../../../shared/model/connect/host-port';
import type { DrillChoice, DrillPreview, DrillServer } from '../../../shared/model/drill/drill';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { leaderOf } from '../../../shared/rules/cluster/member-facts';
import { checkDrill, type DrillFacts, type DrillTools } from '../../../shared/rules/drill/check-drill';
import { quorumNow } from '../../../shared/rules/etcd/etcd-quorum';
import { drillFingerprint } from '../../../shared/rules/drill/drill-fingerprint';
import { drillCommand, drillConsequences, switchInWords } from '../../../shared/rules/drill/drill-words';
import { balancerServersOf } from '../balancers/create-balancers';
import type { ClusterHub } from '../clusters/hub';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobEngine } from '../jobs/job-engine';
import type { Remote, RemotePool } from '../ssh/remote';
import { lookAtServer, SSH_PORT_SCRIPT, type FaultOrder } from './fault-script';
import { findWays, type PlacedBalancer } from './find-ways';
import { dataDirectoryOf, placeOfScratch } from './scratch';

/** What a drill is prepared with. */
export interface PrepareDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'entry' | 'refresh' | 'etcd'>;
  readonly remotes: RemotePool;
  readonly jobs: Pick<JobEngine, 'holder'>;
  readonly balancers: { glance(clusterId: string, serverIds: readonly string[]): Promise<BalancersView> };
  /** The address and the port of SSH of a server in the inventory; null where it is not there. */
  readonly sshPlace: (serverId: string) => { readonly host: string; readonly port: number } | null;
  /** The virtual address that a cluster was set up with, as `host:port`; null where it has none, or none is known. */
  readonly vipOf: (clusterId: string) => string | null;
  /** Whether a drill that was broken off has to be cleaned up after. */
  readonly left: boolean;
}

/** Where the fault is made. */
export interface FaultPlace {
  readonly leaderServerId: string;
  readonly restPort: number;
  readonly sshPort: number;
}

/** A drill with all that was looked at. */
export interface PreparedDrill {
  readonly preview: DrillPreview;
  readonly state: ClusterState;
  readonly place: FaultPlace;
  readonly tools: DrillTools | null;
  /** Checks the present state and etcd again; the sentence that refuses, or null. */
  readonly refusalNow: () => Promise<string | null>;
}

const REST_PORT = 8008;
const SSH_PORT = 22;
const SSH_MS = 15_000;

/** Reads the cluster, its load balancers and the leader's server, and says what a drill would do. Changes nothing. */
export async function previewDrill(deps: PrepareDeps, clusterId: string, wish: DrillChoice): Promise<PreparedDrill> {
  if (deps.hub.state(clusterId) === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  const state = await deps.hub.refresh(clusterId);
  const balancers = await lookAtBalancers(deps, state);
  const servers = balancers.map(({ server }) => server);
  const choice = {
    ...wish,
    serverId: wish.serverId ?? usualServer(servers, state),
    vip: wish.vip ?? deps.vipOf(clusterId),
  };
  const leader = leaderOf(state);
  const looked = await lookAtLeader(deps, leader, choice);
  const ways = findWays({ state, balancers, serverId: choice.serverId, vip: choice.vip });
  const factsOf = async (now: ClusterState, otherJob: string | null): Promise<DrillFacts> => ({
    state: now,
    quorum: await quorumOfEtcd(deps, clusterId),
    choice,
    ways,
    servers,
    tools: { found: looked.tools, why: looked.why },
    otherJob,
    left: deps.left,
  });
  const checks = checkDrill(await factsOf(state, deps.jobs.holder(clusterLock(clusterId))?.title ?? null));
  const fingerprint = drillFingerprint(state, choice);
  const preview: DrillPreview = {
    choice,
    leader: leader?.name ?? null,
    servers,
    ways,
    checks,
    consequences: drillConsequences(
      choice,
      leader?.name ?? 'the leader',
      switchInWords(choice.fault, choice.limitSeconds),
    ),
    command: drillCommand(choice.fault, choice.limitSeconds),
    typeToConfirm: state.production || choice.fault !== 'switchover' ? clusterName(state) : null,
    fingerprint,
    allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
  };
  return {
    preview,
    state,
    place: looked.place,
    tools: looked.tools,
    refusalNow: () => refusalOf(deps, clusterId, { fingerprint, choice, factsOf }),
  };
}

interface Shown {
  readonly fingerprint: string;
  readonly choice: DrillChoice;
  readonly factsOf: (state: ClusterState, otherJob: string | null) => Promise<DrillFacts>;
}

/** The drill itself holds the lock by now, and its record is what is left. */
async function refusalOf(
  { hub }: PrepareDeps,
  clusterId: string,
  { fingerprint, choice, factsOf }: Shown,
): Promise<string | null> {
  const state = hub.state(clusterId);
  if (state === null) return 'The cluster was removed from this app.';
  if (drillFingerprint(state, choice) !== fingerprint) return 'The cluster is not as it was when this was confirmed.';
  const checks = checkDrill({ ...(await factsOf(state, null)), left: false });
  return checks.find(({ verdict }) => verdict === 'refuses')?.sentence ?? null;
}

/** Asked of every member: what the watch knows of those that it does not talk to may be old. */
async function quorumOfEtcd({ hub }: PrepareDeps, clusterId: string): Promise<DrillFacts['quorum']> {
  const etcd = hub.etcd(clusterId);
  if (etcd === null) return { unknown: 'the app has no access to it.' };
  try {
    return quorumNow(await etcd.maintenance.read());
  } catch (thrown) {
    return { unknown: toErrorData(thrown).message };
  }
}

/** The load balancers on the servers of a cluster, with how the other servers reach each. */
export async function lookAtBalancers(
  deps: { readonly hub: Pick<ClusterHub, 'entry'> } & Pick<PrepareDeps, 'balancers' | 'sshPlace'>,
  state: ClusterState,
): Promise<readonly PlacedBalancer[]> {
  const ids = balancerServersOf(state, deps.hub.entry(state.clusterId));
  const { hosts } = await deps.balancers.glance(state.clusterId, ids);
  return hosts.flatMap((host, at) => {
    const serverId = ids[at];
    if (serverId === undefined) return [];
    const member = state.members.find((one) => one.serverId === serverId);
    const server: DrillServer = { serverId, name: host.server, member: member?.name ?? null };
    return [{ server, address: member?.host ?? deps.sshPlace(serverId)?.host ?? null, host }];
  });
}

/** The server that writes where nobody chose one. Not the leader's own: applications are elsewhere. */
export function usualServer(servers: readonly DrillServer[], { leader }: ClusterState): string | null {
  return (servers.find(({ member }) => member !== leader.holder) ?? servers[0])?.serverId ?? null;
}

interface Looked {
  readonly place: FaultPlace;
  readonly tools: DrillTools | null;
  readonly why: string | null;
}

async function lookAtLeader(deps: PrepareDeps, leader: Member | null, choice: DrillChoice): Promise<Looked> {
  const nowhere: FaultPlace = {
    leaderServerId: leader?.serverId ?? '',
    restPort: restPortOf(leader),
    sshPort: SSH_PORT,
  };
  if (leader === null) return { place: nowhere, tools: null, why: 'nobody is known to lead.' };
  if (leader.serverId === null) return { place: nowhere, tools: null, why: 'it is reached without SSH.' };
  if (choice.fault === 'switchover') return { place: nowhere, tools: null, why: null };
  try {
    const place = placeOfScratch(deps.remotes, leader);
    const sshPort = await sshPortOf(deps, place.remote, leader.serverId);
    const dataDirectory = choice.fault === 'postgres_killed' ? await dataDirectoryOf(place) : '';
    const order: FaultOrder = {
      id: '00000000',
      fault: choice.fault,
      limitSeconds: choice.limitSeconds,
      restPort: nowhere.restPort,
      dataDirectory,
      sshPort,
    };
    return { place: { ...nowhere, sshPort }, tools: await lookAtServer(place.remote, order), why: null };
  } catch (thrown) {
    return { place: nowhere, tools: null, why: toErrorData(thrown).message };
  }
}

function restPortOf(leader: Member | null): number {
  return hostPortOfUrl(leader?.apiUrl ?? '', REST_PORT)?.port ?? REST_PORT;
}

/** Where the SSH server there took the login; where it does not tell, the port that was dialled. */
async function sshPortOf({ sshPlace }: PrepareDeps, remote: Remote, serverId: string): Promise<number> {
  const { stdout } = await remote.script(SSH_PORT_SCRIPT, [], { timeoutMs: SSH_MS });
  const told = /^\d{1,5}$/.test(stdout.trim()) ? Number(stdout.trim()) : 0;
  return told > 0 ? told : (sshPlace(serverId)?.port ?? SSH_PORT);
}
