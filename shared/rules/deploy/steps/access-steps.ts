import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { haproxyConfig, haproxyTlsFiles } from '../files/haproxy';
import { haproxyDropIn, keepServers, uncheckedServers } from '../files/haproxy-servers';
import { pgbouncerConfig, pgbouncerTlsFiles, pgbouncerUsers } from '../files/pgbouncer';
import { pgbouncerDropIn } from '../files/units';
import { layoutOf } from '../layout';
import { authorityStep, certificateStep } from './certificate-steps';
import { packagesId } from './package-steps';
import type { PlanInput } from './plan-input';
import { fileStep, unitStep } from './step-builders';
import { vipSteps } from './vip-steps';

/** HAProxy, PgBouncer and the virtual address on one server. */
export function accessSteps(input: PlanInput, server: ServerSpec): Step[] {
  return [...haproxySteps(input, server), ...pgbouncerSteps(input, server), ...vipSteps(input, server)];
}

function haproxySteps(input: PlanInput, server: ServerSpec): Step[] {
  if (!server.roles.includes('haproxy')) return [];
  const { haproxyConfig: path, haproxyUnchecked, haproxyKeepServers, haproxyDropIn: dropIn } = layoutOf(input.spec);
  const root = {
    server: server.name,
    owner: 'root',
    group: 'root',
    mode: 0o644,
    dependsOn: [packagesId(server.name, 'services')],
  };
  return [
    fileStep(
      {
        ...root,
        name: 'haproxy-config',
        label: 'HAProxy: configuration',
        path,
        render: () => haproxyConfig(input.spec),
      },
      input.secret,
    ),
    fileStep(
      {
        ...root,
        name: 'haproxy-unchecked',
        label: 'HAProxy: members are down until they were asked',
        path: haproxyUnchecked,
        render: () => uncheckedServers(input.spec),
      },
      input.secret,
    ),
    fileStep(
      {
        ...root,
        name: 'haproxy-keep',
        label: 'HAProxy: what is known of members stays known over a reload',
        path: haproxyKeepServers,
        mode: 0o755,
        render: () => keepServers(input.spec),
      },
      input.secret,
    ),
    fileStep(
      {
        ...root,
        name: 'haproxy-drop-in',
        label: 'HAProxy: asks before it starts or reloads',
        path: dropIn,
        render: () => haproxyDropIn(input.spec),
      },
      input.secret,
    ),
    ...authorityStep(input, server, 'haproxy', haproxyTlsFiles.ca, packagesId(server.name, 'services')),
    unitStep(
      server.name,
      'haproxy',
      'HAProxy: start',
      ['haproxy-config', 'haproxy-unchecked', 'haproxy-keep', 'haproxy-drop-in', 'haproxy-authority'].map(
        (name) => `${server.name}/${name}`,
      ),
      {
        unit: 'haproxy.service',
        configuration: [path, ...(input.spec.tls === 'on' ? [haproxyTlsFiles.ca] : [])],
        onChange: 'reload',
      },
    ),
  ];
}

function pgbouncerSteps(input: PlanInput, server: ServerSpec): Step[] {
  if (!server.roles.includes('pgbouncer')) return [];
  const { pgbouncerConfig: path, pgbouncerUsers: users, pgbouncerDropIn: dropIn } = layoutOf(input.spec);
  const installed = [packagesId(server.name, 'services')];
  const owned = { server: server.name, owner: 'postgres', group: 'postgres', mode: 0o640, dependsOn: installed };
  return [
    fileStep(
      {
        ...owned,
        name: 'pgbouncer-config',
        label: 'PgBouncer: configuration',
        path,
        render: () => pgbouncerConfig(input.spec, server),
      },
      input.secret,
    ),
    fileStep(
      {
        ...owned,
        name: 'pgbouncer-users',
        label: 'PgBouncer: the user that looks passwords up',
        path: users,
        mode: 0o600,
        render: pgbouncerUsers,
      },
      input.secret,
    ),
    fileStep(
      {
        ...owned,
        name: 'pgbouncer-drop-in',
        label: 'PgBouncer: start again whatever ended it',
        path: dropIn,
        owner: 'root',
        group: 'root',
        mode: 0o644,
        render: () => pgbouncerDropIn(),
      },
      input.secret,
    ),
    ...certificateStep(input, server, 'pgbouncer', pgbouncerTlsFiles, 'postgres', packagesId(server.name, 'services')),
    unitStep(
      server.name,
      'pgbouncer',
      'PgBouncer: start',
      ['pgbouncer-config', 'pgbouncer-users', 'pgbouncer-drop-in', 'pgbouncer-certificate'].map(
        (name) => `${server.name}/${name}`,
      ),
      {
        unit: 'pgbouncer.service',
        configuration: [path, users, ...(input.spec.tls === 'on' ? [pgbouncerTlsFiles.cert] : [])],
        onChange: 'reload',
      },
    ),
  ];
}
