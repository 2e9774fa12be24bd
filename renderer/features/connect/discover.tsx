import { Button, Checkbox, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { DiscoveredCluster, DiscoveredMember, DiscoveryResult } from '../../../shared/model/cluster/discovery';
import { groupInWords, groupsInWords } from '../../../shared/rules/citus/citus-names';
import { hrefOf } from '../../navigation/route';
import { useAction, useAnswer, usePage } from '../../rpc/hooks';
import { plural } from '../../ui/wording/format';
import { Loading } from '../../ui/loading';
import { Chip } from '../../ui/mark';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Empty, Panel } from '../../ui/panel';
import { Name, printable } from '../../ui/text';
import { clustersToAdd, type ClusterToAdd } from './found-groups';
import { reportedRoleWord } from '../../ui/wording/words';

/** Looks for Patroni on a server and lets the user add what was found. */
export function Discover(props: {
  readonly serverId: string;
  readonly onBack: () => void;
  readonly onAdded: (clusterId: string) => void;
}) {
  const found = useAnswer(`discover ${props.serverId}`, (client) =>
    client.clusters.discover({ serverId: props.serverId }),
  );
  return (
    <Panel
      title="What was found"
      tools={
        <>
          <Button size="small" text="Back" onClick={props.onBack} />
          <Button size="small" text="Search again" disabled={found.loading} onClick={found.reload} />
        </>
      }
    >
      {found.loading ? <Loading what="Searching for Patroni's configuration and the other members." /> : null}
      {found.error === null ? null : <ErrorNotice error={found.error} />}
      {found.value === null || found.loading ? null : (
        <Result result={found.value} serverId={props.serverId} onAdded={props.onAdded} />
      )}
    </Panel>
  );
}

function Result({
  result,
  serverId,
  onAdded,
}: {
  readonly result: DiscoveryResult;
  readonly serverId: string;
  readonly onAdded: (clusterId: string) => void;
}) {
  return (
    <div className="m-stack">
      {result.clusters.length === 0 ? (
        <Empty title="No Patroni was found on this server">
          <p>
            Matriarch searched the usual paths and unit files for its configuration. Choose a server that runs Patroni,
            or check that this user may read the configuration.
          </p>
        </Empty>
      ) : null}
      {clustersToAdd(result.clusters).map((found) => (
        <Found key={found.asked.key} found={found} serverId={serverId} onAdded={onAdded} />
      ))}
      {result.otherScopes.length === 0 ? null : (
        <Notice tone="info">
          The same etcd holds {plural(result.otherScopes.length, 'more scope')}:{' '}
          {result.otherScopes.map((other) => printable(other.scope)).join(', ')}. Connect to one of their servers to add
          them.
        </Notice>
      )}
      {result.notes.map((note) => (
        <p key={note} className="m-small m-muted m-wrap">
          {printable(note)}
        </p>
      ))}
    </div>
  );
}

interface FoundProps {
  readonly found: ClusterToAdd;
  readonly serverId: string;
  readonly onAdded: (clusterId: string) => void;
}

function Found({ found, serverId, onAdded }: FoundProps) {
  const { asked: cluster, groups } = found;
  const all = groups.length === 0 ? [cluster] : groups;
  return (
    <section className="m-found" aria-label={printable(cluster.scope)}>
      <div className="m-row">
        <h3 className="m-row">
          <Name text={cluster.scope} strong />
        </h3>
        {groups.length === 0 ? null : (
          <Chip tone="info" word={`Citus: ${groupsInWords(groups.flatMap((one) => one.citusGroup ?? []))}`} />
        )}
        <Chip
          tone="info"
          word={plural(
            all.reduce((count, one) => count + one.members.length, 0),
            'member',
          )}
        />
        <span className="m-small m-muted m-clip m-mono" title={cluster.configPath}>
          {printable(cluster.configPath)}
        </span>
      </div>
      <p className="m-small m-muted m-wrap">{summaryOf(cluster)}</p>
      {all.flatMap(({ key, problems }) =>
        problems.map((problem) => <ErrorNotice key={key + problem.code + problem.message} error={problem} />),
      )}
      <Members clusters={all} />
      <AddFound found={found} serverId={serverId} onAdded={onAdded} />
    </section>
  );
}

function AddFound({ found, serverId, onAdded }: FoundProps) {
  const { asked: cluster, missing, existingClusterId } = found;
  const page = usePage();
  const [title, setTitle] = useState(cluster.scope.slice(0, 120));
  const [production, setProduction] = useState(false);
  const add = useAction(async () => {
    const entry = await page.call((client) =>
      client.clusters.addDiscovered({ serverId, key: cluster.key, title: title.trim(), production }),
    );
    onAdded(entry.id);
  });
  const id = `title-${cluster.key}`;
  if (existingClusterId !== null)
    return (
      <>
        {add.error === null ? null : <ErrorNotice error={add.error} />}
        <Notice
          tone="info"
          tools={
            missing.length === 0 ? undefined : (
              <Button
                size="small"
                text={missing.length === 1 ? 'Add this group' : 'Add these groups'}
                loading={add.busy}
                onClick={() => void add.run()}
              />
            )
          }
        >
          Already in Matriarch{missing.length === 0 ? '' : `, but for group ${missing.join(', ')}`}.{' '}
          <a href={hrefOf({ page: 'cluster', clusterId: existingClusterId, tab: 'overview' })}>Open it</a>
        </Notice>
      </>
    );
  return (
    <>
      {add.error === null ? null : <ErrorNotice error={add.error} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() !== '') void add.run();
        }}
      >
        <FormGroup label="Title" labelFor={id}>
          <InputGroup id={id} value={title} maxLength={120} onValueChange={setTitle} />
        </FormGroup>
        <Checkbox
          checked={production}
          onChange={(event) => setProduction(event.currentTarget.checked)}
          label="Production: ask for the cluster's name before any action that interrupts writes"
        />
        <Button
          type="submit"
          intent="primary"
          text="Add this cluster"
          loading={add.busy}
          disabled={title.trim() === ''}
        />
      </form>
    </>
  );
}

function summaryOf(cluster: DiscoveredCluster): string {
  const parts = [
    `namespace ${printable(cluster.namespace)}`,
    `DCS ${cluster.dcs}${cluster.dcsHosts.length === 0 ? '' : ` at ${cluster.dcsHosts.map(printable).join(', ')}`}`,
    cluster.patroniVersion === null ? 'Patroni version not known' : `Patroni ${printable(cluster.patroniVersion)}`,
    cluster.restTls ? 'REST with TLS' : 'REST without TLS',
    cluster.restAuth ? 'REST asks for a password' : null,
    cluster.etcdTls ? 'etcd with TLS' : null,
    cluster.etcdAuth ? 'etcd asks for a password' : null,
  ];
  return `${parts.filter((part) => part !== null).join(', ')}.`;
}

const reaches: Readonly<Record<DiscoveredMember['reach'], string>> = {
  own: 'its own SSH connection',
  via: 'through this server',
  none: 'no route found yet',
};

function Members({ clusters }: { readonly clusters: readonly DiscoveredCluster[] }) {
  const rows = clusters.flatMap(({ citusGroup, members }) => members.map((member) => ({ citusGroup, member })));
  const hasGroups = clusters.some((cluster) => cluster.citusGroup !== undefined);
  if (rows.length === 0) return null;
  return (
    <table className="m-table m-table-dense m-table-fixed">
      <thead>
        <tr>
          {hasGroups ? <th>Group</th> : null}
          <th>Member</th>
          <th>Role</th>
          <th>State</th>
          <th>Reached by</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ citusGroup, member }) => (
          <tr key={`${citusGroup ?? ''} ${member.name}`}>
            {citusGroup === undefined ? null : <td>{groupInWords(citusGroup)}</td>}
            <td title={member.apiUrl}>
              <span className="m-row">
                <Name text={member.name} />
              </span>
            </td>
            <td>{printable(reportedRoleWord(member.role))}</td>
            <td>{printable(member.state)}</td>
            <td className={member.reach === 'none' ? 'm-tone-warn' : ''}>{reaches[member.reach]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
