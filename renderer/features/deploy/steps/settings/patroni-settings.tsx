import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { Choices, Switch, type Choice } from '../../../../ui/choices';
import { NumberField, TextField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';
import { usePart } from './use-part';

const watchdogs: readonly Choice<ClusterSpec['patroni']['watchdog']>[] = [
  {
    value: 'off',
    label: 'No watchdog',
    explain: 'If Patroni hangs on the leader, nothing else stops PostgreSQL there.',
  },
  {
    value: 'automatic',
    label: 'If available',
    explain: 'If Patroni hangs, the kernel restarts the server, provided it has a watchdog device.',
  },
  { value: 'required', label: 'Required', explain: 'A member without a watchdog never becomes leader.' },
];

/** Patroni's further settings. */
export function PatroniSettings() {
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
          label="Maximum lag for failover, bytes"
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
        explain="If etcd is lost, the primary stays writable as long as it reaches all members. Without failsafe mode it becomes read-only."
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

/** The PostgreSQL roles that Patroni uses. */
export function Accounts() {
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
