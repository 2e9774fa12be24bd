import '../../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useDeferredValue, useId, useState } from 'react';
import { etcdActionSchema, type EtcdAction, type EtcdActionPreview } from '../../../../shared/model/etcd/etcd-action';
import type { EtcdView } from '../../../../shared/model/etcd/etcd-view';
import { etcdActionTitle } from '../../../../shared/rules/etcd/etcd-words';
import { useOpen } from '../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { CheckList } from '../../../ui/check-list';
import { Answered } from '../../../ui/answered';
import { Command } from '../../../ui/command';
import { Consequences } from '../../../ui/consequences';
import { FocusedDialog } from '../../../ui/focused-dialog';
import { ErrorNotice } from '../../../ui/notice';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { TypedName, whyNotTyped } from '../../../ui/typed-name';

interface DialogProps {
  readonly clusterId: string;
  readonly first: EtcdAction;
  readonly view: EtcdView | null;
  readonly onClose: () => void;
}

/** Asks for one action on etcd: what is filled in, what will happen with the quorum, one confirmation. */
export function EtcdDialog(props: DialogProps) {
  const [action, setAction] = useState(props.first);
  const made = etcdActionSchema.safeParse(useDeferredValue(action));
  const title = props.view === null ? 'Work on etcd' : etcdActionTitle(props.view, props.first);
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={printable(title)}
      onClose={props.onClose}
      canOutsideClickClose={false}
    >
      {made.success ? (
        <Ready {...props} action={made.data} onAction={setAction} shownAction={action} />
      ) : (
        <>
          <DialogBody>
            <Fields action={action} onAction={setAction} />
          </DialogBody>
          <DialogFooter
            actions={
              <>
                <Button text="Cancel" onClick={props.onClose} />
                <ReasonButton
                  intent="primary"
                  text="Start"
                  why={made.error.issues[0]?.message ?? 'Fill it in first.'}
                />
              </>
            }
          />
        </>
      )}
    </FocusedDialog>
  );
}

interface FieldProps {
  readonly action: EtcdAction;
  readonly onAction: (action: EtcdAction) => void;
}

function Fields({ action, onAction }: FieldProps) {
  switch (action.kind) {
    case 'compact':
    case 'free_space':
      return (
        <TextField
          label="Revisions to keep"
          help="From 100 on. Patroni needs none of the old ones."
          value={String(action.keep)}
          onValue={(text) => onAction({ ...action, keep: Number(text) })}
        />
      );
    case 'add_member':
    case 'replace_member':
      return (
        <TextField
          label="Peer URL of the new member"
          help="Where the other members reach it, such as http://10.0.0.4:2380."
          value={action.peerUrl}
          onValue={(peerUrl) => onAction({ ...action, peerUrl })}
        />
      );
    case 'snapshot':
      return (
        <TextField
          label="File on this computer"
          help="Empty: a new file in the folder snapshots of the app's data directory."
          value={action.file ?? ''}
          onValue={(file) => onAction({ ...action, file: file === '' ? null : file })}
        />
      );
    default:
      return null;
  }
}

function TextField(props: {
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <FormGroup label={props.label} labelFor={id} helperText={props.help}>
      <InputGroup id={id} value={props.value} autoComplete="off" spellCheck={false} onValueChange={props.onValue} />
    </FormGroup>
  );
}

function Ready(props: DialogProps & FieldProps & { readonly shownAction: EtcdAction }) {
  const { action, clusterId } = props;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const answer = useAnswer(JSON.stringify([clusterId, action]), (client) => client.etcd.preview({ clusterId, action }));
  const start = useAction(async ({ action: shown, fingerprint, typeToConfirm }: EtcdActionPreview) => {
    const confirmed = typeToConfirm === null ? null : typed;
    const job = await page.call((client) =>
      client.etcd.act({ clusterId, action: shown, fingerprint, typed: confirmed, requestId }),
    );
    props.onClose();
    open.jobs(job.id);
  });
  const preview = answer.value;
  const why = answer.loading ? 'The members are being asked.' : whyNotStart(preview, typed);
  const again = () => {
    start.clear();
    answer.reload();
  };
  return (
    <>
      <DialogBody>
        <div className="m-stack">
          {start.error === null ? null : (
            <ErrorNotice error={start.error} tools={<Button size="small" text="Look again" onClick={again} />} />
          )}
          <Fields action={props.shownAction} onAction={props.onAction} />
          <Answered
            answer={answer}
            what="Asking every member of etcd."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => <Shown preview={shown} typed={typed} onTyped={setTyped} />}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <ReasonButton
              intent="primary"
              data-testid="confirm"
              text="Start"
              loading={start.busy}
              why={why}
              onClick={() => {
                if (preview !== null) void start.run(preview);
              }}
            />
          </>
        }
      />
    </>
  );
}

function whyNotStart(preview: EtcdActionPreview | null, typed: string): string | null {
  if (preview === null) return 'The members did not answer.';
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal !== undefined) return refusal.sentence;
  return whyNotTyped(preview.typeToConfirm, typed);
}

function Shown(props: {
  readonly preview: EtcdActionPreview;
  readonly typed: string;
  readonly onTyped: (text: string) => void;
}) {
  const { checks, consequences, command, typeToConfirm } = props.preview;
  return (
    <>
      <CheckList checks={checks} />
      <Consequences consequences={consequences} />
      <TypedName wanted={typeToConfirm} typed={props.typed} onTyped={props.onTyped} />
      <details className="m-details">
        <summary>Equivalent command</summary>
        <Command text={command} />
      </details>
    </>
  );
}
