import { SQL_POSITION_NOW, sqlMoment, sqlPosition, sqlSpan, type CatalogQuestion } from './catalog-select';

const behind = (column: string): string => `pg_wal_lsn_diff(${SQL_POSITION_NOW}, ${column})::bigint`;

/** What is asked about replication; what differs between the versions 13 to 18 stands beside its version. */
export const replicationQuestions = {
  server: {
    columns: {
      version: `current_setting('server_version_num')::int`,
      recovery: 'pg_is_in_recovery()',
      position: sqlPosition(`(${SQL_POSITION_NOW})`),
      replayed: sqlPosition('pg_last_wal_replay_lsn()'),
      replayPaused: 'CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END',
      lastReplayedAt: sqlMoment('pg_last_xact_replay_timestamp()'),
      dataDirectory: `(SELECT setting FROM pg_settings WHERE name = 'data_directory')`,
      slotLimitMb: `(SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size')`,
      now: sqlMoment('clock_timestamp()'),
    },
    from: '',
  },
  sent: {
    columns: {
      pid: 'r.pid',
      application: 'r.application_name',
      user: 'r.usename',
      address: 'host(r.client_addr)',
      state: 'r.state',
      syncState: 'r.sync_state',
      slot: '(SELECT slot_name FROM pg_replication_slots WHERE active_pid = r.pid LIMIT 1)',
      sent: behind('r.sent_lsn'),
      write: behind('r.write_lsn'),
      flush: behind('r.flush_lsn'),
      replay: behind('r.replay_lsn'),
      writeMs: sqlSpan('r.write_lag'),
      flushMs: sqlSpan('r.flush_lag'),
      replayMs: sqlSpan('r.replay_lag'),
    },
    from: 'FROM pg_stat_replication r ORDER BY r.application_name, r.pid LIMIT 500',
  },
  received: {
    columns: {
      pid: 'pid',
      status: 'status',
      senderHost: 'sender_host',
      senderPort: 'sender_port',
      slot: 'slot_name',
      timeline: 'received_tli',
      written: { 13: sqlPosition('written_lsn') },
      flushed: { 10: sqlPosition('received_lsn'), 13: sqlPosition('flushed_lsn') },
      latestEnd: sqlPosition('latest_end_lsn'),
      lastMessage: sqlMoment('last_msg_receipt_time'),
    },
    from: 'FROM pg_stat_wal_receiver',
  },
  slots: {
    columns: {
      name: 'slot_name',
      kind: 'slot_type',
      plugin: 'plugin',
      database: 'database',
      temporary: 'temporary',
      active: 'active',
      activePid: 'active_pid',
      retained: behind('restart_lsn'),
      restart: sqlPosition('restart_lsn'),
      walStatus: { 13: 'wal_status' },
      safeWalSize: { 13: 'safe_wal_size' },
      inactiveSince: { 17: sqlMoment('inactive_since') },
      invalidation: {
        14: `CASE WHEN wal_status = 'lost' THEN 'wal_removed' END`,
        16: `CASE WHEN wal_status = 'lost' THEN 'wal_removed' WHEN conflicting THEN 'conflict' END`,
        17: 'invalidation_reason',
      },
      synced: { 17: 'synced' },
    },
    from: 'FROM pg_replication_slots ORDER BY slot_name LIMIT 500',
  },
  archiver: {
    columns: {
      mode: `current_setting('archive_mode')`,
      archived: 'archived_count',
      failed: 'failed_count',
      lastArchived: 'last_archived_wal',
      lastArchivedAt: sqlMoment('last_archived_time'),
      lastFailed: 'last_failed_wal',
      lastFailedAt: sqlMoment('last_failed_time'),
    },
    from: 'FROM pg_stat_archiver',
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;
