import type { ClusterState } from '../../model/cluster/cluster-state';
import type { InstalledPackage, UpgradePart } from '../../model/upgrade/upgrade';
import type { UpgradeWay } from '../../model/upgrade/upgrade-run';
import { patronictlCommand } from '../operate/commands';
import { shellWord } from '../words/shell-words';
import { stopsPostgres, type UpgradeStep, type UpgradeWork } from './plan-upgrade';

/** The unit of systemd that starts anew with the packages of a part. PostgreSQL is started by Patroni. */
const units: Readonly<Record<Exclude<UpgradePart, 'postgresql'>, string>> = {
  patroni: 'patroni',
  etcd: 'etcd',
  haproxy: 'haproxy',
  pgbouncer: 'pgbouncer',
};

/** The commands by which somebody would do a step of a rolling upgrade on its server. */
export function upgradeCommands(step: UpgradeStep, state: ClusterState, configPath: string | null): readonly string[] {
  switch (step.kind) {
    case 'switchover':
      return [patronictlCommand({ kind: 'switchover', leader: step.leader, candidate: null }, { state, configPath })];
    case 'etcd':
      return [...installCommands(step.packages), ...restartsOf(step), 'etcdctl endpoint health --cluster'];
    case 'balancer':
      return [...installCommands(step.packages), ...restartsOf(step)];
    case 'member':
      return [...installCommands(step.packages), ...memberRestarts(step, state, configPath), ...restartsOf(step)];
  }
}

/** apt puts just these versions in place, and nothing new beside them. */
function installCommands(packages: readonly InstalledPackage[]): readonly string[] {
  const wanted = packages.map(({ name, offered }) => shellWord(`${name}=${offered ?? ''}`));
  return wanted.length === 0 ? [] : [`apt-get install --only-upgrade ${wanted.join(' ')}`];
}

function memberRestarts(
  step: Extract<UpgradeStep, { kind: 'member' }>,
  state: ClusterState,
  configPath: string | null,
): readonly string[] {
  if (step.restarts.includes('patroni')) return [`systemctl restart ${units.patroni}`];
  if (!stopsPostgres(step)) return [];
  return step.members.map((member) =>
    patronictlCommand({ kind: 'restart', member, pendingOnly: false }, { state, configPath }),
  );
}

function restartsOf({ restarts }: UpgradeWork): readonly string[] {
  return (['etcd', 'haproxy', 'pgbouncer'] as const)
    .filter((part) => restarts.includes(part))
    .map((part) => `systemctl restart ${units[part]}`);
}

/**
 * How to go on from a step that did not come to its end, and how to go back. `former` are those of its packages whose former version apt
 * still offers; null: that is not known.
 */
export function waysFrom(
  step: UpgradeStep,
  { state, former }: { readonly state: ClusterState; readonly former: ReadonlySet<string> | null },
): readonly UpgradeWay[] {
  const on = 'server' in step ? ` on ${step.server}` : '';
  const forward = { title: `To go on${on}, when the cause is away`, commands: upgradeCommands(step, state, null) };
  if (step.kind === 'switchover' || step.packages.length === 0) return [forward];
  return [forward, wayBack(step, former)];
}

function wayBack(work: Exclude<UpgradeStep, { kind: 'switchover' }>, former: ReadonlySet<string> | null): UpgradeWay {
  const gone = former === null ? [] : work.packages.filter(({ name }) => !former.has(name));
  const words = work.packages.map(({ name, installed }) => shellWord(`${name}=${installed}`));
  const restart = work.kind === 'member' && stopsPostgres(work) ? [`systemctl restart ${units.patroni}`] : [];
  if (gone.length > 0)
    return {
      title:
        `Back on ${work.server}: apt no longer offers ${gone.map(({ name, installed }) => `${name} ${installed}`).join(', ')}. ` +
        'Look for the files of these packages',
      commands: ['ls /var/cache/apt/archives'],
    };
  return {
    title: `Back to the former version on ${work.server}${former === null ? ', if apt still offers it' : ', which apt still offers'}`,
    commands: [`apt-get install --allow-downgrades ${words.join(' ')}`, ...restart, ...restartsOf(work)],
  };
}
