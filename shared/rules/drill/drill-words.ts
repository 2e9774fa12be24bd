import type {
  DrillChoice,
  DrillFault,
  DrillMeasure,
  DrillRejoin,
  DrillReport,
  DrillWayKind,
} from '../../model/drill/drill';
import { printHostPort } from '../../model/connect/host-port';
import { spanInWords } from '../words/wording';
import { numbersInWords } from './find-lost';

/** What each fault is called. */
export const drillFaultWords: Readonly<Record<DrillFault, string>> = {
  switchover: 'Switchover',
  postgres_killed: "Leader's PostgreSQL killed",
  patroni_killed: 'Patroni killed',
  patroni_frozen: 'Patroni frozen',
  server_rebooted: 'Server rebooted',
  network_cut: 'Network cut',
};

/** What each way in is called. */
export const drillWayWords: Readonly<Record<DrillWayKind, string>> = {
  haproxy: 'HAProxy',
  pgbouncer: 'PgBouncer',
  vip: 'Virtual address',
  direct: 'Direct, all members',
};

const inTitles: Readonly<Record<DrillFault, string>> = {
  switchover: 'switchover from',
  postgres_killed: 'PostgreSQL killed on',
  patroni_killed: 'Patroni killed on',
  patroni_frozen: 'Patroni frozen on',
  server_rebooted: 'reboot of the server of',
  network_cut: 'network cut from',
};

/** The title of the job. */
export function drillTitle(fault: DrillFault, leader: string): string {
  return `Drill: ${inTitles[fault]} ${leader}`;
}

const whatHappens: Readonly<Record<DrillFault, string>> = {
  switchover: 'Patroni is asked for a switchover, and chooses the candidate.',
  postgres_killed:
    'The main process of PostgreSQL is ended by SIGKILL. Patroni starts it again, or hands the lead over.',
  patroni_killed: 'The process of Patroni is ended by SIGKILL. PostgreSQL goes on without it.',
  patroni_frozen:
    'The process of Patroni is stopped by SIGSTOP and continued by SIGCONT. PostgreSQL goes on meanwhile.',
  server_rebooted: 'The whole server is restarted by systemctl reboot.',
  network_cut: 'nft drops all that comes in and goes out, but for SSH, so that no other server reaches it.',
};

/** What follows from a drill, for its confirmation. */
export function drillConsequences(choice: DrillChoice, leader: string, limit: string): readonly string[] {
  return [
    `${whatHappens[choice.fault]} This happens to ${leader}.`,
    'Applications cannot write until it is over, and their connections may break.',
    'A role, a database and a table of the drill are made on the leader, written to ten times a second, and removed at the end.',
    ...(limit === '' ? [] : [limit]),
  ];
}

/** What the server does by itself, as a sentence. */
export function switchInWords(fault: DrillFault, seconds: number): string {
  switch (fault) {
    case 'network_cut':
      return `After ${seconds} s the server opens its network again by itself, also when this computer is gone.`;
    case 'patroni_frozen':
      return `After ${seconds} s the server continues Patroni by itself, also when this computer is gone.`;
    case 'patroni_killed':
      return `After ${seconds} s the server starts Patroni by itself where it does not run by then.`;
    default:
      return '';
  }
}

/** The commands that do the same by hand, on the leader's server. */
export function drillCommand(fault: DrillFault, seconds: number): string {
  const later = (unit: string, command: string): string =>
    `systemd-run --on-active=${seconds}s --unit=${unit} ${command}`;
  switch (fault) {
    case 'switchover':
      return 'patronictl switchover --force';
    case 'postgres_killed':
      return 'kill -KILL $(head -n 1 DATA_DIRECTORY/postmaster.pid)';
    case 'patroni_killed':
      return `${later('drill-heal', 'systemctl start UNIT')}\nkill -KILL PID_OF_PATRONI`;
    case 'patroni_frozen':
      return `${later('drill-heal', 'kill -CONT PID_OF_PATRONI')}\nkill -STOP PID_OF_PATRONI`;
    case 'server_rebooted':
      return 'systemctl reboot';
    case 'network_cut':
      return `${later('drill-heal', 'nft delete table inet drill')}\nnft -f FILE_THAT_DROPS_ALL_BUT_SSH`;
  }
}

/** Who writes, in words. */
export function clientInWords({ client }: Pick<DrillMeasure, 'client'>, server: string | null): string {
  return client === 'workstation' ? 'this computer' : (server ?? 'a server');
}

/** What a client saw by a way, in words. */
export function gapInWords({ end, gapMs, gaps }: Pick<DrillMeasure, 'end' | 'gapMs' | 'gaps'>): string {
  switch (end) {
    case 'none':
      return 'no interruption';
    case 'not_measured':
      return 'not measured';
    case 'open':
      return `not back after ${spanInWords(gapMs ?? 0)}`;
    case 'interrupted':
      return `${spanInWords(gapMs ?? 0)}${gaps > 1 ? ` (the longest of ${gaps})` : ''}`;
  }
}

/** What was lost, in words. */
export function lostInWords({ lost }: Pick<DrillMeasure, 'lost'>): string {
  if (lost === null) return 'could not be looked for';
  if (lost.count === 0) return 'none';
  const more = lost.count > lost.numbers.length ? ' and more' : '';
  return `${lost.count}: ${numbersInWords(lost.numbers)}${more}`;
}

/** How the former leader came back, in words. */
export function rejoinInWords({ how, streamsAfterMs }: DrillRejoin): string {
  const when = streamsAfterMs === null ? '' : ` It streamed from the new leader after ${spanInWords(streamsAfterMs)}.`;
  switch (how) {
    case 'stayed':
      return 'The leader stayed the same.';
    case 'followed':
      return `The former leader followed without a rewind.${when}`;
    case 'rewind':
      return `The former leader was rewound (pg_rewind).${when}`;
    case 'reinit':
      return `The former leader was copied anew.${when}`;
    case 'not_back':
      return 'The former leader did not come back while the drill was watched.';
    case 'not_known':
      return `How the former leader came back is not known.${when}`;
  }
}

/** Where a way leads, in words. */
export function targetsInWords(targets: DrillReport['ways'][number]['targets']): string {
  return targets.map(printHostPort).join(', ');
}

/** Who took the fault away, in words. */
export function healingInWords({ healing, healedAfterMs }: Pick<DrillReport, 'healing' | 'healedAfterMs'>): string {
  const when = healedAfterMs === null ? '' : ` after ${spanInWords(healedAfterMs)}`;
  switch (healing) {
    case 'app':
      return `The app took the fault away${when}.`;
    case 'server':
      return `The server took the fault away by itself${when}.`;
    case 'not_needed':
      return 'There was nothing to take away.';
    case 'not_known':
      return 'Whether the fault is away was not seen.';
  }
}
