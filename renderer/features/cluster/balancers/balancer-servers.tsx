import { Button, DialogBody, DialogFooter, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { BalancerSearch, BalancersView } from '../../../../shared/model/balancers/balancers';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { namesInWords } from '../../../../shared/rules/words/wording';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { FocusedDialog } from '../../../ui/focused-dialog';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';

interface ServersProps {
  readonly state: ClusterState;
  readonly view: BalancersView;
  readonly reload: () => void;
}

/** The servers that are looked at beside those of the members: named by the user, or by the spec of a deployed cluster. */
export function BalancerServers({ state, view, reload }: ServersProps) {
  const page = usePage();
  const [adding, setAdding] = useState(false);
  const named = view.others.map(({ serverId }) => serverId);
  const save = useAction(async (serverIds: readonly string[]) => {
    await page.call((client) => client.balancers.setServers({ clusterId: state.clusterId, serverIds: [...serverIds] }));
    setAdding(false);
    reload();
  });
  const add = <Button size="small" text="Add a server with a load balancer" onClick={() => setAdding(true)} />;
  return (
    <Panel title="Separate servers" note="load balancers not on a member's server" tools={add}>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      {view.others.length === 0 ? (
        <p className="m-muted m-small">
          Only the servers of the members are looked at. Where a load balancer runs on another server, add that one.
        </p>
      ) : (
        <div className="m-stack-tight" role="list" aria-label="Separate servers">
          {view.others.map(({ serverId, name }) => (
            <div key={serverId} role="listitem" className="m-row">
              <span className="m-strong">{printable(name)}</span>
              <Button
                size="small"
                variant="minimal"
                text="Stop watching"
                aria-label={`Stop watching ${printable(name)}`}
                disabled={save.busy}
                onClick={() => void save.run(named.filter((one) => one !== serverId))}
              />
            </div>
          ))}
        </div>
      )}
      {adding ? (
        <AddServer
          state={state}
          named={named}
          busy={save.busy}
          onAdd={(serverId) => void save.run([...named, serverId])}
          onClose={() => setAdding(false)}
        />
      ) : null}
    </Panel>
  );
}

interface AddProps {
  readonly state: ClusterState;
  readonly named: readonly string[];
  readonly busy: boolean;
  readonly onAdd: (serverId: string) => void;
  readonly onClose: () => void;
}

function AddServer({ state, named, busy, onAdd, onClose }: AddProps) {
  const id = useId();
  const [serverId, setServerId] = useState('');
  const servers = useAnswer('servers', (client) => client.servers.list());
  const taken = new Set([...named, ...state.members.map((member) => member.serverId)]);
  const free = (servers.value ?? []).filter((server) => !taken.has(server.id));
  return (
    <FocusedDialog isOpen title="Add a server with a load balancer" onClose={onClose} canOutsideClickClose={false}>
      <DialogBody>
        <div className="m-stack">
          {servers.error === null ? null : <ErrorNotice error={servers.error} />}
          <FormGroup
            label="Server of the inventory"
            labelFor={id}
            helperText="It is looked at over SSH; nothing on it changes. One that is not listed is added under Servers first."
          >
            <HTMLSelect
              id={id}
              fill
              value={serverId}
              disabled={servers.loading}
              onChange={(event) => setServerId(event.currentTarget.value)}
            >
              <option value="">Choose a server</option>
              {free.map((server) => (
                <option key={server.id} value={server.id}>
                  {printable(server.name)}
                </option>
              ))}
            </HTMLSelect>
          </FormGroup>
          {serverId === '' ? null : <Found key={serverId} clusterId={state.clusterId} serverId={serverId} />}
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            <ReasonButton
              intent="primary"
              text="Add"
              loading={busy}
              why={serverId === '' ? 'Choose a server first.' : null}
              onClick={() => onAdd(serverId)}
            />
          </>
        }
      />
    </FocusedDialog>
  );
}

function Found({ clusterId, serverId }: { readonly clusterId: string; readonly serverId: string }) {
  const answer = useAnswer(`${clusterId} ${serverId}`, (client) => client.balancers.search({ clusterId, serverId }));
  return (
    <Answered answer={answer} what="Looking for HAProxy and PgBouncer there." show={(found) => <Words {...found} />} />
  );
}

function Words({ host, members }: BalancerSearch) {
  if (host.error !== null) return <ErrorNotice error={host.error} />;
  const programs = [host.haproxy === null ? null : 'HAProxy', host.pgbouncer === null ? null : 'PgBouncer'].filter(
    (program) => program !== null,
  );
  const problem = host.haproxy?.problem ?? host.pgbouncer?.problem ?? null;
  const verb = programs.length === 1 ? 'leads' : 'lead';
  if (programs.length === 0)
    return <Notice tone="warn">Neither HAProxy nor PgBouncer is installed on {printable(host.server)}.</Notice>;
  if (members.length > 0)
    return (
      <Notice tone="good">
        {namesInWords(programs)} on {printable(host.server)} {verb} to {printable(namesInWords(members))}.
      </Notice>
    );
  return (
    <Notice tone="warn">
      <div>
        {namesInWords(programs)} on {printable(host.server)} {verb} to no member of this cluster by an address that is
        known here.
      </div>
      {problem === null ? null : <div>{printable(problem)}</div>}
    </Notice>
  );
}
