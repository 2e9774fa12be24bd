import './citus.css';
import type { ClusterState, ClusterSummary } from '../../../../shared/model/cluster/cluster-state';
import { citusRole, groupsInWords } from '../../../../shared/rules/citus/citus-names';
import { takeOverInWords, takeOverOf } from '../../../../shared/rules/cluster/take-over';
import { writesInWords, writeStatusOf } from '../../../../shared/rules/cluster/write-status';
import { hrefOf } from '../../../navigation/route';
import { useClusterFeed } from '../../../rpc/hooks';
import { HealthMark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { TableHead } from '../../../ui/table-head';
import { Name, printable } from '../../../ui/text';
import { useNow } from '../../../ui/time';
import { useGroups } from './use-groups';

const widths = [84, '13%', '15%', '17%', '26%'];

/** The groups of a Citus cluster side by side: who leads each, whether it takes writes, and who can take over there. */
export function GroupsPanel({ state }: { readonly state: ClusterState }) {
  const groups = useGroups(state);
  if (groups.length === 0) return null;
  return (
    <Panel title="Groups" note={`Citus: ${groupsInWords(groups.flatMap((group) => group.citusGroup ?? []))}`} flush>
      <table className="m-table m-table-fixed">
        <caption className="m-hidden">Groups of {printable(state.title)}</caption>
        <colgroup>
          {widths.map((width, index) => (
            <col key={index} style={{ width }} />
          ))}
          <col />
        </colgroup>
        <TableHead columns={['Group', 'Role', 'Health', 'Leader', 'Takes writes', 'Who can take over']} />
        <tbody>
          {groups.map((group) => (
            <GroupRow key={group.clusterId} group={group} here={group.clusterId === state.clusterId} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function GroupRow({ group, here }: { readonly group: ClusterSummary; readonly here: boolean }) {
  const { clusterId, citusGroup = 0 } = group;
  const { state } = useClusterFeed(clusterId);
  return (
    <tr className={here ? 'm-group-row-here' : ''} data-testid={`group-${citusGroup}`}>
      <td>
        <a href={hrefOf({ page: 'cluster', clusterId, tab: 'overview' })} aria-current={here ? 'true' : undefined}>
          Group {citusGroup}
        </a>
      </td>
      <td>{citusRole(citusGroup)}</td>
      <td title={group.health.sentence}>
        <HealthMark level={group.health.level} />
      </td>
      <td>
        <GroupLeader group={group} />
      </td>
      {state === null ? <Unheard /> : <GroupFacts state={state} />}
    </tr>
  );
}

function GroupLeader({ group }: { readonly group: ClusterSummary }) {
  if (group.leader !== null) return <Name text={group.leader} />;
  return group.leaderKnown ? (
    <span className="m-tone-crit m-strong">no leader</span>
  ) : (
    <span className="m-muted">not known</span>
  );
}

function Unheard() {
  return (
    <td colSpan={2} className="m-muted">
      Asking this group.
    </td>
  );
}

function GroupFacts({ state }: { readonly state: ClusterState }) {
  const now = useNow();
  return (
    <>
      <td className="m-wrap">{printable(writesInWords(writeStatusOf(state), now))}</td>
      <td className="m-wrap">{printable(takeOverInWords(takeOverOf(state), state.leader.holder, state.paused))}</td>
    </>
  );
}
