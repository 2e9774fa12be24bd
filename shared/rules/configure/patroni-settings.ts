/** The newest line of Patroni's releases whose settings are known. */
export const newestKnownLine = '4.1';

/** What kind of value a setting of Patroni's dynamic configuration takes. */
export type PatroniSettingKind =
  'number' | 'duration' | 'switch' | 'synchronous_mode' | 'section' | 'standby_cluster' | 'slot_matchers' | 'other';

/** One setting at the top of Patroni's dynamic configuration. */
export interface PatroniSetting {
  readonly kind: PatroniSettingKind;
  /** Lowest whole number that Patroni works with; only where `kind` is number or duration. */
  readonly lowest?: number;
  /** The first release that knows the setting, where it is younger than the oldest release this app works with. */
  readonly since?: string;
  /** In place of `since`: the newest line of releases that does not know the setting yet. */
  readonly youngerThan?: typeof newestKnownLine;
}

/**
 * Every setting at the top of the dynamic configuration: Patroni's own, in contrast to parameters of PostgreSQL, which lie
 * below `postgresql.parameters`. From Patroni's documentation (dynamic_configuration.rst, citus.rst) and
 * patroni/global_config.py, lowest values from patroni/validator.py. Patroni still reads the two names with `master`,
 * and two earlier names of `slots`.
 */
export const patroniSettings: Readonly<Record<string, PatroniSetting>> = {
  ttl: { kind: 'number', lowest: 20 },
  loop_wait: { kind: 'number', lowest: 1 },
  retry_timeout: { kind: 'number', lowest: 3 },
  maximum_lag_on_failover: { kind: 'number', lowest: 0 },
  maximum_lag_on_syncnode: { kind: 'number', lowest: -1 },
  max_timelines_history: { kind: 'number', lowest: 0 },
  primary_start_timeout: { kind: 'number', lowest: 0 },
  master_start_timeout: { kind: 'number', lowest: 0 },
  primary_stop_timeout: { kind: 'number', lowest: 0 },
  master_stop_timeout: { kind: 'number', lowest: 0 },
  primary_race_backoff: { kind: 'number', lowest: 0, youngerThan: newestKnownLine },
  synchronous_mode: { kind: 'synchronous_mode' },
  synchronous_mode_strict: { kind: 'switch' },
  synchronous_node_count: { kind: 'number', lowest: 1 },
  failsafe_mode: { kind: 'switch' },
  check_timeline: { kind: 'switch' },
  pause: { kind: 'switch' },
  standby_cluster: { kind: 'standby_cluster' },
  slots: { kind: 'section' },
  permanent_slots: { kind: 'section' },
  permanent_replication_slots: { kind: 'section' },
  ignore_slots: { kind: 'slot_matchers' },
  member_slots_ttl: { kind: 'duration', lowest: 0, since: '4.0.0' },
  postgresql: { kind: 'section' },
  citus: { kind: 'other' },
  multisite: { kind: 'other' },
};

/** The setting of Patroni with this name, or undefined when the name is none of Patroni's. */
export function findPatroniSetting(name: string): PatroniSetting | undefined {
  return Object.hasOwn(patroniSettings, name) ? patroniSettings[name] : undefined;
}
