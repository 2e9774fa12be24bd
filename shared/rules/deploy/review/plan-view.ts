import { bracketHost } from '../../../model/connect/host-port';
import type { FileView, PlanView, ServerPlanView, StepView } from '../../../model/deploy/deploy-views';
import type { DeployFacts } from '../../../model/deploy/facts';
import type {
  DeployPlan,
  Endpoint,
  FileResource,
  ForgetScopeResource,
  PackagesResource,
  RemoveResource,
  Resource,
  SqlResource,
  Step,
  StopResource,
  UnitResource,
  WatchdogResource,
} from '../../../model/deploy/plan';
import type { ClusterSpec, SpecProblem } from '../../../model/deploy/spec/cluster-spec';
import type { Verdicts } from '../check/check-plan';
import { settled, type Verdict } from '../check/verdict';
import { etcdCommand, takeoverCommands } from './change-commands';
import { diffLines } from './diff';
import { estimateMs, typicalTimes, type StepTimes } from './estimate';
import { firewallLines } from '../firewall';
import { backupPath } from '../manifest';
import { archiveCommands, virtualenvCommands } from './program-commands';

/** A step as the review shows it. */
export function stepView(step: Step, verdict: Verdict, facts: DeployFacts): StepView {
  const { id, server, label, dependsOn, resource } = step;
  return {
    id,
    server,
    kind: resource.kind,
    label,
    dependsOn,
    action: verdict.action,
    reason: verdict.reason,
    commands: commandsOf(resource),
    file: resource.kind === 'file' ? fileView(resource, server, facts) : null,
  };
}

function fileView(file: FileResource, server: string, facts: DeployFacts): FileView {
  const own = facts.servers[server];
  const found = own?.paths[file.path];
  const noted = own?.manifest?.files.find((entry) => entry.path === file.path);
  const present = found !== undefined && found.kind !== 'absent';
  return {
    path: file.path,
    owner: `${file.owner}:${file.group}`,
    mode: file.mode.toString(8).padStart(4, '0'),
    diff: diffLines(found?.content ?? '', file.content, file.shown),
    keptAs: noted === undefined && present ? backupPath(file.path) : (noted?.backup ?? null),
  };
}

/** What is run on the server, as a person would type it. */
function commandsOf(resource: Resource): readonly string[] {
  switch (resource.kind) {
    case 'packages':
      return installation(resource);
    case 'archive':
      return archiveCommands(resource);
    case 'virtualenv':
      return virtualenvCommands(resource);
    case 'directory':
      return [`install -d -o ${resource.owner} -g ${resource.group} -m ${resource.mode.toString(8)} ${resource.path}`];
    case 'unit':
      return unitCommands(resource);
    case 'validate':
      return [`${resource.program} --validate-config ${resource.path}`];
    case 'quorum':
      return ['etcdctl endpoint health --cluster'];
    case 'dcs_contact':
      return resource.members.map((member) => `GET ${restOf(member)}/patroni`);
    case 'leader':
    case 'replica':
      return [`GET ${restOf(resource.rest)}/patroni`];
    case 'dynamic_config':
      return [`PATCH /config of the leader: ${Object.keys(resource.config).join(', ')}`];
    case 'sql':
      return statements(resource);
    case 'undo':
      return undoCommands(resource);
    case 'watchdog':
      return watchdogCommands(resource);
    case 'certificate':
      return [`openssl x509 -noout -subject -enddate -in ${resource.cert}`];
    case 'etcd_member':
      return [etcdCommand(resource)];
    case 'adopt':
      return takeoverCommands(resource);
    case 'manifest':
    case 'file':
    case 'verify':
      return [];
    case 'targets':
      return [`GET ${restOf(resource.prometheus)}/api/v1/targets`];
  }
}

/** Where the REST API of a member is asked. */
function restOf({ address, port }: Endpoint): string {
  return `${bracketHost(address)}:${port}`;
}

function watchdogCommands(resource: WatchdogResource): readonly string[] {
  return [
    ...(resource.load ? ['modprobe softdog'] : []),
    `chown ${resource.owner}:${resource.group} ${resource.device}`,
  ];
}

function unitCommands(resource: UnitResource): readonly string[] {
  return [resource.wanted === 'on' ? `systemctl enable --now ${resource.unit}` : stopCommand(resource.unit)];
}

function undoCommands(resource: StopResource | RemoveResource | ForgetScopeResource): readonly string[] {
  if (resource.part === 'scope') return [`etcdctl del --prefix ${resource.prefix}`];
  return resource.part === 'stop' ? resource.units.map(stopCommand) : removal(resource);
}

function stopCommand(unit: string): string {
  return `systemctl disable --now ${unit}`;
}

function installation(resource: PackagesResource): readonly string[] {
  return [
    ...(resource.refresh ? ['apt-get update'] : []),
    `apt-get install --no-install-recommends ${resource.packages.join(' ')}`,
  ];
}

function statements(resource: SqlResource): readonly string[] {
  return [
    ...resource.roles.map(({ name, options }) => {
      const words = options.filter((option) => option !== 'monitor');
      return `CREATE ROLE ${name} ${words.join(' ').toUpperCase()}`;
    }),
    ...resource.roles
      .filter(({ options }) => options.includes('monitor'))
      .map(({ name }) => `GRANT pg_monitor TO ${name}`),
    ...resource.databases.map((database) => `CREATE DATABASE ${database.name} OWNER ${database.owner}`),
  ];
}

function removal(resource: RemoveResource): readonly string[] {
  const files = resource.manifest.files.map((file) =>
    file.backup === null
      ? `rm ${file.kind === 'directory' ? '-r ' : ''}${file.path}`
      : `mv ${file.backup} ${file.path}`,
  );
  const packages =
    resource.packages.length === 0
      ? []
      : [`apt-get ${resource.keepData ? 'remove' : 'purge'} ${resource.packages.join(' ')}`];
  return [...packages, ...files, ...(resource.keepData ? [] : resource.manifest.data.map((path) => `rm -r ${path}`))];
}

/** What the review needs beside the plan. `times` are those of the steps, to say how long it will take. */
export interface PlanContext {
  readonly verdicts: Verdicts;
  readonly facts: DeployFacts;
  readonly problems: readonly SpecProblem[];
  readonly fingerprint: string;
  readonly times?: StepTimes;
}

/** The whole plan for review. */
export function planView(spec: ClusterSpec, plan: DeployPlan, context: PlanContext): PlanView {
  const { verdicts, facts, problems, fingerprint, times = typicalTimes } = context;
  const views = plan.steps.map((step) => stepView(step, verdicts.get(step.id) ?? settled, facts));
  const count = (test: (view: StepView) => boolean): number => views.filter(test).length;
  return {
    fingerprint,
    scope: spec.scope,
    problems,
    servers: spec.servers.map((server) => serverView(spec, server, plan, views)),
    changes: count((view) => view.action !== 'none' && view.action !== 'refuse'),
    unchanged: count((view) => view.action === 'none'),
    refused: count((view) => view.action === 'refuse'),
    estimateMs: estimateMs(
      views.map((view) => ({ ...view, todo: view.action !== 'none' && view.action !== 'refuse' })),
      times,
    ),
  };
}

function serverView(
  spec: ClusterSpec,
  server: ClusterSpec['servers'][number],
  plan: DeployPlan,
  views: readonly StepView[],
): ServerPlanView {
  const packages = plan.steps.flatMap((step) =>
    step.server === server.name && step.resource.kind === 'packages' ? step.resource.packages : [],
  );
  return {
    name: server.name,
    address: server.address,
    roles: server.roles,
    packages,
    firewall: firewallLines(spec, server),
    steps: views.filter((view) => view.server === server.name),
  };
}
