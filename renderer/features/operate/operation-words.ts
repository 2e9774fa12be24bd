import type { Operation } from '../../../shared/model/operate/operation';

/** What a dialog for an operation is called; it names the member that it is about. */
export function dialogTitle(operation: Operation, show: (name: string) => string = (name) => name): string {
  switch (operation.kind) {
    case 'switchover':
      return 'Switchover';
    case 'schedule_switchover':
      return 'Schedule a switchover';
    case 'failover':
      return 'Failover';
    case 'reinit':
      return `Reinitialize ${short(show(operation.member))}`;
    case 'restart':
      return `Restart PostgreSQL on ${short(show(operation.member))}`;
    case 'schedule_restart':
      return `Schedule a restart of ${short(show(operation.member))}`;
    case 'rolling_restart':
      return 'Rolling restart';
    case 'reload':
      return 'Reload the configuration';
    case 'pause':
      return 'Pause automatic failover';
    case 'resume':
      return 'Resume automatic failover';
    case 'cancel_switchover':
      return 'Cancel the scheduled switchover';
    case 'cancel_restart':
      return `Cancel the scheduled restart of ${short(show(operation.member))}`;
    case 'change_config':
      return 'Change one parameter';
    case 'promote_cluster':
      return 'Promote this standby cluster';
    case 'demote_cluster':
      return 'Make this a standby cluster';
  }
}

/** What the confirming button says; it names whom it is about. */
export function startWord(operation: Operation, show: (name: string) => string = (name) => name): string {
  const whom = whomOf(operation);
  return whom === null ? startWords[operation.kind].alone : `${startWords[operation.kind].whom} ${short(show(whom))}`;
}

/** The member that the confirming button names; null where it names nobody. */
function whomOf(operation: Operation): string | null {
  if (operation.kind === 'switchover' || operation.kind === 'failover') return operation.candidate;
  if (operation.kind === 'restart' || operation.kind === 'reinit') return operation.member;
  return operation.kind === 'reload' && operation.members.length === 1 ? (operation.members[0] ?? null) : null;
}

const startWords: Readonly<Record<Operation['kind'], { readonly alone: string; readonly whom: string }>> = {
  switchover: { alone: 'Switch over', whom: 'Switch over to' },
  schedule_switchover: { alone: 'Schedule the switchover', whom: '' },
  failover: { alone: 'Fail over', whom: 'Fail over to' },
  reinit: { alone: 'Reinitialize', whom: 'Reinitialize' },
  restart: { alone: 'Restart', whom: 'Restart' },
  schedule_restart: { alone: 'Schedule the restart', whom: '' },
  rolling_restart: { alone: 'Restart one by one', whom: '' },
  reload: { alone: 'Reload all members', whom: 'Reload' },
  pause: { alone: 'Pause', whom: '' },
  resume: { alone: 'Resume', whom: '' },
  cancel_switchover: { alone: 'Cancel the schedule', whom: '' },
  cancel_restart: { alone: 'Cancel the schedule', whom: '' },
  change_config: { alone: 'Apply', whom: '' },
  promote_cluster: { alone: 'Promote', whom: '' },
  demote_cluster: { alone: 'Make it a standby cluster', whom: '' },
};

const LONGEST = 40;

function short(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}
