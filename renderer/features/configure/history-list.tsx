import { Button } from '@blueprintjs/core';
import type { ConfigRevision } from '../../../shared/model/configure/config-history';
import { useAnswer } from '../../rpc/hooks';
import { Answered } from '../../ui/answered';
import { Empty, Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { printable } from '../../ui/text';
import { formatDateTime } from '../../ui/wording/format';
import { fieldText } from './setting-rows';

/** Every change of the configuration that was seen, with a way back for each. `revision` asks again when it changes. */
export function HistoryList(props: {
  readonly clusterId: string;
  readonly revision: string;
  readonly why: string | null;
  readonly onUndo: (revision: ConfigRevision) => void;
}) {
  const { clusterId } = props;
  const answer = useAnswer(`${clusterId} ${props.revision}`, (client) => client.configure.history({ clusterId }));
  return (
    <Panel title="History" note="changes of the dynamic configuration that Matriarch saw" flush>
      <Answered
        answer={answer}
        what="Reading the history."
        flush
        show={(revisions) =>
          revisions.length === 0 ? (
            <Empty title="No change yet">
              <p>Every change is listed here from now on, whoever makes it.</p>
            </Empty>
          ) : (
            <table className="m-table m-table-dense">
              <TableHead columns={['When', 'By', 'Changes']} unseen="Actions" />
              <tbody>
                {revisions.map((revision) => (
                  <Revision key={revision.id} revision={revision} why={props.why} onUndo={props.onUndo} />
                ))}
              </tbody>
            </table>
          )
        }
      />
    </Panel>
  );
}

function authorInWords({ by }: ConfigRevision): string {
  if (by.kind === 'user') return by.name;
  return by.kind === 'others' ? 'somebody else' : 'unknown: Matriarch did not run';
}

function Revision(props: {
  readonly revision: ConfigRevision;
  readonly why: string | null;
  readonly onUndo: (revision: ConfigRevision) => void;
}) {
  const { revision } = props;
  return (
    <tr data-testid="config-revision">
      <td className="m-nowrap">{formatDateTime(revision.at)}</td>
      <td>{printable(authorInWords(revision))}</td>
      <td className="m-mono m-wrap">
        {revision.changes.map(({ path, before, after }) => (
          <div key={path.join('.')}>{printable(`${path.join('.')}: ${textOf(before)} → ${textOf(after)}`)}</div>
        ))}
      </td>
      <td>
        <Button
          size="small"
          text="Undo"
          disabled={props.why !== null}
          title={props.why ?? 'Puts the former values into the draft for review'}
          onClick={() => props.onUndo(revision)}
        />
      </td>
    </tr>
  );
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? 'not set' : fieldText(value);
}
