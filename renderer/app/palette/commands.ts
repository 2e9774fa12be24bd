import type { ClusterSummary } from '../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../shared/model/operate/operation';
import type { Settings } from '../../../shared/model/app/settings';
import { terminalKindSchema, type TerminalTarget } from '../../../shared/model/terminal/terminal';
import { terminalTitle } from '../../navigation/terminal-tabs';
import { healthWords, roleWords } from '../../ui/wording/words';
import { clusterTabNames, clusterTabs, goTo, hasViews, type ClusterTab, type Route } from '../../navigation/route';
import { tabViews } from '../../navigation/tab-views';
import { clusterName } from '../../../shared/rules/citus/citus-names';

/** One thing the palette can do. `where` is shown at its right. */
export interface PaletteCommand {
  readonly id: string;
  readonly text: string;
  readonly where: string;
  readonly run: () => void;
}

/** What the palette's commands may use. */
export interface CommandDeps {
  readonly route: Route;
  readonly clusters: readonly ClusterSummary[];
  /** `suggested`: the candidate is only the app's suggestion. */
  readonly openOperation: (clusterId: string, operation: Operation, suggested?: boolean) => void;
  readonly openJobs: () => void;
  readonly openHelp: () => void;
  readonly openDemo: () => void;
  readonly openTerminal: (target: TerminalTarget, title: string) => void;
  readonly showTerminals: () => void;
  /** Whether the read-only mode is on. */
  readonly readOnly: boolean;
  readonly save: (change: Partial<Settings>) => void;
}

/** All commands: of the cluster on the screen first, then the clusters, the pages, the members, and what may be done elsewhere. */
export function allCommands(deps: CommandDeps): readonly PaletteCommand[] {
  const { route } = deps;
  const here =
    route.page === 'cluster' ? deps.clusters.find((cluster) => cluster.clusterId === route.clusterId) : undefined;
  return [
    ...(here === undefined ? [] : clusterCommands(deps, here)),
    ...deps.clusters.map(goToCluster),
    ...pageCommands(deps),
    ...deps.clusters.flatMap(goToMembers),
    ...deps.clusters.flatMap((cluster) => terminalCommands(deps, cluster)),
    ...deps.clusters.flatMap(logCommands),
    ...deps.clusters.filter((cluster) => cluster !== here).flatMap((cluster) => clusterCommands(deps, cluster)),
  ];
}

function clusterCommands(deps: CommandDeps, cluster: ClusterSummary): readonly PaletteCommand[] {
  const offer = (id: string, text: string, operation: Operation): PaletteCommand => ({
    id: `${id} ${cluster.clusterId}`,
    text,
    where: clusterName(cluster),
    run: () => deps.openOperation(cluster.clusterId, operation, id === 'failover'),
  });
  const tab = (id: Exclude<ClusterTab, 'overview'>, text: string): PaletteCommand => ({
    id: `tab-${id} ${cluster.clusterId}`,
    text,
    where: clusterName(cluster),
    run: () => goTo({ page: 'cluster', clusterId: cluster.clusterId, tab: id }),
  });
  const replica = cluster.members.find((member) => member.name !== cluster.leader);
  return [
    ...(cluster.leader === null
      ? []
      : [
          offer('switchover', 'Switchover', { kind: 'switchover', leader: cluster.leader, candidate: null }),
          offer('schedule', 'Schedule a switchover', {
            kind: 'schedule_switchover',
            leader: cluster.leader,
            candidate: null,
            at: 0,
          }),
        ]),
    ...(replica === undefined ? [] : [offer('failover', 'Failover', { kind: 'failover', candidate: replica.name })]),
    offer('rolling', 'Rolling restart', { kind: 'rolling_restart', pendingOnly: false, role: 'any' }),
    offer('reload', 'Reload all members', { kind: 'reload', members: cluster.members.map((member) => member.name) }),
    cluster.paused === true
      ? offer('resume', 'Resume automatic failover', { kind: 'resume' })
      : offer('pause', 'Pause automatic failover', { kind: 'pause' }),
    offer('parameter', 'Change one parameter', { kind: 'change_config', patch: {} }),
    tab('events', 'Show the event recorder'),
    tab('logs', 'Show the logs of all servers'),
    {
      id: `why ${cluster.clusterId}`,
      text: 'Why did it fail over?',
      where: clusterName(cluster),
      run: () => goTo({ page: 'cluster', clusterId: cluster.clusterId, tab: 'logs', at: 'last-change' }),
    },
    tab('charts', 'Show the charts'),
    tab('configuration', 'Show the dynamic configuration'),
    tab('postgres', 'Show PostgreSQL: replication, slots, sessions, locks'),
    tab('balancers', 'Show the load balancers'),
    tab('etcd', 'Show etcd: members, space, snapshots'),
    tab('health', 'Show the health: advice'),
    tab('maintenance', 'Show the maintenance: drills'),
    tab('servers', 'Show the servers and services'),
    tab('access', 'Show the settings of the cluster'),
    ...clusterTabs.flatMap((one) => viewCommands(cluster, one)),
  ];
}

/** The views within a tab, each by the name that it has there. */
function viewCommands(cluster: ClusterSummary, tab: ClusterTab): readonly PaletteCommand[] {
  const { clusterId } = cluster;
  if (!hasViews(tab)) return [];
  return Object.entries(tabViews[tab]).map(([view, name]) => ({
    id: `view-${tab}-${view} ${clusterId}`,
    text: `${clusterTabNames[tab]}: ${name}`,
    where: clusterName(cluster),
    run: () => goTo({ page: 'cluster', clusterId, tab, view }),
  }));
}

function goToMembers(cluster: ClusterSummary): readonly PaletteCommand[] {
  return cluster.members.map((member) => ({
    id: `member-${member.name} ${cluster.clusterId}`,
    text: member.name,
    where: `Member of ${clusterName(cluster)}, ${roleWords[member.role].toLowerCase()}`,
    run: () => goTo({ page: 'cluster', clusterId: cluster.clusterId, tab: 'overview' }),
  }));
}

function logCommands(cluster: ClusterSummary): readonly PaletteCommand[] {
  return cluster.members.map(({ name }) => ({
    id: `logs-${name} ${cluster.clusterId}`,
    text: `Logs of ${name}`,
    where: `Logs, ${clusterName(cluster)}`,
    run: () => goTo({ page: 'cluster', clusterId: cluster.clusterId, tab: 'logs', member: name }),
  }));
}

function terminalCommands(deps: CommandDeps, { clusterId, title, members }: ClusterSummary): readonly PaletteCommand[] {
  return members.flatMap(({ name }) =>
    terminalKindSchema.options.map((kind) => ({
      id: `terminal-${kind}-${name} ${clusterId}`,
      text: kind === 'shell' ? `Terminal on ${name}` : terminalTitle(name, kind),
      where: `Terminal, ${title}`,
      run: () => deps.openTerminal({ at: 'member', clusterId, member: name, kind }, terminalTitle(name, kind)),
    })),
  );
}

function goToCluster(cluster: ClusterSummary): PaletteCommand {
  const run = () => goTo({ page: 'cluster', clusterId: cluster.clusterId, tab: 'overview' });
  return {
    id: `cluster-${cluster.clusterId}`,
    text: clusterName(cluster),
    where: `Cluster, ${healthWords[cluster.health.level].word.toLowerCase()}`,
    run,
  };
}

function pageCommands(deps: CommandDeps): readonly PaletteCommand[] {
  const to = (id: string, text: string, route: Route): PaletteCommand => ({
    id,
    text,
    where: 'Page',
    run: () => goTo(route),
  });
  const theme = (id: Settings['theme'], text: string): PaletteCommand => ({
    id: `theme-${id}`,
    text,
    where: 'Theme',
    run: () => deps.save({ theme: id }),
  });
  return [
    to('fleet', 'Fleet', { page: 'fleet' }),
    to('connect', 'Connect to a cluster', { page: 'connect', serverId: null }),
    to('direct', 'Connect without SSH', { page: 'direct' }),
    to('deploy', 'Set up a cluster', { page: 'deploy' }),
    to('servers', 'Servers', { page: 'servers' }),
    to('alerts', 'Alerts', { page: 'alerts' }),
    to('history', 'History', { page: 'history' }),
    to('settings', 'Settings', { page: 'settings' }),
    { id: 'jobs', text: 'Jobs', where: 'Drawer', run: deps.openJobs },
    { id: 'terminals', text: 'Terminals', where: 'Drawer', run: deps.showTerminals },
    { id: 'demo', text: 'Try the demo', where: 'Demo', run: deps.openDemo },
    { id: 'help', text: 'Keyboard shortcuts', where: 'Help', run: deps.openHelp },
    {
      id: 'read-only',
      text: deps.readOnly ? 'Switch the read-only mode off' : 'Switch to read-only mode',
      where: 'Mode',
      run: () => deps.save({ readOnly: !deps.readOnly }),
    },
    theme('light', 'Light theme'),
    theme('dark', 'Dark theme'),
    theme('system', 'System theme'),
  ];
}

/** The commands that hold every word of what was typed, best first: those whose text starts with it come before the others. */
export function matching(commands: readonly PaletteCommand[], typed: string): readonly PaletteCommand[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return commands.slice(0, MOST_SHOWN);
  const first = words.join(' ');
  const found = commands.filter((command) => {
    const text = `${command.text} ${command.where}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const starts = (command: PaletteCommand) => (command.text.toLowerCase().startsWith(first) ? 0 : 1);
  return [...found].sort((a, b) => starts(a) - starts(b)).slice(0, MOST_SHOWN);
}

const MOST_SHOWN = 60;
