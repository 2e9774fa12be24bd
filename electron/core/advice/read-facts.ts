import { z } from 'zod';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { Reading } from '../../../shared/model/advice/advice';
import type {
  AdviceAccess,
  AdviceFacts,
  BackupsAdviceFacts,
  MemberAdviceFacts,
  OwnConfigAdviceFacts,
  PostgresAdviceFacts,
  RoleAdviceFacts,
  ServerAdviceFacts,
} from '../../../shared/model/advice/advice-facts';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import type { MemberSettings } from '../../../shared/model/configure/server-settings';
import type { EtcdReading } from '../../../shared/model/etcd/etcd-view';
import { parameterOf } from '../../../shared/rules/advice/advice-rule';
import { mergeFound } from '../clusters/discovery/found-config';
import type { ClusterHub } from '../clusters/hub';
import { asRootOrSelf, findMemberConfig } from '../member-files/read-member-file';
import { LATE, settleWithin } from '../platform/wait';
import type { PostgresFactsService } from '../postgres-facts/create-postgres-facts';
import { placeOfMember } from '../postgres/member-place';
import { rowsOfAnswer } from '../postgres/sql-session';
import type { RemotePool } from '../ssh/remote';
import { ADVICE_SCRIPT } from './advice-script';
import { ownConfigFacts } from './own-config-facts';
import { formOfVerifier, whyNotCompared, whyWeakVerifier } from './weak-passwords';

/** What a cluster is read with. `limitMs`: no part takes longer. */
export interface ReadFactsDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'entry' | 'etcd' | 'refresh'>;
  readonly remotes: RemotePool;
  readonly now: () => number;
  readonly postgresFacts: PostgresFactsService;
  /** The backups of a cluster, as the Backups view reads them. */
  readonly readBackups: (clusterId: string) => Promise<BackupsAdviceFacts>;
  /** Whether there is a way to become root on a server. */
  readonly hasRoot: (serverId: string) => boolean;
  readonly limitMs?: number;
}

/** Called with what has been read so far, and what was read last. */
export type OnProgress = (done: number, of: number, doing: string) => void;

const LIMIT_MS = 45_000;
const SCRIPT_MS = 20_000;
const STATEMENT_MS = 10_000;

/** Why a part could not be read, in a sentence. */
function whyNot(thrown: unknown): string {
  return toErrorData(thrown).message;
}

/** Reads every part of a cluster at the same time. What cannot be read says why; only a cluster that is unknown or on hold rejects. */
export async function readAdviceFacts(
  deps: ReadFactsDeps,
  clusterId: string,
  onProgress: OnProgress,
): Promise<AdviceFacts> {
  const entry = deps.hub.entry(clusterId);
  if (entry === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  if (entry.onHold === true)
    throw appError(
      'advice.on_hold',
      'This cluster came from a file, and nothing of it is contacted before you agree.',
      {
        hint: 'Agree on its page, then check it.',
      },
    );
  // Who leads and what is configured is seen anew, and not as it was when the cluster was last looked at.
  const state = await deps.hub.refresh(clusterId);
  const steps = stepsOf(deps, state, onProgress);
  const postgres = steps.run('the settings of PostgreSQL', async () => deps.postgresFacts.settings(clusterId, true));
  const [etcd, roles, backups, members] = await Promise.all([
    steps.run('etcd', () => readEtcd(deps, clusterId)),
    steps.run('the roles of PostgreSQL', () => readRoles(deps, state)),
    steps.run('the backups', () => deps.readBackups(clusterId)),
    Promise.all(
      state.members.map(async (member): Promise<MemberAdviceFacts> => {
        const own = steps.run(`patroni.yml of ${member.name}`, () => readOwn(deps, state, member));
        const settings = postgresOf(await postgres, member.name);
        return {
          name: member.name,
          postgres: settings,
          own: await own,
          server: await steps.run(`the server of ${member.name}`, () =>
            readServer(deps, member, dataDirectoryOf(settings), own),
          ),
        };
      }),
    ),
  ]);
  const access = accessOf(entry);
  return { state: deps.hub.state(clusterId) ?? state, access, members, etcd, roles, backups, now: deps.now() };
}

interface Steps {
  run<T>(what: string, read: () => Promise<Reading<T> | T>): Promise<Reading<T>>;
}

/** Counts the parts, and gives up on one that takes too long. */
function stepsOf(deps: ReadFactsDeps, { members }: ClusterState, onProgress: OnProgress): Steps {
  const of = 4 + 2 * members.length;
  let done = 0;
  const limitMs = deps.limitMs ?? LIMIT_MS;
  onProgress(0, of, '');
  return {
    run: async <T>(what: string, read: () => Promise<Reading<T> | T>): Promise<Reading<T>> => {
      const reading = read().then(
        (value): Reading<T> => (isReading(value) ? value : { kind: 'read', value, where: what, at: deps.now() }),
        (thrown: unknown): Reading<T> => ({ kind: 'not_read', why: whyNot(thrown) }),
      );
      const answer = await settleWithin(limitMs, reading);
      done += 1;
      onProgress(done, of, what);
      return answer === LATE
        ? { kind: 'not_read', why: `Reading ${what} took longer than ${limitMs / 1000} s.` }
        : answer;
    },
  };
}

function isReading<T>(value: Reading<T> | T): value is Reading<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'read' || value.kind === 'not_read')
  );
}

function accessOf({ etcd, prometheus, balancerServers }: ClusterEntry): AdviceAccess {
  return {
    etcd:
      etcd === null
        ? null
        : { tls: etcd.tls !== null, login: etcd.auth !== null, certificate: etcd.tls?.cert !== undefined },
    prometheus: prometheus !== undefined,
    balancerServers: balancerServers?.length ?? 0,
  };
}

async function readEtcd({ hub }: ReadFactsDeps, clusterId: string): Promise<Reading<EtcdReading>> {
  const client = hub.etcd(clusterId);
  if (client === null)
    return { kind: 'not_read', why: 'The app has no access to the etcd of this cluster, or its DCS is another one.' };
  const reading = await client.maintenance.read();
  if (reading.members.length === 0) return { kind: 'not_read', why: 'No member of etcd answered.' };
  return { kind: 'read', value: reading, where: 'etcd', at: reading.asOf };
}

function postgresOf(
  answer: Reading<Awaited<ReturnType<PostgresFactsService['settings']>>>,
  member: string,
): Reading<PostgresAdviceFacts> {
  if (answer.kind === 'not_read') return answer;
  const { members } = answer.value;
  const settings: MemberSettings | undefined = Object.hasOwn(members, member) ? members[member] : undefined;
  if (settings === undefined) return { kind: 'not_read', why: `${member} was not a member when PostgreSQL was asked.` };
  if (settings.kind === 'unknown') return { kind: 'not_read', why: settings.error.message };
  const { version, values, hba, clients, asOf } = settings;
  const receivers = clients.filter(({ replication }) => replication).map(({ application }) => application);
  return { kind: 'read', value: { version, values, hba, receivers }, where: `PostgreSQL of ${member}`, at: asOf };
}

function dataDirectoryOf(settings: Reading<PostgresAdviceFacts>): string {
  return settings.kind === 'read' ? (parameterOf(settings.value, 'data_directory') ?? '') : '';
}

async function readOwn(
  deps: ReadFactsDeps,
  state: ClusterState,
  member: Member,
): Promise<Reading<OwnConfigAdviceFacts>> {
  const serverId = serverOf(member);
  const remote = deps.remotes.remote(serverId);
  const found = await findMemberConfig({ state, member: member.name, remote, asRoot: deps.hasRoot(serverId) });
  const merged = mergeFound(found);
  const path = found.path === '' ? 'the environment of Patroni' : found.path;
  if (merged.kind === 'refused') return { kind: 'not_read', why: `${path} of ${member.name} does not read as YAML.` };
  return {
    kind: 'read',
    value: ownConfigFacts(path, merged.config),
    where: `${path} on ${remote.name}`,
    at: deps.now(),
  };
}

function serverOf({ name, serverId }: Member): string {
  if (serverId !== null) return serverId;
  throw appError('operation.no_ssh', `${name} is reached without SSH, so its server cannot be looked at from here.`, {
    target: name,
  });
}

async function readServer(
  deps: ReadFactsDeps,
  member: Member,
  dataDirectory: string,
  own: Promise<Reading<OwnConfigAdviceFacts>>,
): Promise<Reading<ServerAdviceFacts>> {
  const serverId = serverOf(member);
  const remote = deps.remotes.remote(serverId);
  const config = await own;
  const device = config.kind === 'read' ? config.value.watchdogDevice : '/dev/watchdog';
  // The connection is there before the time is taken.
  await remote.run(['true'], { timeoutMs: SCRIPT_MS });
  const sentAt = deps.now();
  const answer = await asRootOrSelf(deps.hasRoot(serverId), (sudo) =>
    remote.script(ADVICE_SCRIPT, [dataDirectory, device], { timeoutMs: SCRIPT_MS, sudo }),
  );
  const facts = readServerFacts(answer.stdout, remote.name, { sentAt, receivedAt: deps.now() });
  return { kind: 'read', value: facts, where: remote.name, at: deps.now() };
}

/** Reads what the script printed. Throws `ssh.command_failed` where it was cut off. */
export function readServerFacts(
  output: string,
  server: string,
  { sentAt, receivedAt }: { readonly sentAt: number; readonly receivedAt: number },
): ServerAdviceFacts {
  const lines = output.split('\n').flatMap((line) => {
    const at = line.indexOf(' ');
    return at < 1 ? [] : [[line.slice(0, at), Buffer.from(line.slice(at + 1), 'base64').toString('utf8')] as const];
  });
  const parts = new Map(lines);
  if (parts.get('end') !== 'yes')
    throw appError('advice.incomplete', `What ${server} says of itself is incomplete.`, {
      target: server,
      hint: 'Read the cluster again.',
      retryable: true,
    });
  const word = (name: string): string | null => {
    const text = parts.get(name);
    return text === undefined || text === '' ? null : text;
  };
  return {
    server,
    machineId: word('machine'),
    clock: clockOf(word('clock'), { sentAt, receivedAt }),
    clockKept: word('kept') === null ? null : word('kept') === 'yes',
    etcdDevice: word('etcd-device'),
    dataDevice: word('data-device'),
    etcdRuns: parts.has('runs-etcd'),
    haproxyRuns: parts.has('runs-haproxy'),
    pgbouncerRuns: parts.has('runs-pgbouncer'),
    watchdogThere: word('watchdog') === null ? null : word('watchdog') === 'yes',
    backupTools: lines.flatMap(([name, text]) => (name === 'backup' ? [text] : [])).slice(0, 20),
  };
}

/** The server read its clock at some moment between the two: its clock less this one's lies between these. */
function clockOf(
  nanoseconds: string | null,
  { sentAt, receivedAt }: { readonly sentAt: number; readonly receivedAt: number },
): ServerAdviceFacts['clock'] {
  if (nanoseconds === null || !/^\d{16,20}$/.test(nanoseconds)) return null;
  const at = Number(nanoseconds.slice(0, -6));
  return { least: at - receivedAt, most: at - sentAt };
}

const roleRow = z.object({ name: z.string(), superuser: z.boolean(), replication: z.boolean(), verifier: z.string() });
/** The demo knows the question by its name. */
const ROLES_QUESTION = 'adviceRoles';
const MOST_ROLES = 60;
/** Comparing passwords may take so long, ms. */
const COMPARE_MS = 20_000;

/** The roles that log in, the mighty ones first. Their verifiers are compared here and go nowhere else. */
async function readRoles(deps: ReadFactsDeps, state: ClusterState): Promise<Reading<readonly RoleAdviceFacts[]>> {
  const leader = state.leader.holder ?? state.members.find(({ primarySeen }) => primarySeen === true)?.name;
  if (leader === undefined)
    return { kind: 'not_read', why: 'The cluster has no leader whose PostgreSQL could be asked for its roles.' };
  const place = placeOfMember({ ...deps, login: () => null }, state.clusterId, leader);
  const answers = await place.session.visit({
    database: 'postgres',
    questions: [
      {
        name: ROLES_QUESTION,
        sql:
          `SELECT rolname AS name, rolsuper AS superuser, rolreplication AS replication, coalesce(rolpassword, '') AS verifier ` +
          `FROM pg_catalog.pg_authid WHERE rolcanlogin AND rolname !~ '^pg_' ` +
          `ORDER BY rolsuper DESC, rolreplication DESC, rolname LIMIT ${MOST_ROLES}`,
        access: 'read',
      },
    ],
    statementMs: STATEMENT_MS,
  });
  const rows = rowsOfAnswer(answers.get(ROLES_QUESTION), roleRow, leader);
  const value: RoleAdviceFacts[] = [];
  const until = deps.now() + COMPARE_MS;
  for (const { name, superuser, replication, verifier } of rows) {
    const late = deps.now() > until ? 'There are more roles than could be compared in time.' : null;
    const notCompared = whyNotCompared(verifier) ?? late;
    const weak = notCompared === null ? await whyWeakVerifier(name, verifier) : null;
    value.push({ name, superuser, replication, form: formOfVerifier(verifier), weak, notCompared });
  }
  return { kind: 'read', value, where: `PostgreSQL of ${leader}`, at: deps.now() };
}
