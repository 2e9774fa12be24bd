import type { Operation } from '../../../shared/model/operation';

/** What a dialog for an operation is called. */
export function operationTitle(operation: Operation): string {
  switch (operation.kind) {
    case 'switchover': return 'Switchover';
    case 'schedule_switchover': return 'Schedule a switchover';
    case 'failover': return 'Failover';
    case 'reinit': return 'Reinitialize a member';
    case 'restart': return 'Restart PostgreSQL';
    case 'schedule_restart': return 'Schedule a restart';
    case 'rolling_restart': return 'Rolling restart';
    case 'reload': return 'Reload the configuration';
    case 'pause': return 'Pause automatic failover';
    case 'resume': return 'Resume automatic failover';
    case 'cancel_switchover': return 'Cancel the scheduled switchover';
    case 'cancel_restart': return 'Cancel the scheduled restart';
    case 'change_config': return 'Change one parameter';
  }
}

/** What the confirming button says; it names whom it is about. */
export function startWord(operation: Operation, show: (name: string) => string = (name) => name): string {
  switch (operation.kind) {
    case 'switchover': return operation.candidate === null ? 'Switch over' : `Switch over to ${short(show(operation.candidate))}`;
    case 'schedule_switchover': return 'Schedule the switchover';
    case 'failover': return `Fail over to ${short(show(operation.candidate))}`;
    case 'reinit': return `Reinitialize ${short(show(operation.member))}`;
    case 'restart': return `Restart ${short(show(operation.member))}`;
    case 'schedule_restart': return 'Schedule the restart';
    case 'rolling_restart': return 'Restart one after the other';
    case 'reload': return operation.members.length === 1 ? `Reload ${short(show(operation.members[0] ?? ''))}` : 'Reload all members';
    case 'pause': return 'Pause';
    case 'resume': return 'Resume';
    case 'cancel_switchover':
    case 'cancel_restart': return 'Cancel the schedule';
    case 'change_config': return 'Change it';
  }
}

const LONGEST = 40;

function short(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

/** Whether the confirming button warns by its look: data may be lost, or is replaced. */
export function isDangerous(operation: Operation): boolean {
  return operation.kind === 'failover' || operation.kind === 'reinit';
}
