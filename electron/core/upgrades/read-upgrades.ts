import { z } from 'zod';
import { hasCode, toErrorData } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Server } from '../../../shared/model/connect/server';
import { hostOfUrl, isSameHost } from '../../../shared/model/connect/host-port';
import type {
  MemberWork,
  OldestTransaction,
  ServerPackages,
  UpgradesView,
} from '../../../shared/model/upgrade/upgrade';
import { workQuestions } from '../../../shared/rules/upgrade/work-questions';
import { balancerServersOf } from '../balancers/create-balancers';
import type { ClusterHub } from '../clusters/hub';
import { askCatalog } from '../postgres/ask-catalog';
import { placeOfMember, stateOfCluster, type PlaceDeps } from '../postgres/member-place';
import { rowsOfAnswer } from '../postgres/sql-session';
import type { Remote, RemotePool, RunOptions, RunResult } from '../ssh/remote';
import { PACKAGES_SCRIPT } from './packages-script';
import { readPackages } from './read-packages';

/** What the versions of a cluster are read with. */
export interface UpgradeReadDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'entry'>;
  readonly remotes: RemotePool;
  readonly server: (serverId: string) => Server | undefined;
  readonly login: PlaceDeps['login'];
  readonly now: () => number;
}

const READ_MS = 30_000;
const MOST_BYTES = 1024 * 1024;

/** Asks every server over SSH, and PostgreSQL of every member; reads only. Rejects with `operation.unknown_cluster`. */
export async function readUpgrades(deps: UpgradeReadDeps, clusterId: string): Promise<UpgradesView> {
  const state = stateOfCluster(deps, clusterId);
  const serverIds = serversOf(state, deps.hub.entry(clusterId));
  const [servers, work] = await Promise.all([
    Promise.all(serverIds.map((serverId) => readServer(deps, state, serverId))),
    Promise.all(state.members.map(({ name }) => workOf(deps, clusterId, name))),
  ]);
  return { servers, work, asOf: deps.now() };
}

/** The servers of members, of load balancers that were named, and of members of etcd. */
function serversOf(state: ClusterState, entry: ClusterEntry | null): readonly string[] {
  const ofEtcd = (entry?.etcd?.endpoints ?? []).flatMap(({ serverId }) => (serverId === null ? [] : [serverId]));
  return [...new Set([...balancerServersOf(state, entry), ...ofEtcd])];
}

/** What one server has of a cluster's programs; one that does not answer has its error. */
export async function readServer(
  deps: UpgradeReadDeps,
  state: ClusterState,
  serverId: string,
): Promise<ServerPackages> {
  const server = deps.server(serverId)?.name ?? serverId;
  const etcdMembers = etcdMembersOn(deps, state, serverId);
  const known = { serverId, server, etcdMembers };
  try {
    const { stdout } = await asRoot(deps.remotes.remote(serverId));
    return { ...known, error: null, ...readPackages(server, stdout) };
  } catch (thrown) {
    return { ...known, error: toErrorData(thrown), packages: [], outdatedProcesses: null, listsAgeMs: null };
  }
}

/** By the addresses at which clients reach them. */
function etcdMembersOn({ server }: UpgradeReadDeps, state: ClusterState, serverId: string): readonly string[] {
  const own = [
    server(serverId)?.host,
    ...state.members.filter((one) => one.serverId === serverId).map((one) => one.host),
  ];
  const hosts = own.flatMap((host) => (host == null ? [] : [host]));
  const members = state.dcs.kind === 'live' || state.dcs.kind === 'no_quorum' ? state.dcs.members : [];
  return members
    .filter(({ clientUrls }) => clientUrls.some((url) => hosts.some((host) => isSameHost(hostOfUrl(url) ?? '', host))))
    .map(({ name }) => name);
}

/** Another user's processes are closed to most; where the login user may not become root, the packages are read all the same. */
async function asRoot(remote: Remote): Promise<RunResult> {
  const options: RunOptions = { timeoutMs: READ_MS, maxOutputBytes: MOST_BYTES };
  try {
    return await remote.script(PACKAGES_SCRIPT, [], { ...options, sudo: true });
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.sudo_not_allowed')) throw thrown;
    return remote.script(PACKAGES_SCRIPT, [], options);
  }
}

const transactionRow = z.object({ oldestMs: z.number().nullable(), seesAll: z.boolean() });
const backupRow = z.object({ running: z.number(), seesAll: z.boolean() });

async function workOf(deps: UpgradeReadDeps, clusterId: string, member: string): Promise<MemberWork> {
  try {
    const { answers } = await askCatalog(placeOfMember(deps, clusterId, member), workQuestions, deps.now);
    const [transaction] = rowsOfAnswer(answers.get('oldestTransaction'), transactionRow, member);
    const [backup] = rowsOfAnswer(answers.get('runningBackups'), backupRow, member);
    return {
      member,
      error: null,
      oldestTransaction: oldestOf(transaction),
      backups: backup?.seesAll === true ? backup.running : null,
    };
  } catch (thrown) {
    return { member, error: toErrorData(thrown), oldestTransaction: { kind: 'unknown' }, backups: null };
  }
}

function oldestOf(row: z.infer<typeof transactionRow> | undefined): OldestTransaction {
  if (row?.seesAll !== true) return { kind: 'unknown' };
  return row.oldestMs === null ? { kind: 'none' } : { kind: 'open', ms: Math.max(0, row.oldestMs) };
}
