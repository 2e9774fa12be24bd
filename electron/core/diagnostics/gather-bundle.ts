import type { ClusterEvent, ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { BundleProgress } from '../../../shared/model/diagnostics/diagnostics';
import { toErrorData } from '../../../shared/model/app-error';
import { maskValues } from '../../../shared/rules/configure/member-file/mask-yaml';
import { uniqueParts } from '../../../shared/rules/diagnostics/entry-path';
import { secretsIn, secretsInFiles } from '../../../shared/rules/diagnostics/mask-secrets';
import { printHostPort } from '../../../shared/model/connect/host-port';
import { momentInWords } from '../../../shared/rules/words/wording';
import type { BalancersService } from '../balancers/create-balancers';
import type { CertificatesService } from '../certificates/create-certificates';
import { mergeFound } from '../clusters/discovery/found-config';
import type { ClusterHub } from '../clusters/hub';
import type { ClusterLogs } from '../logs/create-logs';
import type { MemberFiles } from '../member-files/create-member-files';
import { asRootOrSelf, findMemberConfig } from '../member-files/read-member-file';
import type { PostgresFactsService } from '../postgres-facts/create-postgres-facts';
import type { PostgresService } from '../postgres/create-postgres';
import type { Remote, RemotePool } from '../ssh/remote';
import type { BundleDraft } from './bundle-draft';
import { DIAGNOSTICS_SCRIPT } from './diagnostics-script';

/** What a bundle is gathered with. */
export interface GatherDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'entry' | 'events' | 'etcd'>;
  readonly remotes: RemotePool;
  readonly hasRoot: (serverId: string) => boolean;
  readonly memberFiles: Pick<MemberFiles, 'read'>;
  readonly logs: Pick<ClusterLogs, 'page'>;
  readonly postgres: Pick<PostgresService, 'replication'>;
  readonly postgresFacts: Pick<PostgresFactsService, 'settings'>;
  readonly balancers: Pick<BalancersService, 'read'>;
  readonly certificates: Pick<CertificatesService, 'read'>;
}

/** Whose bundle, and around which time its logs are; ms since the epoch. */
export interface GatherRequest {
  readonly state: ClusterState;
  readonly from: number;
  readonly before: number;
}

interface Step {
  readonly what: string;
  readonly work: () => Promise<void>;
}

const SCRIPT_MS = 150_000;
const MOST_SCRIPT_BYTES = 48 * 1024 * 1024;
/** Entries of each source of logs. */
const MOST_RECORDS = 3_000;
const MOST_EVENTS = 5_000;

/** Gathers everything into a draft, step by step; a step that fails is a gap that says why, and a stop ends it before the next one. */
export async function gatherBundle(
  deps: GatherDeps,
  request: GatherRequest,
  draft: BundleDraft,
  tell: { readonly push: (progress: BundleProgress) => void; readonly signal: AbortSignal },
): Promise<void> {
  const steps = stepsOf(deps, request, draft);
  for (const [done, { what, work }] of steps.entries()) {
    tell.signal.throwIfAborted();
    tell.push({ kind: 'gathering', done, of: steps.length, what });
    await work().catch((thrown: unknown) => draft.miss(what, toErrorData(thrown).message));
  }
  tell.signal.throwIfAborted();
}

function stepsOf(deps: GatherDeps, request: GatherRequest, draft: BundleDraft): readonly Step[] {
  const { state } = request;
  const { clusterId } = state;
  const servers = serversOf(deps, state);
  const withData = (what: string, path: string, read: () => Promise<unknown>): Step => ({
    what,
    work: async () => draft.addData(path, await read()),
  });
  return [
    { what: 'the state of the cluster', work: () => Promise.resolve(addState(deps, state, draft)) },
    ...servers.flatMap((server) => stepsOfServer(deps, { server, state, draft })),
    withData("PostgreSQL's settings", 'postgresql/settings.json', () => deps.postgresFacts.settings(clusterId, true)),
    withData('replication and slots', 'postgresql/replication.json', () => deps.postgres.replication(clusterId)),
    withData('the load balancers', 'load-balancers.json', () => deps.balancers.read(clusterId)),
    withData('the certificates', 'certificates.json', () => deps.certificates.read(clusterId)),
    { what: 'etcd', work: () => addEtcd(deps, state, draft) },
    { what: 'the logs', work: () => addLogs(deps, request, draft, servers) },
  ];
}

interface BundleServer {
  readonly serverId: string;
  readonly member: string | null;
  readonly part: string;
  /** null: it is not in the inventory. */
  readonly remote: Remote | null;
}

function serversOf({ hub, remotes }: GatherDeps, state: ClusterState): readonly BundleServer[] {
  const entry = hub.entry(state.clusterId);
  const members = new Map(
    state.members.flatMap(({ serverId, name }) => (serverId === null ? [] : [[serverId, name] as const])),
  );
  const ofEtcd = (entry?.etcd?.endpoints ?? []).flatMap(({ serverId }) => serverId ?? []);
  const ids = [...new Set([...members.keys(), ...ofEtcd, ...(entry?.balancerServers ?? [])])];
  const found = ids.map((serverId) => ({
    serverId,
    member: members.get(serverId) ?? null,
    remote: remoteOf(remotes, serverId),
  }));
  const parts = uniqueParts(found.map(({ serverId, remote, member }) => remote?.name ?? member ?? serverId));
  return found.map((server, index) => ({ ...server, part: parts[index] ?? server.serverId }));
}

function remoteOf(remotes: RemotePool, serverId: string): Remote | null {
  try {
    return remotes.remote(serverId);
  } catch {
    return null;
  }
}

/** The state as the page has it, its configuration without secrets, and what was recorded. */
function addState({ hub }: GatherDeps, state: ClusterState, draft: BundleDraft): void {
  const config = state.config === null ? null : { ...state.config, raw: maskValues(state.config.raw) };
  draft.hide(secretsIn(state.config?.raw ?? {}));
  draft.addData('cluster/state.json', { ...state, config });
  draft.addData('cluster/dynamic-configuration.json', config?.raw ?? null);
  draft.addData('cluster/findings.json', state.findings);
  draft.addData('cluster/timelines.json', state.history);
  draft.add('cluster/events.txt', hub.events(state.clusterId, MOST_EVENTS).map(eventLine).join(''));
  for (const { name, serverId } of state.members)
    if (serverId === null) draft.miss(`${name}: its server`, 'It is reached without SSH.');
}

function eventLine({ at, severity, member, sentence }: ClusterEvent): string {
  return `${momentInWords(at)} ${severity} ${member ?? '-'} ${sentence.replaceAll('\n', ' ')}\n`;
}

interface ServerWork {
  readonly server: BundleServer;
  readonly state: ClusterState;
  readonly draft: BundleDraft;
}

function stepsOfServer(deps: GatherDeps, work: ServerWork): readonly Step[] {
  const { server, state, draft } = work;
  const { member, remote, part, serverId } = server;
  if (remote === null)
    return [{ what: part, work: () => Promise.resolve(draft.miss(part, 'This server is not in the inventory.')) }];
  const asRoot = deps.hasRoot(serverId);
  const ofMember: readonly Step[] =
    member === null
      ? []
      : [
          { what: `${part}: patroni.yml`, work: () => addMemberFile(deps, work, member) },
          {
            what: `${part}: the secrets to mask`,
            work: async () => {
              const found = await findMemberConfig({ state, member, remote, asRoot });
              const merged = mergeFound(found);
              const whole = merged.kind === 'config' ? merged.config : {};
              draft.hide([...secretsIn(whole), ...secretsIn(found.env)]);
              draft.name(usernamesIn(whole));
            },
          },
        ];
  return [...ofMember, { what: `${part}: system and configuration`, work: () => addServer(work, remote, asRoot) }];
}

async function addMemberFile(
  { memberFiles }: GatherDeps,
  { server, state, draft }: ServerWork,
  member: string,
): Promise<void> {
  const view = await memberFiles.read(state.clusterId, member);
  const parts = uniqueParts(view.files.map(({ path }) => path.split('/').at(-1) ?? path));
  for (const [index, file] of view.files.entries()) {
    if (file.text === null) draft.miss(`${server.part}: ${file.path}`, file.locked ?? 'It could not be read.');
    else draft.add(`servers/${server.part}/patroni/${parts[index] ?? 'patroni.yml'}`, file.text);
  }
  const { environment, merged, startedWith, user, mergedBy, refused } = view;
  draft.addData(`servers/${server.part}/patroni/started-with.json`, {
    startedWith,
    user,
    mergedBy,
    refused,
    environment,
  });
  if (merged !== null) draft.add(`servers/${server.part}/patroni/as-patroni-reads-it.yml`, merged);
}

/** The names of users in a configuration: they stand everywhere, also where somebody took one for a password. */
function usernamesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) =>
    typeof inside === 'string' && /^(?:user|username|name|scope)$/.test(key) ? [inside] : usernamesIn(inside),
  );
}

async function addServer({ server, draft }: ServerWork, remote: Remote, asRoot: boolean): Promise<void> {
  const { stdout } = await asRootOrSelf(asRoot, (sudo) =>
    remote.script(DIAGNOSTICS_SCRIPT, [], { timeoutMs: SCRIPT_MS, maxOutputBytes: MOST_SCRIPT_BYTES, sudo }),
  );
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) {
    const [, word, name = '', text = ''] = /^(part|denied) ([\w./-]+)(?: (\S+))?$/.exec(line) ?? [];
    if (name.includes('..')) continue;
    if (word === 'denied') draft.miss(`${server.part}: ${name}`, 'The user that this app logs in as may not read it.');
    if (word !== 'part') continue;
    const content = Buffer.from(text, 'base64').toString('utf8');
    if (/^(?:pgbouncer|haproxy|keepalived)\//.test(name)) draft.hide(secretsInFiles(content));
    draft.add(`servers/${server.part}/${name}`, content);
  }
  if (lines.at(-1) !== 'end') draft.miss(`${server.part}: the rest`, 'Its answer was cut off.');
}

async function addEtcd({ hub }: GatherDeps, { clusterId }: ClusterState, draft: BundleDraft): Promise<void> {
  const etcd = hub.etcd(clusterId);
  if (etcd === null) return draft.miss('etcd', 'This app has no access to the etcd of the cluster.');
  draft.addData('etcd/members.json', await etcd.maintenance.read());
  const endpoints = (hub.entry(clusterId)?.etcd?.endpoints ?? []).map(printHostPort);
  draft.add('etcd/endpoints.txt', `${endpoints.join('\n')}\n`);
}

async function addLogs(
  { logs }: GatherDeps,
  { state, from, before }: GatherRequest,
  draft: BundleDraft,
  servers: readonly BundleServer[],
): Promise<void> {
  const page = await logs.page(state.clusterId, { from, before, most: MOST_RECORDS });
  for (const { member, sentence } of page.gaps) draft.miss(`the logs of ${member}`, sentence);
  for (const { serverId, part } of servers) {
    const own = page.records.filter((record) => record.serverId === serverId);
    const lines = own.map((record) => {
      const cut = record.cutBytes === 0 ? '' : ` (${record.cutBytes} bytes left out)`;
      return `${new Date(record.at).toISOString()} ${record.service} ${record.level} ${record.text}${cut}\n`;
    });
    draft.add(`logs/${part}.txt`, lines.join(''));
  }
  draft.add(
    'logs/all-servers.txt',
    page.records
      .map(
        ({ at, member, service, level, text }) =>
          `${new Date(at).toISOString()} ${member} ${service} ${level} ${text}\n`,
      )
      .join(''),
  );
  if (page.from > from && !page.atEnd)
    draft.miss('the logs', `Only the newest lines since ${momentInWords(page.from)} are in it: there are too many.`);
}
