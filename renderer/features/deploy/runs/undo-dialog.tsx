import { Button, Dialog, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import { goTo } from '../../../navigation/route';
import { useAction, usePage } from '../../../rpc/hooks';
import { ErrorNotice } from '../../../ui/notice';
import { printable } from '../../../ui/text';
import { Choices } from '../../../ui/choices';

const choices = [
  {
    value: 'keep',
    label: 'Keep the data',
    explain: "PostgreSQL's and etcd's directories stay where they are. Everything else that was made goes.",
  },
  {
    value: 'remove',
    label: 'Remove the data, too',
    explain: 'The databases that this set-up made are deleted on every server. There is no way back.',
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
    <Dialog
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
              The cluster stops. On each server, packages, files, units and users that this set-up brought are removed;
              files that were there before come back; what it did not make stays.
            </p>
            <Choices legend="What about the data?" value={data} choices={choices} onValue={setData} />
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
              <Button text="Leave it" onClick={onClose} />
              <Button
                type="submit"
                intent="danger"
                data-testid="confirm"
                text={data === 'keep' ? 'Take the cluster away' : 'Take the cluster and its data away'}
                disabled={!ready}
                loading={undo.busy}
              />
            </>
          }
        />
      </form>
    </Dialog>
  );
}
