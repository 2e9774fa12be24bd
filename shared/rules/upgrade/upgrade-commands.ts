import type { ClusterState } from '../../model/cluster/cluster-state';
import type { InstalledPackage, UpgradePart } from '../../model/upgrade/upgrade';
import { patronictlCommand } from '../operate/commands';
import { shellWord } from '../words/shell-words';
import type { UpgradeStep } from './plan-upgrade';

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
      return [installCommand(step.packages), 'systemctl restart etcd', 'etcdctl endpoint health --cluster'];
    case 'balancer':
      return [installCommand(step.packages), ...restarts(step.packages)];
    case 'member':
      return [installCommand(step.packages), ...memberRestarts(step, state, configPath), ...restarts(step.packages)];
  }
}

/** apt puts just these versions in place, and nothing new beside them. */
function installCommand(packages: readonly InstalledPackage[]): string {
  const wanted = packages.map(({ name, offered }) => shellWord(`${name}=${offered ?? ''}`));
  return `apt-get install --only-upgrade ${wanted.join(' ')}`;
}

function memberRestarts(
  { members, packages }: Extract<UpgradeStep, { kind: 'member' }>,
  state: ClusterState,
  configPath: string | null,
): readonly string[] {
  const has = (part: UpgradePart): boolean => packages.some((one) => one.part === part);
  if (has('patroni')) return ['systemctl restart patroni'];
  if (!has('postgresql')) return [];
  return members.map((member) =>
    patronictlCommand({ kind: 'restart', member, pendingOnly: false }, { state, configPath }),
  );
}

function restarts(packages: readonly InstalledPackage[]): readonly string[] {
  const parts = new Set(packages.map(({ part }) => part));
  return (['haproxy', 'pgbouncer'] as const)
    .filter((part) => parts.has(part))
    .map((part) => `systemctl restart ${units[part]}`);
}
