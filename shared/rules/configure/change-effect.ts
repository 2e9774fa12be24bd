import type { ClusterState } from '../../model/cluster/cluster-state';
import type { ParameterDefinition } from '../../model/configure/parameter';
import { namesInWords } from '../words/wording';
import type { ConfigChange } from './config-patch';
import { parameterText, readParameterValue } from './parameter-value';
import { sharedMemoryParameters } from './shared-memory-parameters';
import { hasLeaderRole } from '../cluster/member-facts';

/** When a change counts: at Patroni's next loop, after a reload that Patroni does itself, for new sessions, or after a restart. */
export type ChangeEffect = 'loop' | 'reload' | 'new_sessions' | 'restart';

/** What a change of the configuration needs. */
export interface NeededActions {
  readonly effects: readonly { readonly change: ConfigChange; readonly effect: ChangeEffect }[];
  /** Parameters that count only after a restart. */
  readonly restart: readonly string[];
  /** Which way round the members are restarted; null where nothing needs a restart. */
  readonly order: { readonly members: readonly string[]; readonly sentence: string } | null;
}

type Definitions = ReadonlyMap<string, ParameterDefinition>;

/** The name of the PostgreSQL parameter that a change is about; null where it is about something else. */
function changedParameter({ path }: ConfigChange): string | null {
  return path[0] === 'postgresql' && path[1] === 'parameters' && path.length === 3 ? (path[2] ?? null) : null;
}

function effectOf(change: ConfigChange, definitions: Definitions): ChangeEffect {
  const name = changedParameter(change);
  if (name === null) return ['pg_hba', 'pg_ident'].includes(change.path[1] ?? '') ? 'reload' : 'loop';
  switch (definitions.get(name.toLowerCase())?.context) {
    case 'postmaster':
      return 'restart';
    case 'backend':
    case 'superuser-backend':
      return 'new_sessions';
    case 'internal':
    case 'sighup':
    case 'superuser':
    case 'user':
    case 'unknown':
    case undefined:
      return 'reload';
  }
}

/** Whether a shared-memory parameter grows or shrinks; null for any other. A value that is not set is the one built in. */
function directionOf(change: ConfigChange, definitions: Definitions): 'up' | 'down' | null {
  const name = changedParameter(change);
  const definition = name === null ? undefined : definitions.get(name.toLowerCase());
  if (definition === undefined || !sharedMemoryParameters.has(definition.name)) return null;
  const [before, after] = [change.before, change.after].map((value) => {
    const read = readParameterValue(definition, parameterText(value) ?? definition.builtIn ?? '');
    return read.kind === 'value' ? Number(read.value) : NaN;
  });
  if (before === undefined || after === undefined || !(before < after || before > after)) return null;
  return before < after ? 'up' : 'down';
}

/** What changes need, by what the servers say of each parameter: nothing, a reload, a restart, and of whom in which order. */
export function neededActions(
  changes: readonly ConfigChange[],
  definitions: Definitions,
  state: Pick<ClusterState, 'members'>,
): NeededActions {
  const effects = changes.map((change) => ({ change, effect: effectOf(change, definitions) }));
  const restart = effects.flatMap(({ change, effect }) =>
    effect === 'restart' ? [changedParameter(change) ?? ''] : [],
  );
  if (restart.length === 0) return { effects, restart, order: null };
  const named = (wanted: 'up' | 'down') =>
    changes
      .filter((change) => directionOf(change, definitions) === wanted)
      .map((change) => changedParameter(change) ?? '');
  const [up, down] = [named('up'), named('down')];
  const leaderFirst = down.length > 0 && up.length === 0;
  const leaders = state.members.filter(hasLeaderRole).map(({ name }) => name);
  const replicas = state.members.filter((member) => !hasLeaderRole(member)).map(({ name }) => name);
  return {
    effects,
    restart,
    order: {
      members: leaderFirst ? [...leaders, ...replicas] : [...replicas, ...leaders],
      sentence: orderInWords(up, down),
    },
  };
}

function orderInWords(up: readonly string[], down: readonly string[]): string {
  if (up.length > 0 && down.length > 0)
    return (
      `Replicas first, because ${namesInWords(up)} grows; then the leader; then the replicas once more, ` +
      `because ${namesInWords(down)} shrinks.`
    );
  if (down.length > 0)
    return `The leader first, because ${namesInWords(down)} shrinks: a replica must not have less than its leader.`;
  return up.length > 0
    ? `Replicas first, because ${namesInWords(up)} grows: a replica must not have less than its leader.`
    : 'Replicas first, the leader last.';
}
