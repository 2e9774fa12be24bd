import { Button } from '@blueprintjs/core';
import { useState, type ReactNode } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Day2Change } from '../../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole } from '../../../../shared/model/deploy/spec/server-spec';
import type { ChangeRequest } from '../../../../shared/rules/deploy/day2/change-offers';
import { useAnswer } from '../../../rpc/hooks';
import { Loading } from '../../../ui/loading';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { Choices } from '../../../ui/choices';
import { ChangePreview } from '../../../deployment/plan/change-preview';
import { requestTitle } from './request-title';
import { NewServerForm } from './new-server-form';
import { RoleBoxes } from './role-boxes';

/** One change of a running cluster, from the request to its confirmation. Nothing is done before that. */
export function ChangeView(props: {
  readonly state: ClusterState;
  readonly spec: ClusterSpec;
  readonly request: ChangeRequest;
  readonly onLeave: () => void;
}) {
  const [change, setChange] = useState<Day2Change | null>(null);
  const key = JSON.stringify(change);
  return (
    <>
      <Panel
        title={printable(requestTitle(props.request))}
        note="nothing changes until you confirm"
        tools={<Button size="small" text="Cancel" onClick={props.onLeave} />}
      >
        {props.request.kind === 'add' && props.spec.adopted.length > 0 ? (
          <WhereItWorks clusterId={props.state.clusterId}>
            <RequestForm spec={props.spec} request={props.request} onAsk={setChange} />
          </WhereItWorks>
        ) : (
          <RequestForm spec={props.spec} request={props.request} onAsk={setChange} />
        )}
      </Panel>
      {change === null ? null : <ChangePreview key={key} state={props.state} spec={props.spec} change={change} />}
    </>
  );
}

/** Whether a member can be added to a cluster set up by others depends on how it was set up: it is read again. */
function WhereItWorks({ clusterId, children }: { readonly clusterId: string; readonly children: ReactNode }) {
  const read = useAnswer('adopt', (client) => client.deploy.day2.adopt({ clusterId }));
  if (read.error !== null)
    return <ErrorNotice error={read.error} tools={<Button size="small" text="Scan again" onClick={read.reload} />} />;
  if (read.value === null) return <Loading what="Reading how the members are configured." />;
  const verdict = read.value.works.find((each) => each.change === 'add_server');
  return verdict?.works === false ? <Notice tone="warn">{printable(verdict.sentence)}</Notice> : <>{children}</>;
}

function RequestForm({
  spec,
  request,
  onAsk,
}: {
  readonly spec: ClusterSpec;
  readonly request: ChangeRequest;
  readonly onAsk: (change: Day2Change) => void;
}) {
  switch (request.kind) {
    case 'add':
      return <NewServerForm spec={spec} replaces={null} onAsk={onAsk} />;
    case 'replace_etcd':
      return <NewServerForm spec={spec} replaces={request.name} onAsk={onAsk} />;
    case 'roles':
      return <MoreRoles spec={spec} name={request.name} onAsk={onAsk} />;
    case 'remove':
      return <Removal name={request.name} onAsk={onAsk} />;
    case 'remove_etcd':
      return (
        <Asked
          text={`${printable(request.name)} leaves etcd and keeps its other roles.`}
          onAsk={() => onAsk({ kind: 'remove_etcd', name: request.name })}
        />
      );
  }
}

function Asked({
  text,
  disabled = false,
  onAsk,
}: {
  readonly text: string;
  readonly disabled?: boolean;
  readonly onAsk: () => void;
}) {
  return (
    <div className="m-stack">
      {text === '' ? null : <p>{text}</p>}
      <div>
        <Button intent="primary" text="Review the changes" disabled={disabled} onClick={onAsk} />
      </div>
    </div>
  );
}

function MoreRoles({
  spec,
  name,
  onAsk,
}: {
  readonly spec: ClusterSpec;
  readonly name: string;
  readonly onAsk: (change: Day2Change) => void;
}) {
  const [roles, setRoles] = useState<readonly ServerRole[]>([]);
  const server = spec.servers.find((one) => one.name === name);
  if (server === undefined) return null;
  return (
    <div className="m-stack">
      <RoleBoxes spec={spec} name={name} fixed={[]} roles={roles} onRoles={setRoles} />
      <Asked
        text=""
        disabled={roles.length === 0}
        onAsk={() => onAsk({ kind: 'add_server', server: { ...server, roles: [...roles] } })}
      />
    </div>
  );
}

const keeping = [
  {
    value: 'keep',
    label: 'Keep its data',
    explain: 'Its services are stopped and disabled; the data directories of PostgreSQL and etcd are kept.',
  },
  {
    value: 'remove',
    label: 'Remove everything that was set up there',
    explain: 'Packages, files, units and its copy of the data are removed. This cannot be undone.',
  },
] as const;

function Removal({ name, onAsk }: { readonly name: string; readonly onAsk: (change: Day2Change) => void }) {
  const [data, setData] = useState<'keep' | 'remove'>('keep');
  return (
    <div className="m-stack">
      <Choices
        legend={`What happens to the data on ${printable(name)}?`}
        value={data}
        choices={keeping}
        onValue={setData}
      />
      <Asked
        text="A server that is down can be removed, too: steps that would run on it are skipped."
        onAsk={() => onAsk({ kind: 'remove_server', name, keepData: data === 'keep' })}
      />
    </div>
  );
}
