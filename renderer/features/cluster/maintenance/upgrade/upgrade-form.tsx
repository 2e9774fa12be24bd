import { Checkbox, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { OperationCheck } from '../../../../../shared/model/operate/operation';
import type { UpgradePart } from '../../../../../shared/model/upgrade/upgrade';
import type { UpgradeBounds, UpgradeChoice } from '../../../../../shared/model/upgrade/upgrade-run';
import { usualBounds } from '../../../../../shared/rules/upgrade/upgrade-gates';
import { Switch } from '../../../../ui/choices';
import { CheckList } from '../../../../ui/check-list';
import { Panel } from '../../../../ui/panel';
import { ReasonButton } from '../../../../ui/reason-button';
import { partWords } from './part-words';

const fields = [
  {
    name: 'lagBytes',
    unit: 1024 * 1024,
    label: 'Lag of a replica, MB',
    help: 'A replica that is further behind is in the way.',
    most: 1_048_576,
  },
  {
    name: 'transactionMs',
    unit: 1000,
    label: 'Age of a transaction, s',
    help: 'An older one on a server that is stopped is in the way.',
    most: 86_400,
  },
  {
    name: 'drainMs',
    unit: 1000,
    label: 'Time for clients, s',
    help: 'So long the clients of a drained server have to end what they do.',
    most: 3600,
  },
  {
    name: 'backMs',
    unit: 1000,
    label: 'Back within, s',
    help: 'A server that is not back by then stops the upgrade.',
    most: 7200,
    least: 30,
  },
] as const;

type Texts = Readonly<Record<keyof UpgradeBounds, string>>;

function textsOf(bounds: UpgradeBounds): Texts {
  return {
    lagBytes: String(bounds.lagBytes / 1024 / 1024),
    transactionMs: String(bounds.transactionMs / 1000),
    drainMs: String(bounds.drainMs / 1000),
    backMs: String(bounds.backMs / 1000),
  };
}

/** What is wrong with a field; null where nothing is. */
function whyNotField(field: (typeof fields)[number], text: string): string | null {
  const value = Number(text);
  const least = 'least' in field ? field.least : 0;
  const isGood = /^\d+$/.test(text.trim()) && value >= least && value <= field.most;
  return isGood ? null : `A whole number from ${least} to ${field.most}.`;
}

/** What is upgraded, and what must hold before a server is stopped. */
export function UpgradeForm(props: {
  readonly offered: readonly UpgradePart[];
  readonly parts: readonly UpgradePart[];
  readonly onToggle: (part: UpgradePart) => void;
  /** Why none can be begun now; null where one can. */
  readonly why: string | null;
  readonly onChoose: (choice: UpgradeChoice) => void;
  /** How what must hold stands now, with the bounds that were entered. */
  readonly checksFor: (bounds: UpgradeBounds) => readonly OperationCheck[];
}) {
  const { offered, parts } = props;
  const id = useId();
  const [texts, setTexts] = useState(textsOf(usualBounds));
  const [countWrites, setCountWrites] = useState(true);
  const wrong = fields.some((field) => whyNotField(field, texts[field.name]) !== null);
  const chosen = (): UpgradeChoice => {
    const number = (name: keyof UpgradeBounds, unit: number): number => Number(texts[name]) * unit;
    return {
      parts: [...parts],
      countWrites,
      bounds: {
        lagBytes: number('lagBytes', 1024 * 1024),
        transactionMs: number('transactionMs', 1000),
        drainMs: number('drainMs', 1000),
        backMs: number('backMs', 1000),
      },
    };
  };
  const whyNot = (): string | null => {
    if (parts.length === 0) return 'Nothing is chosen.';
    return wrong ? 'A bound is no number within its limits.' : props.why;
  };
  return (
    <>
      <Panel title="What is upgraded" note="nothing happens before you have confirmed it">
        <div className="m-stack">
          <div className="m-row m-row-wrap" role="group" aria-label="Programs that are upgraded">
            {offered.map((part) => (
              <Checkbox
                key={part}
                inline
                label={partWords[part]}
                checked={parts.includes(part)}
                onChange={() => props.onToggle(part)}
              />
            ))}
          </div>
          <div className="m-form-row">
            {fields.map((field) => {
              const complaint = whyNotField(field, texts[field.name]);
              return (
                <FormGroup
                  key={field.name}
                  label={field.label}
                  labelFor={`${id}${field.name}`}
                  helperText={complaint ?? field.help}
                  intent={complaint === null ? 'none' : 'danger'}
                >
                  <InputGroup
                    id={`${id}${field.name}`}
                    value={texts[field.name]}
                    inputMode="numeric"
                    autoComplete="off"
                    onValueChange={(text) => setTexts({ ...texts, [field.name]: text })}
                  />
                </FormGroup>
              );
            })}
          </div>
          <Switch
            label="Count the writes that fail"
            explain="A role and a database are made, written to ten times a second by every way in, and removed at the end."
            checked={countWrites}
            onValue={setCountWrites}
          />
          <div>
            <ReasonButton
              intent="primary"
              text="Check and confirm"
              why={whyNot()}
              onClick={() => props.onChoose(chosen())}
            />
          </div>
        </div>
      </Panel>
      <Panel title="Before a server is stopped" note="read again before each">
        <CheckList checks={props.checksFor(wrong ? usualBounds : chosen().bounds)} />
      </Panel>
    </>
  );
}
