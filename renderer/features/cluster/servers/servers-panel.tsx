import { Button, MenuItem, PopoverNext } from '@blueprintjs/core';
import { ChevronDownIcon, PlusIcon } from '@blueprintjs/icons';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { hostOfUrl, isSameHost } from '../../../../shared/model/connect/host-port';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { offerChanges, type ChangeRequest } from '../../../../shared/rules/deploy/day2/change-offers';
import { rolesByImportance, serverRoleNames } from '../../../../shared/rules/deploy/roles/role-names';
import { plural } from '../../../ui/wording/format';
import { KeyMenu } from '../../../ui/key-menu';
import { Chip, ConditionMark, Mark } from '../../../ui/mark';
import { Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { TableHead } from '../../../ui/table-head';
import { Name, printable } from '../../../ui/text';

interface ServersProps {
  readonly state: ClusterState;
  readonly spec: ClusterSpec;
  readonly onRequest: (request: ChangeRequest) => void;
}

/** Every server of the spec with its roles, how it stands now, and what can be done with it. */
export function ServersPanel({ state, spec, onRequest }: ServersProps) {
  const isUnrelated =
    state.members.length > 0 &&
    !spec.servers.some((server) => state.members.some((member) => member.name === server.name));
  const add = (
    <Button
      size="small"
      intent="primary"
      icon={<PlusIcon />}
      text="Add a server"
      onClick={() => onRequest({ kind: 'add' })}
    />
  );
  return (
    <Panel title="Servers" note={plural(spec.servers.length, 'server')} tools={add} flush>
      {isUnrelated ? (
        <div className="d-pad">
          <Notice tone="warn">
            The saved cluster file lists other servers than the members of this cluster. Compare them before you change
            anything.
          </Notice>
        </div>
      ) : null}
      <table className="m-table">
        <caption className="m-hidden">Servers of {printable(state.title)}</caption>
        <TableHead columns={['Server', 'Roles', 'Member', 'etcd']} unseen="Actions" />
        <tbody>
          {spec.servers.map((server) => (
            <Row key={server.name} state={state} spec={spec} server={server} onRequest={onRequest} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ state, spec, server, onRequest }: ServersProps & { readonly server: ServerSpec }) {
  return (
    <tr data-testid={`server-${server.name}`}>
      <td>
        <div className="m-stack-tight">
          <Name text={server.name} strong />
          <span className="m-small m-muted m-mono">{printable(server.address)}</span>
        </div>
      </td>
      <td>
        <span className="day2-roles">
          {rolesByImportance
            .filter((role) => server.roles.includes(role))
            .map((role) => (
              <Chip key={role} tone="unknown" word={serverRoleNames[role]} />
            ))}
          {spec.adopted.includes(server.name) ? <Chip tone="info" word="set up by others" /> : null}
        </span>
      </td>
      <td>
        <MemberNow state={state} server={server} />
      </td>
      <td>
        <EtcdNow state={state} server={server} />
      </td>
      <td className="d-row-tools">
        <ServerMenu spec={spec} server={server} onRequest={onRequest} />
      </td>
    </tr>
  );
}

function MemberNow({ state, server }: { readonly state: ClusterState; readonly server: ServerSpec }) {
  if (!server.roles.includes('postgres')) return <span className="m-muted">not a member</span>;
  const member = state.members.find((one) => one.name === server.name);
  if (member === undefined) return <Mark tone="unknown" word="Not reported" />;
  return (
    <div className="m-stack-tight">
      <ConditionMark condition={member.condition} stale={member.stale} />
      {state.leader.holder === member.name ? <span className="m-small m-muted">leader</span> : null}
    </div>
  );
}

function EtcdNow({ state, server }: { readonly state: ClusterState; readonly server: ServerSpec }) {
  if (!server.roles.includes('etcd')) return <span className="m-muted">not a member</span>;
  const members = 'members' in state.dcs ? state.dcs.members : [];
  const found = members.find(
    (member) =>
      member.name === server.name || member.clientUrls.some((url) => isSameHost(hostOfUrl(url) ?? '', server.address)),
  );
  if (found === undefined) return <Mark tone="unknown" word="Not reported" />;
  if (found.reachable === false) return <Mark tone="crit" word="No answer" />;
  return (
    <Mark
      tone={found.reachable === true ? 'good' : 'unknown'}
      word={found.reachable === true ? `Answers${found.leader === true ? ', leader' : ''}` : 'Not checked yet'}
    />
  );
}

function ServerMenu({
  spec,
  server,
  onRequest,
}: {
  readonly spec: ClusterSpec;
  readonly server: ServerSpec;
  readonly onRequest: (request: ChangeRequest) => void;
}) {
  const menu = (
    <KeyMenu label={`Changes of ${printable(server.name)}`}>
      {offerChanges(spec, server).map(({ label, request, why }) => (
        <MenuItem
          key={label}
          role="menuitem"
          multiline
          disabled={why !== null}
          intent={request.kind === 'remove' && why === null ? 'danger' : 'none'}
          text={
            why === null ? (
              label
            ) : (
              <>
                <div>{label}</div>
                <div className="m-actions-why">{why}</div>
              </>
            )
          }
          onClick={() => onRequest(request)}
        />
      ))}
    </KeyMenu>
  );
  return (
    <PopoverNext content={menu} placement="bottom-end" arrow={false} animation="minimal" shouldReturnFocusOnClose>
      <Button
        size="small"
        text="Change"
        endIcon={<ChevronDownIcon />}
        aria-label={`Change ${printable(server.name)}`}
      />
    </PopoverNext>
  );
}
