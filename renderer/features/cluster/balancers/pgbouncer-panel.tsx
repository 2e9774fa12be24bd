import type { PgbouncerDatabase, PgbouncerPool, PgbouncerView } from '../../../../shared/model/balancers/balancers';
import { Copyable } from '../../../ui/copyable';
import { Chip, Mark } from '../../../ui/mark';
import { Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { TableHead } from '../../../ui/table-head';
import { printable } from '../../../ui/text';
import { spanInWords } from '../../../../shared/rules/words/wording';

/** PgBouncer on one server: its pools, and where it sends the connections to each database. */
export function PgbouncerPanel({ server, view }: { readonly server: string; readonly view: PgbouncerView }) {
  const facts = [view.version, view.port === null ? null : `port ${view.port}`].filter((fact) => fact !== null);
  const state = view.running ? <Chip tone="good" word="Running" /> : <Chip tone="warn" word="Not running" />;
  return (
    <Panel title={`PgBouncer on ${printable(server)}`} note={facts.join(', ')} tools={state} flush>
      {view.problem === null ? null : (
        <div className="m-panel-body">
          <Notice tone="unknown">
            <div className="m-strong">What it sees is not known</div>
            {printable(view.problem)}
          </Notice>
        </div>
      )}
      {view.running && view.problem === null ? (
        <>
          <Pools server={server} pools={view.pools} />
          <Databases server={server} databases={view.databases} />
        </>
      ) : null}
    </Panel>
  );
}

function Pools({ server, pools }: { readonly server: string; readonly pools: readonly PgbouncerPool[] }) {
  if (pools.length === 0) return <p className="m-panel-body m-muted">No client has come in since it started.</p>;
  return (
    <table className="m-table m-table-dense" aria-label={`Pools of PgBouncer on ${server}`}>
      <TableHead
        columns={['Pool', 'Clients', 'Waiting', 'Server connections', 'Longest wait']}
        numeric={['Clients', 'Waiting', 'Server connections']}
      />
      <tbody>
        {pools.map((pool) => (
          <tr key={`${pool.database} ${pool.user}`}>
            <td>
              <div className="m-strong">{printable(pool.database)}</div>
              <div className="m-small m-muted">
                as {printable(pool.user)}, {printable(pool.mode)} pooling
              </div>
            </td>
            <td className="m-num">{pool.clientsActive}</td>
            <td className="m-num">{pool.clientsWaiting}</td>
            <td className="m-num">
              {pool.serversActive} in use, {pool.serversIdle} idle
            </td>
            <td>{pool.clientsWaiting === 0 ? '–' : spanInWords(pool.longestWaitMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Databases(props: { readonly server: string; readonly databases: readonly PgbouncerDatabase[] }) {
  if (props.databases.length === 0) return null;
  return (
    <table className="m-table m-table-dense" aria-label={`Databases of PgBouncer on ${props.server}`}>
      <TableHead columns={['Database', 'Sent to', 'Transactions']} numeric={['Transactions']} />
      <tbody>
        {props.databases.map((database) => (
          <tr key={database.name}>
            <td className="m-strong">{printable(database.name)}</td>
            <td>
              {database.target === null ? (
                'a Unix socket'
              ) : (
                <span className="m-mono">
                  <Copyable text={database.target} what={`where ${printable(database.name)} is sent to`} />
                </span>
              )}
              {database.paused ? <Mark tone="warn" word="Paused" /> : null}
              {database.disabled ? <Mark tone="warn" word="Disabled" /> : null}
            </td>
            <td className="m-num">{speedOf(database)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function speedOf({ transactionsPerSecond, transactionMicroseconds }: PgbouncerDatabase): string {
  if (transactionsPerSecond === null) return '–';
  const each = transactionMicroseconds === null ? '' : `, ${spanInWords(transactionMicroseconds / 1000)} each`;
  return `${transactionsPerSecond}/s${each}`;
}
