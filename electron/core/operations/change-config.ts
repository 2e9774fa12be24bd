import { AppError, appError, hasCode, toErrorData, type AppErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../shared/model/operate/operation';
import { scopePrefix } from '../../../shared/rules/cluster/scope-prefix';
import {
  applyConfigPatch,
  configChanges,
  isJsonObject,
  stableText,
} from '../../../shared/rules/configure/config-patch';
import { describeOthersChanges, parametersNeedingRestart } from '../../../shared/rules/configure/config-rules';
import { isLosslessJson } from '../../../shared/rules/configure/lossless-json';
import { waitsForRestart } from '../../../shared/rules/operate/restart-order';
import { namesInWords } from '../../../shared/rules/words/wording';
import type { EtcdClient } from '../etcd/etcd-client';
import type { JobEnd } from '../jobs/job-engine';
import { fromJson } from '../patroni/answers/fields';
import { followUntil } from './follow';
import { speaking } from './manage';
import { done, failedEndOf, neverSeen, refusalBeforeSending, settleMs, stateOf, warningEnd, type Run } from './run';
import { askAndSee, leaderFirst } from './schedules';

type Json = Readonly<Record<string, unknown>>;
type ConfigRun = Run<Extract<Operation, { kind: 'change_config' }>>;
type Changes = ReturnType<typeof configChanges>;

/** The steps a user sees of a change of the dynamic configuration. */
export const CONFIG_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Write it' },
  { id: 'see', label: 'See it in the DCS' },
  { id: 'apply', label: 'Members take it over' },
] as const;

/** What became of the way through etcd; `not_this_way` proves that nothing was written. */
type Written =
  | { readonly kind: 'written' | 'no_answer' }
  | { readonly kind: 'not_this_way'; readonly why: string }
  | { readonly kind: 'refused'; readonly error: AppErrorData };

/** The configuration as it stands in etcd, with the revision that a transaction compares. */
interface StoredConfig {
  readonly client: EtcdClient;
  readonly key: string;
  readonly value: Json;
  readonly modRevision: string;
}

/**
 * Changes the dynamic configuration by a merge patch, and reports what waits for a restart. Where etcd is reached, the key is written
 * by a transaction that compares its revision, as `patronictl edit-config` does (ctl.py): what somebody else wrote since it was confirmed
 * is never overwritten. Otherwise Patroni's REST API is asked.
 */
export async function changeConfig(run: ConfigRun): Promise<JobEnd> {
  const before = run.before.config?.raw ?? {};
  const changes = configChanges(before, applyConfigPatch(before, run.operation.patch));
  const keys = changes.map((change) => change.path.join('.'));
  run.context.phase('check', 'checking');
  const refusal = refusalBeforeSending(run);
  if (refusal) return refusal;
  const written = await writeToEtcd(run, before);
  if (written.kind === 'refused') return { status: 'refused', error: written.error };
  const end =
    written.kind === 'not_this_way'
      ? await askPatroni(run, changes, written.why)
      : await seeInDcs(run, changes, written.kind === 'written');
  return end.status === 'done' ? applied(run, keys, parametersNeedingRestart(changes)) : end;
}

async function writeToEtcd(run: ConfigRun, confirmed: Json): Promise<Written> {
  const stored = await readStored(run);
  if (typeof stored === 'string') return { kind: 'not_this_way', why: stored };
  const others = configChanges(confirmed, stored.value);
  if (others.length > 0) return { kind: 'refused', error: overtaken(others) };
  run.context.phase('send', 'running');
  run.context.log('info', `Writing ${stored.key} in etcd, if it still has revision ${stored.modRevision}`);
  run.sends.count += 1;
  try {
    const value = JSON.stringify(applyConfigPatch(stored.value, run.operation.patch));
    await stored.client.compareAndSet(stored.key, value, stored.modRevision);
    run.context.log('good', 'etcd has written it');
    return { kind: 'written' };
  } catch (thrown) {
    return notWritten(run, stored, thrown);
  }
}

/** The key as it is now, or why etcd is not the way to write it. */
async function readStored({ hub, clusterId }: ConfigRun): Promise<StoredConfig | string> {
  const [client, entry] = [hub.etcd(clusterId), hub.entry(clusterId)];
  if (client === null || entry === null) return 'No etcd of this cluster is known here.';
  const key = `${scopePrefix(entry.namespace, entry.scope, entry.citusGroup)}config`;
  try {
    const found = (await client.range(key)).entries.find((one) => one.key === key);
    if (found === undefined) return `${key} is not in etcd.`;
    const value = fromJson(found.value);
    return isJsonObject(value) && isLosslessJson(found.value)
      ? { client, key, value, modRevision: found.modRevision }
      : `${key} holds what cannot be written back unchanged from here.`;
  } catch (thrown) {
    return toErrorData(thrown).message;
  }
}

/** Refusals of etcd itself are certain; anything else may have been written. */
async function notWritten(run: ConfigRun, stored: StoredConfig, thrown: unknown): Promise<Written> {
  if (hasCode(thrown, 'etcd.conflict')) {
    run.sends.count -= 1;
    const now = await readStored(run);
    const others = typeof now === 'string' ? [] : configChanges(stored.value, now.value);
    return { kind: 'refused', error: overtaken(others) };
  }
  const { message } = toErrorData(thrown);
  if (thrown instanceof AppError && ['etcd.permission_denied', 'etcd.auth_failed'].includes(thrown.code)) {
    run.sends.count -= 1;
    return { kind: 'not_this_way', why: message };
  }
  run.context.log(
    'warning',
    `No answer from etcd: ${message} Nothing is sent again; the state of the cluster decides.`,
  );
  return { kind: 'no_answer' };
}

/** The error of a change that somebody else was faster than. Changes of values that came back meanwhile leave nothing to name. */
function overtaken(others: Changes): AppErrorData {
  return appError(
    'config.conflict',
    `${describeOthersChanges(others)} while this change was being made. Nothing was written.`,
    { hint: 'Merge the two on the Configuration tab, look at the review, and apply again.', retryable: true },
  ).data;
}

function askPatroni(run: ConfigRun, changes: Changes, why: string): Promise<JobEnd> {
  run.context.log('info', `etcd is not written from here: ${why} Patroni's REST API is asked instead.`);
  return askAndSee(run, {
    members: leaderFirst(stateOf(run)),
    request: { method: 'PATCH', path: '/config', body: run.operation.patch },
    waitMs: settleMs(run),
    seen: (state) => state.config !== null && holds(state.config.raw, changes),
    done: () => done(''),
    notSeen: 'The change does not show in the DCS.',
  });
}

async function seeInDcs(run: ConfigRun, changes: Changes, isCertain: boolean): Promise<JobEnd> {
  run.context.phase('see', isCertain ? 'following' : 'waiting');
  const end = await followUntil(run, 'see', settleMs(run), (state) =>
    state.config !== null && holds(state.config.raw, changes) ? 'seen' : null,
  );
  if (end === 'seen') return done('');
  if (isCertain) return warningEnd('etcd has written it. The change does not show here.');
  if (end === 'blind') return neverSeen('The answer of etcd was lost');
  return failedEndOf('operation.not_carried_out', 'The answer of etcd was lost, and the change does not show.', {
    hint: 'Look at the configuration, then try again. Nothing was sent twice.',
    retryable: true,
  });
}

/** Whether a configuration has the changed values; what others changed beside them does not matter. */
function holds(
  raw: Readonly<Record<string, unknown>>,
  changes: readonly { readonly path: readonly string[]; readonly after: unknown }[],
): boolean {
  return changes.every(({ path, after }) => {
    const value = path.reduce<unknown>(
      (inside, key) =>
        typeof inside === 'object' && inside !== null
          ? Object.entries(inside).find(([name]) => name === key)?.[1]
          : undefined,
      raw,
    );
    return stableText(value) === stableText(after);
  });
}

async function applied(run: Run, keys: readonly string[], restart: readonly string[]): Promise<JobEnd> {
  const touchesPostgresql = keys.some((key) => key.startsWith('postgresql.'));
  if (!touchesPostgresql) return done(`${namesInWords(keys)} changed. Patroni uses it from its next loop on.`);
  run.context.phase('apply', 'following');
  run.context.detail('Waiting until each member has reported whether it needs a restart.');
  const waiting = (state: ClusterState): string[] => state.members.filter(waitsForRestart).map((member) => member.name);
  await followUntil(run, 'apply', settleMs(run), (state) =>
    restart.length > 0 && waiting(state).length >= speaking(state).length ? 'all' : null,
  );
  const pending = waiting(stateOf(run));
  run.context.detail(
    pending.length === 0 ? 'No member waits for a restart.' : `Restart pending on ${namesInWords(pending)}.`,
  );
  const sentence = `${namesInWords(keys)} changed.`;
  return pending.length === 0
    ? done(`${sentence} No member waits for a restart.`)
    : done(`${sentence} ${namesInWords(pending)} ${pending.length === 1 ? 'waits' : 'wait'} for a restart.`, {
        'Pending restart': pending.join(', '),
      });
}
