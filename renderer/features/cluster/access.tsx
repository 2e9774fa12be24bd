import { Button, Checkbox, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { RemoveClusterDialog } from '../../actions/remove-cluster';
import { useAction, useAnswer, usePage } from '../../rpc/hooks';
import { Copyable } from '../../ui/copyable';
import { Loading } from '../../ui/loading';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { Name } from '../../ui/text';
import { SourcesPanel } from './overview/sources-panel';

/** What the inventory says of the cluster, and how its members are reached. */
export default function Access({ state }: { readonly state: ClusterState }) {
  const entry = useAnswer(state.clusterId, async (client) => {
    const [clusters, servers] = await Promise.all([client.clusters.list(), client.servers.list()]);
    return { entry: clusters.find((each) => each.id === state.clusterId) ?? null, servers };
  });
  if (entry.error !== null)
    return <ErrorNotice error={entry.error} tools={<Button size="small" text="Try again" onClick={entry.reload} />} />;
  if (entry.value?.entry == null)
    return entry.loading ? (
      <Loading what="Reading the inventory." />
    ) : (
      <p className="m-muted">This cluster is not in the inventory.</p>
    );
  return (
    <div className="m-overview-bottom">
      <div className="m-stack">
        <EntryForm key={JSON.stringify(entry.value.entry)} entry={entry.value.entry} reload={entry.reload} />
        <MemberConnections entry={entry.value.entry} servers={entry.value.servers} reload={entry.reload} />
      </div>
      <SourcesPanel state={state} />
    </div>
  );
}

interface MemberConnectionsProps {
  readonly entry: ClusterEntry;
  readonly servers: readonly { readonly id: string; readonly name: string }[];
  readonly reload: () => void;
}

function MemberConnections({ entry, servers, reload }: MemberConnectionsProps) {
  const page = usePage();
  const assign = useAction(async (member: string, serverId: string | null) => {
    await page.call((client) => client.clusters.assignServer({ clusterId: entry.id, member, serverId }));
    reload();
  });
  return (
    <Panel title="How members are reached" flush>
      {assign.error === null ? null : <ErrorNotice error={assign.error} />}
      <table className="m-table m-table-dense m-table-fixed">
        <colgroup>
          <col style={{ width: '22%' }} />
          <col />
          <col style={{ width: '32%' }} />
        </colgroup>
        <TableHead columns={['Member', 'REST address', 'Reached through']} />
        <tbody>
          {entry.members.map((member) => (
            <tr key={member.name}>
              <td>
                <span className="m-row">
                  <Name text={member.name} />
                </span>
              </td>
              <td className="m-mono m-wrap">
                <Copyable text={member.apiUrl} what="the REST address" />
              </td>
              <td>
                <HTMLSelect
                  fill
                  aria-label={`Server used to reach ${member.name}`}
                  value={member.serverId ?? ''}
                  disabled={assign.busy}
                  onChange={(event) =>
                    void assign.run(member.name, event.currentTarget.value === '' ? null : event.currentTarget.value)
                  }
                >
                  <option value="">directly, without SSH</option>
                  {servers.map((server) => (
                    <option key={server.id} value={server.id}>
                      {server.name}
                    </option>
                  ))}
                </HTMLSelect>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function EntryForm({ entry, reload }: { readonly entry: ClusterEntry; readonly reload: () => void }) {
  const page = usePage();
  const [title, setTitle] = useState(entry.title);
  const [tags, setTags] = useState(entry.tags.join(', '));
  const [production, setProduction] = useState(entry.production);
  const [readOnly, setReadOnly] = useState(entry.readOnly);
  const [removing, setRemoving] = useState(false);
  const save = useAction(async () => {
    await page.call((client) =>
      client.clusters.update({
        clusterId: entry.id,
        title,
        production,
        readOnly,
        tags: tags
          .split(',')
          .map((tag) => tag.trim())
          .filter((tag) => tag !== ''),
      }),
    );
    reload();
  });
  return (
    <Panel title="In Matriarch" note={inMatriarchNote(entry)}>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      <div className="m-form-row">
        <FormGroup label="Title" labelFor="entry-title">
          <InputGroup id="entry-title" value={title} maxLength={120} onValueChange={setTitle} />
        </FormGroup>
        <FormGroup label="Tags, separated by commas" labelFor="entry-tags">
          <InputGroup id="entry-tags" value={tags} onValueChange={setTags} />
        </FormGroup>
      </div>
      <Checkbox
        checked={production}
        onChange={(event) => setProduction(event.currentTarget.checked)}
        label="Production: ask for the cluster's name before any action that interrupts writes"
      />
      <Checkbox
        checked={readOnly}
        onChange={(event) => setReadOnly(event.currentTarget.checked)}
        label="Read-only: show this cluster, never act on it"
      />
      <div className="m-row">
        <Button
          intent="primary"
          text="Save"
          loading={save.busy}
          disabled={title.trim() === ''}
          onClick={() => void save.run()}
        />
        <Button text="Remove from Matriarch" onClick={() => setRemoving(true)} />
      </div>
      {removing ? (
        <RemoveClusterDialog
          cluster={{ clusterId: entry.id, title: entry.title, isGroup: entry.citusGroup !== undefined }}
          onClose={() => setRemoving(false)}
        />
      ) : null}
    </Panel>
  );
}

function inMatriarchNote({ citusGroup }: ClusterEntry): string {
  const note = 'nothing changes on the servers';
  return citusGroup === undefined ? note : `for all groups of this Citus cluster; ${note}`;
}
