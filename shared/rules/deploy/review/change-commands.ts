import type { EtcdMemberResource, TakeoverResource } from '../../../model/deploy/plan';

/** A change of etcd's members as a person would type it. */
export function etcdCommand(resource: EtcdMemberResource): string {
  switch (resource.part) {
    case 'add':
      return `etcdctl member add ${resource.member} --learner --peer-urls=${resource.peerUrl}`;
    case 'promote':
      return `etcdctl member promote ID-OF-${resource.member}`;
    case 'remove':
      return `etcdctl member remove ID-OF-${resource.member}`;
  }
}

/** A takeover as a person would type it. */
export function takeoverCommands(resource: TakeoverResource): readonly string[] {
  const { cluster, superuser, replication, rewind } = resource;
  if (resource.part === 'roles')
    return [
      `CREATE ROLE ${replication} LOGIN REPLICATION`,
      `CREATE ROLE ${rewind} LOGIN`,
      `ALTER ROLE ${superuser} PASSWORD ...`,
    ];
  const unit = `postgresql@${cluster.version}-${cluster.name}.service`;
  return [
    `echo disabled > ${cluster.configDirectory}/start.conf`,
    `systemctl stop ${unit}`,
    'systemctl enable --now patroni.service',
  ];
}
