import type { TimelineChange } from '../../../../shared/model/cluster/cluster-state';
import { hrefOf } from '../../../navigation/route';
import { formatDateTime, formatLsn, plural } from '../../../ui/wording/format';
import { Panel } from '../../../ui/panel';
import { UnseenHead } from '../../../ui/table-head';
import { Term } from '../../../ui/term';
import { Name, printable } from '../../../ui/text';

/** The history of timelines as Patroni keeps it in the DCS, newest first. */
export function Timelines({
  history,
  clusterId,
}: {
  readonly history: readonly TimelineChange[];
  readonly clusterId: string;
}) {
  return (
    <Panel title="Timelines" note={plural(history.length, 'change')} flush>
      {history.length === 0 ? (
        <p className="m-panel-body m-muted">
          No timeline has ended yet, or the history is not known: it is read from the <Term name="DCS">DCS</Term>.
        </p>
      ) : (
        <table className="m-table m-table-dense">
          <thead>
            <tr>
              <th>
                <Term name="timeline">Timeline</Term>
              </th>
              <th>Ended</th>
              <th>At position</th>
              <th>Next leader</th>
              <th>Reason</th>
              <UnseenHead name="Logs" />
            </tr>
          </thead>
          <tbody>
            {[...history].reverse().map((row) => (
              <tr key={row.timeline}>
                <td>{row.timeline}</td>
                <td className="m-nowrap">{row.at === null ? 'not recorded' : formatDateTime(row.at)}</td>
                <td className="m-mono">{formatLsn(row.lsn)}</td>
                <td>
                  {row.newLeader === null ? (
                    <span className="m-muted">not recorded</span>
                  ) : (
                    <Name text={row.newLeader} />
                  )}
                </td>
                <td className="m-wrap">{printable(row.reason)}</td>
                <td className="m-nowrap">
                  {row.at === null ? null : (
                    <a
                      href={hrefOf({ page: 'cluster', clusterId, tab: 'logs', at: row.at })}
                      aria-label={`Why did timeline ${String(row.timeline)} end?`}
                    >
                      Why?
                    </a>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
