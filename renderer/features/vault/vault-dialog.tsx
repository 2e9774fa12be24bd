import { Button, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import { useAction, usePage } from '../../rpc/hooks';
import type { VaultRequest } from '../../rpc/vault-gate';
import { FocusedDialog } from '../../ui/focused-dialog';
import { ErrorNotice } from '../../ui/notice';

const SHORTEST = 8;

/** Opens the vault, or makes one, for a call that needs it. */
export default function VaultDialog({ request }: { readonly request: VaultRequest }) {
  const page = usePage();
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const making = request.reason === 'absent';
  const open = useAction(async () => {
    await page.core.call((client) =>
      making ? client.vault.create({ passphrase: first }) : client.vault.unlock({ passphrase: first }),
    );
    request.settle(true);
  });
  const session = useAction(async () => {
    await page.core.call((client) => client.vault.useSession());
    request.settle(true);
  });
  const error = open.error ?? session.error;
  const ready = making ? first.length >= SHORTEST && first === second : first !== '';
  return (
    <FocusedDialog
      isOpen
      title={making ? 'Choose a passphrase for the vault' : 'Unlock the vault'}
      canOutsideClickClose={false}
      onClose={() => request.settle(false)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void open.run();
        }}
      >
        <DialogBody>
          <div className="m-stack">
            {error === null ? null : <ErrorNotice error={error} />}
            <p>
              {making
                ? 'Passwords and passphrases are stored encrypted on this computer. The passphrase unlocks them and cannot be recovered.'
                : 'This needs a password that is stored in the vault.'}
            </p>
            <FormGroup
              label="Passphrase"
              labelFor="vault-first"
              helperText={making ? 'At least 8 characters' : undefined}
            >
              <InputGroup
                id="vault-first"
                type="password"
                autoFocus
                autoComplete="off"
                value={first}
                onValueChange={setFirst}
              />
            </FormGroup>
            {making ? (
              <FormGroup
                label="Repeat the passphrase"
                labelFor="vault-second"
                helperText={second !== '' && first !== second ? 'The passphrases differ.' : undefined}
              >
                <InputGroup
                  id="vault-second"
                  type="password"
                  autoComplete="off"
                  value={second}
                  onValueChange={setSecond}
                />
              </FormGroup>
            ) : null}
          </div>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Cancel" onClick={() => request.settle(false)} />
              <Button
                text="Keep secrets until I close the app"
                loading={session.busy}
                onClick={() => void session.run()}
              />
              <Button
                type="submit"
                intent="primary"
                disabled={!ready}
                loading={open.busy}
                text={making ? 'Create the vault' : 'Unlock'}
              />
            </>
          }
        />
      </form>
    </FocusedDialog>
  );
}
