import type { CatalogQuestion } from '../postgres/catalog-select';

/**
 * What a member is asked before its data is copied. Values that are free text are not asked for: they may be secrets. A custom parameter
 * (with a dot) is a placeholder to every version.
 */
export const assessmentQuestions = {
  assessed: {
    columns: {
      version: `current_setting('server_version_num')::int`,
      dataDirectory: `(SELECT setting FROM pg_settings WHERE name = 'data_directory')`,
      superuser: '(SELECT rolname FROM pg_roles WHERE oid = 10)',
      preload: `(SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries')`,
      maxPrepared: `current_setting('max_prepared_transactions')::int`,
      walBytes: `(SELECT sum(size)::bigint FROM pg_ls_waldir())`,
      senders: `current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication)::int`,
      slots: `current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)::int`,
    },
    from: '',
  },
  assessedSizes: {
    columns: {
      bytes: `CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
        THEN pg_database_size(d.oid) END`,
    },
    from: 'FROM pg_database d',
  },
  assessedPlaces: {
    columns: { path: 'pg_tablespace_location(t.oid)' },
    from: `FROM pg_tablespace t WHERE pg_tablespace_location(t.oid) <> ''`,
  },
  assessedSettings: {
    columns: {
      name: 's.name',
      value: `CASE WHEN s.vartype IN ('bool', 'integer', 'real', 'enum') THEN current_setting(s.name) END`,
    },
    from:
      `FROM pg_settings s WHERE s.source NOT IN ('default', 'override', 'client', 'session') AND s.context <> 'internal' ` +
      `AND s.name !~ '[.]' ORDER BY s.name`,
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;

/** What the leader alone knows: a copy has no slots. */
export const logicalSlotQuestions = {
  logicalSlots: {
    columns: { name: 's.slot_name', plugin: 's.plugin', database: 's.database' },
    from: `FROM pg_replication_slots s WHERE s.slot_type = 'logical' AND NOT s.temporary ORDER BY s.slot_name`,
  },
} as const satisfies Readonly<Record<string, CatalogQuestion>>;
