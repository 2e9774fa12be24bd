import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { InstalledPackage, ServerPackages, UpgradePart } from '../../../../shared/model/upgrade/upgrade';
import { partsOffered, planUpgrade, stepTitle, type UpgradeStep } from '../../../../shared/rules/upgrade/plan-upgrade';
import { upgradeCommands, waysFrom } from '../../../../shared/rules/upgrade/upgrade-commands';
import { sceneState } from '../../../support/page-double/states';

const state = sceneState('healthy', Date.now());
const all: readonly UpgradePart[] = ['postgresql', 'patroni', 'etcd', 'haproxy', 'pgbouncer'];

const update = (name: string, part: UpgradePart, change: Partial<InstalledPackage> = {}): InstalledPackage => ({
  part,
  name,
  installed: '1.1-1',
  offered: '1.2-1',
  held: false,
  ...change,
});

function serverOf(serverId: string, packages: readonly InstalledPackage[]): ServerPackages {
  const etcdMembers = state.members.flatMap((one, index) => (one.serverId === serverId ? [`etcd${index + 1}`] : []));
  return { serverId, server: serverId, etcdMembers, error: null, packages, outdatedProcesses: [], listsAgeMs: 0 };
}

const servers = (packages: readonly InstalledPackage[]): readonly ServerPackages[] =>
  state.members.map(({ serverId }) => serverOf(serverId ?? '', packages));

const words = (steps: readonly UpgradeStep[]): readonly string[] =>
  steps.map((step) => {
    switch (step.kind) {
      case 'switchover':
        return `switchover from ${step.leader}`;
      case 'member':
        return `member ${step.members.join(' ')}${step.isLeader ? ' (leader)' : ''}`;
      case 'etcd':
      case 'balancer':
        return `${step.kind} ${step.server}`;
    }
  });

const leader = state.leader.holder ?? '';
const replicas = state.members.map(({ name }) => name).filter((name) => name !== leader);

describe('the order of a rolling upgrade', () => {
  it('has the replicas first, then a switchover, and the former leader last', () => {
    const steps = words(planUpgrade(state, servers([update('postgresql-17', 'postgresql')]), all));
    expect(new Set(steps.slice(0, replicas.length))).toEqual(new Set(replicas.map((name) => `member ${name}`)));
    expect(steps.slice(replicas.length)).toEqual([`switchover from ${leader}`, `member ${leader} (leader)`]);
  });

  it('has etcd before everything else, its leader last', () => {
    const etcdLeader =
      state.dcs.kind === 'live' ? state.dcs.members.find((one) => one.leader === true)?.name : undefined;
    expect(etcdLeader).toBeDefined();
    const steps = planUpgrade(state, servers([update('etcd-server', 'etcd'), update('patroni', 'patroni')]), all);
    const ofEtcd = steps.filter(({ kind }) => kind === 'etcd');
    expect(steps.slice(0, ofEtcd.length)).toEqual(ofEtcd);
    expect(ofEtcd.map((step) => step.kind === 'etcd' && step.isLeader)).toEqual([false, false, true]);
  });

  it('hands over only where PostgreSQL of the leader is stopped', () => {
    const steps = words(planUpgrade(state, servers([update('haproxy', 'haproxy')]), all));
    expect(steps.some((step) => step.startsWith('switchover'))).toBe(false);
  });

  it('leaves out what is not chosen, what is held and what is not offered', () => {
    const packages = [
      update('postgresql-17', 'postgresql', { held: true }),
      update('patroni', 'patroni', { offered: null }),
      update('pgbouncer', 'pgbouncer'),
    ];
    expect(planUpgrade(state, servers(packages), ['postgresql', 'patroni'])).toEqual([]);
    expect(planUpgrade(state, servers(packages), all)).toHaveLength(state.members.length);
  });

  it('has servers that run load balancers alone at the end', () => {
    const alone = serverOf('lb', [update('haproxy', 'haproxy')]);
    const steps = planUpgrade(state, [alone, ...servers([update('postgresql-17', 'postgresql')])], all);
    expect(words(steps).at(-1)).toBe('balancer lb');
  });

  it('knows what is offered anywhere, in the order in which it is shown', () => {
    const [first, second] = [[update('pgbouncer', 'pgbouncer')], [update('postgresql-17', 'postgresql')]];
    expect(partsOffered([serverOf('a', first), serverOf('b', second)])).toEqual(['postgresql', 'pgbouncer']);
  });
});

describe('what is put in place but does not run yet', () => {
  const current = [
    update('postgresql-17', 'postgresql', { offered: '1.1-1' }),
    update('patroni', 'patroni', { offered: '1.1-1' }),
  ];
  const halfDone = servers(current).map((server, index) =>
    index === 0 ? { ...server, outdatedProcesses: ['patroni' as const, 'postgresql' as const] } : server,
  );

  it('is a step of its own that installs nothing and starts anew', () => {
    const [step, ...more] = planUpgrade(state, halfDone, all).filter(({ kind }) => kind === 'member');
    expect(more).toEqual([]);
    expect(step).toMatchObject({ packages: [], restarts: ['postgresql', 'patroni'] });
    expect(step && upgradeCommands(step, state, null)).toEqual(['systemctl restart patroni']);
    expect(partsOffered(halfDone)).toEqual(['postgresql', 'patroni']);
  });

  it('does not start PostgreSQL anew for what is only used beside it', () => {
    const [step] = planUpgrade(state, servers([update('postgresql-client-17', 'postgresql')]), all);
    expect(step).toMatchObject({ restarts: [] });
    expect(step && stepTitle(step)).toMatch(/^\S+ on /);
  });
});

describe('the ways from a step that stopped', () => {
  const step: UpgradeStep = {
    kind: 'member',
    server: 's1',
    serverId: 's1',
    members: ['db1'],
    isLeader: false,
    packages: [update('patroni', 'patroni')],
    restarts: ['patroni'],
  };

  it('go on by the same commands, and back to the former version where apt still offers it', () => {
    const [forward, back] = waysFrom(step, { state, former: new Set(['patroni']) });
    expect(forward?.commands).toEqual(upgradeCommands(step, state, null));
    expect(back?.title).toMatch(/still offers/);
    expect(back?.commands).toEqual(['apt-get install --allow-downgrades patroni=1.1-1', 'systemctl restart patroni']);
  });

  it('name the packages whose former version is gone, in place of a command that would fail', () => {
    const [, back] = waysFrom(step, { state, former: new Set() });
    expect(back?.title).toMatch(/no longer offers patroni 1\.1-1/);
    expect(back?.commands.join()).not.toMatch(/apt-get/);
  });
});

describe('the commands of a step', () => {
  const step = (packages: readonly InstalledPackage[]): UpgradeStep => ({
    kind: 'member',
    server: 's1',
    serverId: 's1',
    members: ['db 1'],
    isLeader: false,
    packages,
    restarts: all.filter((part) => packages.some((one) => one.part === part)),
  });
  const commandsOf = (packages: readonly InstalledPackage[], of: ClusterState = state): readonly string[] =>
    upgradeCommands(step(packages), of, '/etc/patroni/config.yml');

  it('put just the offered versions in place and restart PostgreSQL by Patroni', () => {
    expect(commandsOf([update('postgresql-17', 'postgresql')])).toEqual([
      'apt-get install --only-upgrade postgresql-17=1.2-1',
      expect.stringMatching(/^patronictl -c \/etc\/patroni\/config.yml restart .* 'db 1'$/),
    ]);
  });

  it('restart Patroni, and PostgreSQL with it, once where both are new', () => {
    const commands = commandsOf([update('postgresql-17', 'postgresql'), update('patroni', 'patroni')]);
    expect(commands.slice(1)).toEqual(['systemctl restart patroni']);
  });

  it('restart the load balancers of the server with it', () => {
    expect(commandsOf([update('haproxy', 'haproxy'), update('pgbouncer', 'pgbouncer')]).slice(1)).toEqual([
      'systemctl restart haproxy',
      'systemctl restart pgbouncer',
    ]);
  });
});
