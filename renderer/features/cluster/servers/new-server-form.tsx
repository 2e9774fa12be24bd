import { Button, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { FactsResult } from '../../../../shared/model/deploy/deploy-views';
import type { Day2Change } from '../../../../shared/model/deploy/day2';
import type { Server } from '../../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { suggestRoles } from '../../../../shared/rules/deploy/day2/change-offers';
import { useAnswer } from '../../../rpc/hooks';
import { Loading } from '../../../ui/loading';
import { ErrorNotice } from '../../../ui/notice';
import { printable } from '../../../ui/text';
import { usable } from '../../../deployment/form/servers';
import { FactsLine } from '../../../deployment/plan/facts-line';
import { ServerDialog } from '../../../server-editor/server-dialogs';
import { freeServers, memberToBe } from './new-server';
import { RoleBoxes } from './role-boxes';

interface FormProps {
  readonly spec: ClusterSpec;
  /** The member of etcd that gives up its place, or null where a server is added. */
  readonly replaces: string | null;
  readonly onAsk: (change: Day2Change) => void;
}

/** The server to add: one of the inventory, inspected, with a name, an address and roles. */
export function NewServerForm(props: FormProps) {
  const { spec } = props;
  const inventory = useAnswer('servers', (client) => client.servers.list());
  const [chosen, setChosen] = useState('');
  const [adding, setAdding] = useState(false);
  if (inventory.value === null)
    return inventory.error === null ? (
      <Loading what="Reading your servers." />
    ) : (
      <ErrorNotice error={inventory.error} />
    );
  const own = props.replaces === null ? [] : spec.servers.filter((server) => !server.roles.includes('etcd'));
  const free = freeServers(spec, inventory.value);
  const server = free.find((one) => one.id === chosen);
  const present = own.find((one) => one.name === chosen);
  return (
    <div className="m-stack">
      <div className="m-row m-row-wrap day2-choose">
        <FormGroup
          label={props.replaces === null ? 'Server' : 'Replacement server'}
          labelFor="day2-server"
          helperText={
            free.length === 0 && own.length === 0
              ? 'Every server you added is part of this cluster. Add another one.'
              : 'Inspecting it changes nothing.'
          }
        >
          <HTMLSelect id="day2-server" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            <option value="">Choose a server</option>
            {own.map((one) => (
              <option key={one.name} value={one.name}>
                {printable(one.name)} (this cluster)
              </option>
            ))}
            {free.map((one) => (
              <option key={one.id} value={one.id}>
                {printable(one.name)} ({printable(one.user)}@{printable(one.host)})
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
        <Button text="Add a server to Matriarch" onClick={() => setAdding(true)} />
      </div>
      {server === undefined ? null : <InspectedServer key={server.id} {...props} server={server} />}
      {present === undefined ? null : (
        <Button
          intent="primary"
          className="day2-ask"
          text="Review the changes"
          onClick={() =>
            props.onAsk({ kind: 'replace_etcd', name: props.replaces ?? '', server: { ...present, roles: ['etcd'] } })
          }
        />
      )}
      {adding ? (
        <ServerDialog
          server={null}
          onClose={() => {
            setAdding(false);
            inventory.reload();
          }}
        />
      ) : null}
    </div>
  );
}

function InspectedServer(props: FormProps & { readonly server: Server }) {
  const { server } = props;
  const asked: ServerSpec = {
    name: 'new',
    ssh: { server: server.id },
    address: server.host,
    roles: ['etcd'],
    tags: {},
  };
  const look = useAnswer(`inspect ${server.id}`, (client) => client.deploy.look({ servers: [asked] }));
  if (look.error !== null)
    return <ErrorNotice error={look.error} tools={<Button size="small" text="Try again" onClick={look.reload} />} />;
  const seen = look.value?.[0];
  if (seen === undefined || look.loading) return <Loading what={`Inspecting ${printable(server.name)}.`} />;
  if (seen.facts === null)
    return <ErrorNotice error={seen.error} tools={<Button size="small" text="Try again" onClick={look.reload} />} />;
  return <NewMember {...props} facts={seen.facts} />;
}

function NewMember({
  spec,
  replaces,
  onAsk,
  server,
  facts,
}: FormProps & { readonly server: Server; readonly facts: NonNullable<FactsResult['facts']> }) {
  const [wanted, setWanted] = useState<ServerSpec | null>(() => memberToBe(spec, server, facts));
  const [roles, setRoles] = useState<readonly ServerRole[]>(() =>
    suggestRoles(spec, replaces === null ? 'add' : 'replace_etcd'),
  );
  if (wanted === null) return null;
  const member: ServerSpec = { ...wanted, roles: [...roles] };
  const taken = spec.servers.some((one) => one.name === member.name);
  const ask = () =>
    onAsk(
      replaces === null
        ? { kind: 'add_server', server: member }
        : { kind: 'replace_etcd', name: replaces, server: member },
    );
  return (
    <form
      className="m-stack"
      aria-label="The new server"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <FactsLine facts={facts} login={`${server.user}@${server.host}`} />
      <div className="m-form-row day2-names">
        <FormGroup
          label="Member name"
          labelFor="day2-name"
          helperText={
            taken ? (
              <span className="m-tone-crit">The cluster already has a server with this name.</span>
            ) : (
              'Its name in Patroni and in etcd.'
            )
          }
        >
          <InputGroup
            id="day2-name"
            value={member.name}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={taken}
            onValueChange={(name) => setWanted({ ...wanted, name: name.trim() })}
          />
        </FormGroup>
        <FormGroup
          label="Address for other servers"
          labelFor="day2-address"
          helperText="An address that the other servers can reach."
        >
          <InputGroup
            id="day2-address"
            list="day2-addresses"
            value={member.address}
            autoComplete="off"
            spellCheck={false}
            onValueChange={(address) => setWanted({ ...wanted, address: address.trim() })}
          />
        </FormGroup>
      </div>
      <datalist id="day2-addresses">
        {usable(facts.addresses).map((address) => (
          <option key={address} value={address} />
        ))}
      </datalist>
      <RoleBoxes
        spec={spec}
        name={member.name}
        fixed={replaces === null ? [] : ['etcd']}
        roles={roles}
        onRoles={setRoles}
      />
      <div>
        <Button
          type="submit"
          intent="primary"
          text="Review the changes"
          disabled={taken || member.name === '' || roles.length === 0}
        />
      </div>
    </form>
  );
}
