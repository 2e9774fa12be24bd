import { splitStatements, withoutComments } from './split-statements';

/**
 * Functions that act on the server although a transaction is read-only (PostgreSQL's documentation, "System Administration Functions", and
 * contrib modules). The list keeps from accidents; it is no wall: who may call them may call them by another name, too.
 */
const ACTING = new Set([
  'pg_cancel_backend',
  'pg_terminate_backend',
  'pg_reload_conf',
  'pg_rotate_logfile',
  'pg_promote',
  'pg_switch_wal',
  'pg_create_restore_point',
  'pg_wal_replay_pause',
  'pg_wal_replay_resume',
  'pg_backup_start',
  'pg_backup_stop',
  'pg_start_backup',
  'pg_stop_backup',
  'pg_drop_replication_slot',
  'pg_create_physical_replication_slot',
  'pg_create_logical_replication_slot',
  'pg_replication_slot_advance',
  'pg_logical_slot_get_changes',
  'pg_logical_slot_get_binary_changes',
  'pg_sync_replication_slots',
  'pg_stat_statements_reset',
  'pg_log_backend_memory_contexts',
  'pg_advisory_lock',
  'pg_logical_emit_message',
  'pg_notify',
  'pg_file_write',
  'pg_file_unlink',
  'pg_file_rename',
  'lowrite',
]);

/**
 * Families of them. PostgreSQL before 16 lets the functions for large objects write in a read-only transaction (its release notes);
 * `dblink` and Citus' `run_command_on_` run what they are given in sessions of their own.
 */
const ACTING_FAMILIES: readonly RegExp[] = [
  /^lo_(?!get$)/,
  /^pg_stat_reset/,
  /^pg_copy_(physical|logical)_replication_slot$/,
  /^pg_replication_origin_/,
  /^dblink/,
  /^run_command_on_/,
];

/** Why a statement is not run as one that only reads; null where it is tried. PostgreSQL itself refuses what writes. */
export type StatementObjection =
  | { readonly kind: 'empty' }
  | { readonly kind: 'several'; readonly count: number }
  | { readonly kind: 'acts'; readonly name: string };

/** Judges what a user wrote. `statement` is the one statement in it. */
export function judgeStatement(text: string, access: 'read' | 'write'): StatementObjection | null {
  const statements = splitStatements(text);
  if (statements.length === 0) return { kind: 'empty' };
  if (statements.length > 1) return { kind: 'several', count: statements.length };
  if (access === 'write') return null;
  const calls = withoutComments(statements[0] ?? '').matchAll(/\b([A-Za-z_]\w*)"?\s*\(/g);
  for (const [, name = ''] of calls) if (isActing(name.toLowerCase())) return { kind: 'acts', name };
  return null;
}

function isActing(name: string): boolean {
  return ACTING.has(name) || ACTING_FAMILIES.some((family) => family.test(name));
}

/** An objection as a sentence. */
export function objectionInWords(objection: StatementObjection): string {
  switch (objection.kind) {
    case 'empty':
      return 'There is no statement to run.';
    case 'several':
      return `These are ${objection.count} statements. One is run at a time, so that it is clear what its result belongs to.`;
    case 'acts':
      return `${objection.name} acts on the server, although the transaction is read-only.`;
  }
}

/** What is typed to switch to statements that may write. */
export const WRITE_WORDS = 'read and write';
