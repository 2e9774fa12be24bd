import { join } from 'node:path';
import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { EtcdAction, EtcdActionPreview } from '../../../shared/model/etcd/etcd-action';
import type { EtcdKeys, EtcdReading, EtcdScope, EtcdView } from '../../../shared/model/etcd/etcd-view';
import type { Job } from '../../../shared/model/operate/job';
import type { OperationCheck } from '../../../shared/model/operate/operation';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { namespacePath, scopePrefix } from '../../../shared/rules/cluster/scope-prefix';
import { checkEtcdAction } from '../../../shared/rules/etcd/etcd-checks';
import { etcdFingerprint } from '../../../shared/rules/etcd/etcd-members';
import {
  etcdActionTarget,
  etcdActionTitle,
  etcdConsequences,
  etcdctlCommand,
} from '../../../shared/rules/etcd/etcd-words';
import type { ClusterHub } from '../clusters/hub';
import type { EtcdClient } from '../etcd/etcd-client';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import { phasesOfAction, runEtcdAction } from './run-action';

/** What the service works with. `clusters` are those of the inventory; snapshots without a file of their own go to `directory`. */
export interface EtcdAdminDeps {
  readonly hub: Pick<ClusterHub, 'etcd' | 'entry' | 'state' | 'record'>;
  readonly jobs: JobEngine;
  readonly clusters: () => readonly ClusterEntry[];
  readonly now: () => number;
  readonly directory: string;
}

/** A confirmed action. `fingerprint` comes from the preview, `typed` is what the user typed where asked. */
export interface EtcdActRequest {
  readonly clusterId: string;
  readonly action: EtcdAction;
  readonly fingerprint: string;
  readonly typed: string | null;
  readonly requestId: string;
}

/** The etcd of a cluster. All reject with `etcd.not_configured` where the app has no access to it, and with `etcd.*`. */
export interface EtcdAdmin {
  look(clusterId: string): Promise<EtcdView>;
  keys(clusterId: string): Promise<EtcdKeys>;
  preview(clusterId: string, action: EtcdAction): Promise<EtcdActionPreview>;
  /**
   * Starts a job. Rejects, with nothing sent, with `operation.read_only`, `operation.state_changed`, `operation.not_confirmed`,
   * `job.busy`, or the code of the check that refuses.
   */
  act(request: EtcdActRequest): Promise<Job>;
}

const MOST_SCOPE_KEYS = 20_000;

/** Makes the service. */
export function createEtcdAdmin(deps: EtcdAdminDeps): EtcdAdmin {
  /** The etcd clusters that an action works on now: several clusters of Patroni may share one. */
  const atWork = new Set<string>();
  return {
    look: async (clusterId) => {
      const { entry, client } = placeOf(deps, clusterId);
      const [reading, scopes] = await Promise.all([client.maintenance.read(), scopesOf(deps, entry, client)]);
      return { ...reading, scopes };
    },
    keys: async (clusterId) => {
      const { entry, client } = placeOf(deps, clusterId);
      const prefix = scopePrefix(entry.namespace, entry.scope, entry.citusGroup);
      const { entries, revision } = await client.range(prefix);
      const rows = entries.map(({ key, ...rest }) => ({ name: key.slice(prefix.length), ...rest }));
      return { prefix, revision, asOf: deps.now(), rows };
    },
    preview: async (clusterId, action) => (await previewed(deps, clusterId, action)).preview,
    act: (request) => act(deps, atWork, request),
  };
}

function placeOf(
  { hub }: EtcdAdminDeps,
  clusterId: string,
): { readonly entry: ClusterEntry; readonly client: EtcdClient } {
  const [entry, client] = [hub.entry(clusterId), hub.etcd(clusterId)];
  if (entry === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  if (client === null)
    throw appError('etcd.not_configured', 'The app has no access to the etcd of this cluster.', {
      hint: 'Add the addresses of its etcd members in the settings of the cluster.',
    });
  return { entry, client };
}

/** The clusters with keys in this etcd: those below the namespace, and those of the app that use one of its addresses. */
async function scopesOf(deps: EtcdAdminDeps, entry: ClusterEntry, client: EtcdClient): Promise<readonly EtcdScope[]> {
  const known = deps.clusters().filter((other) => other.id === entry.id || sharesEtcd(other, entry));
  const rows = known.map((one) => ({ namespace: one.namespace, scope: scopeInEtcd(one), clusterId: one.id }));
  const path = namespacePath(entry.namespace).replaceAll(/\/+/g, '/');
  const keys = await client.keys(path, MOST_SCOPE_KEYS).catch(() => []);
  const names = new Set(keys.flatMap((key) => /^(.+)\/(?:config|initialize)$/.exec(key.slice(path.length))?.[1] ?? []));
  const isKnown = (scope: string): boolean => rows.some((row) => row.scope === scope);
  const others = [...names].filter((scope) => !isKnown(scope));
  return [...rows, ...others.map((scope) => ({ namespace: entry.namespace, scope, clusterId: null }))];
}

/** A scope as it stands below its namespace, with the group of a Citus cluster. */
function scopeInEtcd({ scope, citusGroup }: ClusterEntry): string {
  return citusGroup === undefined ? scope : `${scope}/${citusGroup}`;
}

/**
 * The clusters of the app that this etcd may hold: those whose addresses say so, and those with the name of a scope in it. One etcd has
 * many addresses, so that a name is enough to be careful.
 */
function clustersIn(deps: EtcdAdminDeps, scopes: readonly EtcdScope[]): readonly ClusterEntry[] {
  const path = (namespace: string): string => namespacePath(namespace).replaceAll(/\/+/g, '/');
  return deps
    .clusters()
    .filter((one) =>
      scopes.some(
        ({ clusterId, namespace, scope }) =>
          clusterId === one.id || (path(namespace) === path(one.namespace) && scope === scopeInEtcd(one)),
      ),
    );
}

function sharesEtcd(one: ClusterEntry, other: ClusterEntry): boolean {
  const addresses = (entry: ClusterEntry): readonly string[] =>
    (entry.etcd?.endpoints ?? []).map(({ host, port, serverId }) =>
      ['127.0.0.1', 'localhost', '::1'].includes(host) ? `${serverId ?? ''} ${host} ${port}` : `${host} ${port}`,
    );
  const mine = new Set(addresses(one));
  return addresses(other).some((address) => mine.has(address));
}

interface Previewed {
  readonly entry: ClusterEntry;
  readonly client: EtcdClient;
  readonly reading: EtcdReading;
  readonly preview: EtcdActionPreview;
}

async function previewed(deps: EtcdAdminDeps, clusterId: string, action: EtcdAction): Promise<Previewed> {
  const { entry, client } = placeOf(deps, clusterId);
  const [reading, scopes] = await Promise.all([client.maintenance.read(), scopesOf(deps, entry, client)]);
  const held = clustersIn(deps, scopes);
  const checks = [...readOnlyCheck(entry, held, action), ...checkEtcdAction(reading, action)];
  const preview: EtcdActionPreview = {
    action,
    title: etcdActionTitle(reading, action),
    checks,
    consequences: etcdConsequences(reading, action, scopes),
    command: etcdctlCommand(reading, action),
    typeToConfirm: wantedWord(entry, held, action),
    fingerprint: etcdFingerprint(reading),
    reading,
    allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
  };
  return { entry, client, reading, preview };
}

/** Whether an action only reads. */
function onlyReads({ kind }: EtcdAction): boolean {
  return kind === 'snapshot';
}

function readOnlyCheck(
  entry: ClusterEntry,
  held: readonly ClusterEntry[],
  action: EtcdAction,
): readonly OperationCheck[] {
  const closed = entry.readOnly ? entry : held.find(({ readOnly }) => readOnly);
  if (closed === undefined || onlyReads(action)) return [];
  const which = closed.id === entry.id ? 'This cluster is' : `${clusterName(closed)}, which uses this etcd too, is`;
  return [
    {
      code: 'operation.read_only',
      verdict: 'refuses',
      sentence: `${which} set to read-only in this app. Change that in its settings first.`,
    },
  ];
}

/** A production cluster, or one that shares its etcd with one, asks for the name before anything changes. */
function wantedWord(entry: ClusterEntry, held: readonly ClusterEntry[], action: EtcdAction): string | null {
  if (onlyReads(action)) return null;
  return [entry, ...held].some(({ production }) => production) ? clusterName(entry) : null;
}

async function act(deps: EtcdAdminDeps, atWork: Set<string>, request: EtcdActRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { action, clusterId } = request;
  const { entry, client, reading, preview } = await previewed(deps, clusterId, action);
  refuse(preview, request);
  // The same request may have come twice, and its first sending have started meanwhile.
  const started = deps.jobs.byRequest(request.requestId);
  if (started !== null) return started;
  if (atWork.has(reading.clusterId))
    throw appError('job.busy', 'Another job is at work on this etcd, started for another cluster in it.', {
      retryable: true,
      hint: 'Wait until it has ended. Nothing was sent.',
    });
  const file = action.kind === 'snapshot' ? (action.file ?? defaultFile(deps, entry)) : '';
  const shown = preview.consequences.join(' ');
  atWork.add(reading.clusterId);
  const free = (): boolean => atWork.delete(reading.clusterId);
  try {
    return await deps.jobs.start(
      {
        kind: 'etcd',
        clusterId,
        clusterTitle: clusterName(entry),
        title: preview.title,
        target: etcdActionTarget(reading, action),
        command: preview.command,
        confirmation:
          `${preview.typeToConfirm === null ? 'Confirmed' : `Confirmed by typing ${preview.typeToConfirm}`}. ` +
          `Shown: ${shown}`,
        phases: phasesOfAction(reading, action),
        exclusive: clusterLock(clusterId),
        cancellable: true,
        requestId: request.requestId,
      },
      (context) =>
        carriedOut(deps, clusterId, context, preview.title, () =>
          runEtcdAction({ maintenance: client.maintenance, before: reading, context, now: deps.now, file }, action),
        ).finally(free),
    );
  } catch (thrown) {
    free();
    throw thrown;
  }
}

function refuse(preview: EtcdActionPreview, { fingerprint, typed }: EtcdActRequest): void {
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal?.code === 'operation.read_only')
    throw appError('operation.read_only', `${refusal.sentence} Nothing was sent.`, {});
  if (fingerprint !== preview.fingerprint)
    throw appError('operation.state_changed', 'etcd is not as it was when this was confirmed. Nothing was sent.', {
      hint: 'Look at its members as they are now and confirm again.',
      retryable: true,
    });
  if (refusal !== undefined)
    throw appError('etcd.not_now', `${refusal.sentence} Nothing was sent.`, {
      hint: 'Look at the checks of the confirmation.',
      retryable: true,
    });
  const wanted = preview.typeToConfirm;
  if (wanted !== null && typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
}

/** Below the data directory: `etcd-<scope>-<time>.db`. */
function defaultFile({ directory, now }: EtcdAdminDeps, entry: ClusterEntry): string {
  const moment = new Date(now()).toISOString().slice(0, 23).replaceAll(/[-:.]/g, '').replace('T', '-');
  return join(directory, `etcd-${entry.scope.replaceAll(/[^\w.-]/g, '_')}-${moment}.db`);
}

async function carriedOut(
  { hub, now }: EtcdAdminDeps,
  clusterId: string,
  context: JobContext,
  title: string,
  work: () => Promise<JobEnd>,
): Promise<JobEnd> {
  const note = (severity: 'info' | 'good' | 'warning', sentence: string): void => {
    hub.record(clusterId, { at: now(), kind: 'operation', severity, member: null, sentence });
  };
  note('info', `Started here: ${title}.`);
  try {
    const end = await work();
    note(end.status === 'done' ? 'good' : 'warning', end.result?.sentence ?? ('error' in end ? end.error.message : ''));
    return end;
  } catch (thrown) {
    context.signal.throwIfAborted();
    const error = hasCode(thrown, 'etcd.permission_denied') ? needsRoot(thrown) : thrown;
    note('warning', toErrorData(error).message);
    throw error;
  }
}

function needsRoot(thrown: unknown): Error {
  return appError(
    'etcd.needs_root',
    'The etcd user of this cluster may not do this: etcd wants a user with the root role.',
    {
      cause: thrown,
      hint: 'Enter such a user in the etcd access of the cluster for the time of the work, or run the command on a server.',
    },
  );
}
