import { synchronousSentence } from '../../../../../shared/rules/deploy/review/synchronous';
import { failoverPresets } from '../../../../../shared/rules/deploy/spec/suggest';
import { expectFailover, failoverTimesInWords } from '../../../../../shared/rules/cluster/failover-times';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { Panel } from '../../../../ui/panel';
import { Choices, Switch, type Choice } from '../../../../ui/choices';
import { LinesField, NumberField, TextField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';
import { AllSettings } from './all-settings';
import { Databases } from './databases';
import { MonitoringPanel } from './monitoring-panel';
import { Passwords } from './passwords';
import { StandbyPanel } from './standby-panel';
import { TlsChoice } from './tls-choice';

/** The few settings that matter, with good defaults; the rest lies behind "all settings". */
export function SettingsStep() {
  return (
    <>
      <NamePanel />
      <StandbyPanel />
      <FailoverPanel />
      <SynchronousPanel />
      <Panel title="Applications">
        <DatabasesOrCopy />
        <ClientNetworks />
      </Panel>
      <Panel title="TLS">
        <TlsChoice />
      </Panel>
      <MonitoringPanel />
      <Passwords />
      <AllSettings />
    </>
  );
}

function DatabasesOrCopy() {
  const { standby } = useSpec();
  return standby === undefined ? (
    <Databases />
  ) : (
    <p className="m-muted">Databases and roles come from the cluster that this one follows.</p>
  );
}

function NamePanel() {
  const wizard = useWizard();
  const spec = useSpec();
  const setTitle = (text: string) =>
    wizard.changeSpec(({ title: _old, ...rest }) => (text === '' ? rest : { ...rest, title: text }));
  return (
    <Panel title="Name">
      <div className="m-form-row">
        <TextField
          label="Cluster name (scope)"
          path="scope"
          value={spec.scope}
          help="Identifies the cluster in Patroni and etcd. It cannot be changed later."
          onValue={(text) => wizard.changeSpec((before) => ({ ...before, scope: text.trim() }))}
        />
        <TextField
          label="Title (optional)"
          path="title"
          value={spec.title ?? ''}
          placeholder={spec.scope}
          help="Shown in Matriarch."
          onValue={setTitle}
        />
      </div>
    </Panel>
  );
}

const OWN = 'own';

function FailoverPanel() {
  const wizard = useWizard();
  const { patroni } = useSpec();
  const set = (change: Partial<ClusterSpec['patroni']>) =>
    wizard.changeSpec((before) => ({ ...before, patroni: { ...before.patroni, ...change } }));
  const present = failoverPresets.find(
    (one) => one.ttl === patroni.ttl && one.loopWait === patroni.loopWait && one.retryTimeout === patroni.retryTimeout,
  );
  const choices: readonly Choice<string>[] = [
    ...failoverPresets.map((one) => ({
      value: one.id,
      label: one.label,
      explain: `${one.sentence} (ttl ${one.ttl}, loop_wait ${one.loopWait}, retry_timeout ${one.retryTimeout})`,
    })),
    ...(present === undefined ? [{ value: OWN, label: 'Custom', explain: 'The timings below.' }] : []),
  ];
  const choose = (id: string) => {
    const preset = failoverPresets.find((one) => one.id === id);
    if (preset !== undefined) set({ ttl: preset.ttl, loopWait: preset.loopWait, retryTimeout: preset.retryTimeout });
  };
  return (
    <Panel title="Failover">
      <Choices
        legend="How soon is a failed leader replaced?"
        value={present?.id ?? OWN}
        choices={choices}
        onValue={choose}
      />
      <ul className="m-small" data-testid="failover-expected">
        {failoverTimesInWords(expectFailover(patroni)).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <details className="d-details">
        <summary>Timings</summary>
        <div className="m-form-row">
          <NumberField label="ttl, seconds" path="patroni.ttl" value={patroni.ttl} onValue={(ttl) => set({ ttl })} />
          <NumberField
            label="loop_wait, seconds"
            path="patroni.loopWait"
            value={patroni.loopWait}
            onValue={(loopWait) => set({ loopWait })}
          />
          <NumberField
            label="retry_timeout, seconds"
            path="patroni.retryTimeout"
            value={patroni.retryTimeout}
            onValue={(retryTimeout) => set({ retryTimeout })}
          />
        </div>
      </details>
    </Panel>
  );
}

const modes: readonly Choice<ClusterSpec['patroni']['synchronousMode']>[] = [
  {
    value: 'off',
    label: 'Asynchronous',
    explain: 'Fastest writes. A failover may lose the last transactions, up to the maximum lag (1 MB by default).',
  },
  {
    value: 'on',
    label: 'Synchronous',
    explain: 'Each commit waits for a replica, so a failover loses no committed data. Writes are slower.',
  },
  {
    value: 'quorum',
    label: 'Synchronous (quorum)',
    explain: 'Each commit waits for the fastest of the replicas. Needs Patroni 4.',
  },
];

function SynchronousPanel() {
  const wizard = useWizard();
  const spec = useSpec();
  const { patroni } = spec;
  const set = (change: Partial<ClusterSpec['patroni']>) =>
    wizard.changeSpec((before) => ({ ...before, patroni: { ...before.patroni, ...change } }));
  return (
    <Panel title="Replication">
      <Choices
        legend="May a failover lose the last transactions?"
        value={patroni.synchronousMode}
        choices={modes}
        onValue={(synchronousMode) => set({ synchronousMode })}
      />
      {patroni.synchronousMode === 'off' ? null : (
        <div className="d-indent">
          <p className="m-muted">{synchronousSentence(spec)}</p>
          <NumberField
            label="Synchronous replicas"
            path="patroni.synchronousNodeCount"
            value={patroni.synchronousNodeCount}
            onValue={(synchronousNodeCount) => set({ synchronousNodeCount })}
          />
          <Switch
            label="Strict"
            explain="Writes stop while no synchronous replica is available."
            checked={patroni.synchronousModeStrict}
            onValue={(synchronousModeStrict) => set({ synchronousModeStrict })}
          />
        </div>
      )}
    </Panel>
  );
}

function ClientNetworks() {
  const wizard = useWizard();
  const { clientNetworks } = useSpec();
  return (
    <LinesField
      label="Application networks"
      path="clientNetworks"
      value={clientNetworks}
      placeholder="10.0.0.0/24"
      help="One per line. Empty: the smallest network that contains the servers."
      onValue={(lines) => wizard.changeSpec((before) => ({ ...before, clientNetworks: lines }))}
    />
  );
}
