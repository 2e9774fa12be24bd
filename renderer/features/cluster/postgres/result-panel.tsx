import { Button } from '@blueprintjs/core';
import { useRef } from 'react';
import type { StatementCell } from '../../../../shared/model/postgres/statement';
import { cutCells, resultCsv } from '../../../../shared/rules/postgres/result-csv';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { downloadText } from '../../../ui/download';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { useRows } from '../../../ui/virtual';
import { plural } from '../../../ui/wording/format';
import { SourceNote } from './source-note';
import type { StatementResult } from './use-statement-run';

const ROW = 30;

/** The rows of a statement that were read, and what can be done with them. */
export function ResultPanel(props: {
  readonly result: StatementResult;
  readonly busy: boolean;
  readonly onMore: () => void;
}) {
  const { explain, page } = props.result;
  const { columns, rows, more, source, durationMs } = page;
  const cut = cutCells(rows);
  const title = explain ? 'Plan' : 'Result';
  const save = () => downloadText(`${title.toLowerCase()}.csv`, resultCsv(columns, rows));
  return (
    <Panel
      title={title}
      note={
        <span role="status" data-testid="result-note">
          {more ? `the first ${rows.length} rows, there are more` : plural(rows.length, 'row')},{' '}
          {spanInWords(durationMs)}, <SourceNote source={source} />
        </span>
      }
      tools={
        <>
          <Button
            size="small"
            text="Save as CSV"
            title={cut === 0 ? 'What is shown here' : `What is shown here; ${plural(cut, 'value')} are cut`}
            onClick={save}
          />
          {more ? (
            <Button
              size="small"
              text="More"
              title="Runs the statement again and goes on after these rows"
              loading={props.busy}
              onClick={props.onMore}
            />
          ) : null}
        </>
      }
      flush
    >
      {explain ? <Plan rows={rows} /> : <Rows columns={columns} rows={rows} />}
      {cut === 0 ? null : (
        <p className="m-panel-body m-small m-muted">
          {cut === 1 ? 'One value is' : `${cut} values are`} too long to be shown whole; the length stands before it.
        </p>
      )}
    </Panel>
  );
}

type ResultRows = readonly (readonly StatementCell[])[];

function Plan({ rows }: { readonly rows: ResultRows }) {
  return (
    <pre className="m-log" tabIndex={0} role="region" aria-label="Plan">
      {rows.map(([cell]) => printable(cell?.text ?? '')).join('\n')}
    </pre>
  );
}

function Rows({ columns, rows }: { readonly columns: readonly string[]; readonly rows: ResultRows }) {
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useRows({ count: rows.length, scroller, rowHeight: ROW, overscan: 10 });
  const items = shown.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = shown.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className="m-sql-result" ref={scroller} tabIndex={0} role="region" aria-label="Rows">
      <table className="m-table m-table-dense" aria-label="Result" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map((name, index) => (
              <th key={`${index} ${name}`}>{printable(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={before} columns={columns.length} />
          {items.map(({ index }) => (
            <tr key={index} aria-rowindex={index + 2} style={{ height: ROW }}>
              {(rows[index] ?? []).map((cell, column) => (
                <Cell key={column} cell={cell} />
              ))}
            </tr>
          ))}
          <Space height={after} columns={columns.length} />
        </tbody>
      </table>
      {rows.length === 0 ? <p className="m-panel-body m-muted">No row.</p> : null}
    </div>
  );
}

/** Stands for the rows that are not near the screen. */
function Space({ height, columns }: { readonly height: number; readonly columns: number }) {
  return height <= 0 ? null : (
    <tr aria-hidden style={{ height }}>
      <td colSpan={Math.max(1, columns)} />
    </tr>
  );
}

function Cell({ cell }: { readonly cell: StatementCell }) {
  const { text, length } = cell;
  if (text === null) return <td className="m-muted m-sql-cell">NULL</td>;
  const isCut = length > text.length;
  return (
    <td className="m-mono m-sql-cell" title={printable(text)}>
      {isCut ? <span className="m-muted">{length} characters: </span> : null}
      <bdi>{printable(text.replaceAll('\n', '↵'))}</bdi>
    </td>
  );
}
