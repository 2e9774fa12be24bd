import type { ClusterState, DcsState, EtcdMember } from '../../../../shared/model/cluster/cluster-state';
import { formatBytes } from '../../../ui/wording/format';
import { Mark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { TableHead } from '../../../ui/table-head';
import { Term } from '../../../ui/term';
import { Name } from '../../../ui/text';
import { dcsWords, type Tone } from '../../../ui/wording/words';

/** The DCS: whether it answers, its members, and who leads them. */
export function DcsPanel({ state }: { readonly state: ClusterState }) {
  const { word, tone } = dcsWords[state.dcs.kind];
  return (
    <Panel title={<Term name="DCS">DCS</Term>} note={version(state.dcs)} tools={<Mark tone={tone} word={word} />} flush>
      <EtcdMembers dcs={state.dcs} />
    </Panel>
  );
}

function version(dcs: DcsState): string {
  return dcs.kind === 'live' && dcs.etcdVersion !== null ? `etcd ${dcs.etcdVersion}` : 'etcd';
}

function EtcdMembers({ dcs }: { readonly dcs: DcsState }) {
  switch (dcs.kind) {
    case 'connecting':
      return <p className="m-panel-body m-muted">Connecting to etcd.</p>;
    case 'unreachable':
    case 'refused':
      return (
        <p className="m-panel-body m-wrap">
          {dcs.error.message} {dcs.error.hint}
        </p>
      );
    case 'not_configured':
      return (
        <p className="m-panel-body m-muted">
          Matriarch has no access to the DCS of this cluster; it knows only what the members report.
        </p>
      );
    case 'live':
    case 'no_quorum':
      return <MemberList members={dcs.members} />;
  }
}

function MemberList({ members }: { readonly members: readonly EtcdMember[] }) {
  if (members.length === 0) return <p className="m-panel-body m-muted">Its members are not known yet.</p>;
  return (
    <table className="m-table m-table-dense">
      <TableHead columns={['etcd member', 'State', 'Database']} numeric={['Database']} />
      <tbody>
        {members.map((member) => (
          <tr key={`${member.name} ${member.clientUrls.join(' ')}`}>
            <td title={member.clientUrls.join('\n')}>
              <span className="m-row">
                <Name text={member.name === '' ? (member.clientUrls[0] ?? 'not known') : member.name} />
              </span>
            </td>
            <td>
              <Mark tone={toneOf(member)} word={stateOf(member)} />
            </td>
            <td className="m-num">{formatBytes(member.dbSize)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function toneOf(member: EtcdMember): Tone {
  if (member.reachable === null) return 'unknown';
  return member.reachable && member.seesLeader !== false ? 'good' : 'crit';
}

function stateOf(member: EtcdMember): string {
  if (member.reachable === null) return 'not known';
  if (!member.reachable) return 'no answer';
  if (member.seesLeader === false) return 'cut off from its peers';
  return member.leader === true ? 'leader' : 'answers';
}
