import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useState } from 'react';
import type { Server } from '../../../shared/model/connect/server';
import { useAction, useHasAgent, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { ServerFieldset } from '../../server-editor/server-fields';
import { newServerFields, serverInput, serverProblems } from '../../server-editor/server-form';

/** Choose a server that is known, or name a new one. */
export function ServerStep({
  known,
  onServer,
}: {
  readonly known: readonly Server[];
  readonly onServer: (serverId: string) => void;
}) {
  const page = usePage();
  const [picked, setPicked] = useState('');
  const hasAgent = useHasAgent();
  const [fields, setFields] = useState(() => newServerFields(hasAgent));
  const [strict, setStrict] = useState(false);
  const add = useAction(async () => {
    if (picked !== '') return onServer(picked);
    const server = await page.call((client) => client.servers.add(serverInput(fields)));
    onServer(server.id);
  });
  const go = () => {
    setStrict(true);
    if (picked !== '' || Object.keys(serverProblems(fields)).length === 0) void add.run();
  };
  return (
    <Panel title="Server">
      <form
        className="m-stack"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        {add.error === null ? null : <ErrorNotice error={add.error} />}
        {known.length === 0 ? null : (
          <FormGroup label="Which server" labelFor="known-server">
            <HTMLSelect
              id="known-server"
              fill
              value={picked}
              onChange={(event) => setPicked(event.currentTarget.value)}
            >
              <option value="">New server</option>
              {known.map((server) => (
                <option key={server.id} value={server.id}>
                  {server.name} ({server.user}@{server.host})
                </option>
              ))}
            </HTMLSelect>
          </FormGroup>
        )}
        {picked === '' ? (
          <div>
            <ServerFieldset fields={fields} onFields={setFields} ownId={null} strict={strict} />
          </div>
        ) : null}
        <div>
          <Button type="submit" intent="primary" text="Test the connection" loading={add.busy} />
        </div>
      </form>
    </Panel>
  );
}
