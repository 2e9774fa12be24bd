/** What kind of value a setting of Patroni's dynamic configuration takes. */
export type PatroniSettingKind = 'number' | 'switch' | 'synchronous_mode' | 'section' | 'standby_cluster' | 'other';

/** One setting at the top of Patroni's dynamic configuration. */
export interface PatroniSetting {
  readonly kind: PatroniSettingKind;
  /** Lowest whole number that Patroni works with; only where `kind` is number. */
  readonly lowest?: number;
  /** The first release that knows the setting, where it is younger than the oldest release this app works with. */
  readonly since?: string;
}

/**
 * Every setting at the top of the dynamic configuration: Patroni's own, in contrast to parameters of PostgreSQL, which lie
 * below `postgresql.parameters`. From Patroni's documentation (dynamic_configuration.rst, citus.rst) and
 * patroni/global_config.py, lowest values from patroni/validator.py. Patroni still reads the two names with `master`.
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
  primary_race_backoff: { kind: 'number', lowest: 0 },
  synchronous_mode: { kind: 'synchronous_mode' },
  synchronous_mode_strict: { kind: 'switch' },
  synchronous_node_count: { kind: 'number', lowest: 1 },
  failsafe_mode: { kind: 'switch' },
  check_timeline: { kind: 'switch' },
  pause: { kind: 'switch' },
  standby_cluster: { kind: 'standby_cluster' },
  slots: { kind: 'section' },
  ignore_slots: { kind: 'other' },
  member_slots_ttl: { kind: 'other', since: '4.0.0' },
  postgresql: { kind: 'section' },
  citus: { kind: 'other' },
  multisite: { kind: 'other' },
};

/** The setting of Patroni with this name, or undefined when the name is none of Patroni's. */
export function findPatroniSetting(name: string): PatroniSetting | undefined {
  return Object.hasOwn(patroniSettings, name) ? patroniSettings[name] : undefined;
}
