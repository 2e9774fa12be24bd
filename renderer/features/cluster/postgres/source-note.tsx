import type { SqlSource } from '../../../../shared/model/postgres/sql-way';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';

/** By which way, as whom and when PostgreSQL was asked. */
export function SourceNote({ source }: { readonly source: SqlSource }) {
  return (
    <>
      asked {sqlWayInWords(source)} <Ago at={source.asOf} />
    </>
  );
}

/** The way of an answer in words. */
function sqlWayInWords({ way, role, encrypted }: SqlSource): string {
  if (way === 'psql') return `as ${printable(role)} by psql on the server`;
  return `as ${printable(role)} through the SSH tunnel${encrypted === true ? ' with TLS' : ''}`;
}
