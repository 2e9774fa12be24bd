import '../../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { FocusedDialog } from '../../../ui/focused-dialog';
import { ErrorNotice } from '../../../ui/notice';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';

/** By which way PostgreSQL is asked, and the choice of the other one. `onChange`: what is shown is to be asked again. */
export function WayChoice({ clusterId, onChange }: { readonly clusterId: string; readonly onChange: () => void }) {
  const page = usePage();
  const [open, setOpen] = useState(false);
  const login = useAnswer(`login ${clusterId}`, (client) => client.postgres.login({ clusterId }));
  const changed = () => {
    login.reload();
    onChange();
  };
  const forget = useAction(async () => {
    await page.call((client) => client.postgres.forgetLogin({ clusterId }));
    changed();
  });
  const { username = null, known = null } = login.value ?? {};
  const useKnown = useAction(async (role: string) => {
    await page.call((client) => client.postgres.setLogin({ clusterId, username: role, password: null }));
    changed();
  });
  const error = forget.error ?? useKnown.error;
  return (
    <div className="m-row m-row-wrap m-small m-muted" data-testid="sql-way">
      {error === null ? null : <ErrorNotice error={error} />}
      {username === null ? (
        <>
          <span>Asked by psql as the system user postgres on each server.</span>
          {known === null ? null : (
            <Button
              size="small"
              text={`Ask as ${printable(known)}`}
              title="Its password is among the secrets of this cluster"
              loading={useKnown.busy}
              onClick={() => void useKnown.run(known)}
            />
          )}
          <Button size="small" text="Ask as a role" onClick={() => setOpen(true)} />
        </>
      ) : (
        <>
          <span>Asked as {printable(username)} by a connection of the app through the SSH tunnel.</span>
          <Button size="small" text="Ask by psql" loading={forget.busy} onClick={() => void forget.run()} />
        </>
      )}
      {open ? (
        <LoginDialog
          clusterId={clusterId}
          onClose={(kept) => {
            setOpen(false);
            if (kept) changed();
          }}
        />
      ) : null}
    </div>
  );
}

function LoginDialog(props: { readonly clusterId: string; readonly onClose: (kept: boolean) => void }) {
  const { clusterId, onClose } = props;
  const page = usePage();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [nameId, passwordId] = [useId(), useId()];
  const keep = useAction(async () => {
    await page.call((client) => client.postgres.setLogin({ clusterId, username, password }));
    onClose(true);
  });
  const why = username === '' ? 'Enter the role first.' : null;
  return (
    <FocusedDialog isOpen title="Ask PostgreSQL as a role" onClose={() => onClose(false)} canOutsideClickClose={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (why === null) void keep.run();
        }}
      >
        <DialogBody>
          <div className="m-stack">
            {keep.error === null ? null : <ErrorNotice error={keep.error} />}
            <p>
              Matriarch then connects to PostgreSQL itself, through the SSH tunnel, with TLS where the server offers it.
              A member of pg_monitor sees all statistics; to end sessions of others it takes pg_signal_backend.
            </p>
            <FormGroup label="Role" labelFor={nameId}>
              <InputGroup
                id={nameId}
                value={username}
                autoComplete="off"
                spellCheck={false}
                onValueChange={setUsername}
              />
            </FormGroup>
            <FormGroup label="Password" labelFor={passwordId} helperText="It is kept in the vault.">
              <InputGroup
                id={passwordId}
                type="password"
                value={password}
                autoComplete="off"
                onValueChange={setPassword}
              />
            </FormGroup>
          </div>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Cancel" onClick={() => onClose(false)} />
              <ReasonButton intent="primary" type="submit" text="Try it and keep it" loading={keep.busy} why={why} />
            </>
          }
        />
      </form>
    </FocusedDialog>
  );
}
