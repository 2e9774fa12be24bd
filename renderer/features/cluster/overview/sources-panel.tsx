import type { ClusterState, Source } from '../../../../shared/model/cluster/cluster-state';
import { Mark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { TableHead } from '../../../ui/table-head';
import { Name, printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { sourceWords } from '../../../ui/wording/words';

/** The sources of what is shown of this cluster, and how fresh each is. */
export function SourcesPanel({ state }: { readonly state: ClusterState }) {
  return (
    <Panel title="Data sources" flush>
      <table className="m-table m-table-dense m-table-fixed">
        <colgroup>
          <col />
          <col style={{ width: 108 }} />
          <col style={{ width: 84 }} />
        </colgroup>
        <TableHead columns={['Source', 'State', 'As of']} />
        <tbody>
          {state.sources.map((source) => (
            <SourceRow key={source.id} source={source} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function SourceRow({ source }: { readonly source: Source }) {
  const { word, tone } = sourceWords[source.status];
  return (
    <tr className={source.status === 'stale' ? 'm-stale' : ''}>
      <td>
        <span className="m-row">
          <Name text={source.label} />
        </span>
        {source.error === null ? null : <div className="m-small m-muted m-wrap">{printable(source.error.message)}</div>}
      </td>
      <td>
        <Mark tone={tone} word={word} />
      </td>
      <td className="m-muted m-nowrap">
        <Ago at={source.asOf} never={source.status === 'live' ? 'now' : 'never'} />
      </td>
    </tr>
  );
}
