import { Button, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import { goTo } from '../../../navigation/route';
import { useAction, usePage } from '../../../rpc/hooks';
import { FocusedDialog } from '../../../ui/focused-dialog';
import { ErrorNotice } from '../../../ui/notice';
import { printable } from '../../../ui/text';
import { Choices } from '../../../ui/choices';

const choices = [
  {
    value: 'keep',
    label: 'Keep the data',
    explain: 'The data directories of PostgreSQL and etcd are kept. Everything else that was set up is removed.',
  },
  {
    value: 'remove',
    label: 'Also remove the data',
    explain: 'The databases that this set-up created are deleted on every server. This cannot be undone.',
  },
] as const;

/** Takes away what a set-up made, after its name was typed. */
export function UndoDialog({
  runId,
  scope,
  onClose,
}: {
  readonly runId: string;
  readonly scope: string;
  readonly onClose: () => void;
}) {
  const page = usePage();
  const [typed, setTyped] = useState('');
  const [data, setData] = useState<'keep' | 'remove'>('keep');
  const [requestId] = useState(() => crypto.randomUUID());
  const undo = useAction(async () => {
    const spec = await page.call((client) => client.deploy.runs.spec({ runId }));
    const started = await page.call((client) =>
      client.deploy.undo({ spec, typed, keepData: data === 'keep', requestId }),
    );
    onClose();
    goTo({ page: 'deploy', at: ['run', started.runId] });
  });
  const ready = typed === scope;
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={`Undo the set-up of ${printable(scope)}`}
      canOutsideClickClose={false}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void undo.run();
        }}
      >
        <DialogBody>
          <div className="m-stack">
            {undo.error === null ? null : <ErrorNotice error={undo.error} />}
            <p>
              The cluster stops. On each server, the packages, files, units and users that this set-up added are
              removed, and files it replaced are restored. Everything else stays.
            </p>
            <Choices legend="What happens to the data?" value={data} choices={choices} onValue={setData} />
            <FormGroup label={`Type ${printable(scope)} to confirm`} labelFor="undo-typed">
              <InputGroup
                id="undo-typed"
                value={typed}
                autoComplete="off"
                spellCheck={false}
                onValueChange={setTyped}
              />
            </FormGroup>
          </div>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Cancel" onClick={onClose} />
              <Button
                type="submit"
                intent="danger"
                data-testid="confirm"
                text={data === 'keep' ? 'Remove the cluster' : 'Remove the cluster and its data'}
                disabled={!ready}
                loading={undo.busy}
              />
            </>
          }
        />
      </form>
    </FocusedDialog>
  );
}
