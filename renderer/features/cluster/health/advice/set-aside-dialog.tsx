import { Button, DialogBody, DialogFooter, FormGroup, TextArea } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { Advice } from '../../../../../shared/model/advice/advice';
import { useAction, usePage } from '../../../../rpc/hooks';
import { FocusedDialog } from '../../../../ui/focused-dialog';
import { ErrorNotice } from '../../../../ui/notice';
import { ReasonButton } from '../../../../ui/reason-button';
import { printable } from '../../../../ui/text';

const MOST_CHARACTERS = 2000;

/** Asks why an advice is set aside. */
export function SetAsideDialog(props: {
  readonly clusterId: string;
  readonly advice: Advice;
  readonly onClose: () => void;
}) {
  const { clusterId, advice, onClose } = props;
  const id = useId();
  const page = usePage();
  const [reason, setReason] = useState('');
  const save = useAction(async () => {
    await page.call((client) => client.advice.setAside({ clusterId, rule: advice.rule, reason: reason.trim() }));
    onClose();
  });
  return (
    <FocusedDialog isOpen title="Set this advice aside" onClose={onClose} canOutsideClickClose={false}>
      <DialogBody>
        <div className="m-stack">
          <p>{printable(advice.sentence)}</p>
          <FormGroup
            label="Reason"
            labelFor={id}
            helperText={
              'It is kept on this computer with your name, and stands in the report. The advice comes back by itself when it ' +
              'becomes graver or concerns more.'
            }
          >
            <TextArea
              id={id}
              fill
              value={reason}
              maxLength={MOST_CHARACTERS}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          </FormGroup>
          {save.error === null ? null : <ErrorNotice error={save.error} />}
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            <ReasonButton
              intent="primary"
              text="Set aside"
              loading={save.busy}
              why={reason.trim() === '' ? 'Write why first.' : null}
              onClick={() => void save.run()}
            />
          </>
        }
      />
    </FocusedDialog>
  );
}
