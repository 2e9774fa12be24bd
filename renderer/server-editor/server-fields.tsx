import { Button, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { CrossIcon } from '@blueprintjs/icons';
import { hrefOf } from '../navigation/route';
import { useAnswer } from '../rpc/hooks';
import { fromSshConfig, serverProblems, type ServerFields } from './server-form';

interface Props {
  readonly fields: ServerFields;
  readonly onFields: (fields: ServerFields) => void;
  /** The server that is edited; it cannot be its own jump host. */
  readonly ownId: string | null;
  /** True once the user has tried to continue: problems are then shown on every field. */
  readonly strict: boolean;
}

/** The fields of a server: where it is, who logs in and how, how commands become root, and through whom. */
export function ServerFieldset(props: Props) {
  const { fields, onFields } = props;
  const set = (change: Partial<ServerFields>) => onFields({ ...fields, ...change });
  const problems = props.strict ? serverProblems(fields) : {};
  return (
    <>
      <SshConfigChoice fields={fields} onFields={onFields} />
      <div className="m-form-server">
        <Text
          id="host"
          label="Host"
          value={fields.host}
          problem={problems.host}
          placeholder="db1.example.net or 10.0.0.11"
          onChange={(host) => set({ host })}
          autoFocus
        />
        <Text id="port" label="Port" value={fields.port} problem={problems.port} onChange={(port) => set({ port })} />
        <Text
          id="user"
          label="User"
          value={fields.user}
          problem={problems.user}
          placeholder="admin"
          onChange={(user) => set({ user })}
        />
        <Text
          id="name"
          label="Name (optional)"
          value={fields.name}
          placeholder={fields.host}
          onChange={(name) => set({ name })}
        />
      </div>
      <div className="m-form-pair">
        <AuthFields fields={fields} set={set} problem={problems.keyPath} />
        <SudoFields fields={fields} set={set} />
      </div>
      <JumpFields fields={fields} set={set} ownId={props.ownId} />
    </>
  );
}

type Set = (change: Partial<ServerFields>) => void;

function Text(props: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem?: string | undefined;
  readonly placeholder?: string;
  readonly type?: string;
  readonly autoFocus?: boolean;
  readonly help?: string;
}) {
  const id = `server-${props.id}`;
  return (
    <FormGroup
      label={props.label}
      labelFor={id}
      helperText={props.problem === undefined ? props.help : <span className="m-tone-crit">{props.problem}</span>}
    >
      <InputGroup
        id={id}
        type={props.type ?? 'text'}
        value={props.value}
        placeholder={props.placeholder}
        autoFocus={props.autoFocus === true}
        autoComplete="off"
        spellCheck={false}
        intent={props.problem === undefined ? 'none' : 'danger'}
        aria-invalid={props.problem !== undefined}
        onValueChange={props.onChange}
      />
    </FormGroup>
  );
}

function SshConfigChoice({
  fields,
  onFields,
}: {
  readonly fields: ServerFields;
  readonly onFields: (fields: ServerFields) => void;
}) {
  const hosts = useAnswer('ssh-config', (client) => client.servers.sshConfigHosts()).value ?? [];
  if (hosts.length === 0) return null;
  return (
    <FormGroup
      label="From ~/.ssh/config"
      labelFor="server-config"
      helperText="Fills in host, port, user and key; its ProxyJump is used, too."
    >
      <HTMLSelect
        id="server-config"
        fill
        value={fields.sshConfigHost ?? ''}
        onChange={(event) => {
          const host = hosts.find((each) => each.alias === event.currentTarget.value);
          onFields(host === undefined ? { ...fields, sshConfigHost: null } : fromSshConfig(fields, host));
        }}
      >
        <option value="">None</option>
        {hosts.map((host) => (
          <option key={host.alias} value={host.alias}>
            {host.alias === host.host ? host.alias : `${host.alias} (${host.host})`}
          </option>
        ))}
      </HTMLSelect>
    </FormGroup>
  );
}

const auths: readonly { readonly value: ServerFields['auth']; readonly label: string }[] = [
  { value: 'agent', label: 'SSH agent' },
  { value: 'key', label: 'Key file' },
  { value: 'password', label: 'Password' },
  { value: 'keyboard-interactive', label: 'Server prompts (keyboard-interactive)' },
];
const sudos: readonly { readonly value: ServerFields['sudo']; readonly label: string }[] = [
  { value: 'passwordless', label: 'sudo without a password' },
  { value: 'password', label: 'sudo with a password' },
  { value: 'root', label: 'The user is root' },
  { value: 'none', label: 'No root (limited view)' },
];

/** How the user logs in: agent, key or password. */
export function AuthFields({
  fields,
  set,
  problem,
}: {
  readonly fields: ServerFields;
  readonly set: Set;
  readonly problem: string | undefined;
}) {
  return (
    <div>
      <FormGroup label="Log in with" labelFor="server-auth">
        <HTMLSelect
          id="server-auth"
          fill
          value={fields.auth}
          options={[...auths]}
          onChange={(event) =>
            set({ auth: auths.find((each) => each.value === event.currentTarget.value)?.value ?? 'agent', secret: '' })
          }
        />
      </FormGroup>
      {fields.auth === 'key' ? (
        <Text
          id="key"
          label="Private key"
          value={fields.keyPath}
          problem={problem}
          placeholder="~/.ssh/id_ed25519"
          onChange={(keyPath) => set({ keyPath })}
        />
      ) : null}
      {fields.auth === 'agent' ? null : (
        <Text
          id="secret"
          type="password"
          label={fields.auth === 'key' ? 'Passphrase (optional)' : 'Password (optional)'}
          help="Stored in the vault. If left empty, you are asked for it when needed."
          value={fields.secret}
          onChange={(secret) => set({ secret })}
        />
      )}
    </div>
  );
}

/** How commands become root. */
export function SudoFields({
  fields,
  set,
  help,
}: {
  readonly fields: ServerFields;
  readonly set: Set;
  readonly help?: string;
}) {
  return (
    <div>
      <FormGroup
        label="Run as root using"
        labelFor="server-sudo"
        helperText={help ?? "Needed if only root or postgres may read Patroni's configuration."}
      >
        <HTMLSelect
          id="server-sudo"
          fill
          value={fields.sudo}
          options={[...sudos]}
          onChange={(event) =>
            set({ sudo: sudos.find((each) => each.value === event.currentTarget.value)?.value ?? 'none' })
          }
        />
      </FormGroup>
      {fields.sudo === 'password' ? (
        <Text
          id="sudo-password"
          type="password"
          label="Password for sudo (optional)"
          help="Stored in the vault. If left empty, you are asked for it when needed."
          value={fields.sudoPassword}
          onChange={(sudoPassword) => set({ sudoPassword })}
        />
      ) : null}
    </div>
  );
}

/** The jump hosts, chosen from the inventory. */
export function JumpFields({
  fields,
  set,
  ownId,
}: {
  readonly fields: ServerFields;
  readonly set: Set;
  readonly ownId: string | null;
}) {
  const servers = (useAnswer('servers', (client) => client.servers.list()).value ?? []).filter(
    (server) => server.id !== ownId,
  );
  const free = servers.filter((server) => !fields.jump.includes(server.id));
  const nameOf = (id: string) => servers.find((server) => server.id === id)?.name ?? id;
  if (servers.length === 0 && fields.jump.length === 0)
    return (
      <p className="m-small m-muted">
        To use a jump host, add it under <a href={hrefOf({ page: 'servers' })}>Servers</a> first.
      </p>
    );
  return (
    <FormGroup label="Through jump hosts" labelFor="server-jump" helperText="First hop first.">
      <div className="m-row m-row-wrap">
        {fields.jump.map((id) => (
          <span key={id} className="m-chip m-chip-unknown">
            <span className="m-clip">{nameOf(id)}</span>
            <Button
              variant="minimal"
              size="small"
              icon={<CrossIcon size={12} />}
              aria-label={`Remove jump host ${nameOf(id)}`}
              onClick={() => set({ jump: fields.jump.filter((each) => each !== id) })}
            />
          </span>
        ))}
        <HTMLSelect
          id="server-jump"
          value=""
          onChange={(event) => {
            if (event.currentTarget.value !== '') set({ jump: [...fields.jump, event.currentTarget.value] });
          }}
        >
          <option value="">{fields.jump.length === 0 ? 'None, connect directly' : 'Add another'}</option>
          {free.map((server) => (
            <option key={server.id} value={server.id}>
              {server.name}
            </option>
          ))}
        </HTMLSelect>
      </div>
    </FormGroup>
  );
}
