import { Button } from '@blueprintjs/core';
import { RefreshIcon } from '@blueprintjs/icons';
import { useState } from 'react';
import type { Server } from '../../../../../shared/model/connect/server';
import { plural } from '../../../../ui/wording/format';
import { Panel } from '../../../../ui/panel';
import { triedReleases } from '../../../../../shared/rules/deploy/preflight/machine-checks';
import { serverKey } from '../../../../deployment/form/server-key';
import { withServers } from '../../../../deployment/form/servers';
import { useWizard, useWizardState } from '../../wizard/wizard-context';
import { ServerEntry } from './server-entry';
import { ServerPick } from './server-pick';
import { ServerTable } from './server-table';

/** Which servers, and whether they can be worked with. */
export function ServersStep() {
  const wizard = useWizard();
  const count = useWizardState((state) => state.form.spec.servers.length);
  const [adding, setAdding] = useState(false);
  const add = async (servers: readonly Server[]) => {
    await wizard.reloadInventory();
    wizard.change((form) => withServers(form, servers));
    setAdding(false);
    await wizard.inspect(servers.map((server) => server.id));
  };
  const open = adding || count === 0;
  const inspectAgain = () => void wizard.inspect(wizard.store.getState().form.spec.servers.map(serverKey));
  return (
    <>
      <p className="m-muted">
        You need at least three servers to survive losing one. Each needs Debian or Ubuntu, SSH, and root access;
        set-ups were tried on {triedReleases}. Inspecting them changes nothing.
      </p>
      {count === 0 ? null : (
        <Panel
          title="Servers"
          note={plural(count, 'server')}
          flush
          tools={
            <>
              <Button size="small" icon={<RefreshIcon />} text="Inspect again" onClick={inspectAgain} />
              {open ? null : <Button size="small" text="Add servers" onClick={() => setAdding(true)} />}
            </>
          }
        >
          <ServerTable />
        </Panel>
      )}
      {open ? (
        <Panel title={count === 0 ? 'Add the servers' : 'Add servers'}>
          <div className="m-stack">
            <ServerPick onPicked={add} />
            <ServerEntry onAdded={add} />
          </div>
        </Panel>
      ) : null}
    </>
  );
}
