import { createHash } from 'node:crypto';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { ArchivingView, BackupStanza, BackupsView } from '../../../shared/model/backups/backup';
import type { RestorePreview, RestoreWish } from '../../../shared/model/backups/restore';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import type { OperationCheck } from '../../../shared/model/operate/operation';
import { judgeTarget, type JudgedTarget } from '../../../shared/rules/backups/restore-target';
import {
  checkPlaces,
  restoreConsequences,
  restoreMethod,
  restoreSteps,
} from '../../../shared/rules/backups/restore-words';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { scopePrefix } from '../../../shared/rules/cluster/scope-prefix';
import { momentInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import type { EtcdClient } from '../etcd/etcd-client';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobEngine } from '../jobs/job-engine';
import type { RemotePool } from '../ssh/remote';
import { lookAtRestorePlaces, stanzaFor, whyNoStanza, type OpenPlace } from './look-for-restore';
import { restorePhases, runRestore, type RestorePlan } from './restore-work';

/** What a cluster is restored with. `pauseMs` lies between two looks; a test may shorten it. */
export interface RestoreDeps {
  readonly hub: ClusterHub;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly hasRoot: (serverId: string) => boolean;
  readonly readBackups: (clusterId: string) => Promise<BackupsView>;
  readonly pauseMs?: number;
}

/** A confirmed restore. `fingerprint` comes from the preview. */
export interface RestoreRequest {
  readonly clusterId: string;
  readonly wish: RestoreWish;
  readonly fingerprint: string;
  readonly typed: string | null;
  readonly requestId: string;
}

interface Previewed {
  readonly preview: RestorePreview;
  readonly state: ClusterState;
  readonly entry: ClusterEntry;
  readonly etcd: EtcdClient | null;
  readonly places: readonly OpenPlace[];
}

/** Says what a restore would do, and whether it can be done; reads only. Rejects as `lookAtRestorePlaces` does. */
export async function previewRestore(deps: RestoreDeps, clusterId: string, wish: RestoreWish): Promise<RestorePreview> {
  return (await previewed(deps, clusterId, wish)).preview;
}

async function previewed(deps: RestoreDeps, clusterId: string, wish: RestoreWish): Promise<Previewed> {
  const state = await deps.hub.refresh(clusterId);
  const [entry, etcd] = [deps.hub.entry(clusterId), deps.hub.etcd(clusterId)];
  if (entry === null) throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {});
  const now = deps.now();
  const [view, places] = await Promise.all([
    deps.readBackups(clusterId),
    lookAtRestorePlaces(deps, state, stampOf(now)),
  ]);
  const stanza = stanzaFor(view, wish.member, state);
  const judged = stanza === null ? null : judge(state, view, stanza, wish, now);
  const found = { state, entry, etcd, places, stanza, judged, whyNoStanza: whyNoStanza(view, wish.member) };
  return { preview: assemble(wish, found), state, entry, etcd, places };
}

/** `20261127-151000`, UTC. */
function stampOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

function judge(
  state: ClusterState,
  view: BackupsView,
  stanza: BackupStanza,
  wish: RestoreWish,
  now: number,
): JudgedTarget {
  const leader = state.members.find(({ name }) => name === state.leader.holder);
  const archiving = view.hosts.find(({ member }) => member === leader?.name)?.archiving ?? null;
  return judgeTarget(wish, {
    stanza,
    systemIdentifier: state.systemIdentifier ?? '',
    timeline: leader?.timeline ?? null,
    history: state.history,
    archivedUntil: archiving === null ? null : archivedUntil(archiving, now),
    now,
  });
}

/** While the leader archives, all that it has written until now is archived before it is stopped. */
function archivedUntil({ mode, command, failedAt, lastAt }: ArchivingView, now: number): number | null {
  const fails = (failedAt ?? 0) > (lastAt ?? 0);
  const archives = mode !== 'off' && command !== '';
  return archives && !fails ? now : lastAt;
}

interface Assembled extends Pick<Previewed, 'state' | 'entry' | 'etcd' | 'places'> {
  readonly stanza: BackupStanza | null;
  readonly judged: JudgedTarget | null;
  /** What is said where there is no stanza. */
  readonly whyNoStanza: string;
}

function assemble(wish: RestoreWish, found: Assembled): RestorePreview {
  const { state, entry, stanza, judged } = found;
  const places = found.places.map(({ place }) => place);
  const backup = judged?.backup ?? null;
  const first = places.find(({ member }) => member === wish.member);
  const checks = [
    ...checkCluster(found, wish),
    judged?.check ?? {
      code: 'restore.stanza',
      verdict: 'refuses' as const,
      sentence: found.whyNoStanza,
    },
    ...checkPlaces(places, wish, backup),
  ];
  const method =
    backup === null || stanza === null || first === undefined
      ? null
      : restoreMethod(wish, backup, stanza.name, first.dataDirectory);
  return {
    ...{ wish, backup, places, checks },
    stanza: stanza?.name ?? null,
    range: judged?.range ?? null,
    consequences: restoreConsequences(wish, places),
    steps: method === null ? [] : restoreSteps(wish, places, method, initializeKey(entry)),
    typeToConfirm: clusterName(state),
    fingerprint: fingerprintOf(state, backup?.label ?? '', places),
    allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
  };
}

function initializeKey({ namespace, scope, citusGroup }: ClusterEntry): string {
  return `${scopePrefix(namespace, scope, citusGroup)}initialize`;
}

/** Names what was confirmed; the time of day is no part of it. */
function fingerprintOf(
  { leader, members, systemIdentifier }: ClusterState,
  label: string,
  places: RestorePreview['places'],
): string {
  const parts = [
    leader.holder,
    systemIdentifier,
    label,
    ...members.map(({ name, timeline }) => [name, timeline]),
    ...places.map(({ member, server, unit, dataDirectory, configFile }) => [
      member,
      server,
      unit,
      dataDirectory,
      configFile,
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function checkCluster({ state, entry, etcd, places }: Assembled, wish: RestoreWish): readonly OperationCheck[] {
  const refusals: readonly (readonly [boolean, string])[] = [
    [state.readOnly, 'This cluster is set to read-only in this app. Change that in its settings first.'],
    [entry.citusGroup !== undefined, 'One group of a Citus cluster cannot go back in time without the others.'],
    [state.config?.standbyCluster === true, 'A standby cluster is restored at its primary site.'],
    [
      state.paused !== false,
      'Patroni is paused, or whether it is cannot be told: it makes no cluster while it is. Resume it first.',
    ],
    [etcd === null, 'The app has no access to the etcd of this cluster. Add it in the settings of the cluster.'],
    [!/^\d+$/.test(state.systemIdentifier ?? ''), 'The system identifier of the cluster is not known.'],
    [!state.leader.known, 'Who leads is not known now.'],
    [!places.some(({ place }) => place.member === wish.member), `${wish.member} is not a member of this cluster now.`],
  ];
  return refusals.flatMap(([isSo, sentence]) =>
    isSo ? [{ code: 'restore.cluster', verdict: 'refuses' as const, sentence }] : [],
  );
}

/**
 * Starts a restore as a job. Rejects, with nothing changed, with `operation.state_changed`, `operation.not_confirmed`,
 * `backup.not_now` or `job.busy`.
 */
export async function startRestore(deps: RestoreDeps, request: RestoreRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { clusterId, wish } = request;
  const { preview, state, entry, etcd, places } = await previewed(deps, clusterId, wish);
  refuse(preview, request);
  const { backup, stanza } = preview;
  const first = places.find(({ place }) => place.member === wish.member);
  if (backup === null || stanza === null || etcd === null || first === undefined)
    throw appError('backup.not_now', 'There is nothing to restore from. Nothing was changed.', {});
  const plan: RestorePlan = {
    ...{ clusterId, wish, places, first, etcd, stanza, state },
    initializeKey: initializeKey(entry),
    method: restoreMethod(wish, backup, stanza, first.place.dataDirectory),
    systemIdentifier: state.systemIdentifier ?? '',
  };
  const to = wish.target.kind === 'time' ? momentInWords(wish.target.at) : 'the end of the archive';
  const note = (severity: 'info' | 'good' | 'warning', sentence: string): void =>
    deps.hub.record(clusterId, { at: deps.now(), kind: 'operation', severity, member: null, sentence });
  return deps.jobs.start(
    {
      kind: 'restore',
      clusterId,
      clusterTitle: clusterName(state),
      title: `Restore ${clusterName(state)} to ${to}`,
      target: wish.member,
      command: preview.steps.flatMap(({ server, lines }) => [`# ${server}`, ...lines]).join('\n'),
      confirmation: `Confirmed by typing ${preview.typeToConfirm}. Shown: ${preview.consequences.join(' ')}`,
      phases: restorePhases(plan),
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId: request.requestId,
    },
    async (context) => {
      note('info', `Started here: restore to ${to}.`);
      try {
        const end = await runRestore({ hub: deps.hub, now: deps.now, pauseMs: deps.pauseMs ?? 1_000 }, context, plan);
        note(
          end.status === 'done' ? 'good' : 'warning',
          end.result?.sentence ?? ('error' in end ? end.error.message : ''),
        );
        return end;
      } catch (thrown) {
        note('warning', toErrorData(thrown).message);
        throw thrown;
      }
    },
  );
}

function refuse(preview: RestorePreview, { fingerprint, typed }: RestoreRequest): void {
  if (fingerprint !== preview.fingerprint)
    throw appError(
      'operation.state_changed',
      'The cluster is not as it was when this was confirmed. Nothing was changed.',
      {
        hint: 'Look at it as it is now and confirm again.',
        retryable: true,
      },
    );
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal !== undefined)
    throw appError('backup.not_now', `${refusal.sentence} Nothing was changed.`, {
      hint: 'Look at the checks of the confirmation.',
      retryable: true,
    });
  if (typed?.trim() !== preview.typeToConfirm.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${preview.typeToConfirm}`, {
      hint: 'Nothing was changed.',
    });
}
