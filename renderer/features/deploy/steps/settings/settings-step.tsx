import { failoverPresets } from '../../../../../shared/rules/deploy/spec/suggest';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { Panel } from '../../../../ui/panel';
import { Choices, Switch, type Choice } from '../../../../ui/choices';
import { LinesField, NumberField, TextField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';
import { AllSettings } from './all-settings';
import { Databases } from './databases';
import { Passwords } from './passwords';

/** The few settings that matter, with good defaults; the rest lies behind "all settings". */
export function SettingsStep() {
  return (
    <>
      <NamePanel />
      <FailoverPanel />
      <SynchronousPanel />
      <Panel title="Applications">
        <Databases />
        <ClientNetworks />
      </Panel>
      <Passwords />
      <AllSettings />
    </>
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
          help="Patroni and etcd know the cluster by it; it cannot be changed later."
          onValue={(text) => wizard.changeSpec((before) => ({ ...before, scope: text.trim() }))}
        />
        <TextField
          label="Title (optional)"
          path="title"
          value={spec.title ?? ''}
          placeholder={spec.scope}
          help="What Matriarch shows."
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
    ...(present === undefined ? [{ value: OWN, label: 'Your own', explain: 'The three times below.' }] : []),
  ];
  const choose = (id: string) => {
    const preset = failoverPresets.find((one) => one.id === id);
    if (preset !== undefined) set({ ttl: preset.ttl, loopWait: preset.loopWait, retryTimeout: preset.retryTimeout });
  };
  return (
    <Panel title="Failover">
      <Choices
        legend="How soon is a lost leader replaced?"
        value={present?.id ?? OWN}
        choices={choices}
        onValue={choose}
      />
      <details className="d-details">
        <summary>The times themselves</summary>
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
    explain: 'The fastest writes. A failover may lose the last transactions, up to the lag allowed (1 MB).',
  },
  {
    value: 'on',
    label: 'Synchronous',
    explain: 'A commit waits for a replica: a failover loses nothing that was committed. Writes wait for the network.',
  },
  {
    value: 'quorum',
    label: 'Synchronous by quorum',
    explain: 'A commit waits for any of the replicas, the fastest one. Needs Patroni 4.',
  },
];

function SynchronousPanel() {
  const wizard = useWizard();
  const { patroni } = useSpec();
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
          <NumberField
            label="Synchronous replicas"
            path="patroni.synchronousNodeCount"
            value={patroni.synchronousNodeCount}
            onValue={(synchronousNodeCount) => set({ synchronousNodeCount })}
          />
          <Switch
            label="Strict"
            explain="Writes stop rather than going on without a synchronous replica."
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
      label="Networks of the applications"
      path="clientNetworks"
      value={clientNetworks}
      placeholder="10.0.0.0/24"
      help="One a line. Empty: the smallest network around the servers."
      onValue={(lines) => wizard.changeSpec((before) => ({ ...before, clientNetworks: lines }))}
    />
  );
}
