import '../../../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useDeferredValue, useId, useState } from 'react';
import type { RestorePreview, RestoreWish } from '../../../../../shared/model/backups/restore';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { readMoment } from '../../../../../shared/rules/backups/read-moment';
import { rangeInWords } from '../../../../../shared/rules/backups/restore-target';
import { momentInWords } from '../../../../../shared/rules/words/wording';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { FocusedDialog } from '../../../../ui/focused-dialog';
import { ErrorNotice } from '../../../../ui/notice';
import { ReasonButton } from '../../../../ui/reason-button';
import { printable } from '../../../../ui/text';
import { whyNotTyped } from '../../../../ui/typed-name';
import { WorkPreview, whyRefused } from './work-preview';

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
export function RestoreDialog(props: Props) {
  const { state } = props;
  const [form, setForm] = useState<Form>({
    member: state.leader.holder ?? state.members[0]?.name ?? '',
    time: '',
    timeline: '',
  });
  const wish = wishOf(useDeferredValue(form));
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={printable(`Restore ${state.title}`)}
      onClose={props.onClose}
      canOutsideClickClose={false}
    >
      {typeof wish === 'string' ? (
        <>
          <DialogBody>
            <Fields state={state} form={form} onForm={setForm} />
          </DialogBody>
          <DialogFooter
            actions={
              <>
                <Button text="Cancel" onClick={props.onClose} />
                <ReasonButton intent="danger" text="Restore the cluster" why={wish} />
              </>
            }
          />
        </>
      ) : (
        <Ready {...props} wish={wish} form={form} onForm={setForm} />
      )}
    </FocusedDialog>
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

function Ready(props: Props & FieldProps & { readonly wish: RestoreWish }) {
  const { wish, onClose } = props;
  const { clusterId } = props.state;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const answer = useAnswer(JSON.stringify([clusterId, wish]), (client) =>
    client.backups.previewRestore({ clusterId, wish }),
  );
  const start = useAction(async ({ wish: shown, fingerprint }: RestorePreview) => {
    const job = await page.call((client) =>
      client.backups.restore({ clusterId, wish: shown, fingerprint, typed, requestId }),
    );
    onClose();
    open.jobs(job.id);
  });
  const preview = answer.value;
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
          <Fields {...props} />
          <Answered
            answer={answer}
            what="Looking at the repository and every member's server."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => (
              <>
                {shown.range === null ? null : <p className="m-small">{rangeInWords(shown.range)}</p>}
                <WorkPreview {...shown} typed={typed} onTyped={setTyped} />
              </>
            )}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            <ReasonButton
              intent="danger"
              data-testid="confirm"
              text="Restore the cluster"
              loading={start.busy}
              why={answer.loading ? 'The servers are being looked at.' : whyNot(preview, typed)}
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

function whyNot(preview: RestorePreview | null, typed: string): string | null {
  if (preview === null) return 'The servers could not be looked at.';
  return whyRefused(preview.checks) ?? whyNotTyped(preview.typeToConfirm, typed);
}
