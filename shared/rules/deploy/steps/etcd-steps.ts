import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { etcdDefaults, etcdTlsFiles, type EtcdStart } from '../files/etcd';
import { etcdDropIn } from '../files/units';
import { endpoints, layoutOf, serversWith } from '../layout';
import { etcdEntry } from './etcd-entry';
import { etcdAddId, joinSteps } from './join-steps';
import { archiveId, packagesId } from './package-steps';
import { certificateStep } from './certificate-steps';
import type { PlanInput } from './plan-input';
import { directoryStep, fileStep, unitStep } from './step-builders';

/** One member of etcd: its settings, its data directory, its unit. */
export function etcdSteps(input: PlanInput, server: ServerSpec): Step[] {
  if (!server.roles.includes('etcd')) return [];
  const { spec } = input;
  const installed = spec.sources.etcd.kind === 'archive' ? archiveId(server.name) : packagesId(server.name, 'services');
  const entry = etcdEntry(input, server);
  return [
    ...etcdFiles(input, server, entry.start, installed),
    ...certificateStep(input, server, 'etcd', etcdTlsFiles, 'etcd', installed),
    directoryStep(server.name, 'etcd-data', 'etcd: data directory', [installed], {
      path: layoutOf(spec).etcdData,
      owner: 'etcd',
      group: 'etcd',
      mode: 0o700,
      holds: 'data',
    }),
    etcdUnit(input, server, entry.joins),
    ...contactStep(input, server),
    ...(entry.joins ? joinSteps(input, server) : []),
  ];
}

function etcdFiles({ spec, secret }: PlanInput, server: ServerSpec, start: EtcdStart, installed: string): Step[] {
  const layout = layoutOf(spec);
  const root = { server: server.name, owner: 'root', group: 'root', mode: 0o644, dependsOn: [installed] };
  return [
    fileStep(
      {
        ...root,
        name: 'etcd-settings',
        label: 'etcd: settings of this member',
        path: layout.etcdDefaults,
        render: () => etcdDefaults(spec, server, start),
      },
      secret,
    ),
    fileStep(
      {
        ...root,
        name: 'etcd-drop-in',
        label: 'etcd: start again whatever ended it',
        path: layout.etcdDropIn,
        render: () => etcdDropIn(),
      },
      secret,
    ),
  ];
}

function etcdUnit(input: PlanInput, server: ServerSpec, joins: boolean): Step {
  const { spec } = input;
  const layout = layoutOf(spec);
  const own = ['etcd-unit', 'etcd-settings', 'etcd-drop-in', 'etcd-data', 'etcd-certificate'];
  return unitStep(
    server.name,
    'etcd',
    'etcd: start',
    [
      ...own.map((name) => `${server.name}/${name}`),
      ...oneByOne(input, server),
      ...(joins ? [etcdAddId(server.name)] : []),
    ],
    {
      unit: 'etcd.service',
      configuration: [
        layout.etcdDefaults,
        ...(spec.sources.etcd.kind === 'archive' ? [layout.etcdUnit] : []),
        ...(spec.tls === 'on' ? [etcdTlsFiles.cert] : []),
      ],
      onChange: 'restart',
      noBlock: joins || !lives(input),
    },
  );
}

/** A new cluster must not wait for its first member alone; a living one waits until a restarted member is back. */
function lives(input: PlanInput): boolean {
  return Object.values(input.facts.cluster.etcdHealthy).some(Boolean);
}

/** Members of a cluster that already lives restart one after another; a new cluster starts all at once. */
function oneByOne(input: PlanInput, server: ServerSpec): string[] {
  if (!lives(input)) return [];
  const members = serversWith(input.spec, 'etcd').map((member) => member.name);
  const before = members[members.indexOf(server.name) - 1];
  return before === undefined ? [] : [contactId(before)];
}

function contactId(server: string): string {
  return `${server}/etcd-contact`;
}

/**
 * Between two restarts in a living etcd. Patroni tries one member after another for `retry_timeout` in all, and demotes the
 * primary when none answered (ha.py): restarts that follow each other at once could each meet it at the next member.
 */
function contactStep({ spec, ...input }: PlanInput, server: ServerSpec): Step[] {
  const members = endpoints(spec, 'postgres', spec.patroni.restPort);
  if (!lives({ spec, ...input }) || members.length === 0) return [];
  const after = `${server.name}/etcd`;
  return [
    {
      id: contactId(server.name),
      server: server.name,
      label: 'etcd: wait until the leader has reached it again',
      dependsOn: [after],
      resource: {
        kind: 'dcs_contact',
        after,
        etcd: endpoints(spec, 'etcd', spec.etcd.clientPort),
        members,
        scope: spec.scope,
        restUser: spec.patroni.restUser,
      },
    },
  ];
}

/**
 * The step after which no member of a living etcd starts again in this run: they do one after another. Nothing to wait for in a new one.
 */
export function lastRestartOfEtcd(input: PlanInput): string[] {
  const last = serversWith(input.spec, 'etcd').at(-1);
  return last === undefined || !lives(input) ? [] : [`${last.name}/etcd`];
}
