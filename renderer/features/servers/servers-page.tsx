import { Button } from '@blueprintjs/core';
import { PlusIcon } from '@blueprintjs/icons';
import { useState } from 'react';
import type { Server, SshState } from '../../../shared/model/connect/server';
import { useOpen } from '../../navigation/overlays';
import { goTo } from '../../navigation/route';
import { useAnswer } from '../../rpc/hooks';
import { Answered } from '../../ui/answered';
import { Mark } from '../../ui/mark';
import { Empty, Panel } from '../../ui/panel';
import { Copyable } from '../../ui/copyable';
import { TableHead } from '../../ui/table-head';
import { Name, printable } from '../../ui/text';
import { Elapsed } from '../../ui/time';
import { RemoveServerDialog, ServerDialog, TestServerDialog } from '../../server-editor/server-dialogs';

type KnownServer = Server & { readonly ssh: SshState };
type Above =
  | { readonly kind: 'none' }
  | { readonly kind: 'edit'; readonly server: Server | null }
  | { readonly kind: 'test' | 'remove'; readonly server: Server };

/** The user's servers: how each is reached, and whether it is connected now. */
export default function ServersPage() {
  const servers = useAnswer('servers', (client) => client.servers.list());
  const [above, setAbove] = useState<Above>({ kind: 'none' });
  const close = () => {
    setAbove({ kind: 'none' });
    servers.reload();
  };
  return (
    <div className="m-page">
      <div className="m-page-head">
        <h1>Servers</h1>
        <div className="m-tools">
          <Button text="Refresh" disabled={servers.loading} onClick={servers.reload} />
          <Button
            intent="primary"
            icon={<PlusIcon />}
            text="Add a server"
            onClick={() => setAbove({ kind: 'edit', server: null })}
          />
        </div>
      </div>
      <Answered
        answer={servers}
        what="Reading your servers."
        show={(all) => <ServerTable servers={all} onAbove={setAbove} />}
      />
      {above.kind === 'edit' ? <ServerDialog server={above.server} onClose={close} /> : null}
      {above.kind === 'test' ? <TestServerDialog server={above.server} onClose={close} /> : null}
      {above.kind === 'remove' ? <RemoveServerDialog server={above.server} onClose={close} /> : null}
    </div>
  );
}

function ServerTable({
  servers,
  onAbove,
}: {
  readonly servers: readonly KnownServer[];
  readonly onAbove: (above: Above) => void;
}) {
  const open = useOpen();
  if (servers.length === 0)
    return (
      <Panel title="Servers">
        <Empty title="No servers yet">
          <p>Connecting to a cluster adds its server. Add jump hosts here first.</p>
        </Empty>
      </Panel>
    );
  const nameOf = (id: string) => servers.find((server) => server.id === id)?.name ?? id;
  return (
    <Panel title="Servers" flush>
      <table className="m-table m-table-fixed">
        <colgroup>
          <col style={{ width: '15%' }} />
          <col style={{ width: '25%' }} />
          <col />
          <col style={{ width: 372 }} />
        </colgroup>
        <TableHead columns={['Name', 'Address', 'Connection']} unseen="Actions" />
        <tbody>
          {servers.map((server) => (
            <tr key={server.id}>
              <td>
                <span className="m-row">
                  <Name text={server.name} strong />
                </span>
                <span className="m-small m-muted">{server.tags.map(printable).join(', ')}</span>
              </td>
              <td className="m-small m-wrap">
                <span className="m-mono">
                  <Copyable
                    text={`${server.user}@${server.host}${server.port === 22 ? '' : `:${server.port}`}`}
                    what="the address"
                  />
                </span>
                {server.jump.length === 0 ? null : (
                  <div className="m-muted">through {server.jump.map((id) => printable(nameOf(id))).join(' → ')}</div>
                )}
              </td>
              <td>
                <SshMark state={server.ssh} />
              </td>
              <td>
                <div className="m-row m-row-actions">
                  <Button
                    size="small"
                    text="Terminal"
                    aria-label={`Terminal on ${server.name}`}
                    onClick={() => open.terminal({ at: 'server', serverId: server.id }, server.name)}
                  />
                  <Button
                    size="small"
                    text="Find clusters"
                    aria-label={`Find clusters on ${server.name}`}
                    onClick={() => goTo({ page: 'connect', serverId: server.id })}
                  />
                  <Button
                    size="small"
                    text="Test"
                    aria-label={`Test ${server.name}`}
                    onClick={() => onAbove({ kind: 'test', server })}
                  />
                  <Button
                    size="small"
                    text="Edit"
                    aria-label={`Edit ${server.name}`}
                    onClick={() => onAbove({ kind: 'edit', server })}
                  />
                  <Button
                    size="small"
                    text="Remove"
                    aria-label={`Remove ${server.name}`}
                    onClick={() => onAbove({ kind: 'remove', server })}
                  />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function SshMark({ state }: { readonly state: SshState }) {
  switch (state.kind) {
    case 'idle':
      return <Mark tone="idle" word="Not connected" />;
    case 'connecting':
      return <Mark tone="busy" word={`Connecting, attempt ${state.attempt}`} />;
    case 'connected':
      return (
        <span className="m-stack-tight">
          <Mark tone="good" word="Connected" />
          <span className="m-small m-muted">
            for <Elapsed since={state.since} />
          </span>
        </span>
      );
    case 'waiting_for_answer':
      return <Mark tone="warn" word="Waiting for your answer" title={state.question} />;
    case 'lost':
      return (
        <span className="m-stack-tight">
          <Mark tone="crit" word="Lost" />
          <span className="m-small m-muted m-wrap">{printable(state.error.message)}</span>
        </span>
      );
  }
}
