import { TickIcon } from '@blueprintjs/icons';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../../../shared/model/deploy/spec/server-spec';
import { firstLeader } from '../../../../../shared/rules/deploy/layout';
import { rolesByRequestPath, serverRoleNames } from '../../../../../shared/rules/deploy/roles/role-names';
import { printable } from '../../../../ui/text';
import { serverKey } from '../../../../deployment/form/server-key';
import { withPrometheus } from '../../../../deployment/form/servers';
import { useSpec, useWizard } from '../../wizard/wizard-context';

/** The picture: servers are columns, layers are rows, a box is a role of a server. */
export function RolesPicture() {
  const spec = useSpec();
  return (
    <div className="d-picture" role="region" aria-label="Roles of the servers" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th className="d-layer">Applications</th>
            <td className="d-apps" colSpan={spec.servers.length}>
              {applicationsText(spec)}
            </td>
          </tr>
          <tr>
            <th className="d-layer">
              <span className="m-hidden">Layer</span>
            </th>
            {spec.servers.map((server) => (
              <th key={serverKey(server)} scope="col" className="d-server">
                {printable(server.name)}
                <span className="m-small m-muted">{printable(server.address)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rolesByRequestPath.map((role) => (
            <Layer key={role} role={role} spec={spec} />
          ))}
        </tbody>
      </table>
      <FirstLeader spec={spec} />
    </div>
  );
}

/** By which ports applications come in, for the roles that were given. */
export function applicationsText(spec: ClusterSpec): string {
  const given = (role: ServerRole) => spec.servers.some((server) => server.roles.includes(role));
  const write = [
    given('pgbouncer') ? `PgBouncer on ${spec.pgbouncer.port}` : null,
    given('haproxy') ? `HAProxy on ${spec.haproxy.primaryPort}` : null,
  ].filter((path) => path !== null);
  if (write.length === 0) return `connect to PostgreSQL on ${spec.postgres.port} and must find the primary themselves`;
  return `write through ${write.join(' or ')}${given('haproxy') ? `, read through HAProxy on ${spec.haproxy.replicaPort}` : ''}`;
}

function portsText(spec: ClusterSpec, role: ServerRole): string {
  switch (role) {
    case 'pgbouncer':
      return `pools connections, port ${spec.pgbouncer.port}`;
    case 'haproxy':
      return `routes to the primary, ports ${spec.haproxy.primaryPort} and ${spec.haproxy.replicaPort}`;
    case 'postgres':
      return `holds the data, ports ${spec.postgres.port} and ${spec.patroni.restPort}`;
    case 'etcd':
      return `elects the leader, ports ${spec.etcd.clientPort} and ${spec.etcd.peerPort}`;
    case 'prometheus':
      return 'watches all of them; optional, on one server';
  }
}

function Layer({ role, spec }: { readonly role: ServerRole; readonly spec: ClusterSpec }) {
  return (
    <tr>
      <th scope="row" className="d-layer">
        {serverRoleNames[role]}
        <span className="m-small m-muted">{portsText(spec, role)}</span>
      </th>
      {spec.servers.map((server) => (
        <td key={serverKey(server)}>
          <RoleBox role={role} server={server} />
        </td>
      ))}
    </tr>
  );
}

const shortNames: Readonly<Record<ServerRole, string>> = {
  pgbouncer: 'PgBouncer',
  haproxy: 'HAProxy',
  postgres: 'PostgreSQL',
  etcd: 'etcd',
  prometheus: 'Prometheus',
};

function RoleBox({ role, server }: { readonly role: ServerRole; readonly server: ServerSpec }) {
  const wizard = useWizard();
  const on = server.roles.includes(role);
  const key = serverKey(server);
  const toggled = (one: ServerSpec): ServerSpec =>
    serverKey(one) === key
      ? { ...one, roles: on ? one.roles.filter((other) => other !== role) : [...one.roles, role] }
      : one;
  const toggle = () =>
    wizard.change((form) => ({
      ...form,
      rolesChosen: true,
      spec:
        role === 'prometheus'
          ? withPrometheus(form.spec, on ? null : key)
          : { ...form.spec, servers: form.spec.servers.map(toggled) },
    }));
  return (
    <button
      type="button"
      className={`d-box d-box-${role}`}
      aria-pressed={on}
      aria-label={`${shortNames[role]} on ${server.name}${on ? '' : ', not here'}`}
      onClick={toggle}
    >
      {on ? (
        <>
          <TickIcon size={12} aria-hidden /> {shortNames[role]}
        </>
      ) : (
        <span className="m-muted">not here</span>
      )}
    </button>
  );
}

/** Which member PostgreSQL is first initialised on; the others are copied from it. */
function FirstLeader({ spec }: { readonly spec: ClusterSpec }) {
  const wizard = useWizard();
  const members = spec.servers.filter((server) => server.roles.includes('postgres'));
  if (members.length < 2) return null;
  return (
    <fieldset className="m-fieldset d-first">
      <legend>First leader: the others are copied from it</legend>
      {members.map((server) => (
        <label key={serverKey(server)} className="d-radio">
          <input
            type="radio"
            name="first-leader"
            checked={firstLeader(spec)?.name === server.name}
            onChange={() => wizard.changeSpec((before) => ({ ...before, firstLeader: server.name }))}
          />
          {printable(server.name)}
        </label>
      ))}
    </fieldset>
  );
}
