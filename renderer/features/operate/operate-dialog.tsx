import '../../ui/styles/dialog.css';
import { Button, Dialog, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useDeferredValue, useId, useState } from 'react';
import type { AppErrorData } from '../../../shared/model/app-error';
import type { Operation, OperationPreview } from '../../../shared/model/operate/operation';
import { endangersData } from '../../../shared/rules/operate/endangers-data';
import { useOpen, type OperationDraft } from '../../navigation/overlays';
import { useAction, useAnswer, usePage, useSummary } from '../../rpc/hooks';
import { Command } from '../../ui/command';
import { Answered } from '../../ui/answered';
import { ErrorNotice, Notice } from '../../ui/notice';
import { printable } from '../../ui/text';
import { fieldsOf, operationFrom, type Fields } from './fields';
import { OperationFields } from './operation-fields';
import { Checks, Consequences } from './preview-parts';
import { dialogTitle, startWord } from './operation-words';

/** Asks for one operation: what is filled in, what will happen, one confirmation. */
export default function OperateDialog(props: { readonly draft: OperationDraft; readonly onClose: () => void }) {
  const { draft } = props;
  const summary = useSummary(draft.clusterId);
  const [fields, setFields] = useState(() => fieldsOf(draft.operation, Date.now()));
  const made = operationFrom(draft.operation, useDeferredValue(fields));
  const title = `${dialogTitle(draft.operation, printable)}: ${printable(summary?.title ?? 'cluster')}`;
  return (
    <Dialog isOpen className="m-operate" title={title} onClose={props.onClose} canOutsideClickClose={false}>
      {'operation' in made ? (
        <Previewed
          draft={draft}
          operation={made.operation}
          fields={fields}
          onFields={setFields}
          onClose={props.onClose}
        />
      ) : (
        <Incomplete draft={draft} missing={made.missing} fields={fields} onFields={setFields} onClose={props.onClose} />
      )}
    </Dialog>
  );
}

interface PartProps {
  readonly draft: OperationDraft;
  readonly fields: Fields;
  readonly onFields: (fields: Fields) => void;
  readonly onClose: () => void;
}

function Incomplete(props: PartProps & { readonly missing: string }) {
  return (
    <>
      <DialogBody>
        <div className="m-stack">
          <OperationFields
            operation={props.draft.operation}
            preview={null}
            fields={props.fields}
            onFields={props.onFields}
          />
          <p className="m-muted">{props.missing}</p>
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <Button intent="primary" disabled text={startWord(props.draft.operation)} />
          </>
        }
      />
    </>
  );
}

function Previewed(props: PartProps & { readonly operation: Operation }) {
  const page = usePage();
  const open = useOpen();
  const { draft, operation } = props;
  const [typed, setTyped] = useState('');
  const answer = useAnswer(JSON.stringify(operation), (client) =>
    client.operations.preview({ clusterId: draft.clusterId, operation }),
  );
  const [requestId] = useState(() => crypto.randomUUID());
  const preview = answer.value;
  const start = useAction(async (shown: OperationPreview) => {
    const job = await page.call((client) =>
      client.operations.start({
        clusterId: draft.clusterId,
        operation: shown.operation,
        fingerprint: shown.fingerprint,
        typed: shown.typeToConfirm === null ? null : typed,
        requestId,
      }),
    );
    props.onClose();
    open.jobs(job.id);
  });
  const again = () => {
    start.clear();
    setTyped('');
    answer.reload();
  };
  const fresh = preview !== null && !answer.loading && JSON.stringify(preview.operation) === JSON.stringify(operation);
  const confirmed = preview !== null && (preview.typeToConfirm === null || typed === preview.typeToConfirm);
  return (
    <>
      <DialogBody>
        <div className="m-stack">
          <StartError error={start.error} again={again} />
          <OperationFields
            operation={draft.operation}
            preview={preview}
            fields={props.fields}
            onFields={props.onFields}
          />
          <Answered
            answer={answer}
            what="Reading the current state of the cluster."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => (
              <Shown
                preview={shown}
                typed={typed}
                onTyped={setTyped}
                busy={answer.loading}
                onEnter={() => {
                  if (fresh && confirmed && shown.allowed) void start.run(shown);
                }}
              />
            )}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <Button
              intent={endangersData(operation) ? 'danger' : 'primary'}
              autoFocus={false}
              data-testid="confirm"
              text={startWord(operation, printable)}
              loading={start.busy}
              disabled={!fresh || !preview.allowed || !confirmed || start.error !== null}
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

function StartError({ error, again }: { readonly error: AppErrorData | null; readonly again: () => void }) {
  if (error === null) return null;
  const tools = <Button size="small" text="Refresh" onClick={again} />;
  if (error.code !== 'operation.state_changed') return <ErrorNotice error={error} tools={tools} />;
  return (
    <Notice tone="warn" alert tools={tools}>
      <div className="m-strong">The cluster changed while this was open. Nothing was sent.</div>
      <div>{error.message} Check the current state, then confirm again.</div>
      <div className="m-notice-code">{error.code}</div>
    </Notice>
  );
}

function Shown(props: {
  readonly preview: OperationPreview;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
  readonly busy: boolean;
  readonly onEnter: () => void;
}) {
  const { preview } = props;
  const id = useId();
  return (
    <div className={`m-stack ${props.busy ? 'm-busy' : ''}`} aria-busy={props.busy}>
      <Checks checks={preview.checks} />
      <Consequences consequences={preview.consequences} />
      {preview.typeToConfirm === null || !preview.allowed ? null : (
        <FormGroup
          label={
            <>
              Type <strong className="m-wrap">{printable(preview.typeToConfirm)}</strong> to confirm
            </>
          }
          labelFor={id}
        >
          <InputGroup
            id={id}
            value={props.typed}
            autoComplete="off"
            spellCheck={false}
            onValueChange={props.onTyped}
            onKeyDown={(event) => {
              if (event.key === 'Enter') props.onEnter();
            }}
          />
        </FormGroup>
      )}
      <details className="m-details">
        <summary>Equivalent command</summary>
        <Command text={preview.command} />
      </details>
    </div>
  );
}
