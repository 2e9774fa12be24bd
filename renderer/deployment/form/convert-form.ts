import type { StandaloneFacts } from '../../../shared/model/deploy/day2';
import type { Server } from '../../../shared/model/connect/server';
import { emptyForm, type DeployForm } from './form';
import { serverKey } from './server-key';
import { withServers } from './servers';

/** A form for a cluster whose first leader is a PostgreSQL that runs by itself now. Its roles and databases are its own: none are added. */
export function convertForm(server: Server, found: StandaloneFacts): DeployForm {
  const form = withServers({ ...emptyForm(), rolesChosen: true }, [server]);
  const servers = form.spec.servers.map((one) =>
    serverKey(one) === server.id ? { ...one, roles: ['etcd' as const, 'postgres' as const, 'haproxy' as const] } : one,
  );
  const { version, port } = found;
  return {
    ...form,
    suggested: true,
    convert: server.id,
    spec: { ...form.spec, servers, users: [], databases: [], postgres: { ...form.spec.postgres, version, port } },
  };
}

/** The name of the server whose PostgreSQL becomes the leader; null where nothing is converted, or it was taken out of the form. */
export function convertedServer(form: Pick<DeployForm, 'spec' | 'convert'>): string | null {
  return form.spec.servers.find((server) => serverKey(server) === form.convert)?.name ?? null;
}
