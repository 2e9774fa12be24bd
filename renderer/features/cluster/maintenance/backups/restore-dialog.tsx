import { FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { RestorePreview, RestoreWish } from '../../../../../shared/model/backups/restore';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { readMoment } from '../../../../../shared/rules/backups/read-moment';
import { rangeInWords } from '../../../../../shared/rules/backups/restore-target';
import { momentInWords } from '../../../../../shared/rules/words/wording';
import { printable } from '../../../../ui/text';
import { WorkDialog } from './work-dialog';

interface Props {
  readonly state: ClusterState;
  readonly onClose: () => void;
}

interface Form {
  readonly member: string;
  readonly time: string;
  readonly timeline: string;
}

/** What is filled in as a wish, or why it is none yet. */
function wishOf({ member, time, timeline }: Form): RestoreWish | string {
  const at = readMoment(time);
  if (time.trim() !== '' && at === null) return 'That is no time. Write it as 2026-11-27 14:05:10, in UTC.';
  if (timeline.trim() !== '' && !/^[1-9]\d{0,8}$/.test(timeline.trim())) return 'A timeline is a number from 1 on.';
  return {
    member,
    target: at === null ? { kind: 'latest' } : { kind: 'time', at },
    timeline: timeline.trim() === '' ? null : Number(timeline.trim()),
  };
}

/** Asks to what moment a cluster is restored, shows all that would happen, and starts it. */
export function RestoreDialog({ state, onClose }: Props) {
  const { clusterId } = state;
  const [form, setForm] = useState<Form>({
    member: state.leader.holder ?? state.members[0]?.name ?? '',
    time: '',
    timeline: '',
  });
  return (
    <WorkDialog<RestoreWish, RestorePreview>
      title={`Restore ${state.title}`}
      action={{ text: 'Restore the cluster', intent: 'danger' }}
      wish={wishOf(form)}
      fields={<Fields state={state} form={form} onForm={setForm} />}
      what="Looking at the repository and every member's server."
      lead={({ range }) => (range === null ? null : <p className="m-small">{rangeInWords(range)}</p>)}
      ask={(client, wish) => client.backups.previewRestore({ clusterId, wish })}
      start={(client, { wish, fingerprint }, { typed, requestId }) =>
        client.backups.restore({ clusterId, wish, fingerprint, typed, requestId })
      }
      onClose={onClose}
    />
  );
}

interface FieldProps {
  readonly state: ClusterState;
  readonly form: Form;
  readonly onForm: (form: Form) => void;
}

function Fields({ state, form, onForm }: FieldProps) {
  const [time, timeline, member] = [useId(), useId(), useId()];
  const at = readMoment(form.time);
  return (
    <>
      <FormGroup
        label="To this time"
        labelFor={time}
        helperText={
          at === null
            ? 'Such as 2026-11-27 14:05:10, in UTC unless an offset stands behind it. Empty: to the end of the archive.'
            : `Everything that was committed until ${momentInWords(at)}.`
        }
      >
        <InputGroup
          id={time}
          value={form.time}
          placeholder="2026-11-27 14:05:10"
          autoComplete="off"
          spellCheck={false}
          onValueChange={(value) => onForm({ ...form, time: value })}
        />
      </FormGroup>
      <FormGroup
        label="Restored first on"
        labelFor={member}
        helperText="Its server reads the repository; the other members copy from it."
      >
        <HTMLSelect
          id={member}
          fill
          value={form.member}
          onChange={(event) => onForm({ ...form, member: event.currentTarget.value })}
        >
          {state.members.map(({ name }) => (
            <option key={name} value={name}>
              {printable(name)}
            </option>
          ))}
        </HTMLSelect>
      </FormGroup>
      <FormGroup label="Along timeline" labelFor={timeline} helperText="Empty: the one that the cluster is on.">
        <InputGroup
          id={timeline}
          value={form.timeline}
          autoComplete="off"
          onValueChange={(value) => onForm({ ...form, timeline: value })}
        />
      </FormGroup>
    </>
  );
}
