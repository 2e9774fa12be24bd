import { Button } from '@blueprintjs/core';
import { Fragment, useState, type ReactNode } from 'react';
import type {
  CheckpointReading,
  DatabaseReading,
  StorageView,
  TableReading,
} from '../../../../shared/model/postgres/storage';
import { judgeAge, LAST_XID_AGE, type AgeVerdict } from '../../../../shared/rules/postgres/wraparound';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { useAnswer } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { Mark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { SortHeader, useSorted } from '../../../ui/sort';
import { UnseenHead } from '../../../ui/table-head';
import { Name, printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { formatBytes } from '../../../ui/wording/format';
import type { Tone } from '../../../ui/wording/words';
import { SourceNote } from './source-note';

interface Props {
  readonly clusterId: string;
  readonly member: string;
}

const ages: Readonly<Record<AgeVerdict, { readonly tone: Tone; readonly word: string }>> = {
  fine: { tone: 'good', word: 'Fine' },
  due: { tone: 'info', word: 'Vacuum is due' },
  late: { tone: 'warn', word: 'Vacuum is late' },
  critical: { tone: 'crit', word: 'Close to its end' },
};

/** The databases of a member, their largest tables, how far they are from wraparound, and the checkpoints. */
export function StoragePanels({ clusterId, member }: Props) {
  const [database, setDatabase] = useState<string | null>(null);
  const answer = useAnswer(`storage ${clusterId} ${member}`, (client) =>
    client.postgres.storage({ clusterId, member }),
  );
  const again = <Button size="small" text="Ask again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Answered
      answer={answer}
      what="Asking PostgreSQL for its databases."
      tools={again}
      show={(view) => {
        const shown = database ?? largestOf(view);
        return (
          <>
            <Databases view={view} tools={again} shown={shown} onShow={setDatabase} />
            {shown === null ? null : <Tables key={shown} clusterId={clusterId} member={member} database={shown} />}
            {view.checkpoints === null ? null : (
              <Checkpoints checkpoints={view.checkpoints} startedAt={view.startedAt} />
            )}
          </>
        );
      }}
    />
  );
}

function largestOf({ databases }: StorageView): string | null {
  const open = databases.filter((one) => one.open);
  return open.toSorted((a, b) => (b.size ?? 0) - (a.size ?? 0))[0]?.name ?? null;
}

type Column = 'name' | 'size' | 'age';

function Databases(props: {
  readonly view: StorageView;
  readonly tools: ReactNode;
  readonly shown: string | null;
  readonly onShow: (database: string) => void;
}) {
  const { view } = props;
  const sorted = useSorted<DatabaseReading, Column>(view.databases, (row, column) => {
    if (column === 'name') return row.name;
    return column === 'size' ? row.size : row.xidAge;
  });
  return (
    <Panel title="Databases" note={<SourceNote source={view.source} />} tools={props.tools} flush>
      <div className="m-sql-scroll" tabIndex={0} role="region" aria-label="Table of the databases">
        <table className="m-table m-table-dense" aria-label="Databases">
          <thead>
            <tr>
              <SortHeader column="name" name="Database" sorted={sorted} />
              <SortHeader column="size" name="Size" sorted={sorted} numeric />
              <th className="m-num">Connections</th>
              <th className="m-num">Commits</th>
              <th className="m-num">Rollbacks</th>
              <th className="m-num">Cache hits</th>
              <SortHeader column="age" name="Age" sorted={sorted} />
              <UnseenHead name="Actions" />
            </tr>
          </thead>
          <tbody>
            {sorted.rows.map((row) => (
              <DatabaseRow
                key={row.name}
                row={row}
                freezeAge={view.freezeAge}
                shown={row.name === props.shown}
                onShow={props.onShow}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function DatabaseRow(props: {
  readonly row: DatabaseReading;
  readonly freezeAge: number;
  readonly shown: boolean;
  readonly onShow: (database: string) => void;
}) {
  const { row } = props;
  const { tone, word } = ages[judgeAge(row.xidAge, props.freezeAge)];
  return (
    <tr>
      <td>
        <Name text={row.name} strong />
        {row.open ? null : <div className="m-small m-muted">takes no connections</div>}
      </td>
      <td className="m-num">{formatBytes(row.size)}</td>
      <td className="m-num">{row.connections}</td>
      <td className="m-num">{count(row.commits)}</td>
      <td className="m-num">
        {count(row.rollbacks)}
        {row.deadlocks > 0 ? <div className="m-small m-muted">{count(row.deadlocks)} deadlocks</div> : null}
      </td>
      <td className="m-num">{shareInWords(row.cacheHits)}</td>
      <td>
        <Mark tone={tone} word={word} />
        <div className="m-small m-muted">
          {count(row.xidAge)} transactions, {shareInWords(row.xidAge / LAST_XID_AGE)} of what there is
        </div>
      </td>
      <td>
        {row.open ? (
          <Button
            size="small"
            text="Tables"
            aria-label={`Largest tables of ${printable(row.name)}`}
            aria-pressed={props.shown}
            active={props.shown}
            onClick={() => props.onShow(row.name)}
          />
        ) : null}
      </td>
    </tr>
  );
}

const count = (value: number): string => value.toLocaleString('en');

/** A share of 0 to 1 in words: "98.7 %". */
export function shareInWords(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

function Tables({ clusterId, member, database }: Props & { readonly database: string }) {
  const answer = useAnswer(JSON.stringify([clusterId, member, database]), (client) =>
    client.postgres.tables({ clusterId, member, database }),
  );
  const again = <Button size="small" text="Ask again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Panel title={`Largest tables of ${printable(database)}`} note="with their indexes" tools={again} flush>
      <Answered
        answer={answer}
        what="Asking for the tables."
        tools={again}
        flush
        show={({ tables }) =>
          tables.length === 0 ? (
            <p className="m-panel-body m-muted">This database has no table.</p>
          ) : (
            <TableList tables={tables} database={database} />
          )
        }
      />
    </Panel>
  );
}

function TableList({ tables, database }: { readonly tables: readonly TableReading[]; readonly database: string }) {
  return (
    <div className="m-sql-scroll" tabIndex={0} role="region" aria-label={`Tables of ${printable(database)}`}>
      <table className="m-table m-table-dense" aria-label="Largest tables">
        <thead>
          <tr>
            <th>Table</th>
            <th className="m-num">In all</th>
            <th className="m-num">Table</th>
            <th className="m-num">Indexes</th>
            <th className="m-num">Rows, estimated</th>
            <th className="m-num">Dead rows</th>
            <th className="m-num">Age</th>
            <th>Vacuumed</th>
          </tr>
        </thead>
        <tbody>
          {tables.map((table) => (
            <tr key={JSON.stringify([table.schema, table.name])}>
              <td>
                <Name text={table.name} strong />
                <div className="m-small m-muted">
                  {table.kind} in {printable(table.schema)}
                </div>
              </td>
              <td className="m-num">{formatBytes(table.total)}</td>
              <td className="m-num">{formatBytes(table.heap)}</td>
              <td className="m-num">{formatBytes(table.indexes)}</td>
              <td className="m-num">{table.rows === null ? 'never analyzed' : count(table.rows)}</td>
              <td className="m-num">{table.deadRows === null ? '–' : count(table.deadRows)}</td>
              <td className="m-num">{table.xidAge === null ? '–' : count(table.xidAge)}</td>
              <td>{table.lastVacuum === null ? 'never' : <Ago at={table.lastVacuum} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Checkpoints({
  checkpoints,
  startedAt,
}: {
  readonly checkpoints: CheckpointReading;
  readonly startedAt: number;
}) {
  const { timed, requested, since } = checkpoints;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['By time', count(timed)],
    ['Because WAL was full, or asked for', count(requested)],
    ['Written in them', `${count(checkpoints.buffers)} pages in ${spanInWords(checkpoints.writeMs)}`],
    ['Synced for', spanInWords(checkpoints.syncMs)],
    ['Written by the background writer', `${count(checkpoints.cleaned)} pages`],
    [
      'Written by sessions themselves',
      checkpoints.byBackends === null ? 'not counted here by this version' : `${count(checkpoints.byBackends)} pages`,
    ],
    [
      'checkpoint_timeout',
      checkpoints.timeoutSeconds === null ? 'not told' : spanInWords(checkpoints.timeoutSeconds * 1000),
    ],
    ['max_wal_size', formatBytes(checkpoints.maxWalSize)],
    ['PostgreSQL started', <Ago key="started" at={startedAt} />],
  ];
  return (
    <Panel
      title="Checkpoints"
      note={
        since === null ? null : (
          <>
            counted since <Ago at={since} />
          </>
        )
      }
    >
      {requested > timed && requested > 10 ? (
        <p className="m-wrap">
          <Mark tone="warn" word="More by WAL than by time" /> With a larger max_wal_size there are fewer of them, and
          less WAL.
        </p>
      ) : null}
      <dl className="m-facts">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </Panel>
  );
}
