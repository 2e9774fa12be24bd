import '../ui/styles/dialog.css';
import './server-editor.css';
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useState } from 'react';
import type { Server } from '../../shared/model/connect/server';
import { useAction, useAnswer, useHasAgent, usePage } from '../rpc/hooks';
import { FocusedDialog } from '../ui/focused-dialog';
import { Loading } from '../ui/loading';
import { ErrorNotice, Notice } from '../ui/notice';
import { Name, printable } from '../ui/text';
import { ServerFieldset } from './server-fields';
import { fieldsOfServer, newServerFields, passwordsLost, serverInput, serverProblems } from './server-form';
import { TestSteps } from './test-steps';

/** Adds a server, or changes one. */
export function ServerDialog({ server, onClose }: { readonly server: Server | null; readonly onClose: () => void }) {
  const page = usePage();
  const hasAgent = useHasAgent();
  const [fields, setFields] = useState(server === null ? newServerFields(hasAgent) : fieldsOfServer(server));
  const [strict, setStrict] = useState(false);
  const save = useAction(async () => {
    const input = serverInput(fields);
    await page.call((client) =>
      server === null ? client.servers.add(input) : client.servers.update({ id: server.id, server: input }),
    );
    onClose();
  });
  const submit = () => {
    setStrict(true);
    if (Object.keys(serverProblems(fields)).length === 0) void save.run();
  };
  const lost = server === null ? null : passwordsLost(server, fields);
  return (
    <FocusedDialog
      isOpen
      className="m-operate m-wide"
      title={server === null ? 'Add a server' : `Change ${printable(server.name)}`}
      canOutsideClickClose={false}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <DialogBody>
          {save.error === null ? null : <ErrorNotice error={save.error} />}
          <ServerFieldset fields={fields} onFields={setFields} ownId={server?.id ?? null} strict={strict} />
          {lost === null ? null : <Notice tone="warn">{lost}</Notice>}
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Cancel" onClick={onClose} />
              <Button type="submit" intent="primary" text={server === null ? 'Add' : 'Save'} loading={save.busy} />
            </>
          }
        />
      </form>
    </FocusedDialog>
  );
}

/** Tests the connection to a server. */
export function TestServerDialog({ server, onClose }: { readonly server: Server; readonly onClose: () => void }) {
  const test = useAnswer(`test ${server.id}`, (client) => client.servers.test({ id: server.id }));
  return (
    <FocusedDialog isOpen className="m-operate" title={`Connection to ${printable(server.name)}`} onClose={onClose}>
      <DialogBody>
        {test.loading ? <Loading what="Connecting." /> : null}
        {test.error === null ? null : <ErrorNotice error={test.error} />}
        {test.value === null || test.loading ? null : <TestSteps report={test.value} />}
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Test again" disabled={test.loading} onClick={test.reload} />
            <Button intent="primary" text="Close" onClick={onClose} />
          </>
        }
      />
    </FocusedDialog>
  );
}

/** Removes a server from the inventory. */
export function RemoveServerDialog(props: {
  readonly server: Server;
  readonly onClose: () => void;
  readonly onRemoved?: () => void;
}) {
  const page = usePage();
  const { server, onClose, onRemoved } = props;
  const remove = useAction(async () => {
    await page.call((client) => client.servers.remove({ id: server.id }));
    onClose();
    onRemoved?.();
  });
  return (
    <FocusedDialog isOpen title="Remove a server" onClose={onClose}>
      <DialogBody>
        {remove.error === null ? null : <ErrorNotice error={remove.error} />}
        <p>
          <Name text={server.name} strong /> is removed from the inventory and its connection is closed. Nothing changes
          on the server. Members that are reached through it need another connection.
        </p>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            <Button intent="danger" text="Remove" loading={remove.busy} onClick={() => void remove.run()} />
          </>
        }
      />
    </FocusedDialog>
  );
}
