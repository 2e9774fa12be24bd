import type {
  ClusterEventKind,
  DcsState,
  HealthLevel,
  SourceStatus,
} from '../../../shared/model/cluster/cluster-state';
import type { ServiceState } from '../../../shared/model/operate/service';
import type { JobKind, JobStatus } from '../../../shared/model/operate/job';
import type { Member, MemberCondition, MemberRole } from '../../../shared/model/cluster/member';

/**
 * The tone of a mark. It is never the only sign: every mark has an icon of its own shape and a word. `unknown` is for what
 * is not known, `idle` for what is known and neither good nor bad, `old` for what was well when it was last seen.
 */
export type Tone = 'good' | 'warn' | 'crit' | 'unknown' | 'busy' | 'info' | 'idle' | 'old';

interface Word {
  readonly word: string;
  readonly tone: Tone;
}

/** The words of a cluster's health. */
export const healthWords: Readonly<Record<HealthLevel, Word>> = {
  critical: { word: 'Critical', tone: 'crit' },
  unknown: { word: 'Unknown', tone: 'unknown' },
  warning: { word: 'Warning', tone: 'warn' },
  healthy: { word: 'Healthy', tone: 'good' },
  connecting: { word: 'Connecting', tone: 'busy' },
};

/** The words of a member's condition. */
export const conditionWords: Readonly<Record<MemberCondition, Word & { readonly explain: string }>> = {
  healthy: { word: 'Healthy', tone: 'good', explain: 'Patroni and PostgreSQL work normally.' },
  starting: { word: 'Starting', tone: 'busy', explain: 'PostgreSQL is starting or restarting.' },
  stopping: {
    word: 'Stopping',
    tone: 'busy',
    explain: 'PostgreSQL is being stopped, to be restarted or to give up the leader role.',
  },
  creating: { word: 'Copying data', tone: 'busy', explain: 'Its data directory is being copied from another member.' },
  postgres_down: { word: 'PostgreSQL down', tone: 'crit', explain: 'Patroni answers, PostgreSQL does not run.' },
  lagging: {
    word: 'Lagging',
    tone: 'warn',
    explain: 'It is further behind than maximum_lag_on_failover: Patroni does not choose it as leader.',
  },
  not_streaming: { word: 'Not streaming', tone: 'warn', explain: 'It runs as a replica but receives no WAL.' },
  behind_timeline: { word: 'Old timeline', tone: 'warn', explain: 'It runs on an older timeline than the leader.' },
  dcs_unreachable: {
    word: 'DCS unreachable',
    tone: 'warn',
    explain: 'The server is up, but Patroni on it cannot reach the DCS.',
  },
  patroni_down: {
    word: 'Patroni down',
    tone: 'crit',
    explain: 'Patroni does not answer. The server itself is reachable.',
  },
  not_answering: {
    word: 'Not answering',
    tone: 'unknown',
    explain: 'It stopped answering. Whether Patroni, the server or the connection is down is not known yet.',
  },
  unreachable: { word: 'Unreachable', tone: 'crit', explain: 'Neither Patroni nor SSH answers.' },
  ssh_lost: {
    word: 'SSH lost',
    tone: 'unknown',
    explain: 'The SSH connection to this server is lost. Its state is not known; etcd still lists it.',
  },
  gone: { word: 'Gone', tone: 'idle', explain: 'Known to Matriarch, absent from the DCS.' },
  unknown: { word: 'Not known', tone: 'unknown', explain: 'No source has reported this member yet.' },
};

/** The tone in which a member's condition is shown: good news that is `stale` is no longer good, bad news stays. */
export function conditionTone(condition: MemberCondition, stale: boolean): Tone {
  const { tone } = conditionWords[condition];
  return stale && tone !== 'crit' && tone !== 'unknown' ? 'old' : tone;
}

/** The words of a member's role. */
export const roleWords: Readonly<Record<MemberRole, string>> = {
  leader: 'Leader',
  standby_leader: 'Standby leader',
  sync_standby: 'Sync standby',
  quorum_standby: 'Quorum standby',
  replica: 'Replica',
  unknown: 'Role not known',
};

/** The words of a role as a server reported it; one that this app does not know is shown as it is. */
export function reportedRoleWord(role: string): string {
  return Object.entries(roleWords).find(([known]) => known === role)?.[1] ?? role;
}

/** PostgreSQL's state in words; a state this app does not know is shown as the server sent it. */
export function stateWord(member: Pick<Member, 'state' | 'stateText'>): string {
  if (member.state !== 'unknown') return member.state;
  return member.stateText === '' ? 'not known' : member.stateText;
}

/** The words of a source's status. */
export const sourceWords: Readonly<Record<SourceStatus, Word>> = {
  connecting: { word: 'connecting', tone: 'busy' },
  live: { word: 'live', tone: 'good' },
  stale: { word: 'stale', tone: 'warn' },
  lost: { word: 'no answer', tone: 'crit' },
  off: { word: 'not set up', tone: 'idle' },
};

/** The words of the DCS's state. */
export const dcsWords: Readonly<Record<DcsState['kind'], Word>> = {
  connecting: { word: 'Connecting', tone: 'busy' },
  live: { word: 'Answers', tone: 'good' },
  no_quorum: { word: 'No quorum', tone: 'crit' },
  unreachable: { word: 'Unreachable', tone: 'crit' },
  refused: { word: 'Access refused', tone: 'crit' },
  not_configured: { word: 'Not set up', tone: 'idle' },
};

/** The words of a job's status. */
export const jobWords: Readonly<Record<JobStatus, Word>> = {
  checking: { word: 'Checking', tone: 'busy' },
  running: { word: 'Running', tone: 'busy' },
  following: { word: 'Following', tone: 'busy' },
  waiting: { word: 'Waiting for the connection', tone: 'busy' },
  done: { word: 'Done', tone: 'good' },
  warning: { word: 'Done, with a warning', tone: 'warn' },
  failed: { word: 'Failed', tone: 'crit' },
  refused: { word: 'Refused, nothing was sent', tone: 'warn' },
  cancelled: { word: 'Cancelled', tone: 'idle' },
  unknown: { word: 'Result not known', tone: 'unknown' },
  interrupted: { word: 'Interrupted', tone: 'idle' },
};

/** The words of a service's state. */
export const serviceStateWords: Readonly<Record<ServiceState, Word>> = {
  running: { word: 'Running', tone: 'good' },
  starting: { word: 'Starting', tone: 'busy' },
  stopping: { word: 'Stopping', tone: 'busy' },
  stopped: { word: 'Stopped', tone: 'idle' },
  failed: { word: 'Failed', tone: 'crit' },
  unknown: { word: 'Not known', tone: 'unknown' },
};

/** The words of what jobs do. */
export const jobKindWords: Readonly<Record<JobKind, string>> = {
  switchover: 'Switchover',
  failover: 'Failover',
  reinit: 'Reinitialize',
  restart: 'Restart',
  rolling_restart: 'Rolling restart',
  terminal: 'Terminal',
  reload: 'Reload',
  pause: 'Pause',
  resume: 'Resume',
  schedule_switchover: 'Schedule switchover',
  schedule_restart: 'Schedule restart',
  cancel_schedule: 'Cancel schedule',
  change_config: 'Change configuration',
  promote_cluster: 'Promote standby cluster',
  demote_cluster: 'Make a standby cluster',
  drill: 'Failover drill',
  upgrade: 'Upgrade',
  assessment: 'Assessment',
  passwords: 'Change of passwords',
  member_file: 'Change patroni.yml',
  service: 'Change service',
  etcd: 'Work on etcd',
  repair: 'Repair',
  end_session: 'End a session',
  backup: 'Backup',
  restore: 'Restore',
  run_statement: 'Run a statement',
  deploy: 'Set up',
  deploy_undo: 'Undo set-up',
  add_replica: 'Add replica',
  remove_member: 'Remove member',
  etcd_member: 'Change etcd member',
  convert: 'Convert',
  monitoring: 'Set up Prometheus',
  rotate_certificates: 'Rotate certificates',
  bundle: 'Bundle',
};

/** The words of the event recorder's kinds. */
export const eventWords: Readonly<Record<ClusterEventKind, string>> = {
  leader_lost: 'Leader lost',
  leader_elected: 'Leader elected',
  promoted: 'Promoted',
  member_joined: 'Member joined',
  member_gone: 'Member gone',
  member_state: 'State',
  member_streaming: 'Streaming',
  timeline: 'Timeline',
  paused: 'Paused',
  resumed: 'Resumed',
  failover_requested: 'Failover requested',
  switchover_scheduled: 'Switchover scheduled',
  schedule_removed: 'Schedule removed',
  config_changed: 'Configuration',
  pending_restart: 'Pending restart',
  dcs_lost: 'DCS lost',
  dcs_back: 'DCS back',
  no_quorum: 'No quorum',
  ssh_lost: 'SSH lost',
  ssh_back: 'SSH back',
  failsafe: 'Failsafe',
  sync_changed: 'Sync changed',
  initialized: 'Initialized',
  finding: 'Finding',
  primary_gap: 'Time without a primary',
  operation: 'Operation',
};
