import type { ReactNode } from 'react';
import { Panel } from '../../../../ui/panel';
import { Ports, Proxies } from './network-settings';
import { ParameterTable } from './parameter-table';
import { Accounts, PatroniSettings } from './patroni-settings';
import { Directories, Hba, Replication } from './postgres-settings';
import { VirtualAddress } from './virtual-address';

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
      <Section title="Patroni">
        <PatroniSettings />
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
