import { Button, Checkbox } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type {
  MonitoringChoice,
  MonitoringFile,
  MonitoringFiles,
} from '../../../../../shared/model/monitoring/monitored-cluster';
import { monitoredCluster, usualMonitoring } from '../../../../../shared/rules/monitoring/monitored-cluster';
import { monitoringFiles } from '../../../../../shared/rules/monitoring/monitoring-files';
import { CopyButton } from '../../../../ui/command';
import { downloadText } from '../../../../ui/download';
import { Notice } from '../../../../ui/notice';
import { Empty, Panel } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { plural } from '../../../../ui/wording/format';
import { PortInput } from './port-input';
import { SetUpPanel } from './set-up-panel';

/** The files by which a Prometheus and a Grafana watch this cluster, for the versions that run here. */
export default function PrometheusView({ state }: { readonly state: ClusterState }) {
  const [choice, setChoice] = useState(usualMonitoring);
  const cluster = monitoredCluster(state, choice);
  if (cluster.patroni.targets.length === 0)
    return (
      <Empty title="No member is known">
        <p>The files name the members and their versions. They are written as soon as the cluster is seen.</p>
      </Empty>
    );
  const made = monitoringFiles(cluster);
  return (
    <div className="m-stack" data-testid="prometheus-files">
      <SetUpPanel state={state} />
      <p className="m-muted">
        Files for a Prometheus that you have, in the network of the servers. It asks the members themselves, so that it
        also watches while this app is closed. Patroni and etcd ask nobody for a password on /metrics.
      </p>
      {cluster.etcd === null ? (
        <Notice tone="unknown">The members of etcd are not seen now, so that the files leave them out.</Notice>
      ) : null}
      {cluster.patroni.version === null ? (
        <Notice tone="unknown">
          The version of Patroni is not known on every member: what depends on it is left out of the files.
        </Notice>
      ) : null}
      <Choices choice={choice} state={state} onChange={setChoice} />
      {made.files.map((file) => (
        <FilePanel key={file.title} file={file} />
      ))}
      <Needs files={made} />
      <LeftOutPanel files={made} />
    </div>
  );
}

function Choices(props: {
  readonly choice: MonitoringChoice;
  readonly state: ClusterState;
  readonly onChange: (choice: MonitoringChoice) => void;
}) {
  const { choice, state, onChange } = props;
  const change = (part: Partial<MonitoringChoice>) => onChange({ ...choice, ...part });
  const restTls = state.members.some(({ apiUrl }) => apiUrl?.startsWith('https:') === true);
  const etcdTls =
    state.dcs.kind === 'live' &&
    state.dcs.members.some(({ clientUrls }) => clientUrls.some((url) => /^https:/.test(url)));
  return (
    <Panel title="What is collected" note="Patroni and etcd always are">
      <div className="m-stack-tight">
        <PortInput
          label="postgres_exporter"
          usual={9187}
          port={choice.postgresPort}
          onChange={(postgresPort) => change({ postgresPort })}
        />
        <PortInput
          label="node_exporter"
          usual={9100}
          port={choice.nodePort}
          onChange={(nodePort) => change({ nodePort })}
        />
        <PortInput
          label="HAProxy"
          usual={8405}
          port={choice.haproxyPort}
          onChange={(haproxyPort) => change({ haproxyPort })}
        />
        {restTls ? (
          <Checkbox
            label="Patroni asks for a client certificate (restapi.verify_client: required)"
            checked={choice.restCertificate}
            onChange={(event) => change({ restCertificate: event.currentTarget.checked })}
          />
        ) : null}
        {etcdTls ? (
          <Checkbox
            label="etcd asks for a client certificate (client-cert-auth)"
            checked={choice.etcdCertificate}
            onChange={(event) => change({ etcdCertificate: event.currentTarget.checked })}
          />
        ) : null}
      </div>
    </Panel>
  );
}

function FilePanel({ file }: { readonly file: MonitoringFile }) {
  const tools = (
    <div className="m-row">
      <CopyButton text={file.text} label={`Copy: ${file.title}`} />
      <Button
        size="small"
        text="Save"
        aria-label={`Save: ${file.title}`}
        onClick={() => downloadText(file.fileName, file.text)}
      />
    </div>
  );
  return (
    <Panel title={file.title} note={file.goesTo} tools={tools} flush>
      <pre className="m-log" tabIndex={0} role="region" aria-label={`${file.title}, text`}>
        {file.text.split('\n').map(printable).join('\n')}
      </pre>
    </Panel>
  );
}

function Needs({ files }: { readonly files: MonitoringFiles }) {
  if (files.needs.length === 0) return null;
  return (
    <Panel title="What must be there beside them" note="no secret stands in the files" flush>
      <table className="m-table m-table-dense" aria-label="What must be there">
        <TableHead columns={['What', 'Where']} />
        <tbody>
          {files.needs.map(({ what, where }) => (
            <tr key={`${what} ${where}`}>
              <td className="m-wrap">{printable(what)}</td>
              <td className="m-mono m-small">{printable(where)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function LeftOutPanel({ files }: { readonly files: MonitoringFiles }) {
  if (files.leftOut.length === 0) return null;
  return (
    <Panel title="Left out" note={plural(files.leftOut.length, 'alert or panel', 'alerts and panels')} flush>
      <table className="m-table m-table-dense" aria-label="Left out">
        <TableHead columns={['What', 'Why']} />
        <tbody>
          {files.leftOut.map(({ name, why }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="m-wrap m-muted">{printable(why)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
