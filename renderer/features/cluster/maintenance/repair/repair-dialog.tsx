import './repair.css';
import { FormGroup, InputGroup } from '@blueprintjs/core';
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
import { hrefOf } from '../../../../navigation/route';
import { CheckList } from '../../../../ui/check-list';
import { Choices } from '../../../../ui/choices';
import { Command } from '../../../../ui/command';
import { Consequences } from '../../../../ui/consequences';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { GivenFiles } from './given-files';
import { PreviewedJobDialog } from '../previewed-job-dialog';

interface DialogProps {
  readonly clusterId: string;
  readonly repair: Repair;
  readonly onClose: () => void;
}

/** One repair: what was found, what will be done, one confirmation. What cannot be read is said, and refuses. */
export default function RepairDialog({ clusterId, repair: opened, onClose }: DialogProps) {
  const [repair, setRepair] = useState(opened);
  const [gone, setGone] = useState<readonly string[]>([]);
  const wish = { clusterId, repair, gone: [...gone] };
  return (
    <PreviewedJobDialog<RepairPreview>
      title={(preview) => preview?.title ?? repairWords[repair.kind].name}
      testId="repair-dialog"
      action="Repair"
      words={{
        looking: 'Looking at etcd and at the servers.',
        waiting: 'The evidence is being looked for.',
        unread: 'The evidence could not be read.',
      }}
      wish={wish}
      ask={(client) => client.repair.preview(wish)}
      start={(client, { fingerprint, asOf }, confirmed) =>
        client.repair.start({ ...wish, fingerprint, asOf, ...confirmed })
      }
      show={(preview, name) => (
        <>
          <Evidence preview={preview} />
          <RepairChoices
            preview={preview}
            repair={repair}
            onChoose={(field, value) => setRepair(withChoice(repair, field, value))}
          />
          <CheckList checks={preview.checks} />
          <Gone preview={preview} gone={gone} onGone={setGone} />
          {preview.asksFiles === true ? (
            <GivenFiles clusterId={clusterId} onGiven={(id) => setRepair(withChoice(repair, 'given', id))} />
          ) : null}
          <Steps title="What will be done" steps={preview.steps} />
          <Steps title="Requests for what is missing" steps={preview.requests ?? []} />
          <Consequences consequences={preview.consequences} />
          <Leads clusterId={clusterId} leads={preview.leads ?? []} onFollow={onClose} />
          {name}
        </>
      )}
      onClose={onClose}
    />
  );
}

/** The repair with what was chosen in one of its fields. */
function withChoice(repair: Repair, field: RepairChoice['field'] | 'given', value: string): Repair {
  switch (repair.kind) {
    case 'certificates':
      return { ...repair, given: value };
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

function Steps({ title, steps }: { readonly title: string; readonly steps: readonly RepairStep[] }) {
  if (steps.length === 0) return null;
  return (
    <section className="m-stack-tight">
      <h3>{title}</h3>
      <ol className="m-repair-steps" aria-label={title === 'What will be done' ? 'Steps' : title}>
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
