import { Checkbox, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import {
  backupSetupSchema,
  weekdays,
  type BackupSetup,
  type BackupSetupPreview,
} from '../../../../../shared/model/backups/backup-setup';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { useAnswer } from '../../../../rpc/hooks';
import { ErrorNotice } from '../../../../ui/notice';
import { printable } from '../../../../ui/text';
import { ChoiceField, TextInputField } from './form-fields';
import { emptyStore, storeLoginOf, placeOfStore, StoreFields, type StoreForm } from './store-fields';
import { WorkDialog } from './work-dialog';

interface Props {
  readonly state: ClusterState;
  readonly onClose: () => void;
}

interface Form {
  readonly kind: 'server' | 'directory' | 's3';
  readonly serverId: string;
  readonly address: string;
  readonly path: string;
  readonly store: StoreForm;
  readonly stanza: string;
  readonly keepFull: string;
  readonly encrypted: boolean;
  readonly fullDay: string;
  readonly time: string;
  readonly changes: string;
}

function formFor({ scope }: ClusterState): Form {
  return {
    ...{ kind: 'server', serverId: '', address: '', path: '/var/lib/pgbackrest', store: emptyStore },
    stanza: scope.replaceAll(/[^\w-]/g, '_').replace(/^[_-]+/, '') || 'main',
    ...{ keepFull: '2', encrypted: true, fullDay: 'Sun', time: '01:30', changes: 'diff' },
  };
}

function repositoryOf({ kind, serverId, address, path, store }: Form): unknown {
  switch (kind) {
    case 'server':
      return { kind, serverId, address, path };
    case 'directory':
      return { kind, path };
    case 's3':
      return { ...{ kind, path }, ...placeOfStore(store) };
  }
}

/** What is filled in as a setting, or why it is none yet. */
function setupOf(form: Form): BackupSetup | string {
  const { kind, serverId } = form;
  if (kind === 'server' && serverId === '') return 'Choose the server that keeps the backups.';
  const read = backupSetupSchema.safeParse({
    ...form,
    repository: repositoryOf(form),
    keepFull: Number(form.keepFull),
    compression: 'gz',
    fromReplica: kind === 'server',
  });
  return read.success ? read.data : (read.error.issues[0]?.message ?? 'Fill it in first.');
}

/** Asks where and when a cluster is backed up, shows every file and command, and starts it. */
export function SetUpDialog({ state, onClose }: Props) {
  const { clusterId } = state;
  const [form, setForm] = useState<Form>(() => formFor(state));
  const setup = setupOf(form);
  const isStore = form.kind === 's3';
  const login = isStore ? storeLoginOf(form.store) : null;
  return (
    <WorkDialog<BackupSetup, BackupSetupPreview>
      title={`Set up backups of ${state.title}`}
      action={{ text: 'Set up backups', intent: 'primary' }}
      wish={setup}
      fields={<Fields form={form} onForm={setForm} />}
      what="Looking at the servers."
      whyNot={typeof login === 'string' ? login : null}
      ask={(client, wish) => client.backups.previewSetUp({ clusterId, setup: wish })}
      start={(client, { setup: shown, fingerprint }, { typed, requestId }) =>
        client.backups.setUp({
          ...{ clusterId, setup: shown, fingerprint, typed, requestId },
          store: typeof login === 'string' ? null : login,
        })
      }
      onClose={onClose}
    />
  );
}

interface FieldProps {
  readonly form: Form;
  readonly onForm: (form: Form) => void;
}

const kindOf = (value: string): Form['kind'] => (value === 'directory' || value === 's3' ? value : 'server');

function Fields({ form, onForm }: FieldProps) {
  const set = (part: Partial<Form>) => onForm({ ...form, ...part });
  return (
    <>
      <ChoiceField
        label="Keep the backups"
        value={form.kind}
        options={[
          ['server', 'on a server, reached by SSH'],
          ['directory', 'in a directory that all members share'],
          ['s3', 'in a store that speaks S3'],
        ]}
        onValue={(kind) => set({ kind: kindOf(kind) })}
      />
      {form.kind === 'server' ? <ServerFields form={form} onForm={onForm} /> : null}
      {form.kind === 's3' ? <StoreFields store={form.store} onStore={(store) => set({ store })} /> : null}
      <TextInputField label="Directory" value={form.path} onValue={(path) => set({ path })} />
      <TextInputField
        label="Stanza"
        help="What pgBackRest calls the backups of this cluster."
        value={form.stanza}
        onValue={(stanza) => set({ stanza })}
      />
      <TextInputField label="Full backups to keep" value={form.keepFull} onValue={(keepFull) => set({ keepFull })} />
      <ChoiceField
        label="Full backup on"
        value={form.fullDay}
        options={weekdays.map((day) => [day, day])}
        onValue={(fullDay) => set({ fullDay })}
      />
      <TextInputField
        label="At"
        help="Every day, by the server's clock."
        value={form.time}
        onValue={(time) => set({ time })}
      />
      <ChoiceField
        label="On the other days"
        value={form.changes}
        options={[
          ['diff', 'changes since the last full backup'],
          ['incr', 'changes since the last backup'],
        ]}
        onValue={(changes) => set({ changes })}
      />
      <Checkbox
        className="m-backup-wide"
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
      <TextInputField
        label="Address for the members"
        help="Where the members reach it by SSH."
        value={form.address}
        onValue={(address) => onForm({ ...form, address })}
      />
    </>
  );
}
