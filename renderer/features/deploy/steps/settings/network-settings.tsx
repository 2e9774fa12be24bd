import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { prometheusServer } from '../../../../../shared/rules/deploy/monitoring';
import { Choices, type Choice } from '../../../../ui/choices';
import { NumberField } from '../../wizard/spec-fields';
import { useSpec } from '../../wizard/wizard-context';
import { usePart } from './use-part';

/** The ports of every service. */
export function Ports() {
  const [postgres, setPostgres] = usePart('postgres');
  const [patroni, setPatroni] = usePart('patroni');
  const [etcd, setEtcd] = usePart('etcd');
  const [haproxy, setHaproxy] = usePart('haproxy');
  const [pgbouncer, setPgbouncer] = usePart('pgbouncer');
  return (
    <div className="d-ports">
      <NumberField
        label="PostgreSQL"
        path="postgres.port"
        value={postgres.port}
        onValue={(port) => setPostgres({ port })}
      />
      <NumberField
        label="Patroni's REST API"
        path="patroni.restPort"
        value={patroni.restPort}
        onValue={(restPort) => setPatroni({ restPort })}
      />
      <NumberField
        label="etcd, clients"
        path="etcd.clientPort"
        value={etcd.clientPort}
        onValue={(clientPort) => setEtcd({ clientPort })}
      />
      <NumberField
        label="etcd, between members"
        path="etcd.peerPort"
        value={etcd.peerPort}
        onValue={(peerPort) => setEtcd({ peerPort })}
      />
      <NumberField
        label="HAProxy to the primary"
        path="haproxy.primaryPort"
        value={haproxy.primaryPort}
        onValue={(primaryPort) => setHaproxy({ primaryPort })}
      />
      <NumberField
        label="HAProxy to the replicas"
        path="haproxy.replicaPort"
        value={haproxy.replicaPort}
        onValue={(replicaPort) => setHaproxy({ replicaPort })}
      />
      <NumberField
        label="HAProxy's statistics"
        path="haproxy.statsPort"
        value={haproxy.statsPort}
        onValue={(statsPort) => setHaproxy({ statsPort })}
      />
      <NumberField
        label="PgBouncer"
        path="pgbouncer.port"
        value={pgbouncer.port}
        onValue={(port) => setPgbouncer({ port })}
      />
      <MonitoringPorts />
    </div>
  );
}

const monitoringPorts = [
  { name: 'port', label: 'Prometheus' },
  { name: 'alertmanagerPort', label: 'Alertmanager' },
  { name: 'nodePort', label: 'node_exporter' },
  { name: 'postgresPort', label: 'postgres_exporter' },
  { name: 'etcdMetricsPort', label: 'Metrics of etcd, with TLS' },
] as const;

/** The ports of Prometheus and of what it collects from; none where there is no Prometheus. */
function MonitoringPorts() {
  const spec = useSpec();
  const [prometheus, set] = usePart('prometheus');
  if (prometheusServer(spec) === undefined) return null;
  return monitoringPorts.map(({ name, label }) => (
    <NumberField
      key={name}
      label={label}
      path={`prometheus.${name}`}
      value={prometheus[name]}
      onValue={(port) => set({ [name]: port })}
    />
  ));
}

const poolModes: readonly Choice<ClusterSpec['pgbouncer']['poolMode']>[] = [
  {
    value: 'transaction',
    label: 'By transaction',
    explain: 'Serves the most clients. What outlives a transaction (session settings, LISTEN) does not work.',
  },
  { value: 'session', label: 'By session', explain: 'Everything works; each client holds one connection.' },
  { value: 'statement', label: 'By statement', explain: 'Transactions with several statements are not possible.' },
];

/** The limits of HAProxy and PgBouncer. */
export function Proxies() {
  const [haproxy, setHaproxy] = usePart('haproxy');
  const [pgbouncer, setPgbouncer] = usePart('pgbouncer');
  return (
    <>
      <div className="m-form-row">
        <NumberField
          label="HAProxy, maximum connections"
          path="haproxy.maxConnections"
          value={haproxy.maxConnections}
          onValue={(maxConnections) => setHaproxy({ maxConnections })}
        />
        <NumberField
          label="PgBouncer, maximum clients"
          path="pgbouncer.maxClientConnections"
          value={pgbouncer.maxClientConnections}
          onValue={(maxClientConnections) => setPgbouncer({ maxClientConnections })}
        />
        <NumberField
          label="PgBouncer, connections per user and database"
          path="pgbouncer.defaultPoolSize"
          value={pgbouncer.defaultPoolSize}
          onValue={(defaultPoolSize) => setPgbouncer({ defaultPoolSize })}
        />
      </div>
      <Choices
        legend="When does PgBouncer release a server connection?"
        value={pgbouncer.poolMode}
        choices={poolModes}
        onValue={(poolMode) => setPgbouncer({ poolMode })}
      />
    </>
  );
}
