import type { ServerFactsView } from '../../../shared/model/deploy/deploy-views';
import type { Server } from '../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { isAddress } from '../../../shared/rules/deploy/spec/validate/names';
import type { DeployForm } from './form';
import { defaultRoles } from '../../../shared/rules/deploy/roles/role-layouts';
import { serverKey } from './server-key';

/** The form with servers of the inventory added to its spec; those it has already stay as they are. */
export function withServers(form: DeployForm, added: readonly Server[]): DeployForm {
  const fresh = added.filter((server) => !form.spec.servers.some((known) => serverKey(known) === server.id));
  const servers = fresh.reduce<readonly ServerSpec[]>(
    (all, server) => [...all, newServer(server, all)],
    form.spec.servers,
  );
  return withRoles({ ...form, spec: { ...form.spec, servers: [...servers] } });
}

/** The form without one server. */
export function withoutServer(form: DeployForm, key: string): DeployForm {
  const { firstLeader, ...spec } = form.spec;
  const servers = spec.servers.filter((server) => serverKey(server) !== key);
  const stays = firstLeader !== undefined && servers.some((server) => server.name === firstLeader);
  return withRoles({ ...form, spec: { ...spec, servers, ...(stays ? { firstLeader } : {}) } });
}

/** The form with a name the user chose. */
export function withName(form: DeployForm, key: string, name: string): DeployForm {
  const changed = withServer(form, key, { name });
  return changed.named.includes(key) ? changed : { ...changed, named: [...changed.named, key] };
}

/** The form with one server's name or address changed; what points at the name follows. */
export function withServer(
  form: DeployForm,
  key: string,
  change: Partial<Pick<ServerSpec, 'name' | 'address'>>,
): DeployForm {
  const { spec } = form;
  const before = spec.servers.find((server) => serverKey(server) === key)?.name;
  const servers = spec.servers.map((server) =>
    serverKey(server) === key ? { ...server, ...change } : follower(server, before, change.name),
  );
  const follows = change.name !== undefined && spec.firstLeader === before && before !== undefined;
  return { ...form, spec: { ...spec, servers, ...(follows ? { firstLeader: change.name } : {}) } };
}

/** A server that streams from one whose name changes streams from it by its new name. */
function follower(server: ServerSpec, before: string | undefined, name: string | undefined): ServerSpec {
  return before === undefined || name === undefined || server.tags.replicatefrom !== before
    ? server
    : { ...server, tags: { ...server.tags, replicatefrom: name } };
}

/** The form with other tags of one server. */
export function withTags(form: DeployForm, key: string, tags: ServerSpec['tags']): DeployForm {
  return {
    ...form,
    spec: {
      ...form.spec,
      servers: form.spec.servers.map((server) => (serverKey(server) === key ? { ...server, tags } : server)),
    },
  };
}

/** The form after a server was inspected: a name and an address that were only guessed become those that the server reports. */
export function withFacts(
  form: DeployForm,
  key: string,
  facts: Pick<ServerFactsView, 'hostname' | 'addresses'>,
): DeployForm {
  const server = form.spec.servers.find((one) => serverKey(one) === key);
  if (server === undefined) return form;
  const others = form.spec.servers.filter((one) => one !== server);
  const hostname = plainName(facts.hostname);
  const name =
    form.named.includes(key) || hostname === '' || server.name === hostname ? server.name : freeName(hostname, others);
  const address = usable([server.address])[0] ?? usable(facts.addresses)[0] ?? server.address;
  return name === server.name && address === server.address ? form : withServer(form, key, { name, address });
}

/** Addresses of a server that others can reach it by: neither loopback nor link-local. */
export function usable(addresses: readonly string[]): readonly string[] {
  return addresses.filter((address) => isAddress(address) && !/^127\.|^0\.|^169\.254\.|^::1?$|^fe80:/i.test(address));
}

function newServer(server: Server, others: readonly ServerSpec[]): ServerSpec {
  return { name: guessName(server, others), ssh: { server: server.id }, address: server.host, roles: [], tags: {} };
}

function guessName(server: Server, others: readonly ServerSpec[]): string {
  const named =
    isAddress(server.name) || (isAddress(server.host) && server.name.startsWith(server.host)) ? '' : server.name;
  const host = plainName(named);
  return freeName(host === '' ? `db${others.length + 1}` : host, others);
}

function plainName(text: string): string {
  const plain = (text.split('.')[0] ?? '')
    .replaceAll(/[^A-Za-z0-9_-]/g, '')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60);
  return /^localhost/i.test(plain) ? '' : plain;
}

function freeName(wanted: string, others: readonly ServerSpec[]): string {
  const taken = new Set(others.map((server) => server.name.toLowerCase()));
  if (!taken.has(wanted.toLowerCase())) return wanted;
  const free = Array.from({ length: others.length + 1 }, (_, index) => `${wanted}-${index + 2}`).find(
    (name) => !taken.has(name.toLowerCase()),
  );
  return free ?? wanted;
}

const dataRoles: readonly ServerRole[] = ['postgres', 'haproxy', 'pgbouncer'];

function withRoles(form: DeployForm): DeployForm {
  const { servers } = form.spec;
  if (form.rolesChosen) {
    const first = servers.every((server) => server.roles.length === 0);
    const data = dataRoles.filter(
      (role) => first || role === 'postgres' || servers.some((server) => server.roles.includes(role)),
    );
    return {
      ...form,
      spec: {
        ...form.spec,
        servers: servers.map((server) =>
          server.roles.length === 0 ? { ...server, roles: rolesFor(form.spec, data) } : server,
        ),
      },
    };
  }
  return { ...form, spec: setRoles(form.spec, defaultRoles(servers.length)) };
}

/** The spec with roles by the position of each server. The one with Prometheus, which no layout has, keeps it. */
export function setRoles(spec: ClusterSpec, roles: readonly (readonly ServerRole[])[]): ClusterSpec {
  return {
    ...spec,
    servers: spec.servers.map((server, index) => ({
      ...server,
      roles: rolesFor(spec, [...(roles[index] ?? []), ...server.roles.filter((role) => role === 'prometheus')]),
    })),
  };
}

/** A standby cluster has no PgBouncer and no Prometheus: the roles by which they log in cannot be made there. */
export function rolesFor({ standby }: Pick<ClusterSpec, 'standby'>, roles: readonly ServerRole[]): ServerRole[] {
  return roles.filter((role) => standby === undefined || (role !== 'pgbouncer' && role !== 'prometheus'));
}

/** The spec with Prometheus on one server alone, by its key; null: on none. */
export function withPrometheus(spec: ClusterSpec, key: string | null): ClusterSpec {
  return {
    ...spec,
    servers: spec.servers.map((server) => {
      const others = server.roles.filter((role) => role !== 'prometheus');
      return { ...server, roles: serverKey(server) === key ? [...others, 'prometheus'] : others };
    }),
  };
}
