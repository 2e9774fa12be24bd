import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Operation } from '../../model/operate/operation';
import { isPatroniAtLeast, lowestPatroniVersion } from '../cluster/patroni-version';
import { restartOrder } from './restart-order';
import { siteChangePatch, type SiteChange } from '../standby/site-change';
import { shellWord } from '../words/shell-words';

/** What a patronictl command must be right for. */
export interface CommandContext {
  readonly state: ClusterState;
  /** Path of Patroni's configuration on a server; the Debian path's placeholder stands where it is not known. */
  readonly configPath: string | null;
}

interface Writer {
  readonly context: CommandContext;
  readonly version: string | null;
}

/** `name value`, or `name=value` where the value would look like an option. */
function option(name: string, value: string): string {
  return value.startsWith('-') ? `${name}=${shellWord(value)}` : `${name} ${shellWord(value)}`;
}

/** A patronictl call; positional words that look like options follow a `--`. */
function call(writer: Writer, command: string, words: readonly string[], options: readonly string[] = []): string {
  const { state, configPath } = writer.context;
  const positional = [state.scope, ...words];
  const guard = positional.some((word) => word.startsWith('-')) ? ['--'] : [];
  return [
    'patronictl',
    option('-c', configPath ?? '/etc/patroni/config.yml'),
    command,
    ...(state.citusGroup === undefined ? [] : [option('--group', String(state.citusGroup))]),
    ...options,
    ...guard,
    ...positional.map(shellWord),
  ].join(' ');
}

/** `--leader` came with 3.0; before it the option was `--master` (patroni/ctl.py of 2.1.7 and 3.0.2). */
function leaderOption({ version }: Writer, leader: string): string {
  return option(isPatroniAtLeast(version, '3.0.0') === false ? '--master' : '--leader', leader);
}

const moment = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, '+00:00');

function switchover(
  writer: Writer,
  operation: Extract<Operation, { kind: 'switchover' | 'schedule_switchover' }>,
): string {
  const at = operation.kind === 'schedule_switchover' ? [option('--scheduled', moment(operation.at))] : [];
  const candidate = operation.candidate === null ? [] : [option('--candidate', operation.candidate)];
  return call(writer, 'switchover', [], [leaderOption(writer, operation.leader), ...candidate, ...at]);
}

function restart(writer: Writer, operation: Extract<Operation, { kind: 'restart' | 'schedule_restart' }>): string {
  const pending = operation.pendingOnly ? ['--pending'] : [];
  const at = operation.kind === 'schedule_restart' ? [option('--scheduled', moment(operation.at))] : [];
  return call(writer, 'restart', [operation.member], [...pending, ...at]);
}

function rolling(writer: Writer, operation: Extract<Operation, { kind: 'rolling_restart' }>): string {
  const order = restartOrder(writer.context.state, operation);
  const options = operation.pendingOnly ? ['--pending'] : [];
  return (
    order.members.map((member) => call(writer, 'restart', [member], options)).join(' && ') ||
    call(writer, 'restart', [], options)
  );
}

/** Leaves of a merge patch as paths; null when one is not a plain value at a plain path, which `--set` cannot say. */
function leaves(
  patch: Readonly<Record<string, unknown>>,
  path: readonly string[],
): { path: readonly string[]; value: unknown }[] | null {
  const found: { path: readonly string[]; value: unknown }[] = [];
  for (const [key, value] of Object.entries(patch)) {
    const here = [...path, key];
    if (Array.isArray(value)) return null;
    if (typeof value === 'object' && value !== null) {
      const inner = leaves(Object.fromEntries(Object.entries(value)), here);
      if (inner === null || inner.length === 0) return null;
      found.push(...inner);
    } else found.push({ path: here, value });
  }
  return found;
}

function setting(leaf: { path: readonly string[]; value: unknown }): string | null {
  const value = leaf.value === null || typeof leaf.value !== 'string' ? String(leaf.value) : JSON.stringify(leaf.value);
  const parameter =
    leaf.path.length === 3 && leaf.path[0] === 'postgresql' && leaf.path[1] === 'parameters' ? leaf.path[2] : undefined;
  if (parameter !== undefined) return /^[\w.]+$/.test(parameter) ? `--pg ${shellWord(`${parameter}=${value}`)}` : null;
  return leaf.path.every((part) => /^\w+$/.test(part)) ? `--set ${shellWord(`${leaf.path.join('.')}=${value}`)}` : null;
}

function editConfig(writer: Writer, patch: Readonly<Record<string, unknown>>): string {
  const settings = leaves(patch, [])?.map(setting) ?? [null];
  const plain = settings.filter((one) => one !== null);
  if (plain.length === settings.length) return call(writer, 'edit-config', [], plain);
  return `printf %s ${shellWord(JSON.stringify(patch))} | ${call(writer, 'edit-config', [], ['--apply', '-'])}`;
}

/** `promote-cluster` and `demote-cluster` came with 4.1 (patroni/ctl.py); before, the configuration is edited. */
function siteChange(writer: Writer, change: SiteChange): string {
  if (isPatroniAtLeast(writer.version, '4.1.0') !== true) return editConfig(writer, siteChangePatch(change));
  if (change.kind === 'promote_cluster') return call(writer, 'promote-cluster', []);
  const slot = change.slot === null ? [] : [option('--primary-slot-name', change.slot)];
  return call(writer, 'demote-cluster', [], [option('--host', change.host), option('--port', change.port), ...slot]);
}

/** The patronictl command that does the same as an operation, for the version and the configuration path of the cluster. */
export function patronictlCommand(operation: Operation, context: CommandContext): string {
  const writer: Writer = {
    context,
    version: lowestPatroniVersion(context.state.members.map((member) => member.patroniVersion)),
  };
  switch (operation.kind) {
    case 'switchover':
    case 'schedule_switchover':
      return switchover(writer, operation);
    case 'failover':
      return call(writer, 'failover', [], [option('--candidate', operation.candidate)]);
    case 'reinit':
      return call(writer, 'reinit', [operation.member], [...(operation.fromLeader ? ['--from-leader'] : []), '--wait']);
    case 'restart':
    case 'schedule_restart':
      return restart(writer, operation);
    case 'rolling_restart':
      return rolling(writer, operation);
    case 'reload':
      return call(writer, 'reload', operation.members);
    case 'pause':
    case 'resume':
      return call(writer, operation.kind, [], ['--wait']);
    case 'cancel_switchover':
      return call(writer, 'flush', ['switchover']);
    case 'cancel_restart':
      return call(writer, 'flush', [operation.member, 'restart']);
    case 'change_config':
      return editConfig(writer, operation.patch);
    case 'promote_cluster':
    case 'demote_cluster':
      return siteChange(writer, operation);
  }
}
