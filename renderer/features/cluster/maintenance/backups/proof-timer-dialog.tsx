import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { weekdays, type BackupWorkPreview } from '../../../../../shared/model/backups/backup-setup';
import {
  proofScheduleSchema,
  type ProofSchedule,
  type ProofScheduleView,
} from '../../../../../shared/model/backups/proof-schedule';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { ErrorNotice } from '../../../../ui/notice';
import { ChoiceField, TextInputField } from './form-fields';
import { WorkDialog } from './work-dialog';

interface Props {
  readonly state: ClusterState;
  /** The timer that is there; null: none. */
  readonly present: ProofScheduleView | null;
  readonly onClose: () => void;
}

interface Form {
  readonly serverId: string;
  readonly day: string;
  readonly time: string;
}

/** What is filled in as a timer, or why it is none yet. */
function scheduleOf(form: Form): ProofSchedule | string {
  if (form.serverId === '') return 'Choose the server that restores it.';
  const read = proofScheduleSchema.safeParse(form);
  return read.success ? read.data : (read.error.issues[0]?.message ?? 'Fill it in first.');
}

/** A replica's server, so that the leader's keeps its disk and processors. */
function formFor({ members, leader }: ClusterState, present: ProofScheduleView | null): Form {
  if (present !== null) return { serverId: present.serverId, day: present.day, time: present.time };
  const reached = members.filter(({ serverId }) => serverId !== null);
  const chosen = reached.find(({ name }) => name !== leader.holder) ?? reached[0];
  return { serverId: chosen?.serverId ?? '', day: 'Sat', time: '04:00' };
}

/** Asks where and when the newest backup is proved by a timer, shows every file and command, and sets it. */
export function ProofTimerDialog({ state, present, onClose }: Props) {
  const { clusterId } = state;
  const [form, setForm] = useState<Form>(() => formFor(state, present));
  const schedule = scheduleOf(form);
  return (
    <WorkDialog<ProofSchedule, ProofTimerPreview>
      title="Prove the newest backup by a timer"
      action={{ text: 'Set the timer', intent: 'primary' }}
      wish={schedule}
      fields={<Fields form={form} onForm={setForm} />}
      what="Looking at the server."
      tools={present === null ? null : <RemoveTimer clusterId={clusterId} onClose={onClose} />}
      ask={async (client, wish) => ({
        schedule: wish,
        ...(await client.backups.previewProofTimer({ clusterId, schedule: wish })),
      })}
      start={(client, { schedule: shown, fingerprint }, { requestId }) =>
        client.backups.proveByTimer({ clusterId, schedule: shown, fingerprint, requestId })
      }
      onClose={onClose}
    />
  );
}

interface ProofTimerPreview extends BackupWorkPreview {
  readonly schedule: ProofSchedule;
}

function RemoveTimer({ clusterId, onClose }: { readonly clusterId: string; readonly onClose: () => void }) {
  const page = usePage();
  const open = useOpen();
  const remove = useAction(async () => {
    const requestId = crypto.randomUUID();
    const job = await page.call((client) => client.backups.stopProofTimer({ clusterId, requestId }));
    onClose();
    open.jobs(job.id);
  });
  return (
    <>
      {remove.error === null ? null : <ErrorNotice error={remove.error} />}
      <Button text="Remove the timer" loading={remove.busy} onClick={() => void remove.run()} />
    </>
  );
}

interface FieldProps {
  readonly form: Form;
  readonly onForm: (form: Form) => void;
}

function Fields({ form, onForm }: FieldProps) {
  const servers = useAnswer('servers', (client) => client.servers.list());
  const options = (servers.value ?? []).map(({ id, name }) => [id, name] as const);
  return (
    <>
      {servers.error === null ? null : <ErrorNotice error={servers.error} />}
      <ChoiceField
        label="On the server"
        help="A member's, or the one with the repository; it needs PostgreSQL, and room for the data."
        value={form.serverId}
        options={[['', 'Choose a server'], ...options]}
        onValue={(serverId) => onForm({ ...form, serverId })}
      />
      <ChoiceField
        label="Every"
        value={form.day}
        options={weekdays.map((day) => [day, day])}
        onValue={(day) => onForm({ ...form, day })}
      />
      <TextInputField
        label="At"
        help="By the server's clock."
        value={form.time}
        onValue={(time) => onForm({ ...form, time })}
      />
    </>
  );
}
