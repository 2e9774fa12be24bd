import { shellWord } from '../words/shell-words';

/** A text as a literal of SQL; standard_conforming_strings is on in every session of the app. */
export function sqlLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** How a slot is made anew. */
export interface SlotRecipe {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  readonly plugin: string | null;
  readonly twoPhase: boolean;
  readonly failover: boolean;
}

/** The statement that makes a slot; a physical one holds WAL from then on, as Patroni makes its own (patroni/postgresql/slots.py). */
export function makeSlotSql({ name, kind, plugin, twoPhase, failover }: SlotRecipe): string {
  if (kind === 'physical') return `SELECT pg_create_physical_replication_slot(${sqlLiteral(name)}, true)::text`;
  const more = [...(twoPhase ? ['twophase => true'] : []), ...(failover ? ['failover => true'] : [])];
  const words = [sqlLiteral(name), sqlLiteral(plugin ?? 'pgoutput'), ...more];
  return `SELECT pg_create_logical_replication_slot(${words.join(', ')})::text`;
}

/** A statement as a word of a shell, as a person would write it: in double quotes, where nothing in it means something to a shell. */
export function sqlWord(sql: string): string {
  return /["$`\\!]/.test(sql) ? shellWord(sql) : `"${sql}"`;
}
