import type { Operation } from '../../../shared/model/operate/operation';
import { isSettingName, patchSetting } from '../../../shared/rules/configure/setting-patch';

/** What the user has filled in for an operation. Fields that an operation does not have are ignored. */
export interface Fields {
  readonly candidate: string | null;
  /** Value of a datetime-local input, in local time. */
  readonly time: string;
  readonly pendingOnly: boolean;
  readonly fromLeader: boolean;
  readonly role: 'any' | 'leader' | 'replica';
  readonly parameter: string;
  readonly value: string;
  /** Applications cannot reach the cluster that is followed. */
  readonly cutOff: boolean;
  /** What the cluster wrote by itself may be lost. */
  readonly lose: boolean;
  /** What standby_cluster says: hosts and ports parted by commas, and the slot. */
  readonly host: string;
  readonly port: string;
  readonly slot: string;
}

const two = (value: number) => String(value).padStart(2, '0');

/** A time as a datetime-local input holds it. */
export function toLocalInput(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The fields an operation begins with; schedules begin an hour from now. */
export function fieldsOf(operation: Operation, now: number): Fields {
  return {
    candidate: 'candidate' in operation ? operation.candidate : null,
    time: toLocalInput('at' in operation && operation.at > 0 ? operation.at : now + 3_600_000),
    pendingOnly: 'pendingOnly' in operation ? operation.pendingOnly : false,
    fromLeader: 'fromLeader' in operation ? operation.fromLeader : false,
    role: 'role' in operation ? operation.role : 'any',
    parameter: '',
    value: '',
    cutOff: 'cutOff' in operation && operation.cutOff,
    lose: 'lose' in operation && operation.lose,
    host: 'host' in operation ? operation.host : '',
    port: 'port' in operation ? operation.port : '',
    slot: 'slot' in operation ? (operation.slot ?? '') : '',
  };
}

/** The operation that the fields make; null while something is missing, with `missing` saying what. */
export function operationFrom(
  begun: Operation,
  fields: Fields,
): { readonly operation: Operation } | { readonly missing: string } {
  switch (begun.kind) {
    case 'switchover':
      return { operation: { ...begun, candidate: fields.candidate } };
    case 'failover':
      return fields.candidate === null
        ? { missing: 'Choose the new leader.' }
        : { operation: { ...begun, candidate: fields.candidate } };
    case 'schedule_switchover':
      return timed(fields, (at) => ({ ...begun, candidate: fields.candidate, at }));
    case 'schedule_restart':
      return timed(fields, (at) => ({ ...begun, pendingOnly: fields.pendingOnly, at }));
    case 'restart':
      return { operation: { ...begun, pendingOnly: fields.pendingOnly } };
    case 'rolling_restart':
      return { operation: { ...begun, pendingOnly: fields.pendingOnly, role: fields.role } };
    case 'reinit':
      return { operation: { ...begun, fromLeader: fields.fromLeader } };
    case 'change_config':
      return changed(begun, fields);
    case 'promote_cluster':
      return { operation: { ...begun, cutOff: fields.cutOff } };
    case 'demote_cluster':
      return { operation: demotion(begun, fields) };
    case 'reload':
    case 'pause':
    case 'resume':
    case 'cancel_switchover':
    case 'cancel_restart':
      return { operation: begun };
  }
}

function demotion(begun: Extract<Operation, { kind: 'demote_cluster' }>, fields: Fields): Operation {
  const slot = fields.slot.trim();
  const [host, port] = [fields.host.trim(), fields.port.trim()];
  return { ...begun, host, port, slot: slot === '' ? null : slot, lose: fields.lose };
}

function timed(fields: Fields, make: (at: number) => Operation) {
  const at = new Date(fields.time).getTime();
  return Number.isFinite(at) ? { operation: make(at) } : { missing: 'Enter a date and a time.' };
}

/** The configuration change of the form; one that was begun with a patch of its own keeps it. */
function changed(
  begun: Extract<Operation, { kind: 'change_config' }>,
  fields: Fields,
): { readonly operation: Operation } | { readonly missing: string } {
  if (Object.keys(begun.patch).length > 0) return { operation: begun };
  const name = fields.parameter.trim();
  if (name === '') return { missing: 'Enter the name of a setting.' };
  if (!isSettingName(name))
    return { missing: 'The name of a setting consists of letters, digits, underscores and dots.' };
  return { operation: { kind: 'change_config', patch: patchSetting(name, fields.value) } };
}
