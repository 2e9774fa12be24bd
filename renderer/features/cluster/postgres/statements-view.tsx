import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { StatementReading, StatementsView } from '../../../../shared/model/postgres/storage';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { useAnswer } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { Command } from '../../../ui/command';
import { Empty, Panel } from '../../../ui/panel';
import { SortHeader, useSorted, type SortValue } from '../../../ui/sort';
import { printable } from '../../../ui/text';
import { formatBytes } from '../../../ui/wording/format';
import { DatabaseChoice } from './database-choice';
import { SourceNote } from './source-note';
import { shareInWords } from './storage-view';

/** The statements of pg_stat_statements that took most time, or how to get it. */
export function StatementsPanel({ clusterId, member }: { readonly clusterId: string; readonly member: string }) {
  const [database, setDatabase] = useState('postgres');
  const databases = useAnswer(`databases ${clusterId} ${member}`, (client) =>
    client.postgres.storage({ clusterId, member }),
  );
  const answer = useAnswer(JSON.stringify(['statements', clusterId, member, database]), (client) =>
    client.postgres.statements({ clusterId, member, database }),
  );
  const names = (databases.value?.databases ?? []).filter(({ open }) => open).map(({ name }) => name);
  const again = <Button size="small" text="Ask again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Panel
      title="Statements"
      note={answer.value === null ? 'pg_stat_statements' : <SourceNote source={answer.value.source} />}
      tools={
        <>
          <DatabaseChoice names={names} database={database} onDatabase={setDatabase} />
          {again}
        </>
      }
      flush
    >
      <Answered
        answer={answer}
        what="Asking pg_stat_statements."
        tools={again}
        flush
        show={(view) => (view.kind === 'absent' ? <Absent view={view} /> : <List statements={view.statements} />)}
      />
    </Panel>
  );
}

function Absent({ view }: { readonly view: Extract<StatementsView, { kind: 'absent' }> }) {
  return (
    <Empty title="pg_stat_statements is not in this database">
      <p>It counts every statement with its time, rows and blocks. Choose another database, or set it up:</p>
      <ol className="m-stack-tight">
        {view.available ? null : (
          <li>Install the package with the extensions of PostgreSQL (postgresql-contrib) on every server.</li>
        )}
        {view.loaded === true ? null : (
          <li>
            Add pg_stat_statements to shared_preload_libraries under Configuration, and restart the members one by one.
            {view.loaded === null ? ' This role may not see whether that is so.' : ''}
          </li>
        )}
        <li>
          Make the extension on the primary:
          <Command text="CREATE EXTENSION pg_stat_statements;" label="Copy SQL" />
        </li>
      </ol>
    </Empty>
  );
}

type Column = 'calls' | 'total' | 'mean' | 'rows' | 'wal';

function valueOf(row: StatementReading, column: Column): SortValue {
  switch (column) {
    case 'calls':
      return row.calls;
    case 'total':
      return row.totalMs;
    case 'mean':
      return row.meanMs;
    case 'rows':
      return row.rows;
    case 'wal':
      return row.walBytes;
  }
}

function List({ statements }: { readonly statements: readonly StatementReading[] }) {
  const sorted = useSorted(statements, valueOf);
  if (statements.length === 0) return <p className="m-panel-body m-muted">No statement was counted yet.</p>;
  const all = statements.reduce((sum, { totalMs }) => sum + totalMs, 0);
  return (
    <div className="m-sql-scroll" tabIndex={0} role="region" aria-label="Table of the statements">
      <table className="m-table m-table-dense" aria-label="Statements">
        <thead>
          <tr>
            <th>Statement</th>
            <SortHeader column="total" name="Total time" sorted={sorted} numeric />
            <SortHeader column="mean" name="Mean time" sorted={sorted} numeric />
            <SortHeader column="calls" name="Calls" sorted={sorted} numeric />
            <SortHeader column="rows" name="Rows" sorted={sorted} numeric />
            <th className="m-num">Cache hits</th>
            <SortHeader column="wal" name="WAL" sorted={sorted} numeric />
          </tr>
        </thead>
        <tbody>
          {sorted.rows.map((row) => (
            <tr key={JSON.stringify([row.id, row.user, row.database])}>
              <td>
                <div className="m-sql-query m-mono m-small" title={row.query}>
                  {printable(row.query.slice(0, 300).replaceAll(/\s+/g, ' '))}
                  {row.queryLength > 300 ? <span className="m-muted"> … {row.queryLength} characters</span> : null}
                </div>
                <div className="m-small m-muted">
                  {printable(row.user ?? 'a role that is gone')} in{' '}
                  {printable(row.database ?? 'a database that is gone')}
                </div>
              </td>
              <td className="m-num">
                {spanInWords(row.totalMs)}
                <div className="m-small m-muted">{shareInWords(all === 0 ? null : row.totalMs / all)}</div>
              </td>
              <td className="m-num">{row.meanMs < 1_000 ? `${row.meanMs.toFixed(2)} ms` : spanInWords(row.meanMs)}</td>
              <td className="m-num">{row.calls.toLocaleString('en')}</td>
              <td className="m-num">{row.rows.toLocaleString('en')}</td>
              <td className="m-num">{shareInWords(row.cacheHits)}</td>
              <td className="m-num">{row.walBytes === null ? '–' : formatBytes(row.walBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
