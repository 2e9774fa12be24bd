import '../../../../ui/styles/dialog.css';
import { Button, Checkbox, DialogBody, DialogFooter, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useDeferredValue, useId, useState } from 'react';
import {
  backupSetupSchema,
  weekdays,
  type BackupSetup,
  type BackupSetupPreview,
} from '../../../../../shared/model/backups/backup-setup';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
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
  readonly kind: 'server' | 'directory';
  readonly serverId: string;
  readonly address: string;
  readonly path: string;
  readonly stanza: string;
  readonly keepFull: string;
  readonly encrypted: boolean;
  readonly fullDay: string;
  readonly time: string;
  readonly changes: string;
}

function formFor({ scope }: ClusterState): Form {
  return {
    ...{ kind: 'server', serverId: '', address: '', path: '/var/lib/pgbackrest' },
    stanza: scope.replaceAll(/[^\w-]/g, '_').replace(/^[_-]+/, '') || 'main',
    ...{ keepFull: '2', encrypted: true, fullDay: 'Sun', time: '01:30', changes: 'diff' },
  };
}

/** What is filled in as a setting, or why it is none yet. */
function setupOf(form: Form): BackupSetup | string {
  const { kind, serverId, address, path } = form;
  if (kind === 'server' && serverId === '') return 'Choose the server that keeps the backups.';
  const read = backupSetupSchema.safeParse({
    ...form,
    repository: kind === 'server' ? { kind, serverId, address, path } : { kind, path },
    keepFull: Number(form.keepFull),
    compression: 'gz',
    fromReplica: kind === 'server',
  });
  return read.success ? read.data : (read.error.issues[0]?.message ?? 'Fill it in first.');
}

/** Asks where and when a cluster is backed up, shows every file and command, and starts it. */
export function SetUpDialog(props: Props) {
  const [form, setForm] = useState<Form>(() => formFor(props.state));
  const setup = setupOf(useDeferredValue(form));
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={printable(`Set up backups of ${props.state.title}`)}
      onClose={props.onClose}
      canOutsideClickClose={false}
    >
      {typeof setup === 'string' ? (
        <>
          <DialogBody>
            <Fields form={form} onForm={setForm} />
          </DialogBody>
          <DialogFooter
            actions={
              <>
                <Button text="Cancel" onClick={props.onClose} />
                <ReasonButton intent="primary" text="Set up backups" why={setup} />
              </>
            }
          />
        </>
      ) : (
        <Ready {...props} setup={setup} form={form} onForm={setForm} />
      )}
    </FocusedDialog>
  );
}

interface FieldProps {
  readonly form: Form;
  readonly onForm: (form: Form) => void;
}

function Fields({ form, onForm }: FieldProps) {
  const set = (part: Partial<Form>) => onForm({ ...form, ...part });
  return (
    <>
      <Choice
        label="Keep the backups"
        value={form.kind}
        options={[
          ['server', 'on a server, reached by SSH'],
          ['directory', 'in a directory that all members share'],
        ]}
        onValue={(kind) => set({ kind: kind === 'directory' ? 'directory' : 'server' })}
      />
      {form.kind === 'server' ? <ServerFields form={form} onForm={onForm} /> : null}
      <Text label="Directory" value={form.path} onValue={(path) => set({ path })} />
      <Text
        label="Stanza"
        help="What pgBackRest calls the backups of this cluster."
        value={form.stanza}
        onValue={(stanza) => set({ stanza })}
      />
      <Text label="Full backups to keep" value={form.keepFull} onValue={(keepFull) => set({ keepFull })} />
      <Choice
        label="Full backup on"
        value={form.fullDay}
        options={weekdays.map((day) => [day, day])}
        onValue={(fullDay) => set({ fullDay })}
      />
      <Text label="At" help="Every day, by the server's clock." value={form.time} onValue={(time) => set({ time })} />
      <Choice
        label="On the other days"
        value={form.changes}
        options={[
          ['diff', 'what changed since the last full backup'],
          ['incr', 'what changed since the last backup'],
        ]}
        onValue={(changes) => set({ changes })}
      />
      <Checkbox
        checked={form.encrypted}
        label="Encrypt the repository; the passphrase is made here and kept in the vault"
        onChange={(event) => set({ encrypted: event.currentTarget.checked })}
      />
    </>
  );
}

function ServerFields({ form, onForm }: FieldProps) {
  const id = useId();
  const servers = useAnswer('servers', (client) => client.servers.list());
  return (
    <>
      {servers.error === null ? null : <ErrorNotice error={servers.error} />}
      <FormGroup label="Server" labelFor={id} helperText="One that is not listed is added under Servers first.">
        <HTMLSelect
          id={id}
          fill
          value={form.serverId}
          disabled={servers.loading}
          onChange={(event) => {
            const chosen = (servers.value ?? []).find((server) => server.id === event.currentTarget.value);
            onForm({ ...form, serverId: chosen?.id ?? '', address: chosen?.host ?? '' });
          }}
        >
          <option value="">Choose a server</option>
          {(servers.value ?? []).map((server) => (
            <option key={server.id} value={server.id}>
              {printable(server.name)}
            </option>
          ))}
        </HTMLSelect>
      </FormGroup>
      <Text
        label="Address for the members"
        help="Where the members reach it by SSH."
        value={form.address}
        onValue={(address) => onForm({ ...form, address })}
      />
    </>
  );
}

function Text(props: {
  readonly label: string;
  readonly help?: string;
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

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <FormGroup label={props.label} labelFor={id}>
      <HTMLSelect id={id} value={props.value} onChange={(event) => props.onValue(event.currentTarget.value)}>
        {props.options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </HTMLSelect>
    </FormGroup>
  );
}

function Ready(props: Props & FieldProps & { readonly setup: BackupSetup }) {
  const { setup, onClose } = props;
  const { clusterId } = props.state;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const answer = useAnswer(JSON.stringify([clusterId, setup]), (client) =>
    client.backups.previewSetUp({ clusterId, setup }),
  );
  const start = useAction(async ({ setup: shown, fingerprint, typeToConfirm }: BackupSetupPreview) => {
    const confirmed = typeToConfirm === null ? null : typed;
    const job = await page.call((client) =>
      client.backups.setUp({ clusterId, setup: shown, fingerprint, typed: confirmed, requestId }),
    );
    onClose();
    open.jobs(job.id);
  });
  const preview = answer.value;
  const again = () => {
    start.clear();
    answer.reload();
  };
  const why = preview === null ? 'The servers could not be looked at.' : whyRefused(preview.checks);
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
            what="Looking at the servers."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => <WorkPreview {...shown} typed={typed} onTyped={setTyped} />}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            <ReasonButton
              intent="primary"
              data-testid="confirm"
              text="Set up backups"
              loading={start.busy}
              why={
                answer.loading
                  ? 'The servers are being looked at.'
                  : (why ?? whyNotTyped(preview?.typeToConfirm ?? null, typed))
              }
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
