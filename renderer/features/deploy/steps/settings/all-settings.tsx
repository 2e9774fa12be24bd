import type { ReactNode } from 'react';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import {
  methodLines,
  methodsOf,
  optionLines,
  optionsOf,
  slotLines,
  slotsOf,
} from '../../../../../shared/rules/deploy/spec/replication-lines';
import { Panel } from '../../../../ui/panel';
import { Choices, LinesField, NumberField, Switch, TextField, type Choice } from '../../fields';
import { useSpec, useWizard } from '../../wizard-context';
import { ParameterTable } from './parameter-table';
import { VirtualAddress } from '../roles/virtual-address';

type Part = 'postgres' | 'patroni' | 'etcd' | 'haproxy' | 'pgbouncer' | 'accounts';

/** One part of the spec and a way to change some of it. */
function usePart<P extends Part>(part: P): readonly [ClusterSpec[P], (change: Partial<ClusterSpec[P]>) => void] {
  const wizard = useWizard();
  const spec = useSpec();
  return [
    spec[part],
    (change) => wizard.changeSpec((before) => ({ ...before, [part]: { ...before[part], ...change } })),
  ];
}

/** Everything that can be set and seldom needs to be. */
export function AllSettings() {
  return (
    <Panel title="All settings" note="the defaults are right for most clusters" flush>
      <Section title="PostgreSQL parameters">
        <ParameterTable />
      </Section>
      <Section title="Ports">
        <Ports />
      </Section>
      <Section title="Directories and data">
        <Directories />
      </Section>
      <Section title="Who may log in (pg_hba)">
        <Hba />
      </Section>
      <Section title="TLS">
        <Tls />
      </Section>
      <Section title="Patroni">
        <PatroniMore />
      </Section>
      <Section title="Slots and new replicas">
        <Replication />
      </Section>
      <Section title="HAProxy and PgBouncer">
        <Proxies />
      </Section>
      <Section title="Virtual address">
        <VirtualAddress />
      </Section>
      <Section title="Roles that Patroni uses">
        <Accounts />
      </Section>
    </Panel>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <details className="d-section">
      <summary>{title}</summary>
      <div className="d-section-body">{children}</div>
    </details>
  );
}

function Ports() {
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
    </div>
  );
}

function Directories() {
  const wizard = useWizard();
  const spec = useSpec();
  const [postgres, setPostgres] = usePart('postgres');
  const setData = (text: string) =>
    wizard.changeSpec((before) => {
      const { dataDirectory: _old, ...rest } = before.postgres;
      return { ...before, postgres: text === '' ? rest : { ...rest, dataDirectory: text } };
    });
  const setEtcdData = (text: string) =>
    wizard.changeSpec((before) => {
      const { dataDirectory: _old, ...rest } = before.etcd;
      return { ...before, etcd: text === '' ? rest : { ...rest, dataDirectory: text } };
    });
  return (
    <>
      <div className="m-form-row">
        <TextField
          label="PostgreSQL's data"
          path="postgres.dataDirectory"
          value={postgres.dataDirectory ?? ''}
          placeholder="the distribution's own place"
          onValue={setData}
        />
        <TextField
          label="etcd's data"
          path="etcd.dataDirectory"
          value={spec.etcd.dataDirectory ?? ''}
          placeholder={`/var/lib/etcd/${spec.scope}`}
          onValue={setEtcdData}
        />
      </div>
      <div className="m-form-row">
        <TextField
          label="Encoding"
          path="postgres.encoding"
          value={postgres.encoding}
          onValue={(encoding) => setPostgres({ encoding })}
        />
        <TextField
          label="Locale"
          path="postgres.locale"
          value={postgres.locale}
          help="C.UTF-8 is on every server; others must be installed."
          onValue={(locale) => setPostgres({ locale })}
        />
      </div>
      <Switch
        label="Checksums of data pages"
        explain="PostgreSQL notices a damaged page when it reads one. Also lets pg_rewind bring an old leader back."
        checked={postgres.dataChecksums}
        onValue={(dataChecksums) => setPostgres({ dataChecksums })}
      />
    </>
  );
}

function Hba() {
  const [postgres, setPostgres] = usePart('postgres');
  return (
    <LinesField
      label="Lines of your own"
      path="postgres.hba"
      value={postgres.hba}
      placeholder="host all all 10.1.0.0/16 scram-sha-256"
      help="They come after the lines that the cluster itself needs and before the networks of the applications."
      onValue={(hba) => setPostgres({ hba })}
    />
  );
}

const tlsChoices: readonly Choice<ClusterSpec['tls']>[] = [
  {
    value: 'off',
    label: 'Off',
    explain: 'What the servers say to each other and to applications is not encrypted: only for a private network.',
  },
  {
    value: 'on',
    label: 'On',
    explain:
      'Everything is encrypted and both ends prove who they are, by a certificate authority of this cluster. Its key stays in the vault.',
  },
];

function Tls() {
  const wizard = useWizard();
  const { tls } = useSpec();
  return (
    <Choices
      legend="Encrypt what goes between servers and applications?"
      value={tls}
      choices={tlsChoices}
      onValue={(next) => wizard.changeSpec((before) => ({ ...before, tls: next }))}
    />
  );
}

const watchdogs: readonly Choice<ClusterSpec['patroni']['watchdog']>[] = [
  { value: 'off', label: 'No watchdog', explain: 'A leader whose Patroni hangs is only stopped by Patroni itself.' },
  {
    value: 'automatic',
    label: 'Where there is one',
    explain: 'The kernel restarts a server whose Patroni hangs, where a watchdog device can be used.',
  },
  { value: 'required', label: 'Required', explain: 'A member without a watchdog never becomes leader.' },
];

function PatroniMore() {
  const wizard = useWizard();
  const spec = useSpec();
  const [patroni, setPatroni] = usePart('patroni');
  return (
    <>
      <div className="m-form-row">
        <TextField
          label="Namespace in etcd"
          path="namespace"
          value={spec.namespace}
          onValue={(namespace) => wizard.changeSpec((before) => ({ ...before, namespace }))}
        />
        <NumberField
          label="Largest lag of a new leader, bytes"
          path="patroni.maximumLagOnFailover"
          value={patroni.maximumLagOnFailover}
          onValue={(maximumLagOnFailover) => setPatroni({ maximumLagOnFailover })}
        />
        <TextField
          label="User of the REST API"
          path="patroni.restUser"
          value={patroni.restUser}
          onValue={(restUser) => setPatroni({ restUser })}
        />
      </div>
      <Switch
        label="Failsafe mode"
        explain="When etcd is lost, the primary stays as long as it reaches all members. Without it, it becomes read-only."
        checked={patroni.failsafeMode}
        onValue={(failsafeMode) => setPatroni({ failsafeMode })}
      />
      <Choices
        legend="Watchdog"
        value={patroni.watchdog}
        choices={watchdogs}
        onValue={(watchdog) => setPatroni({ watchdog })}
      />
    </>
  );
}

function Replication() {
  const [postgres, setPostgres] = usePart('postgres');
  const [patroni, setPatroni] = usePart('patroni');
  return (
    <>
      <LinesField
        label="Replication slots that are kept"
        path="patroni.slots"
        value={slotLines(patroni.slots)}
        placeholder={'reporting\norders shop pgoutput'}
        help="One a line: its name, or name, database and plugin of a logical one. They outlive every change of the leader; the members' own slots come by themselves."
        onValue={(lines) => setPatroni({ slots: slotsOf(lines) })}
      />
      <LinesField
        label="Options of pg_basebackup"
        path="postgres.basebackup"
        value={optionLines(postgres.basebackup)}
        placeholder="max-rate=100M"
        help="One a line. By it a replica copies its data from the leader."
        onValue={(lines) => setPostgres({ basebackup: optionsOf(lines) })}
      />
      <LinesField
        label="Other ways to make a replica"
        path="postgres.replicaMethods"
        value={methodLines(postgres.replicaMethods)}
        placeholder={'from_backup: /usr/local/bin/restore-newest\nbasebackup'}
        help="One a line, tried in this order: its name and the command that fills the data directory. Empty: pg_basebackup."
        onValue={(lines) => setPostgres({ replicaMethods: methodsOf(lines, postgres.replicaMethods) })}
      />
    </>
  );
}

const poolModes: readonly Choice<ClusterSpec['pgbouncer']['poolMode']>[] = [
  {
    value: 'transaction',
    label: 'By transaction',
    explain: 'Serves the most clients; what lives longer than a transaction (session settings, LISTEN) does not work.',
  },
  { value: 'session', label: 'By session', explain: 'Everything works; one connection each.' },
  { value: 'statement', label: 'By statement', explain: 'No transactions of several statements.' },
];

function Proxies() {
  const [haproxy, setHaproxy] = usePart('haproxy');
  const [pgbouncer, setPgbouncer] = usePart('pgbouncer');
  return (
    <>
      <div className="m-form-row">
        <NumberField
          label="HAProxy, connections at most"
          path="haproxy.maxConnections"
          value={haproxy.maxConnections}
          onValue={(maxConnections) => setHaproxy({ maxConnections })}
        />
        <NumberField
          label="PgBouncer, clients at most"
          path="pgbouncer.maxClientConnections"
          value={pgbouncer.maxClientConnections}
          onValue={(maxClientConnections) => setPgbouncer({ maxClientConnections })}
        />
        <NumberField
          label="PgBouncer, connections for each user and database"
          path="pgbouncer.defaultPoolSize"
          value={pgbouncer.defaultPoolSize}
          onValue={(defaultPoolSize) => setPgbouncer({ defaultPoolSize })}
        />
      </div>
      <Choices
        legend="When does PgBouncer give a connection to the next client?"
        value={pgbouncer.poolMode}
        choices={poolModes}
        onValue={(poolMode) => setPgbouncer({ poolMode })}
      />
    </>
  );
}

function Accounts() {
  const [accounts, setAccounts] = usePart('accounts');
  return (
    <div className="m-form-row">
      <TextField
        label="Superuser"
        path="accounts.superuser"
        value={accounts.superuser}
        onValue={(superuser) => setAccounts({ superuser })}
      />
      <TextField
        label="Replication"
        path="accounts.replication"
        value={accounts.replication}
        onValue={(replication) => setAccounts({ replication })}
      />
      <TextField
        label="Rewind"
        path="accounts.rewind"
        value={accounts.rewind}
        onValue={(rewind) => setAccounts({ rewind })}
      />
    </div>
  );
}
