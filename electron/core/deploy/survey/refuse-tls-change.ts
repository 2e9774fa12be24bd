import { appError } from '../../../../shared/model/app-error';
import type { ServerFacts } from '../../../../shared/model/deploy/facts';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { serversWith, layoutOf } from '../../../../shared/rules/deploy/layout';

/**
 * Refuses a spec that says other than the running cluster whether there is TLS. Members of etcd restart one after another, and those with
 * TLS and those without do not understand each other: the cluster would lose its etcd in the middle.
 */
export function refuseTlsChange(spec: ClusterSpec, servers: Readonly<Record<string, ServerFacts>>): void {
  for (const { name } of serversWith(spec, 'etcd').filter((server) => !spec.adopted.includes(server.name))) {
    const facts = servers[name];
    if (facts?.manifest == null || facts.units['etcd.service']?.active !== 'active') continue;
    const runs = /^ETCD_ADVERTISE_CLIENT_URLS="(https?):/m.exec(
      facts.paths[layoutOf(spec).etcdDefaults]?.content ?? '',
    )?.[1];
    if (runs === undefined || (runs === 'https') === (spec.tls === 'on')) continue;
    const now = runs === 'https' ? 'on' : 'off';
    throw appError(
      'deploy.tls_change',
      `The cluster runs with TLS ${now}, as ${name} shows, and this spec turns it ${spec.tls}.`,
      {
        target: name,
        hint:
          `Write tls: ${now} into the file to go on with the cluster as it is. A change of TLS is a new cluster: ` +
          'set one up and move the data, or undo this one first. Nothing was changed on any server.',
      },
    );
  }
}
