/** What a setting of Patroni is for, the value it has when it is not set, and the unit it counts in. */
export interface PatroniSettingFacts {
  readonly description: string;
  readonly builtIn: string | null;
  readonly unit: string | null;
  /** Where it stands in the form. */
  readonly group: 'Failover' | 'Synchronous replication' | 'PostgreSQL under Patroni' | 'Slots' | 'Other';
}

/** Settings of Patroni that the form shows as fields, by dotted name (Patroni's dynamic_configuration.rst). */
export const patroniSettingFacts: Readonly<Record<string, PatroniSettingFacts>> = {
  ttl: {
    description: 'How long the leader key lives without being renewed. The longest a failover waits for a dead leader.',
    builtIn: '30',
    unit: 's',
    group: 'Failover',
  },
  loop_wait: {
    description: 'How long each member rests between two rounds of its loop.',
    builtIn: '10',
    unit: 's',
    group: 'Failover',
  },
  retry_timeout: {
    description: 'How long Patroni tries to reach the DCS or PostgreSQL again before a leader steps down.',
    builtIn: '10',
    unit: 's',
    group: 'Failover',
  },
  maximum_lag_on_failover: {
    description: 'A replica that is further behind than this does not take over.',
    builtIn: '1048576',
    unit: 'bytes',
    group: 'Failover',
  },
  check_timeline: {
    description: 'Whether a replica on an older timeline than the leader’s last may not take over.',
    builtIn: 'false',
    unit: null,
    group: 'Failover',
  },
  primary_race_backoff: {
    description:
      'How long replicas wait before they race for the lock while the old primary still sends WAL; 0 does not.',
    builtIn: '0',
    unit: 's',
    group: 'Failover',
  },
  primary_start_timeout: {
    description: 'How long a crashed primary may take to recover before a replica takes over; 0 fails over at once.',
    builtIn: '300',
    unit: 's',
    group: 'Failover',
  },
  primary_stop_timeout: {
    description: 'How long PostgreSQL may take to stop when a leader steps down; counts in synchronous mode only.',
    builtIn: '0',
    unit: 's',
    group: 'Failover',
  },
  failsafe_mode: {
    description: 'Whether the leader goes on without the DCS as long as it reaches every other member.',
    builtIn: 'false',
    unit: null,
    group: 'Failover',
  },
  max_timelines_history: {
    description: 'How many timelines the history keeps; 0 keeps all.',
    builtIn: '0',
    unit: null,
    group: 'Failover',
  },
  synchronous_mode: {
    description: 'Whether commits wait for a standby that Patroni chooses: off, on, or quorum.',
    builtIn: 'off',
    unit: null,
    group: 'Synchronous replication',
  },
  synchronous_mode_strict: {
    description: 'Whether writes stop while no synchronous standby is there.',
    builtIn: 'false',
    unit: null,
    group: 'Synchronous replication',
  },
  synchronous_node_count: {
    description: 'How many synchronous standbys there are.',
    builtIn: '1',
    unit: null,
    group: 'Synchronous replication',
  },
  maximum_lag_on_syncnode: {
    description: 'A synchronous standby that is further behind than this is replaced by another; -1 never.',
    builtIn: '-1',
    unit: 'bytes',
    group: 'Synchronous replication',
  },
  'postgresql.use_pg_rewind': {
    description: 'Whether a former leader is brought back with pg_rewind.',
    builtIn: 'false',
    unit: null,
    group: 'PostgreSQL under Patroni',
  },
  'postgresql.use_slots': {
    description: 'Whether each replica gets a replication slot.',
    builtIn: 'true',
    unit: null,
    group: 'PostgreSQL under Patroni',
  },
  member_slots_ttl: {
    description: 'How long the slot of a member that is gone is kept.',
    builtIn: '30min',
    unit: null,
    group: 'Slots',
  },
};
