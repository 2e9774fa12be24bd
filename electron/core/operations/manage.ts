import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../shared/model/operate/operation';
import { applyConfigPatch, configChanges, stableText } from '../../../shared/rules/configure/config-patch';
import { parametersNeedingRestart } from '../../../shared/rules/configure/config-rules';
import { isSilent } from '../../../shared/rules/cluster/member-facts';
import { waitsForRestart } from '../../../shared/rules/operate/restart-order';
import { namesInWords } from '../../../shared/rules/words/wording';
import type { JobEnd } from '../jobs/job-engine';
import { answerError, isAccepted } from './answers';
import { followUntil } from './follow';
import { done, failedEnd, refusalBeforeSending, settleMs, stateOf, warningEnd, type Run } from './run';
import { askAndSee, leaderFirst } from './schedules';
import { sendTo } from './send';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/** The steps a user sees of pause and resume. */
export const PAUSE_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask Patroni' },
  { id: 'see', label: 'Every member has seen it' },
] as const;

/** The steps a user sees of a reload. */
export const RELOAD_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask each member' },
] as const;

/** The steps a user sees of a change of the dynamic configuration. */
export const CONFIG_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask Patroni' },
  { id: 'see', label: 'See it in the DCS' },
  { id: 'apply', label: 'Members take it over' },
] as const;

/** Members that can still say whether they are paused. */
function speaking(state: ClusterState): string[] {
  return state.members.filter((member) => !isSilent(member)).map((member) => member.name);
}

function unaware(state: ClusterState, paused: boolean): string[] {
  return state.members
    .filter((member) => !isSilent(member) && (member.pausedSeen ?? false) !== paused)
    .map((member) => member.name);
}

/** Pauses or resumes Patroni's management and waits until every member that answers has seen it (patronictl --wait). */
export async function setPaused(run: Run<Of<'pause' | 'resume'>>): Promise<JobEnd> {
  const paused = run.operation.kind === 'pause';
  const words = paused ? 'Automatic failover paused' : 'Automatic failover resumed';
  const end = await askAndSee(run, {
    members: leaderFirst(stateOf(run)),
    request: { method: 'PATCH', path: '/config', body: { pause: paused ? true : null } },
    waitMs: settleMs(run),
    seen: (state) => (state.paused ?? false) === paused && unaware(state, paused).length === 0,
    done: () => done(`${words} on ${namesInWords(speaking(stateOf(run)))}.`),
    notSeen: 'Not every member shows it.',
  });
  if (end.status !== 'warning') return end;
  return warningEnd(
    `${words}, but ${namesInWords(unaware(stateOf(run), paused))} has not reported yet that it has seen it.`,
  );
}

const RELOAD_MS = 15_000;

/** Asks each member to reload. Patroni answers before it has done so; what needs a restart shows as pending afterwards. */
export async function reload(run: Run<Of<'reload'>>): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const refusal = refusalBeforeSending(run);
  if (refusal) return refusal;
  run.context.phase('send', 'running');
  const missed: string[] = [];
  for (const member of run.operation.members) {
    run.context.detail(`Asking ${member}.`);
    const sent = await sendTo(run, member, { method: 'POST', path: '/reload', timeoutMs: RELOAD_MS });
    if (sent.kind === 'answer' && !isAccepted(sent.answer)) return failedEnd(answerError(member, sent.answer));
    if (sent.kind !== 'answer') missed.push(member);
    if (run.context.signal.aborted) throw run.context.signal.reason;
  }
  const asked = run.operation.members.filter((member) => !missed.includes(member));
  if (missed.length > 0)
    return warningEnd(`${namesInWords(missed)} did not answer; ${namesInWords(asked)} will reload.`);
  return done(`${namesInWords(asked)} will reload; Patroni does it within a moment.`);
}

/**
 * Changes the dynamic configuration by a merge patch, which Patroni writes only if nobody else did meanwhile, and
 * reports what waits for a restart.
 */
export async function changeConfig(run: Run<Of<'change_config'>>): Promise<JobEnd> {
  const before = run.before.config?.raw ?? {};
  const wanted = applyConfigPatch(before, run.operation.patch);
  const changes = configChanges(before, wanted);
  const keys = changes.map((change) => change.path.join('.'));
  const end = await askAndSee(run, {
    members: leaderFirst(stateOf(run)),
    request: { method: 'PATCH', path: '/config', body: run.operation.patch },
    waitMs: settleMs(run),
    seen: (state) => state.config !== null && holds(state.config.raw, changes),
    done: () => done(`${namesInWords(keys)} changed.`),
    notSeen: 'The change does not show in the DCS.',
  });
  if (end.status !== 'done') return end;
  return applied(run, keys, parametersNeedingRestart(changes));
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
