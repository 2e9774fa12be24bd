import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { ReportedFigures } from '../../../shared/model/alerts/figure';
import { addReading } from '../../../shared/rules/vitals/disk-forecast';
import {
  VITALS_SOURCE,
  vitalsFigures,
  type FollowedDisk,
  type OldestDatabase,
} from '../../../shared/rules/vitals/vitals-figures';
import type { ClusterHub } from '../clusters/hub';
import type { PostgresService } from '../postgres/create-postgres';
import type { RemotePool } from '../ssh/remote';
import { readDisks } from '../vitals/read-disks';
import type { Round } from './round';

/** What disks and the age of transactions are looked at with. */
export interface VitalsRoundDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'entry' | 'report'>;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly postgres: Pick<PostgresService, 'oldestDatabase'>;
  /** Whether a server can be asked now without a connection being opened or the user being asked. */
  readonly mayAsk: (serverId: string) => boolean;
  readonly hasRoot: (serverId: string) => boolean;
  readonly now: () => number;
}

const EVERY_MS = 2 * 60_000;
/** A simulated server costs nothing to ask, and who tries the demo waits for it. */
const EVERY_IN_DEMO_MS = 10_000;
const DEFAULT_PORT = 5432;

interface Followed {
  readonly disks: ReadonlyMap<string, FollowedDisk>;
  readonly subjects: readonly string[];
}

const nothingFollowed: Followed = { disks: new Map(), subjects: [] };

/**
 * The disks of the servers of a cluster and the age of its oldest transactions, every two minutes: a few `df` on each server, and one visit
 * to the leader. Nothing is found by it: the figures are for alerts. A server that was not asked keeps what was known of it, unseen.
 */
export function vitalsRound(deps: VitalsRoundDeps): Round {
  const followed = new Map<string, Followed>();
  return {
    source: VITALS_SOURCE,
    rule: { tellAfter: 1, takeBackAfter: 1 },
    everyMs: ({ origin }) => (origin === 'demo' ? EVERY_IN_DEMO_MS : EVERY_MS),
    look: async ({ id }) => {
      const state = deps.hub.state(id);
      if (state === null) return null;
      const servers = serversOf(state, deps);
      if (!servers.some(({ serverId }) => deps.mayAsk(serverId))) return null;
      const before = followed.get(id) ?? nothingFollowed;
      const { figures, after } = await measure(deps, { id, state, servers, before });
      followed.set(id, after);
      deps.hub.report(id, VITALS_SOURCE, { findings: [], figures, asOf: deps.now(), isSettled: true });
      return null;
    },
  };
}

interface DiskServer {
  readonly serverId: string;
  readonly name: string;
  readonly port: number;
}

function serversOf(state: ClusterState, { hub, remotes }: VitalsRoundDeps): readonly DiskServer[] {
  const ofMembers = new Map(
    state.members.flatMap(({ serverId, port }) => (serverId === null ? [] : [[serverId, port] as const])),
  );
  const ofEtcd = (hub.entry(state.clusterId)?.etcd?.endpoints ?? []).flatMap(({ serverId }) => serverId ?? []);
  return [...new Set([...ofMembers.keys(), ...ofEtcd])].flatMap((serverId) => {
    try {
      return [{ serverId, name: remotes.remote(serverId).name, port: ofMembers.get(serverId) ?? DEFAULT_PORT }];
    } catch {
      return [];
    }
  });
}

interface Measuring {
  readonly id: string;
  readonly state: ClusterState;
  readonly servers: readonly DiskServer[];
  readonly before: Followed;
}

async function measure(
  deps: VitalsRoundDeps,
  { id, state, servers, before }: Measuring,
): Promise<{ readonly figures: ReportedFigures; readonly after: Followed }> {
  const [read, oldest] = await Promise.all([
    Promise.all(servers.map(async (server) => ({ server, disks: await disksOf(deps, server) }))),
    oldestOf(deps, id, state),
  ]);
  const disks = read.flatMap(({ server, disks: shown }) =>
    (shown ?? []).map(({ mount, uses, size, free }): FollowedDisk => {
      const known = before.disks.get(`${server.serverId} ${mount}`)?.readings ?? [];
      return { server: server.name, mount, uses, readings: addReading(known, { at: deps.now(), size, free }) };
    }),
  );
  const unseenServers = read.flatMap(({ server, disks: shown }) => (shown === null ? [server.name] : []));
  const figures = vitalsFigures({ disks, oldest, unseenServers, known: before.subjects });
  const byKey = read.flatMap(({ server }) =>
    disks
      .filter((disk) => disk.server === server.name)
      .map((disk) => [`${server.serverId} ${disk.mount}`, disk] as const),
  );
  const subjects = [...new Set([...figures.figures.map(({ subject }) => subject), ...figures.unseen])];
  return { figures, after: { disks: new Map([...before.disks, ...byKey]), subjects } };
}

/** null: the server was not asked, or did not answer. */
function disksOf(
  { remotes, mayAsk, hasRoot }: VitalsRoundDeps,
  { serverId, port }: DiskServer,
): Promise<Awaited<ReturnType<typeof readDisks>> | null> {
  if (!mayAsk(serverId)) return Promise.resolve(null);
  return readDisks(remotes.remote(serverId), port, hasRoot(serverId)).catch(() => null);
}

async function oldestOf(
  { postgres, mayAsk }: VitalsRoundDeps,
  id: string,
  state: ClusterState,
): Promise<OldestDatabase | null> {
  const leader = state.members.find(({ name }) => name === state.leader.holder);
  if (leader === undefined || leader.serverId === null || !mayAsk(leader.serverId)) return null;
  return postgres.oldestDatabase(id, leader.name).catch(() => null);
}
