import '../../../../ui/styles/dialog.css';
import './repair.css';
import { Button, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type {
  Repair,
  RepairChoice,
  RepairEvidence,
  RepairLead,
  RepairPreview,
  RepairStep,
} from '../../../../../shared/model/repair/repair';
import { repairWords } from '../../../../../shared/rules/repair/repair-offers';
import { useOpen } from '../../../../navigation/overlays';
import { hrefOf } from '../../../../navigation/route';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { CheckList } from '../../../../ui/check-list';
import { Choices } from '../../../../ui/choices';
import { Answered } from '../../../../ui/answered';
import { Command } from '../../../../ui/command';
import { Consequences } from '../../../../ui/consequences';
import { FocusedDialog } from '../../../../ui/focused-dialog';
import { ErrorNotice } from '../../../../ui/notice';
import { ReasonButton } from '../../../../ui/reason-button';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { TypedName, whyNotTyped } from '../../../../ui/typed-name';

interface DialogProps {
  readonly clusterId: string;
  readonly repair: Repair;
  readonly onClose: () => void;
}

/** One repair: what was found, what will be done, one confirmation. What cannot be read is said, and refuses. */
export default function RepairDialog({ clusterId, repair: opened, onClose }: DialogProps) {
  const page = usePage();
  const [repair, setRepair] = useState(opened);
  const open = useOpen();
  const [gone, setGone] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const answer = useAnswer(JSON.stringify([clusterId, repair, gone]), (client) =>
    client.repair.preview({ clusterId, repair, gone: [...gone] }),
  );
  const start = useAction(async ({ fingerprint, asOf, typeToConfirm }: RepairPreview) => {
    const confirmed = typeToConfirm === null ? null : typed;
    const job = await page.call((client) =>
      client.repair.start({ clusterId, repair, gone: [...gone], fingerprint, asOf, typed: confirmed, requestId }),
    );
    onClose();
    open.jobs(job.id);
  });
  const choose = (field: RepairChoice['field'], value: string) => {
    setTyped('');
    start.clear();
    setRepair(withChoice(repair, field, value));
  };
  const again = () => {
    start.clear();
    answer.reload();
  };
  const preview = answer.value;
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={printable(preview?.title ?? repairWords[repair.kind].name)}
      onClose={onClose}
      canOutsideClickClose={false}
    >
      <DialogBody>
        <div className="m-stack" data-testid="repair-dialog">
          {start.error === null ? null : (
            <ErrorNotice error={start.error} tools={<Button size="small" text="Look again" onClick={again} />} />
          )}
          <Answered
            answer={answer}
            what="Looking at etcd and at the servers."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => (
              <>
                <Evidence preview={shown} />
                <RepairChoices preview={shown} repair={repair} onChoose={choose} />
                <CheckList checks={shown.checks} />
                <Gone preview={shown} gone={gone} onGone={setGone} />
                <Steps steps={shown.steps} />
                <Consequences consequences={shown.consequences} />
                <Leads clusterId={clusterId} leads={shown.leads ?? []} onFollow={onClose} />
                {shown.allowed ? <TypedName wanted={shown.typeToConfirm} typed={typed} onTyped={setTyped} /> : null}
              </>
            )}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            <Button text="Look again" loading={answer.loading} onClick={again} />
            <ReasonButton
              intent="danger"
              data-testid="confirm"
              text="Repair"
              loading={start.busy}
              why={answer.loading ? 'The evidence is being looked for.' : whyNotRepair(preview, typed)}
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

function whyNotRepair(preview: RepairPreview | null, typed: string): string | null {
  if (preview === null) return 'The evidence could not be read.';
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  return refusal?.sentence ?? whyNotTyped(preview.typeToConfirm, typed);
}

/** The repair with what was chosen in one of its fields. */
function withChoice(repair: Repair, field: RepairChoice['field'], value: string): Repair {
  switch (repair.kind) {
    case 'wal_held':
    case 'slot_lost':
      return { ...repair, slot: value };
    case 'diverged':
      return { ...repair, way: value === 'rewind' ? 'rewind' : 'renew' };
    case 'etcd_snapshot':
      return field === 'file' ? { ...repair, file: value } : { ...repair, server: value };
    default:
      return repair;
  }
}

/** What is chosen in a field: of the repair as it is asked for now, which the shown preview may lag behind. */
function chosenIn(repair: Repair, field: RepairChoice['field']): string | null {
  const value: unknown = Reflect.get(repair, field);
  return typeof value === 'string' ? value : null;
}

/** What the user has to choose before the rest is judged. */
function RepairChoices(props: {
  readonly preview: RepairPreview;
  readonly repair: Repair;
  readonly onChoose: (field: RepairChoice['field'], value: string) => void;
}) {
  const { preview, repair, onChoose } = props;
  return (preview.choices ?? []).map(({ field, legend, options }) =>
    options.length === 0 ? null : (
      <Choices
        key={field}
        legend={legend}
        value={chosenIn(repair, field)}
        choices={options.map(({ value, label, explain }) => ({
          value,
          label: printable(label),
          explain: printable(explain),
        }))}
        onValue={(value) => onChoose(field, value)}
      />
    ),
  );
}

/** Where the cause is mended that the repair leaves alone. */
function Leads(props: {
  readonly clusterId: string;
  readonly leads: readonly RepairLead[];
  readonly onFollow: () => void;
}) {
  const { clusterId, leads, onFollow } = props;
  if (leads.length === 0) return null;
  return (
    <section className="m-stack-tight">
      <h3>The cause</h3>
      <ul className="m-consequences" aria-label="The cause">
        {leads.map(({ text, tab, view }) => (
          <li key={text}>
            <a
              href={hrefOf({ page: 'cluster', clusterId, tab, ...(view === undefined ? {} : { view }) })}
              onClick={onFollow}
            >
              {text}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Evidence({ preview }: { readonly preview: RepairPreview }) {
  return (
    <section className="m-stack-tight">
      <h3>
        What was found{' '}
        <span className="m-small m-muted m-repair-when">
          read <Ago at={preview.asOf} />
        </span>
      </h3>
      {preview.evidence.length === 0 ? <p>Nothing was found.</p> : null}
      <ul className="m-consequences" aria-label="Evidence">
        {preview.evidence.map((one) => (
          <EvidenceRow key={one.source + one.sentence} evidence={one} />
        ))}
      </ul>
    </section>
  );
}

function EvidenceRow({ evidence }: { readonly evidence: RepairEvidence }) {
  return (
    <li className="m-wrap">
      {printable(evidence.sentence)} <span className="m-small m-muted">{printable(evidence.source)}</span>
    </li>
  );
}

/** Members that nobody could ask: only a person can know that they never come back, and says so by their names. */
function Gone(props: {
  readonly preview: RepairPreview;
  readonly gone: readonly string[];
  readonly onGone: (gone: readonly string[]) => void;
}) {
  const { preview, gone, onGone } = props;
  if (preview.silent.length === 0) return null;
  return (
    <fieldset className="m-fieldset">
      <legend className="m-strong">Only if it is gone for good</legend>
      {preview.silent.map((name) => (
        <GoneName
          key={name}
          name={name}
          onSaid={(isGone) => onGone([...gone.filter((one) => one !== name), ...(isGone ? [name] : [])])}
        />
      ))}
    </fieldset>
  );
}

function GoneName(props: { readonly name: string; readonly onSaid: (isGone: boolean) => void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const says = (text: string): boolean => text.trim() === props.name.trim();
  return (
    <FormGroup label={`Type ${printable(props.name)} to say that it never comes back`} labelFor={id}>
      <InputGroup
        id={id}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onValueChange={(text) => {
          if (says(text) !== says(typed)) props.onSaid(says(text));
          setTyped(text);
        }}
      />
    </FormGroup>
  );
}

function Steps({ steps }: { readonly steps: readonly RepairStep[] }) {
  if (steps.length === 0) return null;
  return (
    <section className="m-stack-tight">
      <h3>What will be done</h3>
      <ol className="m-repair-steps" aria-label="Steps">
        {steps.map((step) => (
          <li key={step.id}>
            {printable(step.label)}
            {step.server === null ? null : <span className="m-small m-muted"> on {printable(step.server)}</span>}
            {step.commands.map((command) => (
              <Command key={command} text={command} />
            ))}
            {step.text === undefined ? null : (
              <details className="m-details">
                <summary>The text</summary>
                <pre className="m-repair-text" tabIndex={0}>
                  {step.text.split('\n').map(printable).join('\n')}
                </pre>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
