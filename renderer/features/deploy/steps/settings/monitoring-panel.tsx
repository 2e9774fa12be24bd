import { FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId } from 'react';
import { asksEtcdApart, prometheusServer } from '../../../../../shared/rules/deploy/monitoring';
import { withPrometheus } from '../../../../deployment/form/servers';
import { serverKey } from '../../../../deployment/form/server-key';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { NumberField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';
import { usePart } from './use-part';

const NONE = '';

/** Whether the cluster gets a Prometheus, and on which server. */
export function MonitoringPanel() {
  const wizard = useWizard();
  const spec = useSpec();
  const id = useId();
  const [prometheus, set] = usePart('prometheus');
  if (spec.standby !== undefined)
    return (
      <Panel title="Monitoring">
        <p className="m-muted">Prometheus can be added after a promotion, from Health, Prometheus.</p>
      </Panel>
    );
  const chosen = prometheusServer(spec);
  return (
    <Panel title="Monitoring" note="optional; Prometheus can be added later, too">
      <div className="m-form-row">
        <FormGroup
          label="Prometheus and Alertmanager"
          labelFor={id}
          helperText="A server of its own tells, too, when a server of the cluster is lost: add one and give it this role alone."
        >
          <HTMLSelect
            id={id}
            value={chosen === undefined ? NONE : serverKey(chosen)}
            onChange={({ currentTarget: { value } }) =>
              wizard.changeSpec((before) => withPrometheus(before, value === NONE ? null : value))
            }
          >
            <option value={NONE}>Not installed</option>
            {spec.servers.map((server) => (
              <option key={serverKey(server)} value={serverKey(server)}>
                On {printable(server.name)}
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
        {chosen === undefined ? null : (
          <NumberField
            label="Figures are kept, days"
            path="prometheus.retentionDays"
            value={prometheus.retentionDays}
            onValue={(retentionDays) => set({ retentionDays })}
          />
        )}
      </div>
      {chosen === undefined ? null : <WhoReaches name={chosen.name} isEtcdApart={asksEtcdApart(spec)} />}
    </Panel>
  );
}

function WhoReaches({ name, isEtcdApart }: { readonly name: string; readonly isEtcdApart: boolean }) {
  const [{ port, alertmanagerPort, nodePort, postgresPort, etcdMetricsPort }] = usePart('prometheus');
  return (
    <ul className="m-small d-list" data-testid="monitoring-reach">
      <li>
        Prometheus ({port}) and Alertmanager ({alertmanagerPort}) listen on {printable(name)} itself alone. This app
        reads them through SSH, and the charts find them.
      </li>
      <li>
        Every member gets node_exporter ({nodePort}) and postgres_exporter ({postgresPort})
        {isEtcdApart ? `, and etcd a port for its metrics (${etcdMetricsPort})` : ''}, on the address that the servers
        know each other by. Whoever reaches these ports reads figures and can change nothing; the review has the lines
        for a firewall.
      </li>
      <li>Alertmanager tells nobody until you name somebody in its file on the server.</li>
    </ul>
  );
}
