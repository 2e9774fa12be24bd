import { z } from 'zod';
import type { ChangedFile, TouchedRelations } from '../../../shared/rules/repair/diverged';
import type { MemberPlace } from '../postgres/member-place';
import { rowsOfAnswer, type SqlAsk } from '../postgres/sql-session';

const STATEMENT_MS = 8_000;
/** So many databases are asked for names. */
const MOST_DATABASES = 8;
/** Below it are the system's own relations (access/transam.h, FirstNormalObjectId). */
const FIRST_OF_USERS = 16_384;

const databaseRow = z.object({ oid: z.number(), name: z.string(), open: z.boolean() });
const relationRow = z.object({ file: z.number(), oid: z.number().nullable(), name: z.string().nullable() });

/** Finds the relations behind changed files in the catalog of a member; an index or a TOAST table counts as its table. */
export async function nameRelations(place: MemberPlace, files: readonly ChangedFile[]): Promise<TouchedRelations> {
  const databases = await ask(
    place,
    'postgres',
    'SELECT oid::bigint AS oid, datname::text AS name, datallowconn AS open FROM pg_database',
    databaseRow,
  );
  const named = new Map<string, number>();
  let unknown = 0;
  for (const database of databases.filter(({ open }) => open).slice(0, MOST_DATABASES)) {
    const own = files.filter((file) => file.database === database.oid);
    if (own.length === 0) continue;
    const rows = await ask(place, database.name, relationsSql(own), relationRow);
    for (const { file, oid, name } of rows) {
      const records = own.find((one) => one.file === file)?.records ?? 0;
      if (oid === null || name === null) unknown += 1;
      else if (oid >= FIRST_OF_USERS) {
        const key = `${database.name}.${name}`;
        named.set(key, (named.get(key) ?? 0) + records);
      }
    }
  }
  const names = [...named].map(([name, records]) => ({ name, records })).toSorted((a, b) => b.records - a.records);
  return { names, unknown, member: place.member.name };
}

function relationsSql(files: readonly ChangedFile[]): string {
  const values = files.map(({ tablespace, file }) => `(${tablespace}, ${file})`).join(', ');
  return (
    `SELECT x.file::bigint AS file, r.oid::bigint AS oid, (n.nspname || '.' || r.relname)::text AS name ` +
    `FROM (VALUES ${values}) AS x(space, file) ` +
    `LEFT JOIN pg_class c ON c.oid = pg_filenode_relation(x.space::oid, x.file::oid) ` +
    `LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.reltoastrelid = coalesce(i.indrelid, c.oid) ` +
    `LEFT JOIN pg_class r ON r.oid = coalesce(t.oid, i.indrelid, c.oid) LEFT JOIN pg_namespace n ON n.oid = r.relnamespace`
  );
}

async function ask<T>(
  { session, member }: MemberPlace,
  database: string,
  sql: string,
  row: z.ZodType<T>,
): Promise<readonly T[]> {
  const question: SqlAsk = { name: 'named', sql, access: 'read' };
  const answers = await session.visit({ database, questions: [question], statementMs: STATEMENT_MS });
  return rowsOfAnswer(answers.get('named'), row, member.name);
}
