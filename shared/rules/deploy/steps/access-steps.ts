import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { haproxyConfig, haproxyTlsFiles } from '../files/haproxy';
import { haproxyDropIn, keepServers, uncheckedServers } from '../files/haproxy-servers';
import { pgbouncerConfig, pgbouncerHba, pgbouncerTlsFiles, pgbouncerUsers } from '../files/pgbouncer';
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
  const files = haproxyFiles(input, server);
  return [
    ...files,
    ...authorityStep(input, server, 'haproxy', haproxyTlsFiles.ca, packagesId(server.name, 'services')),
    unitStep(
      server.name,
      'haproxy',
      'HAProxy: start',
      [...files.map((step) => step.id), `${server.name}/haproxy-authority`],
      {
        unit: 'haproxy.service',
        configuration: [layoutOf(input.spec).haproxyConfig, ...(input.spec.tls === 'on' ? [haproxyTlsFiles.ca] : [])],
        onChange: 'reload',
      },
    ),
  ];
}

/** The configuration, and what keeps HAProxy from passing connections to members that it has not asked yet. */
function haproxyFiles({ spec, secret }: PlanInput, server: ServerSpec): Step[] {
  const layout = layoutOf(spec);
  const dependsOn = [packagesId(server.name, 'services')];
  const file = (name: string, label: string, path: string, render: () => string, mode = 0o644): Step =>
    fileStep({ server: server.name, owner: 'root', group: 'root', mode, dependsOn, name, label, path, render }, secret);
  return [
    file('haproxy-config', 'HAProxy: configuration', layout.haproxyConfig, () => haproxyConfig(spec)),
    file('haproxy-unchecked', 'HAProxy: members are down until they were asked', layout.haproxyUnchecked, () =>
      uncheckedServers(spec),
    ),
    file(
      'haproxy-keep',
      'HAProxy: what is known of members stays known over a reload',
      layout.haproxyKeepServers,
      () => keepServers(spec),
      0o755,
    ),
    file('haproxy-drop-in', 'HAProxy: asks before it starts or reloads', layout.haproxyDropIn, () =>
      haproxyDropIn(spec),
    ),
  ];
}

function pgbouncerSteps(input: PlanInput, server: ServerSpec): Step[] {
  if (!server.roles.includes('pgbouncer')) return [];
  const {
    pgbouncerConfig: path,
    pgbouncerHba: hba,
    pgbouncerUsers: users,
    pgbouncerDropIn: dropIn,
  } = layoutOf(input.spec);
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
        name: 'pgbouncer-hba',
        label: 'PgBouncer: who may connect from where',
        path: hba,
        render: () => pgbouncerHba(input.spec),
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
      ['pgbouncer-config', 'pgbouncer-hba', 'pgbouncer-users', 'pgbouncer-drop-in', 'pgbouncer-certificate'].map(
        (name) => `${server.name}/${name}`,
      ),
      {
        unit: 'pgbouncer.service',
        configuration: [path, hba, users, ...(input.spec.tls === 'on' ? [pgbouncerTlsFiles.cert] : [])],
        onChange: 'reload',
      },
    ),
  ];
}
