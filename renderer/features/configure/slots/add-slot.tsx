import { FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import { whyNotAddSlot } from '../../../../shared/rules/configure/slots/permanent-slots';
import { ReasonButton } from '../../../ui/reason-button';
import type { ConfigDraft } from '../use-draft';

const EMPTY = { name: '', kind: 'physical' as 'physical' | 'logical', database: '', plugin: 'pgoutput' };

/** Puts a permanent slot into the draft. */
export function AddSlot({ draft, why }: { readonly draft: ConfigDraft; readonly why: string | null }) {
  const [slot, setSlot] = useState(EMPTY);
  const kind = useId();
  const add = () => {
    const { name, database, plugin } = slot;
    draft.setValue(
      ['slots', name],
      slot.kind === 'logical' ? { type: 'logical', database, plugin } : { type: 'physical' },
    );
    setSlot(EMPTY);
  };
  const field = (key: 'name' | 'database' | 'plugin', label: string) => (
    <TextField
      label={label}
      value={slot[key]}
      isOff={why !== null}
      onValue={(text) => setSlot({ ...slot, [key]: text })}
    />
  );
  return (
    <form
      className="m-panel-body m-row m-row-wrap m-config-add-slot"
      aria-label="Add a permanent slot"
      onSubmit={(event) => {
        event.preventDefault();
        if (why === null && whyNotAddSlot(draft.config, slot) === null) add();
      }}
    >
      {field('name', 'Name')}
      <FormGroup label="Type" labelFor={kind}>
        <HTMLSelect
          id={kind}
          value={slot.kind}
          disabled={why !== null}
          onChange={(event) =>
            setSlot({ ...slot, kind: event.currentTarget.value === 'logical' ? 'logical' : 'physical' })
          }
        >
          <option value="physical">physical</option>
          <option value="logical">logical</option>
        </HTMLSelect>
      </FormGroup>
      {slot.kind === 'logical' ? field('database', 'Database') : null}
      {slot.kind === 'logical' ? field('plugin', 'Plugin') : null}
      <ReasonButton text="Add" type="submit" why={why ?? whyNotAddSlot(draft.config, slot)} />
    </form>
  );
}

function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly isOff: boolean;
  readonly onValue: (text: string) => void;
}) {
  const id = useId();
  return (
    <FormGroup label={props.label} labelFor={id}>
      <InputGroup
        id={id}
        value={props.value}
        disabled={props.isOff}
        autoComplete="off"
        spellCheck={false}
        onValueChange={props.onValue}
      />
    </FormGroup>
  );
}
