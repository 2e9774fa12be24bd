import '../../../../deployment/deployment.css';
import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type { Server } from '../../../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../../shared/model/deploy/spec/server-spec';
import { layoutOf } from '../../../../../shared/rules/deploy/layout';
import { prometheusServer } from '../../../../../shared/rules/deploy/monitoring';
import { serverKey } from '../../../../deployment/form/server-key';
import { ChangePreview } from '../../../../deployment/plan/change-preview';
import { hrefOf } from '../../../../navigation/route';
import { useAnswer } from '../../../../rpc/hooks';
import { Command } from '../../../../ui/command';
import { ErrorNotice } from '../../../../ui/notice';
import { Loading } from '../../../../ui/loading';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { freeServers, memberToBe } from '../../servers/new-server';

interface ClusterProps {
  readonly state: ClusterState;
}
interface SpecProps extends ClusterProps {
  readonly spec: ClusterSpec;
}

/** A Prometheus that this app sets up for the cluster, or where the one is that it set up. */
export function SetUpPanel({ state }: ClusterProps) {
  const { clusterId } = state;
  const spec = useAnswer(`spec ${clusterId}`, (client) => client.deploy.day2.spec({ clusterId }));
  if (spec.error !== null) return <ErrorNotice error={spec.error} />;
  if (spec.value === null && spec.loading) return <Loading what="Reading how this cluster was set up." />;
  return <Content state={state} spec={spec.value} />;
}

function Content({ state, spec }: ClusterProps & { readonly spec: ClusterSpec | null }) {
  if (spec === null || spec.adopted.length > 0)
    return (
      <Panel title="A Prometheus of its own">
        <p className="m-muted">
          This app sets Prometheus up for clusters that it set up itself. For this one, add the files below to a
          Prometheus that you have.
        </p>
      </Panel>
    );
  const server = prometheusServer(spec);
  if (server !== undefined) return <IsThere state={state} spec={spec} server={server} />;
  if (spec.standby !== undefined)
    return (
      <Panel title="A Prometheus of its own">
        <p className="m-muted">
          The role by which postgres_exporter logs in cannot be made in a standby cluster: set Prometheus up after a
          promotion. The files below work with a Prometheus that you have.
        </p>
      </Panel>
    );
  return <SetUp state={state} spec={spec} />;
}

function IsThere({ state, spec, server }: SpecProps & { readonly server: ServerSpec }) {
  const { port, alertmanagerPort, retentionDays } = spec.prometheus;
  const forward = `ssh -L ${port}:127.0.0.1:${port} -L ${alertmanagerPort}:127.0.0.1:${alertmanagerPort} ${server.address}`;
  return (
    <Panel title={`Prometheus runs on ${printable(server.name)}`} note="set up by this app">
      <div className="m-stack">
        <p>
          It listens on that server alone, keeps figures for {retentionDays} days, and is read by{' '}
          <a href={hrefOf({ page: 'cluster', clusterId: state.clusterId, tab: 'charts' })}>the charts</a>. Alertmanager
          tells nobody until you name somebody in <code>{layoutOf(spec).alertmanagerConfig}</code> there.
        </p>
        <p className="m-muted">To see their own pages, forward their ports:</p>
        <Command text={forward} />
      </div>
    </Panel>
  );
}

function SetUp({ state, spec }: SpecProps) {
  const id = useId();
  const [chosen, setChosen] = useState('');
  const [asked, setAsked] = useState<ServerSpec | null>(null);
  const inventory = useAnswer('servers', (client) => client.servers.list());
  const free = freeServers(spec, inventory.value ?? []);
  const own = spec.servers.find((server) => serverKey(server) === chosen);
  const other = free.find((server) => server.id === chosen);
  return (
    <>
      <Panel title="Set up a Prometheus for this cluster" note="nothing changes until you confirm">
        <div className="m-stack">
          <p className="m-muted">
            Prometheus and Alertmanager come from the package sources of the server that you choose, and every member
            gets its exporters. The charts find it by themselves. A Prometheus that is there already is left alone: use
            the files below with it.
          </p>
          {inventory.error === null ? null : <ErrorNotice error={inventory.error} />}
          <FormGroup
            label="Server"
            labelFor={id}
            helperText="One of its own tells, too, when a server of the cluster is lost."
          >
            <HTMLSelect
              id={id}
              value={chosen}
              onChange={({ currentTarget }) => {
                setAsked(null);
                setChosen(currentTarget.value);
              }}
            >
              <option value="">Choose a server</option>
              {spec.servers.map((server) => (
                <option key={serverKey(server)} value={serverKey(server)}>
                  {printable(server.name)} (this cluster)
                </option>
              ))}
              {free.map((server) => (
                <option key={server.id} value={server.id}>
                  {printable(server.name)} ({printable(server.user)}@{printable(server.host)})
                </option>
              ))}
            </HTMLSelect>
          </FormGroup>
          {own === undefined ? null : <Review onReview={() => setAsked(own)} />}
          {other === undefined ? null : <OtherServer key={other.id} spec={spec} server={other} onReview={setAsked} />}
        </div>
      </Panel>
      {asked === null ? null : (
        <ChangePreview
          key={serverKey(asked)}
          state={state}
          spec={spec}
          change={{ kind: 'add_monitoring', server: { ...asked, roles: ['prometheus'] } }}
        />
      )}
    </>
  );
}

function Review({ onReview }: { readonly onReview: () => void }) {
  return (
    <div>
      <Button intent="primary" text="Review the changes" onClick={onReview} />
    </div>
  );
}

/** A server that is none of the cluster is inspected first: its name and its address are its own. */
function OtherServer(props: {
  readonly spec: ClusterSpec;
  readonly server: Server;
  readonly onReview: (server: ServerSpec) => void;
}) {
  const { spec, server, onReview } = props;
  const asked: ServerSpec = {
    name: 'new',
    ssh: { server: server.id },
    address: server.host,
    roles: ['prometheus'],
    tags: {},
  };
  const look = useAnswer(`inspect ${server.id}`, (client) => client.deploy.look({ servers: [asked] }));
  if (look.error !== null) return <ErrorNotice error={look.error} />;
  const seen = look.value?.[0];
  if (seen === undefined || look.loading) return <Loading what={`Inspecting ${printable(server.name)}.`} />;
  if (seen.error !== null) return <ErrorNotice error={seen.error} />;
  const wanted = memberToBe(spec, server, seen.facts);
  if (wanted === null) return null;
  return (
    <>
      <p>
        It is called {printable(wanted.name)}, at {printable(wanted.address)}.
      </p>
      <Review onReview={() => onReview(wanted)} />
    </>
  );
}
