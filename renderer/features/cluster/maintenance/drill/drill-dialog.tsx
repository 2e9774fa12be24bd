import '../../../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { DrillChoice, DrillPreview } from '../../../../../shared/model/drill/drill';
import { drillFaultWords, drillWayWords, targetsInWords } from '../../../../../shared/rules/drill/drill-words';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { CheckList } from '../../../../ui/check-list';
import { Answered } from '../../../../ui/answered';
import { Command } from '../../../../ui/command';
import { Consequences } from '../../../../ui/consequences';
import { FocusedDialog } from '../../../../ui/focused-dialog';
import { ErrorNotice } from '../../../../ui/notice';
import { ReasonButton } from '../../../../ui/reason-button';
import { printable } from '../../../../ui/text';
import { TypedName, whyNotTyped } from '../../../../ui/typed-name';

/** Looks at the cluster and asks once: the server that writes, the ways, what speaks against it, what will happen. */
export function DrillDialog(props: {
  readonly clusterId: string;
  readonly first: DrillChoice;
  readonly onClose: () => void;
}) {
  const { clusterId } = props;
  const page = usePage();
  const open = useOpen();
  const [choice, setChoice] = useState(props.first);
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const answer = useAnswer(JSON.stringify([clusterId, choice]), (client) =>
    client.drills.preview({ clusterId, choice }),
  );
  const start = useAction(async ({ choice: shown, fingerprint, typeToConfirm }: DrillPreview) => {
    const confirmed = typeToConfirm === null ? null : typed;
    const job = await page.call((client) =>
      client.drills.start({ clusterId, choice: shown, fingerprint, typed: confirmed, requestId }),
    );
    props.onClose();
    open.jobs(job.id);
  });
  const preview = answer.value;
  const again = () => {
    start.clear();
    answer.reload();
  };
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={`Drill: ${drillFaultWords[choice.fault]}`}
      onClose={props.onClose}
      canOutsideClickClose={false}
    >
      <DialogBody>
        <div className="m-stack">
          {start.error === null ? null : (
            <ErrorNotice error={start.error} tools={<Button size="small" text="Look again" onClick={again} />} />
          )}
          <Answered
            answer={answer}
            what="Looking at the cluster, its load balancers and the server of the leader."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => (
              <Shown
                preview={shown}
                typed={typed}
                onTyped={setTyped}
                onServer={(serverId) => setChoice({ ...choice, serverId })}
              />
            )}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <ReasonButton
              intent="danger"
              data-testid="confirm"
              text="Hold the drill"
              loading={start.busy}
              why={answer.loading ? 'The cluster is being looked at.' : whyNotStart(preview, typed)}
              onClick={() => {
                if (preview !== null) void start.run(preview);
              }}
            />
          </>
        }
      />
    </FocusedDialog>
  );
}

function whyNotStart(preview: DrillPreview | null, typed: string): string | null {
  if (preview === null) return 'The cluster could not be looked at.';
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  return refusal?.sentence ?? whyNotTyped(preview.typeToConfirm, typed);
}

function Shown(props: {
  readonly preview: DrillPreview;
  readonly typed: string;
  readonly onTyped: (text: string) => void;
  readonly onServer: (serverId: string) => void;
}) {
  const { preview } = props;
  const id = useId();
  const chosen = preview.ways.filter(({ kind, missing }) => missing === null && preview.choice.ways.includes(kind));
  return (
    <>
      <FormGroup
        label="Server that writes"
        labelFor={id}
        helperText="It writes by psql, and this computer writes through its SSH connection."
      >
        <HTMLSelect
          id={id}
          value={preview.choice.serverId ?? ''}
          onChange={(event) => props.onServer(event.currentTarget.value)}
        >
          {preview.servers.map(({ serverId, name, member }) => (
            <option key={serverId} value={serverId}>
              {printable(member === null || member === name ? name : `${name} (${member})`)}
            </option>
          ))}
        </HTMLSelect>
      </FormGroup>
      <CheckList checks={preview.checks} />
      <dl className="m-facts">
        {chosen.map(({ kind, targets }) => (
          <div key={kind}>
            <dt>{drillWayWords[kind]}</dt>
            <dd className="m-wrap">{printable(targetsInWords(targets))}</dd>
          </div>
        ))}
      </dl>
      <Consequences consequences={preview.consequences} />
      <TypedName wanted={preview.typeToConfirm} typed={props.typed} onTyped={props.onTyped} />
      <details className="m-details">
        <summary>Equivalent commands</summary>
        <Command text={preview.command} />
      </details>
    </>
  );
}
